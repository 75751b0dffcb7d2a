"""``.netpol-verify.yaml``: options in a file; flags and the environment are above it, and mistakes have a place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from netpol_verify.verify import commands
from netpol_verify.verify.results import InputSummary, Report
from netpol_verify.verify.run import ManifestsRequest, ProveRequest
from typer.testing import CliRunner, Result

Seen = list[ProveRequest]


@pytest.fixture(autouse=True)
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The requests that ``prove`` made, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    requests: Seen = []

    def run_prove(request: ProveRequest, progress: object) -> Report:
        del progress
        requests.append(request)
        return Report("0.1.0", "4", InputSummary(1, {}, {}, (), ()), (), (), ())

    monkeypatch.setattr(commands, "run_prove", run_prove)
    return requests


def write(text: str, name: str = ".netpol-verify.yaml") -> None:
    Path(name).write_text(text, "utf-8")


def run(*arguments: str, command: str = "prove", env: dict[str, str] | None = None) -> Result:
    return CliRunner(env=env).invoke(commands.app, [command, *arguments])


EVERYTHING = """\
requires: ">=0.1,<1"
manifests: [k8s, "-"]
exclude: "*.tpl"
namespace: shop
prove:
  suite: [a.yaml, b.yaml]
  only: [one, tag=pci]
  world: [pods=closed]
  semantics: [ipBlockMatchesPods=false]
  allClasses: true
  failOn: none
  effort: 100
  timeout: 2.5
  waivers: w.yaml
  now: 2026-01-31
  baseline: b.json
  output: [json]
"""


def test_every_option_can_stand_in_the_file(seen: Seen) -> None:
    write(EVERYTHING)
    ran = run()
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith("{")
    assert seen == [
        ProveRequest(
            suites=("a.yaml", "b.yaml"),
            manifests=ManifestsRequest(("k8s", "-"), ("*.tpl",), "shop"),
            only=("one", "tag=pci"),
            world=("pods=closed",),
            semantics=("ipBlockMatchesPods=false",),
            all_classes=True,
            effort=100,
            timeout=2.5,
            waivers=("w.yaml",),
            now="2026-01-31",
            baseline="b.json",
        )
    ]


def test_flags_are_above_the_environment_and_that_above_the_file(seen: Seen) -> None:
    write("effort: 1\nmanifests: [file]\n")
    run()
    run(env={"NETPOL_VERIFY_EFFORT": "2", "NETPOL_VERIFY_MANIFESTS": "env"})
    run("--effort", "3", "-f", "flag", env={"NETPOL_VERIFY_EFFORT": "2", "NETPOL_VERIFY_MANIFESTS": "env"})
    assert [(each.effort, each.manifests.paths) for each in seen] == [(1, ("file",)), (2, ("env",)), (3, ("flag",))]


def test_a_commands_own_keys_are_above_those_for_all(seen: Seen) -> None:
    write("effort: 1\nprove: {effort: 2}\ndiff: {effort: 3}\n")
    run()
    assert seen[0].effort == 2


def test_another_file_can_be_named_and_none_be_wanted(seen: Seen) -> None:
    write("effort: 1\n")
    write("effort: 2\n", "other.yaml")
    run("--config", "other.yaml")
    run(env={"NETPOL_VERIFY_CONFIG": "other.yaml"})
    run("--no-config")
    run("--no-config", "--config", "other.yaml")
    run(env={"NETPOL_VERIFY_NO_CONFIG": "1"})
    assert [each.effort for each in seen] == [2, 2, None, None, None]


def test_keys_for_other_commands_are_of_no_effect(seen: Seen) -> None:
    write("base: [x]\nflows: f.jsonl\nevaluate: {expect: allowed}\n")
    assert run().exit_code == 0
    assert seen == [ProveRequest()]


def test_it_counts_for_every_command() -> None:
    write("timeout: -1\n")
    for command in ("prove", "evaluate", "explain", "connectivity", "diff"):
        ran = run(command=command)
        assert ran.exit_code == 2
        assert "--timeout" in ran.stderr, command


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nfail-onn: low\n", ':2: fail-onn: unknown key "fail-onn"\n    hint: did you mean "fail-on"?'),
        ("prove:\n  verbos: true\n", ':2: prove.verbos: unknown key "verbos"\n    hint: did you mean "verbose"?'),
        ("prove: {from: x}\n", ':1: prove.from: unknown key "from"'),
        ("porve: {}\n", 'did you mean "prove"?'),
        ("fail-on: low\nfailOn: high\n", ':2: failOn: "fail-on" is given twice'),
        ("quiet: 1\n", ":1: quiet: expected true or false, got the number 1"),
        ("namespace: true\n", ":1: namespace: expected a text or a number, got the boolean true"),
        ("effort: [1]\n", ":1: effort: expected a text or a number, got a list"),
        ("manifests: {a: b}\n", ":1: manifests: expected a text or a list of texts, got a mapping"),
        ("manifests: [[a]]\n", ":1: manifests[0]: expected a text, got a list"),
        ("effort:\n", ":1: effort: expected a text or a number, got nothing"),
        ("prove: 3\n", ":1: prove: expected a mapping of options, got the number 3"),
        ("config: other.yaml\n", 'unknown key "config"'),
        ("version: true\n", 'unknown key "version"'),
        ("- a\n", "is not a mapping"),
        ("", "is empty"),
        ("a: b: c\n", ":1"),
        ("effort: much\n", "--effort"),
        ("fail-on: hgih\n", 'did you mean "high"?'),
    ],
)
def test_mistakes_are_said_with_their_place(text: str, complaint: str) -> None:
    write(text)
    ran = run()
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert complaint in ran.stderr


def test_a_file_that_is_named_must_be_there() -> None:
    ran = run("--config", "nowhere.yaml")
    assert ran.exit_code == 2
    assert "nowhere.yaml: cannot be read" in ran.stderr


@pytest.mark.parametrize("wanted", [">=0.1", "~=0.1.0", "==0.1.*", ">=0.0.1,<2"])
def test_a_version_that_the_file_wants_is_fine(wanted: str) -> None:
    write(f'requires: "{wanted}"\n')
    assert run().exit_code == 0


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ('">=9"', "requires: this is netpol-verify 0.1.0, which >=9 leaves out"),
        ('"<0.1"', "which <0.1 leaves out"),
        ("0.1", "requires: is no version specifier"),
        ('"newest"', "is no version specifier"),
    ],
)
def test_another_version_ends_the_run_before_its_keys_are_looked_at(wanted: str, complaint: str) -> None:
    write(f"requires: {wanted}\nkey-of-tomorrow: 1\n")
    ran = run()
    assert ran.exit_code == 2
    assert complaint in ran.stderr
    assert "key-of-tomorrow" not in ran.stderr


def test_help_and_version_do_not_look_at_it() -> None:
    write("what: is this\n")
    assert run("--help").exit_code == 0
    assert run("--version").exit_code == 0


def test_every_command_takes_the_options_about_it() -> None:
    shown: Callable[[str], str] = lambda command: run("--help", command=command).stdout  # noqa: E731
    names = [each.name or getattr(each.callback, "__name__", "") for each in commands.app.registered_commands]
    for command in (name for name in names if name != "schema"):  # which has no option that a file could give
        assert "--config FILE" in shown(command), command
        assert "--no-config" in shown(command), command
