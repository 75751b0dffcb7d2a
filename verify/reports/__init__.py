"""Reports: one renderer a format, each a pure function of the report and the look of its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..exit_codes import FailOn
from ..results import Report
from .github import render_github
from .gitlab import render_gitlab
from .json_report import render_json
from .junit import render_junit
from .lines import Look
from .markdown import render_markdown
from .sarif import render_sarif
from .tap import render_tap
from .text import render_text

Renderer = Callable[[Report, Look, FailOn], str]


def _json(report: Report, look: Look, fail_on: FailOn) -> str:
    """JSON looks the same everywhere."""
    del look, fail_on
    return render_json(report)


def _html(report: Report, look: Look, fail_on: FailOn) -> str:
    """Loaded when it is wanted: templates take longer to load than small proofs take."""
    from .html import render_html  # noqa: PLC0415

    return render_html(report, look, fail_on)


FORMATS: Mapping[str, Renderer] = {
    "text": render_text,
    "json": _json,
    "sarif": render_sarif,
    "junit": render_junit,
    "github": render_github,
    "gitlab": render_gitlab,
    "markdown": render_markdown,
    "tap": render_tap,
    "html": _html,
}
"""Every output format of ``prove`` by the name that ``-o`` takes."""
