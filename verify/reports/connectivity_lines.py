"""Connectivity as lines: text, JSON, CSV and Markdown, each a stream of pieces in the order of the entries.

The form of text and JSON is fixed by the contract (*Connectivity output*). An undetermined entry is always a line of
its own that says so. Nothing is decided here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from ..connectivity.entries import Entry
from ..connectivity.nodes import Node
from ..connectivity.portmaps import PROTOCOLS, Ports
from .json_report import Json, dump_json_line
from .lines import Line, Look, clean, render_lines

_BATCH = 2000
_REMEMBERED = 1 << 16
"""Names and ports come again and again: so many of them are not put into words anew."""
_ALL = tuple((protocol, 1, 65535) for protocol in PROTOCOLS)


@lru_cache(maxsize=_REMEMBERED)
def ports_words(ports: Ports) -> str:
    """``SCTP 1-65535,TCP 80,443``; every port of every protocol is ``All Connections``."""
    if ports == _ALL:
        return "All Connections"
    return ",".join(f"{protocol} {numbers}" for protocol, numbers in _by_protocol(ports))


def _by_protocol(ports: Ports) -> list[tuple[str, str]]:
    """Each protocol with its ports: ``80,443,8000-8010``."""
    found: dict[str, list[str]] = {}
    for protocol, first, last in ports:
        found.setdefault(protocol, []).append(str(first) if first == last else f"{first}-{last}")
    return [(protocol, ",".join(numbers)) for protocol, numbers in found.items()]


_name = lru_cache(maxsize=_REMEMBERED)(clean)


def depends_words(depends_on: Sequence[str]) -> str:
    """What an undetermined entry depends on, in one text."""
    return "; ".join(map(clean, depends_on))


def text_pieces(entries: Iterable[Entry], look: Look, legend: Sequence[Node] | None) -> Iterator[str]:
    """One line an entry. ``-v`` adds who the members of the legend's nodes of several workloads are."""
    yield from _rendered((_text(entry) for entry in entries), look)
    several = [node for node in legend or () if len(node.members) > 1] if look.verbose else []
    if several:
        yield "\n"
        yield from _rendered((_members(node) for node in several), look)


def _rendered(lines: Iterator[Line], look: Look) -> Iterator[str]:
    while batch := list(islice(lines, _BATCH)):
        yield render_lines(batch, look)


def _text(entry: Entry) -> Line:
    line: Line = [(f"{_name(entry.source)} => {_name(entry.destination)} : {ports_words(entry.ports)}", "")]
    if entry.depends_on:
        line.append((f" (undetermined: depends on {depends_words(entry.depends_on)})", "yellow"))
    return line


def _members(node: Node) -> Line:
    return [(f"{clean(node.name)}: {', '.join(clean(each.name) for each in node.members)}", "dim")]


def json_pieces(entries: Iterable[Entry], legend: Sequence[Node] | None) -> Iterator[str]:
    """A list of entries, one a line; with a legend an object that also holds the members of its nodes."""
    connections = _list(map(_json_entry, entries))
    if legend is not None:
        yield '{"classes": '
        yield from _list(map(_json_node, legend))
        yield ',\n"connections": '
        yield from connections
        yield "}\n"
    else:
        yield from connections
        yield "\n"


def _list(texts: Iterable[str]) -> Iterator[str]:
    """A list of values that are JSON already, one a line."""
    before = "[\n"
    for text in texts:
        yield before + text
        before = ",\n"
    yield "[]" if before == "[\n" else "\n]"


def _json(value: Json) -> str:
    return dump_json_line(value).removesuffix("\n")


def _json_entry(entry: Entry) -> str:
    """``{"src", "dst", "connections"}``, put together from parts that are remembered."""
    text = f'{{"src": {_json_name(entry.source)}, "dst": {_json_name(entry.destination)}, '
    text += f'"connections": {_json_ports(entry.ports)}'
    return text + (f', "undetermined": true, "dependsOn": {_json([*entry.depends_on])}}}' if entry.depends_on else "}")


_json_name = lru_cache(maxsize=_REMEMBERED)(_json)


@lru_cache(maxsize=_REMEMBERED)
def _json_ports(ports: Ports) -> str:
    return _json([{"protocol": protocol, "ports": numbers} for protocol, numbers in _by_protocol(ports)])


def _json_node(node: Node) -> str:
    return _json({"name": node.name, "members": [each.name for each in node.members]})


def csv_pieces(entries: Iterable[Entry]) -> Iterator[str]:
    """A header and one row an entry; ``undetermined`` is ``true`` or empty."""
    yield _row(("src", "dst", "connections", "undetermined", "dependsOn"))
    for entry in entries:
        undetermined = "true" if entry.depends_on else ""
        names = (_name(entry.source), _name(entry.destination))
        yield _row((*names, ports_words(entry.ports), undetermined, depends_words(entry.depends_on)))


def _row(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def markdown_pieces(entries: Iterable[Entry]) -> Iterator[str]:
    """A table with one row an entry."""
    yield "| source | destination | connections | undetermined |\n|---|---|---|---|\n"
    for entry in entries:
        depends_on = f"depends on {_cell(depends_words(entry.depends_on))}" if entry.depends_on else ""
        cells = (_code(entry.source), _code(entry.destination), ports_words(entry.ports), depends_on)
        yield f"| {' | '.join(cells)} |\n"


def _code(text: str) -> str:
    """A name in a table's cell, so that nothing in it is markup."""
    shown = clean(text).replace("|", "\\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _cell(text: str) -> str:
    """Words in a table's cell, their markup escaped."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]<>|~" else character for character in text)
