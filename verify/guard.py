"""The last line of defence: every exception becomes an exit code and a line for people, never a traceback."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import typer

from ..encodings.problems import InputErrors
from .exit_codes import BAD_INPUT, INTERNAL_ERROR, INTERRUPTED, OK
from .output import complain

_PACKAGE = __name__.partition(".")[0]
_ROOT = Path(__file__).resolve().parent.parent
_REPORT_IT = "please report it, with the command line and what it says with -v added"


@contextmanager
def guard(verbose: bool = False) -> Generator[None]:
    """Run a command's body: bad input exits 2, an interrupt 130, anything else 4, with a message.

    ``verbose`` adds to an internal error the exception's type and its place in this package.
    """
    try:
        yield
    except InputErrors as errors:
        for problem in errors.problems:
            complain(problem.render())
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        complain("netpol-verify: interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        complain(describe(error, verbose))
        raise typer.Exit(INTERNAL_ERROR) from None


def guarded(program: Callable[[], object]) -> int:
    """Run a whole program, such as the command line with its own parsing, and give the exit code it ends with."""
    try:
        with guard():
            program()
    except typer.Exit as done:
        return done.exit_code
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else OK if done.code is None else INTERNAL_ERROR
    return OK


def describe(error: BaseException, verbose: bool) -> str:
    """One line for an internal error: what is known of it for certain, and how to report it."""
    text = f"netpol-verify: internal error: {_cause(error)}; no verdict of this run counts; {_REPORT_IT}"
    return f"{text} [{type(error).__name__}{_place(error)}]" if verbose else text


def _cause(error: BaseException) -> str:
    """What happened. Only the package's own exceptions are written for people; others' texts stay out."""
    if isinstance(error, MemoryError):
        return "the memory is exhausted"
    if isinstance(error, RecursionError):
        return "something in the input is nested too deeply"
    if type(error).__module__.partition(".")[0] == _PACKAGE and str(error):
        return " ".join(str(error).split())
    return "an unforeseen error"


def _place(error: BaseException) -> str:
    """`` at verify/engine.py:12 in prove``: the innermost place that lies in this package."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and path != Path(__file__).resolve():
            return f" at {path.relative_to(_ROOT).as_posix()}:{frame.lineno} in {frame.name}"
    return ""
