"""What Python programs may rely on."""

import os
import subprocess
import sys
from pathlib import Path

import netpol_verify
import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_every_public_name_is_there() -> None:
    assert all(getattr(netpol_verify, name) is not None for name in netpol_verify.__all__)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = netpol_verify.nothing  # pyright: ignore[reportAttributeAccessIssue]


def test_a_program_proves_a_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    request = netpol_verify.ProveRequest(suites=("examples/1-three-tiers/properties.yaml",))
    report = netpol_verify.run_prove(request)
    assert {result.verdict for result in report.results} == {"proved", "refuted"}


def test_bad_input_is_one_exception_with_every_problem() -> None:
    with pytest.raises(netpol_verify.InputErrors) as caught:
        netpol_verify.run_prove(netpol_verify.ProveRequest(suites=("no-such-suite.yaml",)))
    assert [problem.file for problem in caught.value.problems] == ["no-such-suite.yaml"]


@pytest.mark.parametrize("suite", ["examples/1-three-tiers/properties.yaml", "docs/shop/properties.yaml"])
def test_the_same_input_gives_the_same_bytes(suite: str) -> None:
    """Whatever order Python's hashing puts sets in."""
    command = [sys.executable, "-m", "netpol_verify", "prove", suite, "-o", "json"]
    outputs = [
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": number}, capture_output=True, check=False
        ).stdout
        for number in ("1", "2")
    ]
    assert outputs[0]
    assert outputs[0] == outputs[1]
