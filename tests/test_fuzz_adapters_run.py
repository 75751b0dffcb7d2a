"""Adapters of real evaluators at work: on programs that fail in every way, and on the real ones where they are.

The real ones are found on PATH, or by ``NETPOL_VERIFY_NCA``, ``NETPOL_VERIFY_NETPOL_ANALYZER``,
``NETPOL_VERIFY_CYCLONUS`` and ``NETPOL_VERIFY_POLICY_ASSISTANT``, which give the paths of their programs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from adapters_support import (
    ASKED,
    FLOWS,
    LONG,
    SHOP,
    SHORT,
    SITE,
    environment_of_nca,
    printing,
    program,
    python_of_nca,
    trouble_of,
    yes_or_no,
)
from evaluators_support import refused
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading.programs import locate
from netpol_verify.verify.fuzz.adapters import ADAPTERS
from netpol_verify.verify.fuzz.adapters.cyclonus import Cyclonus
from netpol_verify.verify.fuzz.adapters.netpol_analyzer import NO_IPV6, NetpolAnalyzer
from netpol_verify.verify.fuzz.adapters.network_config_analyzer import NetworkConfigAnalyzer, interpreter_of
from netpol_verify.verify.fuzz.adapters.policy_assistant import PolicyAssistant
from netpol_verify.verify.fuzz.evaluators import evaluator_from
from netpol_verify.verify.fuzz.model import Answer, Cluster, Flow

FATAL = (
    'time="2025-11-21T09:58:42Z" level=info msg="log level set to \'info\'"\n'
    'time="2025-11-21T09:58:42Z" level=fatal msg="in POLICIES/00.yaml: unknown field \\"x\\"'
    '\\nmain.main\\n\\t/src/main.go:8"\n'
)
PANIC = "panic: unable to parse IP ''\n"
ANSWERED = "".join(f"| IS ALLOWED? | {'TRUE ' if allowed else 'FALSE'} |\n" for allowed in ASKED.values())
"""As cyclonus prints it."""
TABLE = "".join(
    f"{flow.source} => {flow.destination} : {{protocols:{flow.protocol},dst_ports:{flow.port}}}\n"
    for flow, allowed in ASKED.items()
    if allowed
)
"""As nca writes it."""
WRITES = f"open(arguments[arguments.index('--file_out') + 1], 'w').write({TABLE!r})"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clusters and modules of whoever runs the tests, of which no tool may know."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


# Programs that are run for every cluster

SURROUNDINGS = """
names = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "PATH", "PYTHONPATH")
report = [os.environ.get(name) for name in names], os.listdir(), sys.stdin.read()
"""


def test_a_tool_runs_in_an_empty_folder_without_clusters_and_programs(tmp_path: Path) -> None:
    kind, detail = trouble_of(Cyclonus(program(tmp_path, f"{SURROUNDINGS}sys.exit(str(report))\n"), LONG))
    assert (kind, detail.splitlines()[-1]) == ("refused", "(['/dev/null', None, '/dev/null', None], [], '')")


def test_a_refusal_is_told_without_times_stacks_and_temporary_paths(tmp_path: Path) -> None:
    script = f"log = {FATAL!r}.replace('POLICIES', sys.argv[sys.argv.index('--policy-path') + 1])\n"
    said = trouble_of(Cyclonus(program(tmp_path, f"{script}sys.stderr.write(log); sys.exit(1)\n"), LONG))
    assert said == ("refused", 'it ends with exit code 1\nin policies/00.yaml: unknown field "x"')


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (f"sys.stderr.write({PANIC!r}); sys.exit(2)", "crash"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crash"),
        ("time.sleep(600)", "hang"),
        ("", "silent"),
        (f"print({ANSWERED!r} * 2)", "garbled"),
    ],
)
def test_every_way_not_to_answer_is_trouble(tmp_path: Path, script: str, kind: str) -> None:
    limit = SHORT if kind == "hang" else LONG
    assert trouble_of(Cyclonus(program(tmp_path, f"{script}\n"), limit))[0] == kind


def test_verdicts_answer_the_flows_in_order(tmp_path: Path) -> None:
    assert yes_or_no(Cyclonus(printing(tmp_path, ANSWERED), LONG).answers(SHOP, FLOWS)) == list(ASKED.values())


def test_policy_assistant_that_goes_on_without_a_file_refuses_it(tmp_path: Path) -> None:
    log = 'time="2025-11-21T09:59:09Z" level=debug msg="unable to parse network policy: unknown field \\"a\\""\n'
    assert trouble_of(PolicyAssistant(printing(tmp_path, "", complaint=log), LONG)) == (
        "refused",
        'it goes on without a file\nunable to parse network policy: unknown field "a"',
    )


def test_netpol_analyzer_that_complains_refuses_even_if_it_ends_well(tmp_path: Path) -> None:
    log = "2025/11/21 09:56:26 error reading file: error parsing 00.yaml\n"
    script = f"print('[]')\nif '--help' not in sys.argv: sys.stderr.write({log!r})\n"
    assert trouble_of(NetpolAnalyzer(program(tmp_path, script), LONG)) == (
        "refused",
        "it complains\nerror reading file: error parsing 00.yaml",
    )


@pytest.mark.parametrize("known", [True, False])
def test_netpol_analyzer_gets_an_option_only_if_it_has_it(tmp_path: Path, *, known: bool) -> None:
    script = "print('--multiple-networks' if '--help' in sys.argv else '[]')\n" if known else "print('[]')\n"
    evaluator = NetpolAnalyzer(program(tmp_path, script), LONG)
    assert ("--multiple-networks=false" in evaluator.prepared(SHOP, FLOWS, tmp_path / "kept")) is known


def test_netpol_analyzer_does_not_decide_addresses_that_its_table_cannot_hold(tmp_path: Path) -> None:
    evaluator = NetpolAnalyzer(printing(tmp_path, "[]"), LONG)
    asked = (Flow("2001:db8::9", "blog/site", "TCP", 80, "IPv6"), Flow("203.0.113.9", "blog/site", "TCP", 80))
    assert evaluator.answers(Cluster.of([SITE]), asked) == (Answer(None, NO_IPV6), Answer(False))


# nca, in a process that stays


def nca(folder: Path, *lines: str, limit: float = LONG) -> NetworkConfigAnalyzer:
    return NetworkConfigAnalyzer(python_of_nca(folder, nca_main(*lines)), limit)


def nca_main(*lines: str) -> str:
    return "".join(("def nca_main(arguments):\n", *(f"    {line}\n" for line in lines)))


def test_one_process_of_nca_answers_many_clusters_and_goes_on_after_a_refusal(tmp_path: Path) -> None:
    count = "nca_main.calls = getattr(nca_main, 'calls', 0) + 1"
    refusing = "if nca_main.calls == 2: print('Error: x', 'Error: the second', sep=chr(10)); return 7"
    checking = "if nca_main.calls == 4: print('Error: still', nca_main.calls); return 7"
    evaluator = nca(tmp_path, count, refusing, checking, WRITES, "return 0")
    try:
        assert yes_or_no(evaluator.answers(SHOP, FLOWS)) == list(ASKED.values())
        assert trouble_of(evaluator) == ("refused", "it ends with exit code 7\nError: the second")
        assert yes_or_no(evaluator.answers(SHOP, FLOWS)) == list(ASKED.values())
        assert trouble_of(evaluator) == ("refused", "it ends with exit code 7\nError: still 4")
        evaluator.restart()
        assert yes_or_no(evaluator.answers(SHOP, FLOWS)) == list(ASKED.values())
    finally:
        evaluator.close()


@pytest.mark.parametrize(
    ("line", "kind", "detail"),
    [
        ("raise KeyError('x')", "crash", "KeyError: 'x'"),
        ("sys.exit(2)", "refused", "it ends with exit code 2"),
        ("os._exit(3)", "crash", "it ends with exit code 3"),
        ("return 0", "silent", "it writes no table"),
        (f"print('00.yaml:4:58: Parse Error: x', file=sys.stderr); {WRITES}; return 0", "refused", "Parse Error: x"),
        ("open(arguments[-1], 'w').write('a/b => what'); return 0", "garbled", "this is no line of the table"),
    ],
)
def test_every_way_of_nca_not_to_answer_is_trouble(tmp_path: Path, line: str, kind: str, detail: str) -> None:
    evaluator = nca(tmp_path, line)
    try:
        found = trouble_of(evaluator)
        assert found[0] == kind
        assert detail in found[1]
        assert trouble_of(evaluator) == found
    finally:
        evaluator.close()


def test_an_nca_that_hangs_is_ended_and_the_next_question_goes_to_a_new_one(tmp_path: Path) -> None:
    waiting = f"if os.path.exists({str(tmp_path / 'hang')!r}): time.sleep(600)"
    evaluator = nca(tmp_path, waiting, WRITES, "return 0", limit=5.0)
    try:
        (tmp_path / "hang").touch()
        assert trouble_of(evaluator)[0] == "hang"
        (tmp_path / "hang").unlink()
        assert yes_or_no(evaluator.answers(SHOP, FLOWS)) == list(ASKED.values())
    finally:
        evaluator.close()


def test_nca_sees_no_programs_no_clusters_and_none_of_our_modules(tmp_path: Path) -> None:
    ours = "[each for each in sys.path if 'fuzz' in each]"
    report = f"(os.environ['PATH'], os.environ['KUBECONFIG'], os.listdir(), {ours})"
    script = nca_main(f"print('Error:', {report}, file=sys.stderr)", "return 7")
    evaluator = NetworkConfigAnalyzer(str(environment_of_nca(tmp_path / "environment", script)), LONG)
    try:
        assert trouble_of(evaluator)[1].splitlines()[-1] == "Error: ('/dev/null', '/dev/null', [], [])"
    finally:
        evaluator.close()


def test_a_python_without_nca_is_a_mistake_before_anything_is_asked() -> None:
    message, hint = refused(f"network-config-analyzer={sys.executable}")
    assert "No module named 'nca'" in message
    assert "pip install network-config-analyzer" in hint


def test_the_python_of_nca_is_the_one_that_its_script_names_or_the_one_beside_it(tmp_path: Path) -> None:
    script = tmp_path / "nca"
    script.write_text(f"#!{sys.executable}\n", encoding="utf-8")
    assert interpreter_of(script) == Path(sys.executable)
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "python3").touch()
    assert interpreter_of(script) == tmp_path / "python3"
    (tmp_path / "python3").unlink()
    with pytest.raises(InputErrors, match="does not say which Python"):
        interpreter_of(script)


# The real ones

REAL = {
    "network-config-analyzer": ("NETPOL_VERIFY_NCA", ("nca",)),
    "netpol-analyzer": ("NETPOL_VERIFY_NETPOL_ANALYZER", ("netpol-analyzer", "netpolicy")),
    "cyclonus": ("NETPOL_VERIFY_CYCLONUS", ("cyclonus",)),
    "policy-assistant": ("NETPOL_VERIFY_POLICY_ASSISTANT", ("policy-assistant",)),
}


def test_every_adapter_is_tried_on_the_real_tool() -> None:
    assert REAL.keys() == ADAPTERS.keys()


@pytest.mark.parametrize("name", REAL)
def test_the_real_tool_answers_what_nobody_gets_wrong(name: str) -> None:
    variable, programs = REAL[name]
    path = os.environ.get(variable) or next((str(found) for each in programs if (found := locate(each))), None)
    if path is None:
        pytest.skip(f"{name} is neither on PATH nor given by {variable}")
    evaluator = evaluator_from(f"{name}={path}", LONG)
    try:
        for _ in range(2):
            assert dict(zip(FLOWS, yes_or_no(evaluator.answers(SHOP, FLOWS)), strict=True)) == ASKED
        assert yes_or_no(evaluator.answers(Cluster.of([SITE]), (Flow("203.0.113.9", "blog/site", "UDP", 9),))) == [True]
    finally:
        evaluator.close()
