"""Waivers: traffic that a property lets be for a time; what they do, when they end, and what is wrong with them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.printed import from_printed
from netpol_verify.encodings.concrete.reading import Reading
from netpol_verify.properties.concrete import violates
from netpol_verify.properties.loading import load_suite
from netpol_verify.properties.suite import Exception_
from netpol_verify.verify import waivers as dates
from netpol_verify.verify.run import ProveRequest, run_prove
from netpol_verify.verify.waivers import state
from support import manifests_of, result_of
from waivers_support import CLUSTER, prove, report, result, suite, waiver, waiver_file, write

ALL_OF_IT = "{to: db}"
BOTH_PORTS = "[{ports: [5432]}, {from: web, to: db, ports: [9187]}]"
ONE_PORT = "{from: web, to: db, ports: [9187]}"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)
    write(cluster=CLUSTER, properties=suite())


def messages(found: dict[str, Any]) -> list[str]:
    return [f"{each['file']}:{each['line']}: {each['message']}" for each in found["notices"]]


def test_a_waiver_of_all_that_refutes_a_property_waives_it_and_hides_nothing() -> None:
    write(properties=suite(waiver(BOTH_PORTS)))
    found = result()
    assert (found["verdict"], found["status"], found["baseline"]) == ("refuted", "waived", None)
    assert found["counterexample"]["port"] == 5432
    assert found["waivers"] == [
        {
            "reason": "the exporter moves in June",
            "owner": "team-shop",
            "expires": "2026-06-30",
            "allow": [{"ports": [5432]}, {"from": "web", "to": "db", "ports": [9187]}],
            "file": "properties.yaml",
            "line": 13,
        }
    ]
    ran = prove()
    assert ran.exit_code == 0
    assert "~ apart  refuted (waived)" in ran.stdout
    assert "waived by team-shop until 2026-06-30: the exporter moves in June (properties.yaml:13)" in ran.stdout
    assert ran.stdout.endswith("2 proved, 1 refuted (1 waived) — PASS\n")


def test_what_lies_outside_a_waiver_fails_and_is_what_is_shown() -> None:
    write(properties=suite(waiver(ONE_PORT)))
    found = result()
    assert (found["verdict"], found["status"]) == ("refuted", "fail")
    assert found["counterexample"]["port"] == 5432
    write(properties=suite(waiver("{ports: [5432]}")))
    assert result()["counterexample"]["port"] == 9187
    assert "outside the traffic that its waivers allow" in result()["reason"]
    ran = prove()
    assert ran.exit_code == 1
    assert "waived in part by team-shop" in ran.stdout


def test_several_waivers_join_and_files_add_to_those_of_the_suite() -> None:
    write(properties=suite(waiver(ONE_PORT)), more=waiver_file(waiver("{ports: [5432]}")))
    assert result("--waivers", "more.yaml")["status"] == "waived"
    assert [each["file"] for each in result("--waivers", "more.yaml")["waivers"]] == ["properties.yaml", "more.yaml"]


def test_a_waiver_of_everything_is_a_failure_that_says_so() -> None:
    write(properties=suite(waiver(ALL_OF_IT)))
    found = result()
    assert (found["verdict"], found["status"]) == ("refuted", "fail")
    assert "nothing is left to prove" in found["reason"]
    assert "nothing is left to prove" in prove().stdout


def test_allow_vacuous_does_not_let_a_waiver_of_everything_pass() -> None:
    text = suite(waiver(ALL_OF_IT)).replace("- id: apart", "- id: apart\n  allowVacuous: true")
    write(properties=text)
    assert result()["status"] == "fail"


@pytest.mark.parametrize(
    ("left", "expected"), [(-1, "expired"), (0, "ending"), (14, "ending"), (15, "in force"), (400, "in force")]
)
def test_a_waiver_holds_through_its_last_day(left: int, expected: str) -> None:
    day = date(2026, 3, 1)
    assert state(day + timedelta(days=left), day) == expected


def test_dates_decide_what_is_said_and_what_counts() -> None:
    write(properties=suite(waiver(BOTH_PORTS)))
    assert result("--now", "2026-06-15")["notices"] == []
    ending = result("--now", "2026-06-30")
    assert ending["status"] == "waived"
    assert messages(ending) == ["properties.yaml:13: this waiver of team-shop ends on 2026-06-30"]
    over = result("--now", "2026-07-01")
    assert (over["status"], over["waivers"]) == ("fail", [])
    assert messages(over) == ["properties.yaml:13: this waiver of team-shop expired on 2026-06-30 and is ignored"]


def in_1999(now: str | None) -> date:
    assert now is None
    return date(1999, 12, 31)


def test_the_clock_is_read_where_no_day_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    write(properties=suite(waiver(BOTH_PORTS, "1999-12-31")))
    assert prove("--now", "1999-12-31").exit_code == 0
    assert run_prove(ProveRequest()).results[0].status == "fail"
    monkeypatch.setattr(dates, "today", in_1999)
    assert run_prove(ProveRequest()).results[0].status == "waived"


def test_a_waiver_that_nobody_needs_gets_a_notice() -> None:
    unneeded = waiver("{ports: [80]}").replace("apart", "no-udp")
    write(properties=suite(unneeded, waiver("{ports: [53]}")))
    held = result(name="no-udp")
    assert (held["status"], held["waivers"]) == ("pass", [])
    assert messages(held) == ["properties.yaml:13: this waiver is not used: the property holds without it"]
    refuted = result()
    assert (refuted["status"], refuted["waivers"]) == ("fail", [])
    assert "nothing that it allows refutes the property" in messages(refuted)[0]


def test_a_waiver_of_a_property_that_is_not_asked_gets_a_notice() -> None:
    write(properties=suite(waiver(BOTH_PORTS)))
    found = report("--only", "no-udp")["notices"]
    assert found == [{"message": "this waiver is not used: apart is not asked", "file": "properties.yaml", "line": 13}]


def test_a_property_that_is_expected_to_fail_needs_no_waiver() -> None:
    write(properties=suite(waiver(BOTH_PORTS)).replace("- id: apart", "- id: apart\n  expect: refuted"))
    found = result()
    assert (found["status"], found["waivers"]) == ("pass", [])
    assert "the property is expected to be refuted" in messages(found)[0]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (waiver(ONE_PORT).replace("apart", "apar"), ':13: waivers[0].property: no property has the id "apar"'),
        (waiver(ONE_PORT).replace("apart", "apar"), 'did you mean "apart"?'),
        (waiver(ONE_PORT, "2026-02-30"), ':17: waivers[0].expires: "2026-02-30" is no day'),
        (waiver(ONE_PORT, "30.6.2026"), "write the last day as YYYY-MM-DD"),
        (waiver(ONE_PORT, "2026-6-30"), "is no day"),
        (waiver(ONE_PORT, "20260630"), "expected a text, got the number 20260630"),
        (waiver(ONE_PORT).replace("team-shop", "' '"), ":16: waivers[0].owner: says nothing"),
        (waiver(ONE_PORT).replace("  owner: team-shop\n", ""), 'the key "owner" is missing'),
        (waiver("{}"), "would allow everything"),
        (waiver("[]"), "is an empty list"),
        (waiver("{from: wbe}"), 'unknown group "wbe"'),
        (waiver("{ports: [http]}"), "write TCP/http or UDP/http"),
        (waiver("{form: web}"), 'did you mean "from"?'),
        (waiver("all of it"), "expected a mapping of from, to and ports, or a list of these"),
        (waiver(ONE_PORT).replace("apart", "reached"), '"reached" is a `can`, which nothing can be left out of'),
    ],
)
@pytest.mark.parametrize("where", ["suite", "file"])
def test_what_is_wrong_with_a_waiver_is_said_with_its_place(written: str, complaint: str, where: str) -> None:
    if where == "suite":
        write(properties=suite(written))
        ran = prove()
    else:
        write(more=waiver_file(written))
        ran = prove("--waivers", "more.yaml")
        for line in range(13, 18):
            complaint = complaint.replace(f":{line}:", f":{line - 9}:")
    assert ran.exit_code == 2
    assert complaint in ran.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("kind: Waivers\nwaivers: []\n", 'the key "apiVersion" is missing'),
        ("apiVersion: netpol-verify/v1\nkind: PropertySuite\nwaivers: []\n", 'expected "Waivers", got "PropertySuite"'),
        (waiver_file(), "has no value"),
        (waiver_file().replace("waivers:", "waivers: 3"), "expected a list of waivers, got the number 3"),
        ("apiVersion: netpol-verify/v1\nkind: Waivers\n", 'the key "waivers" is missing'),
        (waiver_file(waiver(ONE_PORT)) + "groups: {}\n", 'unknown key "groups"'),
        ("- a\n", "is not a mapping"),
    ],
)
def test_a_file_of_waivers_is_read_strictly(text: str, complaint: str) -> None:
    write(more=text)
    ran = prove("--waivers", "more.yaml")
    assert ran.exit_code == 2
    assert complaint in ran.stderr


def test_a_day_that_is_none_is_wrong_use() -> None:
    ran = prove("--now", "today")
    assert ran.exit_code == 2
    assert '--now: "today" is no day' in ran.stderr


VERBS: list[dict[str, Any]] = [
    {"never": {"from": "web", "to": "db"}},
    {"only": {"to": "db", "from": [{"who": "web", "ports": [5432]}]}},
    {"isolate": {"groups": ["web", "db"], "except": [{"from": "db"}]}},
    {"defaultDeny": {"for": "db", "directions": ["ingress"], "strict": True, "except": [{"ports": [5432]}]}},
]
GROUPS: dict[str, Any] = {
    "web": {"namespace": "shop", "pods": "app=web"},
    "db": {"namespace": "shop", "pods": "app=db"},
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: next(iter(verb)))
def test_a_waiver_means_the_same_for_every_verb(verb: dict[str, Any]) -> None:
    """The port that is waived is the one that is let in, beside what the property allows by itself."""
    only_waived = CLUSTER.replace("{port: 5432}, ", "") if "only" not in verb else CLUSTER
    written = {"reason": "r", "owner": "o", "expires": "2999-01-01", "property": "it"}
    waived = result_of(only_waived, verb, groups=GROUPS, waivers=[{**written, "allow": {"ports": [9187]}}])
    assert waived.verdict == "refuted" or "strict" in str(verb)
    assert waived.status == ("waived" if waived.verdict == "refuted" else "pass")
    wider = CLUSTER.replace("{port: 9187}", "{port: 9187}, {port: 9188}")
    failing = result_of(wider, verb, groups=GROUPS, waivers=[{**written, "allow": {"ports": [9187]}}])
    if failing.verdict == "refuted":
        assert failing.status == "fail"
        assert failing.counterexample is not None
        assert failing.counterexample.port != 9187


def test_an_always_and_a_dns_let_be_what_is_refused() -> None:
    written = {"reason": "r", "owner": "o", "expires": "2999-01-01", "property": "it"}
    verb = {"always": {"from": "web", "to": "db", "ports": [5432, 80]}}
    assert result_of(CLUSTER, verb, groups=GROUPS).status == "fail"
    waived = result_of(CLUSTER, verb, groups=GROUPS, waivers=[{**written, "allow": {"ports": [80]}}])
    assert waived.status == "waived"
    closed = CLUSTER + "  policyTypes: [Ingress, Egress]\n"
    dns = {"dns": {"for": {"namespace": "shop"}}}
    allow = {"from": {"namespace": "shop", "pods": "app=db"}}
    assert result_of(closed, dns).status == "fail"
    assert result_of(closed, dns, waivers=[{**written, "allow": allow}]).status == "waived"


def test_a_change_is_waived_outside_of_what_a_waiver_allows() -> None:
    write(base=CLUSTER.replace(", {port: 9187}", ""))
    text = "properties:\n- id: apart\n  noNewAccess: {base: base.yaml}\n"
    write(properties=suite(waiver("{to: db, ports: [9187]}")).replace(suite().partition("properties:\n")[2], text[12:]))
    assert result()["status"] == "waived"
    write(properties=Path("properties.yaml").read_text("utf-8").replace("[9187]", "[9188]"))
    assert result()["status"] == "fail"


def test_the_concrete_evaluator_rejects_a_counterexample_inside_a_waiver() -> None:
    write(properties=suite(waiver(ONE_PORT)))
    (prop, *_) = load_suite("properties.yaml").properties
    cluster = Cluster.of(manifests_of(CLUSTER))
    end: dict[str, Any] = {
        **{"kind": "pod", "namespace": "shop", "namespaceLabels": {}, "namespaceDeclared": True, "ports": []},
        **{"hostNetwork": False, "node": None},
    }
    ends = [
        from_printed({**end, "labels": {"app": name}, "workload": f"shop/Deployment/{name}", "ips": [ip]})
        for name, ip in (("web", "10.0.0.1"), ("db", "10.0.0.2"))
    ]

    def objections(carved: list[Exception_]) -> list[str]:
        return violates(
            *(prop.written, prop.groups, prop.world, *ends),
            protocol="TCP",
            port=9187,
            family="IPv4",
            allowed=True,
            cluster=cluster,
            reading=Reading(True),
            carved=carved,
        )

    assert objections([]) == []
    assert objections([*prop.waivers[0].allow]) == ["the connection is left out by waiver[0]"]
    assert objections([Exception_(ports=[5432])]) == []
