"""One test for each fault that mutation testing planted and that no assertion noticed at first (docs/assurance.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from netpol_verify.encodings.concrete.selectors import Labels
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Terms
from netpol_verify.verify import commands
from netpol_verify.verify.guard import guarded

NAMED_PORT = """
properties:
- id: it
  never: {from: {namespace: shop}, to: {namespace: shop}, ports: [TCP/http]}
"""
LABELLED = """
world: {namespaces: closed, external: [{name: shop, labels: {env: prod}}, {name: dev, labels: {env: dev}}]}
properties:
- id: it
  never: {from: {namespaces: env=dev}, to: {namespaces: env=prod}}
"""
SEVERAL = """
world: {namespaces: closed, external: [{name: a, labels: {}}, {name: b, labels: {}}, {name: c, labels: {}}]}
properties:
- id: it
  isolate: {groups: [{namespace: a}, {namespace: [b, c]}]}
"""
MANIFESTS = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: a}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-c, namespace: a}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: b}
spec: {podSelector: {}, policyTypes: [Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: c}
spec: {podSelector: {}, policyTypes: [Egress]}
"""


def ended(folder: Path, suite: str, manifests: str) -> int:
    """The exit code of ``prove`` over a suite and manifests."""
    (folder / "properties.yaml").write_text(
        f"apiVersion: netpol-verify/v1\nkind: PropertySuite\nmanifests: [k.yaml]\n{suite}"
    )
    (folder / "k.yaml").write_text(manifests)
    arguments = ["prove", str(folder / "properties.yaml"), "-q"]
    return guarded(lambda: commands.app(arguments, standalone_mode=True))


@pytest.mark.parametrize("suite", [NAMED_PORT, LABELLED])
def test_what_only_the_suite_mentions_is_part_of_the_world(tmp_path: Path, suite: str) -> None:
    """A port's name, or labels of an external namespace, that no policy mentions: refuted, and the replay agrees."""
    assert ended(tmp_path, suite, MANIFESTS) == 1


def test_a_list_of_namespaces_is_encoded_whole(tmp_path: Path) -> None:
    """Slicing keeps the policies of every namespace of a list: those of b and c are what closes them."""
    assert ended(tmp_path, SEVERAL, MANIFESTS) == 0


def test_a_label_is_in_no_empty_set_of_values() -> None:
    assert Labels({}, "a pod", frozenset({"k"})).value_in("k", frozenset()).value is False


def test_a_model_says_nothing_of_variables_that_came_later() -> None:
    """The least counterexample may take a term for possible only if the model at hand was made with its variables."""
    terms = Terms()
    first, second = terms.variable("first"), terms.variable("second")
    solver = Solver(terms)
    assert solver.witness([first]) == "sat"
    assert solver.decides(first)
    assert not solver.decides(second)
    assert not solver.decides(terms.all_of((first, -second)))


def test_a_kustomization_file_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [k.yaml]\n")
    (tmp_path / "k.yaml").write_text(MANIFESTS)
    read = read_manifests([Entry(str(tmp_path))])
    assert len(read.modelled) == 4
    assert ["kustomization" in notice.message.lower() for notice in read.notices] == [True]
