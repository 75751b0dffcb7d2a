"""A pytest plugin for runs with a fault: it says how tests fail, and ends the run at the first assertion that does.

A fault counts as noticed only where an assertion of a test fails. Other ways to fail are told apart: ``replay`` (the
concrete evaluator did not confirm a counterexample, and the program refused to show it), ``crash`` (any other
exception) and ``hang`` (a test used up its time). After those the run goes on, for an assertion may still follow.
Reads its settings from the environment; ``run.py`` sets them.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

RESULT = "MUTATION_RESULT"
REACHED = "MUTATION_REACHED"
SECONDS = 300
"""Processor time that one test may use."""
_ROOMS = ("encodings", "properties", "verify")
_ORDER = ("assertion", "replay", "hang", "crash")


class HangError(BaseException):
    """A test has used up its time; no ``except Exception`` of the product or of Hypothesis may take it."""


class Watch:
    """What is seen in one run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.failures: list[dict[str, str]] = []
        self.broken: list[str] = []
        self.passed = 0
        self.replays = 0
        self.functions: set[tuple[str, int]] = set()

    def check_modules(self) -> None:
        """Import every module of the package, which must be the copy: one that cannot be imported is no mistake that
        a test could find."""
        for path in sorted(file for room in _ROOMS for file in (self.root / room).rglob("*.py")):
            parts = path.relative_to(self.root).with_suffix("").parts
            name = ".".join(("netpol_verify", *(part for part in parts if part != "__init__")))
            try:
                module = importlib.import_module(name)
            except Exception as error:
                self.broken.append(f"{name}: {type(error).__name__}: {error}")
            else:
                places: list[str] = [module.__file__] if module.__file__ else list(module.__path__)
                if not all(Path(place).resolve().is_relative_to(self.root) for place in places):
                    raise RuntimeError(f"{name} comes from {places}, not from the copy")

    def note_replays(self) -> None:
        """Count every counterexample that is not confirmed, wherever the exception goes."""
        error: Any = importlib.import_module("netpol_verify.verify.replay").InternalError

        def noted(made: Exception, *texts: object) -> None:
            self.replays += 1
            Exception.__init__(made, *texts)

        error.__init__ = noted

    def kind(self, error: BaseException, path: Path, text: str, replays: int) -> str:
        """How a test failed that ended with ``error``, raised in the file ``path``."""
        if isinstance(error, HangError):
            return "hang"
        if self.replays > replays or "is not confirmed" in text:
            return "replay"
        if isinstance(error, pytest.fail.Exception):
            return "assertion"
        in_test = path.is_relative_to(self.root / "tests")
        return "assertion" if isinstance(error, AssertionError) and in_test else "crash"

    def outcome(self) -> dict[str, object]:
        """What to tell of the run."""
        first = min(self.failures, key=lambda each: _ORDER.index(each["kind"]), default=None)
        outcome = first["kind"] if first else "missed"
        if self.broken and outcome != "assertion":
            outcome = "invalid"
        return {"outcome": outcome, "failures": self.failures, "broken": self.broken, "passed": self.passed}


_watch = Watch(Path.cwd().resolve())


def _out_of_time(_signal: int, _frame: FrameType | None) -> None:
    raise HangError(f"more than {SECONDS} s of processor time")


def _called(frame: FrameType, _event: str, _argument: object) -> None:
    """Notes a function of the package that is called, and traces nothing inside it."""
    code = frame.f_code
    if code.co_filename.startswith(str(_watch.root)):
        _watch.functions.add((code.co_filename, code.co_firstlineno))


def pytest_sessionstart() -> None:
    """Look at the package before any test does."""
    _watch.check_modules()
    if _watch.broken:
        _tell()
        pytest.exit("; ".join(_watch.broken), 3)
    _watch.note_replays()
    signal.signal(signal.SIGPROF, _out_of_time)
    if os.environ.get(REACHED):
        sys.settrace(_called)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A test file that cannot be read."""
    if report.failed:
        _watch.broken.append(f"{report.nodeid} cannot be collected")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test failed; an assertion ends the run."""
    report = yield
    if report.failed and call.excinfo is not None:
        trace = call.excinfo.traceback
        path = Path(str(trace[-1].path)).resolve() if trace else Path()
        kind = _watch.kind(call.excinfo.value, path, report.longreprtext, item.stash[_replays])
        lines = str(call.excinfo.value).strip().splitlines() or [""]
        text = f"{type(call.excinfo.value).__name__}: {lines[0]}"[:300]
        _watch.failures.append({"test": item.nodeid, "kind": kind, "says": text})
        hangs = sum(each["kind"] == "hang" for each in _watch.failures)
        if kind == "assertion" or hangs > 1:
            item.session.shouldstop = kind
    elif report.when == "call" and report.passed:
        _watch.passed += 1
    return report


_replays = pytest.StashKey[int]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Give each test its time."""
    item.stash[_replays] = _watch.replays
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 10)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def pytest_sessionfinish() -> None:
    """Write down what was seen."""
    sys.settrace(None)
    _tell()


def _tell() -> None:
    Path(os.environ[RESULT]).write_text(json.dumps(_watch.outcome()), "utf-8")
    reached = os.environ.get(REACHED)
    if reached:
        root = f"{_watch.root}{os.sep}"
        found = sorted([file.removeprefix(root), line] for file, line in _watch.functions)
        Path(reached).write_text(json.dumps(found), "utf-8")
