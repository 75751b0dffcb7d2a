"""Answers of ``evaluate``: a sentence for a person, or the flow's own object with the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..results import Reason
from .json_report import dump_json, dump_json_line
from .lines import Line, Look, StyleName, clean, render_lines
from .words import labels, reason

ANSWER_FORMATS = ("text", "json")
ANSWER_WORDS: dict[bool | None, tuple[str, StyleName]] = {
    True: ("ALLOWED", "bold green"),
    False: ("BLOCKED", "bold red"),
    None: ("UNDETERMINED", "bold yellow"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A flow's object with the verdict added, and the verdict (None: undetermined)."""

    value: dict[str, Any]
    allowed: bool | None


def render_answers(answers: Sequence[Answered], format_: str, look: Look, *, one_a_line: bool) -> str:
    """All answers as ``text`` or ``json``; ``one_a_line``: several flows were asked, so JSON is an object a line."""
    if format_ == "json":
        dump = dump_json_line if one_a_line else dump_json
        return "".join(dump(answer.value) for answer in answers)
    lines = [line for answer in answers for line in _lines(answer, look)]
    if one_a_line:
        lines.extend(([], [(_counts(answers), "bold")]))
    return render_lines(lines, look)


def _lines(answer: Answered, look: Look) -> list[Line]:
    word, style = ANSWER_WORDS[answer.allowed]
    value = answer.value
    lines: list[Line] = [[(word, style), (f"  {connection(value)}", "")]]
    if look.quiet:
        return lines
    lines.extend([(f"    {reason(Reason(**each))}", "")] for each in value["because"])
    depends = [str(each) for each in value.get("dependsOn", ())]
    lines.extend([(f"    depends on {clean(each)}", "yellow")] for each in depends)
    return lines


def connection(flow: Mapping[str, Any]) -> str:
    """A flow in words: ``shop/web → shop/db on TCP/5432``."""
    family = f" over {clean(str(flow['family']))}" if flow.get("family") == "IPv6" else ""
    return f"{end_as_asked(flow['from'])} → {end_as_asked(flow['to'])} on {_port(flow['port'])}{family}"


def end_as_asked(value: object) -> str:
    """An endpoint as it was asked about; an endpoint object in the notation of the command line."""
    if not isinstance(value, dict):
        return clean(str(value))
    end = cast("Mapping[str, Any]", value)
    if end.get("workload"):
        return clean(str(end["workload"]))
    if end.get("kind") == "node" and end.get("node"):
        return clean(f"node/{end['node']}")
    if end.get("kind") != "pod":
        return clean(", ".join(str(ip) for ip in end.get("ips") or ()))
    carried = end.get("namespaceLabels") if end.get("namespaceDeclared") is False else None
    brackets = f"[{_labels(carried)}]" if carried else ""
    return f"{clean(str(end.get('namespace')))}{brackets}:{_labels(end.get('labels') or {})}"


def _labels(pairs: Mapping[str, Any]) -> str:
    return labels({key: str(value) for key, value in pairs.items()}).replace(", ", ",")


def _port(value: object) -> str:
    """``TCP/5432`` for ``5432``, which means TCP."""
    text = clean(str(value))
    return text if "/" in text else f"TCP/{text}"


def _counts(answers: Sequence[Answered]) -> str:
    found = [answer.allowed for answer in answers]
    numbers = ((found.count(True), "allowed"), (found.count(False), "blocked"), (found.count(None), "undetermined"))
    return ", ".join(f"{number} {word}" for number, word in numbers if number)
