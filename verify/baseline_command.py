"""``prove --create-baseline``, ``--baseline`` and ``--update-baseline``: when which file is written.

What a baseline holds and means is decided in ``baseline`` and ``recorded``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .output import usage_error
from .progress import Progress
from .results import Report
from .run import ProveRequest, run_prove


def check_baseline(create: str | None, baseline: str | None, update: bool) -> None:
    """Whether the options fit together, and a baseline can be written. Raises InputErrors: before the work."""
    if create is not None and baseline is not None:
        hint = "remove one of them; to begin anew, create a baseline alone"
        raise usage_error("--create-baseline", "goes without --baseline", hint)
    if update and baseline is None:
        raise usage_error("--update-baseline", "says nothing about which file", "name it with --baseline FILE")
    if create is not None and Path(create).is_dir():
        raise usage_error("--create-baseline", f'"{create}" is a folder, not a file')
    if create is not None and not Path(create).parent.is_dir():
        raise usage_error("--create-baseline", f'the folder of "{create}" does not exist')


def make_baseline(request: ProveRequest, file: str, progress: Progress | None) -> str:
    """Write what fails now to ``file``; the line that says so. Raises InputErrors as ``run_prove``, and if the file
    cannot be written."""
    report = run_prove(replace(request, all_classes=True), progress)
    from .baseline import baseline_text  # noqa: PLC0415

    _write("--create-baseline", file, baseline_text(report))
    failing = sum(each.status == "fail" for each in report.results)
    rest = sum(each.status == "unknown" for each in report.results)
    unknown = f"; {rest} unknown, which no baseline holds" if rest else ""
    total = len(report.results)
    return f"{file}: {failing} of {total} properties {'fails' if failing == 1 else 'fail'}{unknown}\n"


def trim_baseline(report: Report, file: str) -> None:
    """Take what holds now out of the baseline in ``file``. Raises InputErrors if it cannot be read or written."""
    from .baseline import read_baseline, trimmed  # noqa: PLC0415

    text = trimmed(report, read_baseline(file))
    if text is not None:
        _write("--update-baseline", file, text)


def _write(option: str, file: str, text: str) -> None:
    try:
        Path(file).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise usage_error(option, f'cannot write "{file}": {error.strerror}') from error
