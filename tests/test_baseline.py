"""Baselines: what fails today is let be, what is new or worse fails, and what got better is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.verify.baseline import read_baseline
from netpol_verify.verify.classes.model import ConnectionClass
from waivers_support import CLUSTER, SUITE, prove, result, suite, waiver, write


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)
    write(cluster=CLUSTER, properties=suite())


def created(*arguments: str) -> dict[str, Any]:
    ran = prove("--create-baseline", "baseline.json", *arguments)
    assert ran.exit_code == 0, ran.output
    return json.loads(Path("baseline.json").read_text("utf-8"))


def changed(old: str, new: str) -> None:
    assert old in CLUSTER
    write(cluster=CLUSTER.replace(old, new))


def test_what_fails_today_is_written_down_and_nothing_else() -> None:
    found = created()
    assert [each["id"] for each in found["properties"]] == ["apart"]
    (entry,) = found["properties"]
    assert (entry["variant"], entry["verdict"], entry["complete"], entry["counterexample"]) == (
        None,
        "refuted",
        True,
        None,
    )
    assert sorted(each["ports"] for each in entry["classes"]) == [[5432, 5432], [9187, 9187]]
    before = Path("baseline.json").read_bytes()
    created()
    assert Path("baseline.json").read_bytes() == before


def test_creating_one_prints_a_line_and_no_report() -> None:
    ran = prove("--create-baseline", "baseline.json", "-o", "json")
    assert (ran.exit_code, ran.stdout) == (0, "baseline.json: 1 of 3 properties fails\n")


def test_with_it_the_same_run_passes_and_says_why() -> None:
    created()
    found = result("--baseline", "baseline.json")
    assert (found["verdict"], found["status"], found["baseline"]) == ("refuted", "waived", "baseline.json")
    ran = prove("--baseline", "baseline.json")
    assert ran.exit_code == 0
    assert "no worse than baseline.json records" in ran.stdout
    assert ran.stdout.endswith("(1 waived) — PASS\n")


def test_what_is_worse_fails_and_is_what_is_shown() -> None:
    created()
    changed("{port: 9187}", "{port: 9187}, {port: 9188}")
    found = result("--baseline", "baseline.json")
    assert (found["status"], found["counterexample"]["port"]) == ("fail", 9188)
    assert "it got worse: this is in no class that baseline.json records" in found["reason"]
    ran = prove("--baseline", "baseline.json")
    assert ran.exit_code == 1
    assert "it got worse" in ran.stdout


def test_more_sources_are_worse_too() -> None:
    created()
    changed("from: [{podSelector: {matchLabels: {app: web}}}]", "from: [{podSelector: {}}]")
    assert result("--baseline", "baseline.json")["status"] == "waived"  # the property asks about web alone
    write(properties=SUITE.replace("{from: web, to: db}", "{from: {}, to: db}", 1))
    found = result("--baseline", "baseline.json")
    assert found["status"] == "fail"
    assert found["counterexample"]["source"]["workload"] == "shop/Deployment/db"


def test_a_part_of_what_failed_is_no_worse() -> None:
    created()
    changed(", {port: 9187}", "")
    assert result("--baseline", "baseline.json")["status"] == "waived"


def test_what_holds_now_is_to_be_removed_and_update_does_so_and_adds_nothing() -> None:
    created()
    changed("ports: [{port: 5432}, {port: 9187}]", "ports: [{port: 53, protocol: UDP}]")
    write(properties=SUITE.replace("{from: web, to: db}", "{from: web, to: db, ports: [TCP/1-65535]}", 1))
    found = result("--baseline", "baseline.json")
    assert found["status"] == "pass"
    assert "remove it (--update-baseline)" in found["notices"][0]["message"]
    before = read_baseline("baseline.json")
    assert len(before.entries) == 1
    ran = prove("--baseline", "baseline.json", "--update-baseline")
    assert ran.exit_code == 1  # no-udp is refuted now, and new
    assert dict(read_baseline("baseline.json").entries) == {}


def test_update_keeps_what_is_not_asked_and_what_still_fails() -> None:
    created()
    before = Path("baseline.json").read_bytes()
    assert prove("--baseline", "baseline.json", "--update-baseline").exit_code == 0
    assert prove("--baseline", "baseline.json", "--update-baseline", "--only", "no-udp").exit_code == 0
    assert Path("baseline.json").read_bytes() == before


def test_a_new_failure_fails() -> None:
    created()
    changed("{port: 9187}", "{port: 9187}, {port: 53, protocol: UDP}")
    assert result("--baseline", "baseline.json", name="no-udp")["status"] == "fail"


def test_another_verdict_is_worse() -> None:
    text = SUITE.replace("pods: app=web", "pods: app=wbe").replace("can:", "never:") + "world: {pods: closed}\n"
    write(properties=text)
    assert [each["verdict"] for each in created()["properties"]] == ["vacuous"] * 3
    assert result("--baseline", "baseline.json")["status"] == "waived"
    write(properties=text.replace("wbe", "web"))
    found = result("--baseline", "baseline.json")
    assert (found["verdict"], found["status"]) == ("refuted", "fail")
    assert "records it as vacuous" in found["reason"]


def test_a_can_that_failed_may_go_on_failing() -> None:
    write(properties=SUITE.replace("can: {from: web, to: db}", "can: {from: web, to: db, ports: [80]}"))
    entry = next(each for each in created()["properties"] if each["id"] == "reached")
    assert (entry["complete"], entry["classes"]) == (True, [])
    assert result("--baseline", "baseline.json", name="reached")["status"] == "waived"


def test_a_list_that_is_not_complete_lets_only_the_same_counterexample_be() -> None:
    found = created()
    example = result()["counterexample"]
    found["properties"][0] |= {"complete": False, "classes": [], "counterexample": example}
    Path("baseline.json").write_text(json.dumps(found))
    assert result("--baseline", "baseline.json")["status"] == "waived"
    found["properties"][0]["counterexample"] = {**example, "port": 1}
    Path("baseline.json").write_text(json.dumps(found))
    worse = result("--baseline", "baseline.json")
    assert worse["status"] == "fail"
    assert "records another counterexample" in worse["reason"]


def test_default_deny_is_recorded_direction_by_direction() -> None:
    write(properties=SUITE.replace("never: {from: web, to: db}", "defaultDeny: {for: db}", 1))
    entry = created()["properties"][0]
    assert {each["direction"] for each in entry["classes"]} == {"egress"}
    assert result("--baseline", "baseline.json")["status"] == "waived"
    changed("podSelector: {matchLabels: {app: db}}\n", "podSelector: {matchLabels: {app: other}}\n")
    found = result("--baseline", "baseline.json")
    assert (found["status"], found["counterexample"]["direction"]) == ("fail", "ingress")


def test_waivers_and_baselines_add_up() -> None:
    write(properties=suite(waiver("{ports: [9187]}")))
    entry = created()["properties"][0]
    assert [each["ports"] for each in entry["classes"]] == [[5432, 5432]]
    found = result("--baseline", "baseline.json")
    assert (found["status"], len(found["waivers"])) == ("waived", 1)
    late = result("--baseline", "baseline.json", "--now", "2027-01-01")
    assert (late["status"], late["counterexample"]["port"]) == ("fail", 9187)


def test_a_property_that_only_a_waiver_saves_needs_no_baseline() -> None:
    created()
    write(properties=suite(waiver("{ports: [9187, 5432]}")))
    found = result("--baseline", "baseline.json")
    assert (found["status"], found["baseline"]) == ("waived", None)
    assert any("--update-baseline" in each["message"] for each in found["notices"])


def test_an_entry_for_no_property_gets_a_notice() -> None:
    created()
    write(properties=SUITE.replace("id: apart", "id: renamed"))
    ran = prove("--baseline", "baseline.json")
    assert ran.exit_code == 1
    assert 'no property of this run has the id "apart"' in ran.stdout


def test_what_is_written_is_read_back_as_it_was() -> None:
    write(properties=SUITE.replace("never: {from: web, to: db}", "defaultDeny: {for: {namespace: shop}}", 1))
    created()
    recorded = read_baseline("baseline.json").recorded("apart", None)
    assert recorded is not None
    assert all(isinstance(each.condition, ConnectionClass) for each in recorded.classes)
    assert read_baseline("baseline.json").recorded("apart", "prod") is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "baseline.json: "),
        ('{"baseline": "netpol-verify/v2", "properties": []}', "baseline.json: baseline:"),
        ('{"baseline": "netpol-verify/v1", "properties": [{"id": "a"}]}', "properties[0].variant: field required"),
        ('{"baseline": "netpol-verify/v1", "properties": [], "more": 1}', "baseline.json: more:"),
    ],
)
def test_a_baseline_is_read_strictly(text: str, complaint: str) -> None:
    Path("baseline.json").write_text(text)
    ran = prove("--baseline", "baseline.json")
    assert ran.exit_code == 2
    assert complaint in ran.stderr


def broken(change: dict[str, Any]) -> str:
    found = created()
    found["properties"][0]["classes"][0] |= change
    Path("baseline.json").write_text(json.dumps(found))
    return prove("--baseline", "baseline.json").stderr


def test_ports_and_networks_of_a_baseline_are_checked() -> None:
    assert "classes[0].ports" in broken({"ports": [0, 80]})
    assert "classes[0].ports" in broken({"ports": [81, 80]})
    assert "classes[0].protocols[0]" in broken({"protocols": ["ICMP"]})
    end = created()["properties"][0]["classes"][0]["source"]
    assert "networks" in broken({"source": {**end, "networks": ["10.0.0.0/99"]}})


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--update-baseline",), "--update-baseline: says nothing about which file"),
        (("--create-baseline", "a.json", "--baseline", "b.json"), "--create-baseline: goes without --baseline"),
        (("--create-baseline", "."), "is a folder"),
        (("--create-baseline", "nowhere/a.json"), "does not exist"),
        (("--baseline", "nowhere.json"), "cannot be read"),
    ],
)
def test_options_that_do_not_fit_are_wrong_use(arguments: tuple[str, ...], complaint: str) -> None:
    ran = prove(*arguments)
    assert ran.exit_code == 2
    assert complaint in ran.stderr


def test_what_is_unknown_is_in_no_baseline() -> None:
    unmodelled = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x, namespace: shop}\n"
    write(cluster=CLUSTER + unmodelled)
    ran = prove("--create-baseline", "baseline.json")
    assert ran.exit_code == 0
    assert "unknown, which no baseline holds" in ran.stdout
