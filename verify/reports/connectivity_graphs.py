"""Connectivity as graphs: Graphviz DOT and Mermaid, workloads of equal reach as one node, namespaces as frames.

Every name is quoted and escaped as its language wants it. Undetermined edges are dashed and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..connectivity.graph import Edge, Graph, GraphNode
from .connectivity_lines import ports_words
from .lines import clean

_OUTSIDE = "outside the cluster"
_SHOWN = 5
"""So many members of a node, and things that an edge depends on, are named."""


def dot_pieces(graph: Graph) -> Iterator[str]:
    """The graph for Graphviz."""
    yield 'digraph "connectivity" {\n  rankdir=LR;\n  node [shape=box];\n'
    for number, (title, nodes) in enumerate(_frames(graph)):
        yield f'  subgraph "cluster_{number}" {{\n    label={_dot([title])};\n'
        for index in nodes:
            yield f'    "n{index}" [label={_dot(_node_lines(graph.nodes[index]))}];\n'
        yield "  }\n"
    for edge in graph.edges:
        style = ", style=dashed" if edge.depends_on else ""
        yield f'  "n{edge.source}" -> "n{edge.destination}" [label={_dot(_edge_lines(edge))}{style}];\n'
    yield "}\n"


def _dot(lines: list[str]) -> str:
    """A quoted string; in it a backslash and a quote are escaped, and ``\\n`` ends a line."""
    return '"' + "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


def mermaid_pieces(graph: Graph) -> Iterator[str]:
    """The graph as a Mermaid flowchart."""
    yield "flowchart LR\n"
    for number, (title, nodes) in enumerate(_frames(graph)):
        yield f"  subgraph s{number}[{_mermaid([title])}]\n"
        for index in nodes:
            yield f"    n{index}[{_mermaid(_node_lines(graph.nodes[index]))}]\n"
        yield "  end\n"
    for edge in graph.edges:
        arrow = "-.->" if edge.depends_on else "-->"
        yield f"  n{edge.source} {arrow}|{_mermaid(_edge_lines(edge))}| n{edge.destination}\n"


_ENTITIES = {"#": "#35;", '"': "#quot;", "&": "#amp;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;"}


def _mermaid(lines: list[str]) -> str:
    """A quoted string; what would be markup is written as an entity."""
    return '"' + "<br/>".join("".join(_ENTITIES.get(each, each) for each in line) for line in lines) + '"'


def _frames(graph: Graph) -> list[tuple[str, list[int]]]:
    """The nodes by namespace, in their order; the outside first."""
    frames: dict[str | None, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        frames.setdefault(node.namespace, []).append(index)
    return [(_OUTSIDE if name is None else clean(name), nodes) for name, nodes in frames.items()]


def _node_lines(node: GraphNode) -> list[str]:
    inside = "" if node.namespace is None else f"{node.namespace}/"
    return _clipped([clean(each.removeprefix(inside)) for each in node.members])


def _edge_lines(edge: Edge) -> list[str]:
    if not edge.depends_on:
        return [ports_words(edge.ports)]
    return [ports_words(edge.ports), "undetermined: depends on", *_clipped(list(map(clean, edge.depends_on)))]


def _clipped(texts: list[str]) -> list[str]:
    """The first few of the texts, and how many more there are."""
    left = len(texts) - _SHOWN
    return [*texts[:_SHOWN], f"and {left} more"] if left > 1 else texts


GRAPHS: dict[str, Callable[[Graph], Iterator[str]]] = {"dot": dot_pieces, "mermaid": mermaid_pieces}
"""The graph formats by the name that ``-o`` takes."""
