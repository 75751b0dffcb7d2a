"""``fuzz`` on the command line: what is found, what is known, what is asked again, and evaluators that misbehave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from evaluators_support import SERVING, YES, python, sh
from fuzzing_faults import Faulty
from netpol_verify.verify import commands
from netpol_verify.verify.exit_codes import exit_code_of_fuzz
from netpol_verify.verify.fuzz.features import TIER_KINDS
from netpol_verify.verify.fuzz.hunt import Hunt, Options
from netpol_verify.verify.fuzz.known import Known
from typer.testing import CliRunner, Result

Report = dict[str, Any]
TESTS = Path(__file__).resolve().parent
FAULTY = f"""
import sys
from dataclasses import replace
sys.path.insert(0, {str(TESTS)!r})
from fuzzing_faults import FAULTS, RIGHT, Faulty

BY_ID = {{fault.id: fault for fault in FAULTS}}

def right():
    return Faulty(RIGHT)

def end_port():
    return Faulty(BY_ID["end-port-is-exclusive"])

def union():
    return Faulty(BY_ID["every-policy-must-allow"])

class Choosy:
    unsupported = frozenset({{"sctp"}})

    def answers(self, cluster, flows):
        assert not any(flow.protocol == "SCTP" for flow in flows)
        return right().answers(cluster, flows)

class Unsteady:
    answered = 0

    def answers(self, cluster, flows):
        said = right().answers(cluster, flows)
        first, self.answered = self.answered, self.answered + len(said)
        return [
            replace(answer, allowed=not answer.allowed) if number % 199 == 0 else answer
            for number, answer in enumerate(said, start=first + 1)
        ]
"""
RIGHT = "python:./faulty.py:right"
UNION = "python:./faulty.py:union"
RULE = "policies-add-up"
"""What it breaks."""
KNOWN = """\
apiVersion: netpol-verify/v1
kind: KnownDivergences
known:
"""
UNSUPPORTED = """awk -F'[:,]' '{ printf "{\\"id\\":%s, \\"unsupported\\": \\"not today\\"}\\n", $2 }'\n"""
COUNTING = """count=$(cat {state} 2>/dev/null || echo 0)
echo $((count + 1)) > {state}
[ $((count % 2)) = 0 ] && said=true || said=false
"""
CHANGING = """awk -v said=$said -F'[:,]' '{ printf "{\\"id\\":%s, \\"allowed\\": %s}\\n", $2, said }'\n"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with evaluators written in Python."""
    for name in [name for name in os.environ if name.startswith("NETPOL_VERIFY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faulty.py").write_text(FAULTY, encoding="utf-8")
    return tmp_path


def fuzz(evaluator: str, *options: str) -> Result:
    """The command, quietly."""
    return CliRunner(env={"COLUMNS": "100"}).invoke(commands.app, ["fuzz", "--evaluator", evaluator, "-q", *options])


def report(evaluator: str, *options: str) -> tuple[int, Report]:
    """The exit code, and the report."""
    done = fuzz(evaluator, "-o", "json", *options)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def kinds(told: Report) -> set[str]:
    """The kinds of what was found."""
    return {each["kind"] for each in told["findings"]}


# What is found


def test_an_evaluator_that_is_right_ends_with_exit_code_0_and_nothing_found() -> None:
    code, told = report(RIGHT, "--examples", "4")
    assert (code, told["findings"], told["clusters"]) == (0, [], 4)
    assert told["compared"] > 50
    assert not Path("fuzz-findings").exists() or not any(Path("fuzz-findings").iterdir())


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an evaluator was put to the test that wants every policy to allow."""
    folder = tmp_path_factory.mktemp("hunted")
    (folder / "faulty.py").write_text(FAULTY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = fuzz(UNION, "--examples", "6", "--out", "found", "-o", "text", "-o", "json:report.json")
    assert done.exit_code == 1, done.stderr
    (folder / "text").write_text(done.stdout, encoding="utf-8")
    return folder


def finding_of(hunted: Path) -> Report:
    """What was found there."""
    [finding] = json.loads((hunted / "report.json").read_text(encoding="utf-8"))["findings"]
    return finding


def test_a_disagreement_is_a_folder_with_manifests_a_flow_and_a_rule(hunted: Path) -> None:
    finding = finding_of(hunted)
    assert (finding["kind"], finding["rules"][0], finding["known"]) == ("disagreement", RULE, False)
    assert (finding["ours"], finding["theirs"]) == ("allowed", "blocked")
    assert finding["folder"] == f"found/01-{RULE}"
    place = hunted / finding["folder"]
    assert sorted(each.name for each in place.iterdir()) == ["README.md", "finding.json", "flows.jsonl", "manifests"]
    assert len([*(place / "manifests").iterdir()]) == len(finding["files"])
    text = (place / "README.md").read_text(encoding="utf-8")
    assert RULE in text
    assert "says **blocked**" in text
    assert "semantics say **allowed**" in text


def test_nothing_is_left_in_the_working_directory_but_what_was_asked_for(hunted: Path) -> None:
    left = {each.name for each in hunted.iterdir()} - {"faulty.py", "__pycache__", "text"}
    assert left == {"found", "report.json"}


def test_the_text_names_the_rule_the_connection_and_both_answers(hunted: Path) -> None:
    text = (hunted / "text").read_text(encoding="utf-8")
    assert RULE in text
    assert "it says blocked, the semantics say allowed" in text
    assert "found/01-" in text
    assert "1 finding, 0 known" in text
    assert "\x1b" not in text


def test_a_finding_is_asked_again_and_is_gone_once_the_evaluator_is_mended(hunted: Path) -> None:
    finding = finding_of(hunted)
    place = str(hunted / finding["folder"])
    code, again = report(UNION, "--replay", place)
    assert (code, len(again["findings"]), again["clusters"]) == (1, 1, 1)
    assert again["findings"][0]["flows"] == finding["flows"]
    code, mended = report(RIGHT, "--replay", place)
    assert (code, mended["findings"]) == (0, [])


def test_the_product_agrees_about_the_manifests_of_a_finding(hunted: Path) -> None:
    finding = finding_of(hunted)
    flow, manifests = finding["flows"][0], str(hunted / finding["folder"] / "manifests")
    asked = ["-f", manifests, "--from", flow["from"], "--to", flow["to"], "--port", flow["port"]]
    done = CliRunner().invoke(commands.app, ["evaluate", *asked, "--expect", finding["ours"]])
    assert done.exit_code == 0, done.stdout


# What is known


@pytest.mark.parametrize("more", ["", "  theirs: blocked\n", "  evaluator: python:./faulty.py:union\n"])
def test_a_known_divergence_does_not_fail_the_run(more: str) -> None:
    Path("known.yaml").write_text(f"{KNOWN}- rule: {RULE}\n{more}  reason: to be mended\n", encoding="utf-8")
    code, told = report(UNION, "--examples", "6", "--known", "known.yaml")
    assert code == 0
    assert told["known"].keys() == {RULE}
    assert [each for each in told["findings"] if not each["known"]] == []


def test_a_divergence_that_is_known_of_another_answer_or_evaluator_fails_the_run() -> None:
    others = (
        f"- rule: {RULE}\n  theirs: allowed\n  reason: none\n- rule: {RULE}\n  evaluator: another\n  reason: none\n"
    )
    Path("known.yaml").write_text(KNOWN + others, encoding="utf-8")
    code, _ = report(UNION, "--examples", "6", "--known", "known.yaml")
    assert code == 1


def test_a_known_failure_does_not_fail_the_run(folder: Path) -> None:
    evaluator = sh(folder, "echo 'unable to parse IP' >&2; exit 2")
    Path("known.yaml").write_text(
        f"{KNOWN}- trouble: crash\n  matching: unable to parse IP\n  reason: told\n", encoding="utf-8"
    )
    code, told = report(evaluator, "--examples", "2", "--known", "known.yaml")
    assert told["findings"] == []
    assert told["known"] == {"crash": 2}
    assert code == 3  # nothing could be compared, and that is no agreement


# Seeds and features


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder: Path) -> None:
    def bytes_of(hashing: str) -> dict[str, bytes]:
        out = folder / f"found-{hashing}"
        out.mkdir()
        options = ["--evaluator", "python:../faulty.py:union", "--examples", "6", "--seed", "5", "-o", "json"]
        done = subprocess.run(
            [sys.executable, "-m", "netpol_verify", "fuzz", *options],
            env={**os.environ, "PYTHONHASHSEED": hashing},
            cwd=out,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr.decode()
        files = sorted(path for path in out.rglob("*") if path.is_file())
        return {"report": done.stdout, **{path.relative_to(out).as_posix(): path.read_bytes() for path in files}}

    first = bytes_of("0")
    assert any(name.endswith("README.md") for name in first)
    assert bytes_of("1") == first


def test_another_seed_asks_something_else() -> None:
    (_, one), (_, other) = (report(RIGHT, "--examples", "3", "--blind", "--seed", seed) for seed in ("1", "2"))
    assert (one["seed"], other["seed"]) == (1, 2)
    asked = ("flows", "compared", "undetermined")
    assert [one[key] for key in asked] != [other[key] for key in asked]


def test_a_feature_that_is_left_out_is_in_nothing_that_is_asked() -> None:
    code, told = report("python:./faulty.py:end_port", "--examples", "4", "--without", "end-port")
    assert (code, told["findings"]) == (0, [])
    assert told["compared"] > 0


# Evaluators that misbehave


@pytest.mark.parametrize(
    ("kind", "script"),
    [
        ("crash", "exit 3\n"),
        ("crash", "kill -9 $$\n"),
        ("crash", f"{YES}exit 1\n"),
        ("silent", "cat > /dev/null\n"),
        ("silent", f"head -n 1 | {YES}"),
        ("garbled", "echo yes\n"),
        ("garbled", f"{YES}echo '}}'\n"),
        ("garbled", """awk -F'[:,]' '{ printf "{\\"id\\":%s, \\"allowed\\": \\"true\\"}\\n", $2 }'\n"""),
    ],
)
def test_an_evaluator_that_does_not_answer_is_a_finding_of_its_kind(folder: Path, kind: str, script: str) -> None:
    code, told = report(sh(folder, script), "--examples", "2")
    assert code == 1
    assert kinds(told) == {kind}
    assert (told["compared"], told["findings"][0]["ours"]) == (0, None)
    assert len(told["findings"]) == 1


def test_an_evaluator_that_hangs_is_a_finding(folder: Path) -> None:
    code, told = report(sh(folder, "sleep 1000\n"), "--examples", "2", "--evaluator-timeout", "0.5")
    assert (code, kinds(told), told["compared"]) == (1, {"hang"}, 0)


def test_a_serving_evaluator_that_hangs_or_dies_is_a_finding(folder: Path) -> None:
    hanging = python(folder, SERVING + "    import time; time.sleep(1000)\n", "hanging.py")
    dying = python(folder, SERVING + "    sys.exit(7)\n", "dying.py")
    _, hung = report(f"serve:{hanging}", "--examples", "1", "--evaluator-timeout", "2")
    code, died = report(f"serve:{dying}", "--examples", "1")
    assert (code, kinds(hung), kinds(died)) == (1, {"hang"}, {"crash"})


def test_an_evaluator_that_changes_its_mind_is_a_finding(folder: Path) -> None:
    script = COUNTING.replace("{state}", str(folder / "count")) + CHANGING
    code, told = report(sh(folder, script), "--examples", "1")
    assert code == 1
    assert "unstable" in kinds(told)


def test_an_evaluator_that_is_seldom_wrong_and_never_twice_breaks_no_rule() -> None:
    code, told = report("python:./faulty.py:Unsteady", "--examples", "12")
    assert (code, kinds(told)) == (1, {"unstable"})


def test_an_evaluator_in_python_that_raises_is_a_finding(folder: Path) -> None:
    (folder / "raising.py").write_text("class Raising:\n    def answers(self, cluster, flows):\n        return 1 / 0\n")
    code, told = report("python:./raising.py:Raising", "--examples", "2")
    assert (code, kinds(told)) == (1, {"crash"})
    assert "ZeroDivisionError" in told["findings"][0]["detail"]


def test_an_evaluator_that_supports_nothing_is_no_agreement(folder: Path) -> None:
    code, told = report(sh(folder, UNSUPPORTED), "--examples", "2")
    assert (code, told["findings"], told["compared"]) == (3, [], 0)
    assert told["unsupported"] == {"not today": told["flows"]}
    said = fuzz(sh(folder, UNSUPPORTED), "--examples", "1").stdout
    assert "no answer could be compared" in said


def test_what_an_evaluator_does_not_support_is_not_asked() -> None:
    code, told = report("python:./faulty.py:Choosy", "--examples", "4")
    assert (code, told["findings"]) == (0, [])
    assert told["compared"] > 0


def test_a_hunt_that_has_no_time_is_no_agreement() -> None:
    tally = Hunt(Faulty(), Options(until=0.0), Known()).run()
    assert (tally.clusters, tally.out_of_time, exit_code_of_fuzz(tally)) == (0, True, 3)


# Mistakes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--evaluator", "./missing"), "there is no program ./missing"),
        (("--evaluator", "python:./faulty.py:missing"), "has no missing"),
        (("--evaluator", "serve:true"), "does not serve"),
        (("--evaluator", ""), "names no program"),
        (("--profile", "both"), "--profile"),
        (("--without", "ipv7"), '"ipv7" is no feature'),
        (("--examples", "0"), "--examples"),
        (("--evaluator-timeout", "0"), "--evaluator-timeout"),
        (("--max-time", "-1"), "--max-time"),
        (("--known", "missing.yaml"), "missing.yaml"),
        (("--known", "wrong.yaml"), '"no-such-rule" is no rule of the semantics'),
        (("--replay", "missing"), "missing/finding.json"),
        (("--replay", "empty"), "is not what a finding's folder holds"),
        (("-o", "junit"), "junit"),
        (("--semantics", "ipBlockMatchesPods=maybe"), "ipBlockMatchesPods"),
        (("--semantics", "baselineHiddenBy=pod"), "baselineHiddenBy=pod is not for fuzz"),
        (("--semantics", "hostNetworkPods=ordinary"), "hostNetworkPods=ordinary is not for fuzz"),
        (
            ("--profile", "admin", *(word for each in TIER_KINDS.values() for word in ("--without", each))),
            "supports none of admin-network-policy",
        ),
    ],
)
def test_a_mistake_ends_with_exit_code_2_before_anything_is_asked(
    folder: Path, options: tuple[str, ...], message: str
) -> None:
    (folder / "wrong.yaml").write_text(f"{KNOWN}- rule: no-such-rule\n  reason: none\n", encoding="utf-8")
    (folder / "empty").mkdir()
    (folder / "empty" / "finding.json").write_text("[]", encoding="utf-8")
    done = fuzz(RIGHT, "--examples", "1", *options)
    assert done.exit_code == 2, done.stdout
    assert message in " ".join(done.stderr.split())
    assert not (folder / "fuzz-findings").exists()


def test_no_evaluator_at_all_is_a_mistake() -> None:
    done = CliRunner().invoke(commands.app, ["fuzz"])
    assert done.exit_code == 2
    assert "--evaluator" in done.stderr
