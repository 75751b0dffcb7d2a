"""GitHub's step summary: Markdown appended to the file that a job names in ``GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .exit_codes import FailOn
from .output import usage_error
from .reports.lines import Look
from .reports.markdown import render_markdown
from .results import Report

VARIABLE = "GITHUB_STEP_SUMMARY"


def append_step_summary(report: Report, look: Look, fail_on: FailOn, env: Mapping[str, str]) -> None:
    """Append the Markdown report, if a job asks for it.

    Raises InputErrors if the file cannot be written.
    """
    file = env.get(VARIABLE)
    if not file:
        return
    try:
        with Path(file).open("ab") as stream:
            stream.write(render_markdown(report, look, fail_on).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise usage_error(VARIABLE, f'cannot write "{file}": {error.strerror}') from error
