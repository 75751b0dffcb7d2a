"""From what the user names to an evaluator: an adapter, a program, a serving program, or Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import cast

from ....encodings.problems import did_you_mean
from ....encodings.reading.programs import on_interrupt
from ..model import Evaluator, Trouble
from .command import PLACEHOLDER, mistake, parse_command
from .in_process import PREFIX as PYTHON
from .in_process import python_evaluator
from .oneshot import OneShot
from .serving import Serving

SERVE = "serve:"
Factory = Callable[[str | None, float], Evaluator]
"""Makes an evaluator from the path of its program (None: on PATH) and the seconds that an answer may take."""


def adapters() -> Mapping[str, Factory]:
    """The evaluators that need no protocol, by name."""
    from ..adapters import ADAPTERS  # noqa: PLC0415 - adapters run their programs by modules of this package

    return ADAPTERS


def evaluator_from(text: str, timeout: float) -> Evaluator:
    """The evaluator that a text names; ``timeout`` are the seconds that each of its answers may take.

    ``NAME`` or ``NAME=PATH`` of an adapter, ``serve:COMMAND``, ``python:MODULE:NAME``, else ``COMMAND``. Raises
    InputErrors if there is no such thing, or a serving program does not greet.
    """
    text = text.strip()
    if text.startswith(PYTHON):
        return python_evaluator(text)
    if text.startswith(SERVE):
        return _serving(text, timeout)
    known = adapters()
    name, _, path = text.partition("=")
    if name in known:
        return known[name](path or None, timeout)
    return OneShot(parse_command(text, _hint(text, known)), timeout)


@contextmanager
def until_done(evaluator: Evaluator) -> Generator[Evaluator]:
    """The evaluator, closed at the end; at an interrupt its programs end first, whatever is being done then."""
    abandon = getattr(evaluator, "abandon", None)
    with on_interrupt(cast("Callable[[], object]", abandon) if callable(abandon) else lambda: None):
        try:
            yield evaluator
        finally:
            evaluator.close()


def _serving(text: str, timeout: float) -> Serving:
    command = parse_command(text.removeprefix(SERVE))
    if command.has_placeholder:
        raise mistake(f"{text!r}: a serving program gets its folders in requests, so there is no {PLACEHOLDER}")
    try:
        return Serving(command, timeout)
    except Trouble as trouble:
        said = " | ".join(trouble.detail.splitlines())
        hint = f"leave out {SERVE} for a program that answers once and ends"
        raise mistake(f"{text} does not serve ({trouble.kind}): {said}", hint) from None


def _hint(text: str, known: Mapping[str, Factory]) -> str:
    """What may have been meant by a single word, or ``NAME=PATH``, that is no program."""
    word = re.fullmatch(r"([\w.-]+)(=.*)?", text)
    if not known or word is None:
        return ""
    return did_you_mean(word[1], tuple(known)) or f"built in: {', '.join(sorted(known))}; or a command"
