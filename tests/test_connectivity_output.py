"""The six formats of ``connectivity``, byte for byte, and that graphs are what their languages accept.

``NETPOL_VERIFY_UPDATE_GOLDEN=1 pytest tests/test_connectivity_output.py`` writes the files anew; read the difference.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from netpol_verify.verify import commands
from netpol_verify.verify.connectivity.entries import Entry
from netpol_verify.verify.connectivity.graph import Edge, Graph, GraphNode
from netpol_verify.verify.reports.connectivity_graphs import dot_pieces, mermaid_pieces
from netpol_verify.verify.reports.connectivity_lines import csv_pieces, json_pieces, markdown_pieces, text_pieces
from netpol_verify.verify.reports.lines import Look
from typer.testing import CliRunner

GOLDEN = Path(__file__).parent / "golden"
NAMES = {"text": "txt", "json": "json", "csv": "csv", "markdown": "md", "dot": "dot", "mermaid": "mmd"}
CLUSTER = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {tenant: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-canary, namespace: shop}
spec:
  selector: {matchLabels: {app: web, track: canary}}
  template: {metadata: {labels: {app: web, track: canary}}, spec: {containers: [{name: c, image: i}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}]}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: ops}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, namespace: ops, labels: {app: probe}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.9, podIPs: [{ip: 10.244.0.9}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: sql}, {port: 8080, endPort: 8081}, {protocol: SCTP}]
  - from: [{namespaceSelector: {matchLabels: {team: backup}}}]
    ports: [{port: sql}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]
  egress:
  - to: [{podSelector: {}}]
  - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32, 192.168.0.0/16]}}]
    ports: [{port: 443}]
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: probe, namespace: ops}
spec: {types: [Egress]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k8s.yaml").write_text(CLUSTER, "utf-8")
    return tmp_path


def compare(text: str, name: str) -> None:
    path = GOLDEN / name
    if os.environ.get("NETPOL_VERIFY_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", NAMES)
def test_every_format_byte_for_byte(name: str) -> None:
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml", "-o", name])
    assert ran.exit_code == 0
    compare(ran.stdout, f"connectivity.{NAMES[name]}")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["text", "json"])
def test_output_by_class_byte_for_byte(name: str) -> None:
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml", "-o", name, "--by", "class", "-v"])
    assert ran.exit_code == 0
    compare(ran.stdout, f"connectivity_by_class.{NAMES[name]}")


@pytest.mark.usefixtures("folder")
def test_what_is_left_out_and_what_would_say_more_is_noticed() -> None:
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml"])
    assert "(hostNetwork): ops/agent[DaemonSet]\n" in ran.stderr
    assert "1 pod address cuts the ranges of outside addresses; --world podCIDRs=… says" in ran.stderr
    quiet = CliRunner().invoke(commands.app, ["connectivity", "-q", "-f", "k8s.yaml"])
    assert (quiet.stderr, quiet.stdout) == ("", ran.stdout)


EVIL = 'a"b\\|`<i>#&\n\x1b[31m{}'
ENTRY = Entry(f"ns/{EVIL}[K]", "0.0.0.0-1.0.0.0", (("TCP", 80, 80),), (f"label {EVIL}",))
GRAPH = Graph(
    (GraphNode(None, tuple(f"10.0.{n}.0-10.0.{n}.9" for n in range(9))), GraphNode(f"ns{EVIL}", (EVIL, "two"))),
    (Edge(0, 1, (("TCP", 80, 80),), ()), Edge(1, 1, (("UDP", 1, 9),), (EVIL,))),
)


def test_json_and_csv_carry_strange_names_unharmed() -> None:
    (value,) = json.loads("".join(json_pieces([ENTRY], None)))
    assert (value["src"], value["dependsOn"]) == (ENTRY.source, [f"label {EVIL}"])
    rows = list(csv.reader(io.StringIO("".join(csv_pieces([ENTRY])))))
    assert rows[1][1:4] == ["0.0.0.0-1.0.0.0", "TCP 80", "true"]
    assert "\x1b" not in "".join(rows[1])


def test_nothing_gets_out_of_a_line_of_text_or_markdown() -> None:
    (line,) = "".join(text_pieces([ENTRY], Look(), None)).splitlines()
    assert "\x1b" not in line
    *_, row = "".join(markdown_pieces([ENTRY])).splitlines()
    assert len(re.findall(r"(?<!\\)\|", row)) == 5, "four cells"


def test_an_empty_answer_is_empty_in_every_format() -> None:
    assert "".join(json_pieces([], None)) == "[]\n"
    assert json.loads("".join(json_pieces([], []))) == {"classes": [], "connections": []}
    assert "".join(text_pieces([], Look(), None)) == ""
    assert len(list(csv_pieces([]))) == 1
    assert "".join(mermaid_pieces(Graph((), ()))) == "flowchart LR\n"
    assert list(dot_statements("".join(dot_pieces(Graph((), ()))))) == ["rankdir", "node"]


_DOT = re.compile(r'\s*("(?:[^"\\\n]|\\.)*"|->|[A-Za-z_]\w*|[{}\[\];=,])')


def dot_tokens(text: str) -> list[str]:
    """Names, quoted strings and signs; anything else is no DOT."""
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        match = _DOT.match(text, at)
        assert match, f"no DOT at {text[at : at + 40]!r}"
        tokens.append(match.group(1))
        at = match.end()
    return tokens


def dot_statements(text: str) -> Iterator[str]:
    """The first token of every statement of a digraph, which is read as the language's grammar has it."""
    tokens = dot_tokens(text)[::-1]

    def take(*wanted: str) -> str:
        token = tokens.pop()
        assert not wanted or token in wanted, (token, wanted)
        return token

    def name() -> str:
        token = tokens.pop()
        assert re.fullmatch(r'".*"|\w+', token, re.DOTALL), token
        return token

    def statements() -> Iterator[str]:
        take("{")
        while tokens[-1] != "}":
            first = name()
            if first == "subgraph":
                name()
                yield from statements()
                continue
            yield first
            if tokens[-1] == "=":
                take("=")
                name()
            else:
                if tokens[-1] == "->":
                    take("->")
                    name()
                if tokens[-1] == "[":
                    attributes()
            take(";")
        take("}")

    def attributes() -> None:
        take("[")
        while True:
            name()
            take("=")
            name()
            if take(",", "]") == "]":
                return

    take("digraph")
    name()
    yield from statements()
    assert not tokens


@pytest.mark.usefixtures("folder")
def test_dot_is_dot() -> None:
    for text in (CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml", "-o", "dot"]).stdout, dot(GRAPH)):
        first = list(dot_statements(text))
        assert first.count("label") == text.count("subgraph")
        declared = {each for each in first if re.fullmatch(r'"n\d+"', each)}
        assert declared == set(re.findall(r'"n\d+"', text))


def dot(graph: Graph) -> str:
    return "".join(dot_pieces(graph))


LABEL = r'"[^"]*"'
MERMAID = re.compile(rf"  subgraph s\d+\[{LABEL}\]|    n\d+\[{LABEL}\]|  end|  n\d+ (-->|-\.->)\|{LABEL}\| n\d+")


@pytest.mark.usefixtures("folder")
def test_mermaid_is_mermaid() -> None:
    """Every line has one of its forms; strings hold no quote and no markup but line breaks and entities."""
    ran = CliRunner().invoke(commands.app, ["connectivity", "-f", "k8s.yaml", "-o", "mermaid"])
    for text in (ran.stdout, "".join(mermaid_pieces(GRAPH))):
        header, *lines = text.splitlines()
        assert header == "flowchart LR"
        assert [line for line in lines if not MERMAID.fullmatch(line)] == []
        for label in re.findall(LABEL, text):
            assert not re.search(r"[<>&`\\]|#(?!\w+;)", label.replace("<br/>", ""))


def test_a_node_of_many_members_names_a_few() -> None:
    label = "\\n".join([*(f"10.0.{n}.0-10.0.{n}.9" for n in range(5)), "and 4 more"])
    assert f'"n0" [label="{label}"];' in dot(GRAPH)


def test_undetermined_edges_are_dashed_and_say_what_they_depend_on() -> None:
    line = dot(GRAPH).splitlines()[-2]
    assert "style=dashed" in line
    assert "undetermined: depends on" in line
