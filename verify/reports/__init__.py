"""Reports: one renderer a format, each a pure function of the report and the look of its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..exit_codes import FailOn
from ..results import Report
from .json_report import render_json
from .lines import Look
from .text import render_text

Renderer = Callable[[Report, Look, FailOn], str]


def _json(report: Report, look: Look, fail_on: FailOn) -> str:
    """JSON looks the same everywhere."""
    del look, fail_on
    return render_json(report)


FORMATS: Mapping[str, Renderer] = {"text": render_text, "json": _json}
"""Every output format of ``prove`` by the name that ``-o`` takes."""
