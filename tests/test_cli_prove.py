"""``prove`` on the command line: options, environment, outputs, errors; the run itself is a stand-in."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.encodings.problems import InputErrors, Problem
from netpol_verify.verify import commands
from netpol_verify.verify.reports.listing import Listed
from netpol_verify.verify.results import InputSummary, Report
from netpol_verify.verify.run import ManifestsRequest, ProveRequest
from typer.testing import CliRunner, Result

EMPTY = Report("0.1.0", "4", InputSummary(1, {}, {}, (), ()), (), (), ())

Run = Callable[..., Result]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[ProveRequest]:
    """The requests that the command made."""
    requests: list[ProveRequest] = []

    def run_prove(request: ProveRequest, progress: object) -> Report:
        del progress
        requests.append(request)
        return EMPTY

    monkeypatch.setattr(commands, "run_prove", run_prove)
    return requests


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner(env=env).invoke(commands.app, ["prove", *arguments])


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run_prove(request: object, progress: object) -> Report:
        raise error

    monkeypatch.setattr(commands, "run_prove", run_prove)


EVERYTHING = ProveRequest(
    suites=("a.yaml", "b.yaml"),
    manifests=ManifestsRequest(("k8s", "-"), ("*.tpl", "x/*"), "shop"),
    only=("one", "tag=pci"),
    world=("pods=closed", "namespaces=closed"),
    semantics=("ipBlockMatchesPods=false", "duplicateObjects=last"),
    all_classes=True,
    effort=100,
    timeout=2.5,
)


def test_every_option_reaches_the_run(seen: list[ProveRequest]) -> None:
    ran = run(
        *("a.yaml", "b.yaml", "-f", "k8s", "--manifests", "-", "--exclude", "*.tpl", "--exclude", "x/*", "-n", "shop"),
        *("--only", "one", "--only", "tag=pci", "--world", "pods=closed", "--world", "namespaces=closed"),
        *("--semantics", "ipBlockMatchesPods=false", "--semantics", "duplicateObjects=last"),
        "--all-classes",
        *("--effort", "100", "--timeout", "2.5", "-q", "-v", "--no-color", "--fail-on", "high", "-o", "json"),
    )
    assert ran.exit_code == 0, ran.output
    assert seen == [EVERYTHING]


def test_every_option_has_an_environment_variable(seen: list[ProveRequest]) -> None:
    names = {
        "SUITE": "a.yaml b.yaml",
        "MANIFESTS": "k8s -",
        "EXCLUDE": "*.tpl x/*",
        "NAMESPACE": "shop",
        "ONLY": "one tag=pci",
        "WORLD": "pods=closed namespaces=closed",
        "SEMANTICS": "ipBlockMatchesPods=false duplicateObjects=last",
        "ALL_CLASSES": "1",
        "EFFORT": "100",
        "TIMEOUT": "2.5",
        "QUIET": "1",
        "VERBOSE": "1",
        "NO_COLOR": "1",
        "FAIL_ON": "high",
        "OUTPUT": "json",
    }
    ran = run(env={f"NETPOL_VERIFY_{name}": value for name, value in names.items()})
    assert ran.exit_code == 0, ran.output
    assert seen == [EVERYTHING]
    assert json.loads(ran.stdout)["report"] == "netpol-verify/v1"


def test_options_beat_the_environment(seen: list[ProveRequest]) -> None:
    run("--effort", "7", env={"NETPOL_VERIFY_EFFORT": "9"})
    assert seen[0].effort == 7


def test_nothing_given_asks_for_the_defaults(seen: list[ProveRequest]) -> None:
    assert run().exit_code == 0
    assert seen == [ProveRequest()]


def test_one_run_writes_several_outputs(seen: list[ProveRequest], tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    ran = run("-o", "text", "-o", f"json:{file}")
    assert ran.stdout.endswith("— PASS\n")
    assert json.loads(file.read_text("utf-8"))["results"] == []
    assert len(seen) == 1


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "jsn"), 'did you mean "json"?'),
        (("-o", "xml"), "the formats are text, json"),
        (("-o", "json:"), "names no file"),
        (("-o", "json", "-o", "text"), "two outputs go to standard output"),
        (("-o", "json:nowhere/at/all.json"), "folder"),
        (("-o", "json:."), "is a folder"),
        (("--fail-on", "hgih"), 'did you mean "high"?'),
        (("--timeout", "0"), "--timeout"),
        (("--timeout", "nan"), "--timeout"),
        (("--timeout", "inf"), "--timeout"),
        (("--timeout", "soon"), "--timeout"),
        (("--effort", "0"), "--effort"),
        (("--effort", "much"), "--effort"),
        (("--onyl", "x"), "--only"),
    ],
)
def test_wrong_use_exits_two_and_says_what_was_meant(arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert message in ran.stderr
    assert ran.stdout == ""


def test_bad_input_exits_two_with_every_problem_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [Problem("b.yaml", 2, "spec", "is \x1b[31mwrong", "do it right"), Problem("a.yaml", 0, "", "is empty")]
    failing(monkeypatch, InputErrors(problems))
    ran = run("-o", "json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.splitlines() == [
        "a.yaml: is empty",
        "b.yaml:2: spec: is \\x1b[31mwrong",
        "    hint: do it right",
    ]


@pytest.mark.parametrize(
    "error", [ValueError("secret\nlines"), MemoryError(), RecursionError("deep"), OSError(5, "io"), BrokenPipeError()]
)
@pytest.mark.parametrize("verbose", [False, True])
def test_anything_unforeseen_exits_four_with_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, verbose: bool
) -> None:
    failing(monkeypatch, error)
    ran = run(*(["-v"] if verbose else []))
    assert (ran.exit_code, ran.stdout) == (4, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "please report it" in ran.stderr
    assert "Traceback" not in ran.output
    assert (type(error).__name__ in ran.stderr) == verbose
    if verbose:
        assert re.search(r" at \S+\.py:\d+ in \w+\]$", ran.stderr.strip())


def test_an_interrupt_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    ran = run()
    assert (ran.exit_code, ran.stdout, ran.stderr) == (130, "", "netpol-verify: interrupted\n")


def listing(monkeypatch: pytest.MonkeyPatch, seen: list[ProveRequest]) -> None:
    def list_properties(request: ProveRequest) -> tuple[Listed, ...]:
        seen.append(request)
        return (
            Listed("web-never", "never", "critical", "p.yaml", 21, "Two\nlines.", ("pci",)),
            Listed("b", "can", "low", "p.yaml", 30, None),
        )

    monkeypatch.setattr(commands, "list_properties", list_properties)


def test_list_shows_the_properties_without_proving(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[ProveRequest] = []
    listing(monkeypatch, requests)
    failing(monkeypatch, AssertionError("nothing is to be proved"))
    ran = run("--list", "--only", "b")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        "web-never  never  critical  p.yaml:21",
        "    Two",
        "    lines.",
        "b  can  low  p.yaml:30",
    ]
    assert requests == [ProveRequest(only=("b",))]


def test_list_has_a_json_form(monkeypatch: pytest.MonkeyPatch) -> None:
    listing(monkeypatch, [])
    listed: list[dict[str, Any]] = json.loads(run("--list", "-o", "json").stdout)
    assert [each["id"] for each in listed] == ["web-never", "b"]
    assert listed[1] == {
        "id": "b",
        "verb": "can",
        "severity": "low",
        "suite": "p.yaml",
        "line": 30,
        "description": None,
        "tags": [],
    }


@pytest.mark.parametrize("command", [[], ["prove"], ["evaluate"]])
def test_version_is_said_everywhere(command: list[str]) -> None:
    ran = CliRunner().invoke(commands.app, [*command, "--version"])
    assert ran.exit_code == 0
    assert ran.stdout.startswith("netpol-verify 0.1.0")


@pytest.mark.parametrize("command", ["prove", "evaluate"])
def test_help_has_examples_and_environment_variables(command: str) -> None:
    ran = CliRunner().invoke(commands.app, [command, "--help"])
    assert ran.exit_code == 0
    assert "Examples:\n" in ran.stdout
    assert f"\n    netpol-verify {command} " in ran.stdout or f"| netpol-verify {command} " in ran.stdout
    options = ran.stdout.partition("Examples:")[0].split("\n  -")[1:]
    assert len(options) > 10
    for option in options:
        assert "NETPOL_VERIFY_" in option or option.startswith(("-version ", "h, --help ")), option


def test_no_command_shows_help_and_is_wrong_use() -> None:
    ran = CliRunner().invoke(commands.app, [])
    assert ran.exit_code == 2
    assert "prove" in ran.output


def test_an_unknown_command_exits_two() -> None:
    assert CliRunner().invoke(commands.app, ["porve"]).exit_code == 2
