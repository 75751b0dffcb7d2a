"""Progress on a terminal: a bar on standard error for runs that last, nothing for those that do not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from .output import is_terminal
from .reports.lines import clean

Progress = Callable[[int, int, str], None]
"""Called with the number of properties done, the number of all, and the id of the one at work."""

DELAY_SECONDS = 1.0


@contextmanager
def progress_shown(wanted: bool) -> Generator[Progress | None]:
    """A callback that keeps a bar up to date, or None where no bar belongs: unwanted, or no terminal.

    The bar appears once the run has taken a second, and is gone when it ends: standard error stays as it was.
    """
    if not wanted or not is_terminal(sys.stderr):
        yield None
        return
    with _bar() as update:
        yield update


@contextmanager
def _bar() -> Generator[Progress]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as RichProgress  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = RichProgress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("reading", total=None)

    def update(done: int, total: int, what: str) -> None:
        bar.update(task, completed=done, total=total, description=clean(what))

    timer = threading.Timer(DELAY_SECONDS, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield update
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
