"""The program's entry point: runs the commands and lets nothing out but messages and exit codes.

It imports next to nothing by itself, so that an interrupt during start-up is an interrupt too, not a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from .exit_codes import INTERNAL_ERROR, INTERRUPTED

if TYPE_CHECKING:
    from typer import Typer


def main() -> NoReturn:
    """Run the command line of this process and exit. Only ``SystemExit`` leaves this function."""
    start(lambda app: app(prog_name="netpol-verify"))


def start(program: Callable[[Typer], object]) -> NoReturn:
    """Run a program over the commands, and exit as every run does. Only ``SystemExit`` leaves this function."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else somebody wants interrupts ignored
        signal.signal(signal.SIGINT, _interrupted)
    # Destructors and threads (which only draw progress) have no say in the result, and nobody reads their tracebacks.
    sys.unraisablehook = _silent
    threading.excepthook = _silent
    try:
        from .commands import app  # noqa: PLC0415
        from .guard import guarded  # noqa: PLC0415
    except Exception as error:
        text = f"netpol-verify: internal error: it cannot start ({type(error).__name__}: {error}); please reinstall it"
        print(text, file=sys.stderr)
        sys.exit(INTERNAL_ERROR)
    sys.exit(guarded(lambda: program(app)))


def _interrupted(number: int, frame: object) -> NoReturn:
    """Go at once, without an exception.

    An exception raised here may surface inside a destructor, a callback or a conversion of the solver's library, where
    Python drops it or turns it into another one, and the run would go on or end as something else.
    """
    del number, frame
    show_cursor = b"\n\x1b[?25h" if os.isatty(2) else b""
    try:
        os.write(2, show_cursor + b"netpol-verify: interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def _silent(failure: object, /) -> None:
    del failure
