"""An evaluator written in Python, asked inside this process: quick, but nothing can stop it if it hangs.

Trusts it as little as a program: it gets copies, and whatever it raises or returns otherwise is Trouble.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeVar, cast

from ..model import Answer, Cluster, Evaluator, Flow, Trouble
from .command import mistake
from .excerpts import last_line, shown
from .protocol import features_named

PREFIX = "python:"
Made = TypeVar("Made")
_HINT = "write python:MODULE:NAME, or python:./FILE.py:NAME"


class InProcess:
    """An evaluator of the user's. Where it came from a factory, ``restart`` makes a new one."""

    def __init__(self, text: str, make: Callable[[], Evaluator]) -> None:
        """Raises InputErrors if there is no evaluator to be made."""
        self._make = make
        self._evaluator = _made(text, make)
        self.name = shown(str(getattr(self._evaluator, "name", text)))
        try:
            self.unsupported = features_named(getattr(self._evaluator, "unsupported", ()))
        except Trouble as trouble:
            raise mistake(f"{text}: {trouble.detail}") from None
        except Exception as error:
            raise mistake(f"{text}: unsupported is no set of names: {last_line(error)}") from None

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask it. Raises Trouble for whatever it raises, and for what are no answers."""
        given = cast("object", _guarded(lambda: self._evaluator.answers(copy.deepcopy(cluster), tuple(flows))))
        if not isinstance(given, Sequence) or isinstance(given, str):
            raise Trouble("garbled", f"the answers are no sequence: {type(given).__name__}")
        answers = cast("Sequence[object]", given)
        if len(answers) != len(flows):
            raise Trouble("silent" if len(answers) < len(flows) else "garbled", _count(len(answers), len(flows)))
        return tuple(map(_checked, answers))

    def restart(self) -> None:
        """Make a new one, as far as it was made. Raises Trouble if that fails."""
        self._evaluator = _guarded(self._make)

    def abandon(self) -> None:
        """Nothing: it ends with this process."""

    def close(self) -> None:
        """Close it. Raises Trouble for whatever it raises."""
        if callable(getattr(self._evaluator, "close", None)):
            _guarded(self._evaluator.close)


def python_evaluator(text: str) -> InProcess:
    """The evaluator that ``python:MODULE:NAME`` names: an object with ``answers``, or what gives one when called.

    ``MODULE`` may be the path of a file. Raises InputErrors if it cannot be imported, or is no evaluator.
    """
    module, _, name = text.removeprefix(PREFIX).rpartition(":")
    if not module or not name:
        raise mistake(f"{text!r} does not name a module and an evaluator in it", _HINT)
    found: object = _imported(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise mistake(f"{module} has no {name}")
        found = getattr(found, part)
    if isinstance(found, type) or not hasattr(found, "answers"):
        if not callable(found):
            raise mistake(f"{text}: {name} is no evaluator: it has no answers")
        return InProcess(text, cast("Callable[[], Evaluator]", found))
    evaluator = cast("Evaluator", found)
    return InProcess(text, lambda: evaluator)


def _imported(module: str) -> ModuleType:
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return _from_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except (Exception, SystemExit) as error:
        hint = _HINT if isinstance(error, ImportError) else ""
        raise mistake(f"{module} cannot be imported: {last_line(error)}", hint) from None


def _from_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"evaluator in {path}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python module: {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _made(text: str, make: Callable[[], Evaluator]) -> Evaluator:
    try:
        made = _guarded(make)
    except Trouble as trouble:
        raise mistake(f"{text} gives no evaluator: {trouble.detail}") from None
    if not callable(getattr(made, "answers", None)):
        raise mistake(f"{text} gives no evaluator, but a {type(made).__name__} without answers")
    return made


def _guarded(action: Callable[[], Made]) -> Made:
    """What an action of the user's gives. What it prints is no result of ours."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return action()
    except Trouble:
        raise
    except (Exception, SystemExit) as error:
        raise Trouble("crash", last_line(error)) from None


def _checked(answer: object) -> Answer:
    if not isinstance(answer, Answer):
        raise Trouble("garbled", f"an answer is no Answer, but a {type(answer).__name__}")
    allowed, unsupported = cast("object", answer.allowed), cast("object", answer.unsupported)
    if isinstance(allowed, bool) and unsupported is None:
        return Answer(allowed)
    if allowed is None and isinstance(unsupported, str) and unsupported.strip():
        return Answer(None, shown(unsupported))
    raise Trouble("garbled", f"an answer is neither allowed nor unsupported: {shown(repr(answer))}")


def _count(answers: int, flows: int) -> str:
    return f"{answers} answers to {flows} flows"
