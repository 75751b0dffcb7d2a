"""The formats of ``explain`` by name."""

from __future__ import annotations

from ..explanation import Explanation
from .explain_json import render_explain_json
from .explain_markdown import render_explain_markdown
from .explain_text import render_explain_text
from .lines import Look


def render_explanation(explanation: Explanation, format_: str, look: Look) -> str:
    """The explanation as ``text``, ``json`` or ``markdown``; JSON looks the same everywhere."""
    if format_ == "json":
        return render_explain_json(explanation)
    render = render_explain_markdown if format_ == "markdown" else render_explain_text
    return render(explanation, look)
