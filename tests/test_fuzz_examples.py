"""The example evaluators are right wherever they answer, and answer where they should."""

from __future__ import annotations

import re
import shlex
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random

import pytest
from evaluators_support import LONG, pod
from netpol_verify.verify.fuzz.drawing.clusters import clusters
from netpol_verify.verify.fuzz.drawing.flows import flows
from netpol_verify.verify.fuzz.drawing.one import draw_one
from netpol_verify.verify.fuzz.evaluators import evaluator_from, until_done
from netpol_verify.verify.fuzz.features import FEATURES
from netpol_verify.verify.fuzz.judge import Judge
from netpol_verify.verify.fuzz.model import Answer, Cluster, Evaluator, Flow, Raw

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples" / "evaluators"
SHELL = shlex.quote(str(FOLDER / "default-deny.sh"))
PYTHON = shlex.join((sys.executable, str(FOLDER / "match_labels.py")))
UNKNOWN_TO_PYTHON = (
    *("ip-block", "except", "match-expressions", "end-port", "named-port", "null-rule", "null-list"),
    *("host-network", "list-kind"),
)
CLUSTERS = 30
FLOWS = 12


def drawn(number: int, without: Collection[str]) -> tuple[Cluster, tuple[Flow, ...]]:
    """A cluster and flows over it."""
    cluster = draw_one(clusters(without=without), f"example {number}")
    strategy = flows(cluster, without=without)
    return cluster, tuple(dict.fromkeys(draw_one(strategy, f"example {number}/{each}") for each in range(FLOWS)))


def default_deny(cluster: Cluster, seed: int) -> Cluster:
    """The cluster with policies that select every pod and have no rule."""
    random = Random(seed)
    return Cluster(tuple(_without_rules(each, random) for each in cluster.objects), cluster.layout)


def _without_rules(written: Raw, random: Random) -> Raw:
    if written["kind"] != "NetworkPolicy":
        return written
    types = random.choice([["Ingress"], ["Egress"], ["Ingress", "Egress"]])
    rules: Raw = {"ingress": []} if random.random() < 0.5 else {}
    return {**written, "spec": {"podSelector": {}, "policyTypes": types, **rules}}


def answers(evaluator: Evaluator, asked: Iterator[tuple[Cluster, tuple[Flow, ...]]]) -> Counter[str]:
    """What it says how often; every answer must be right."""
    said: Counter[str] = Counter()
    for cluster, asked_flows in asked:
        judge = Judge(cluster)
        for flow, answer in zip(asked_flows, evaluator.answers(cluster, asked_flows), strict=True):
            said[str(answer.allowed) if answer.unsupported is None else answer.unsupported] += 1
            assert answer.allowed is None or answer.allowed in judge.truth(flow), (cluster.files(), flow, answer)
    return said


def test_the_example_in_shell_is_right_about_policies_without_rules() -> None:
    without = ("host-network", "default-namespace", "default-policy-types", "null-list", "list-kind")
    cases = ((default_deny(cluster, number), asked) for number, (cluster, asked) in enumerate(_cases(without)))
    with until_done(evaluator_from(SHELL, LONG)) as evaluator:
        said = answers(evaluator, cases)
    assert said.keys() == {"True", "False"}
    assert min(said.values()) > 20


def test_the_example_in_python_is_right_about_labels_and_ports() -> None:
    with until_done(evaluator_from(PYTHON, LONG)) as evaluator:
        said = answers(evaluator, _cases(UNKNOWN_TO_PYTHON))
    assert said.keys() == {"True", "False"}
    assert min(said.values()) > 20


@pytest.mark.parametrize("command", [SHELL, f"serve:{PYTHON}"])
def test_an_example_is_right_or_says_unsupported_whatever_it_is_asked(command: str) -> None:
    """Reasons are features where there is one."""
    with until_done(evaluator_from(command, LONG)) as evaluator:
        said = answers(evaluator, _cases(()))
    assert said.keys() <= FEATURES.keys() | {"True", "False", "a selector or a rule"}
    assert sum(said.values()) - said["True"] - said["False"] > 20


def test_once_asked_or_serving_the_example_in_python_says_the_same() -> None:
    with until_done(evaluator_from(f"serve:{PYTHON}", LONG)) as serving:
        assert serving.name == "match_labels"
        once = evaluator_from(f"{PYTHON} {{}}", LONG)
        for number in range(3):
            cluster, asked = drawn(number, ())
            assert list(serving.answers(cluster, asked)) == list(once.answers(cluster, asked))


REFUSED: list[tuple[Raw, str]] = [
    ({"podSelector": {"matchLabels": {"a": "b"}}, "policyTypes": ["Ingress"]}, "a selector or a rule"),
    ({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}, "a selector or a rule"),
    ({"podSelector": None, "policyTypes": ["Ingress"]}, "a selector or a rule"),
    ({"podSelector": {}, "policyTypes": []}, "a selector or a rule"),
    ({}, "a selector or a rule"),
    ({"podSelector": {}}, "default-policy-types"),
]


@pytest.mark.parametrize(("spec", "reason"), REFUSED)
def test_the_example_in_shell_refuses_what_it_does_not_know(spec: Raw, reason: str) -> None:
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "policy", "namespace": "shop"},
        "spec": spec,
    }
    web, db = pod("shop", "web", "10.0.0.1"), pod("shop", "db", "10.0.0.2")
    asked = (Flow("shop/web", "shop/db", "TCP", 80),)
    with until_done(evaluator_from(SHELL, LONG)) as evaluator:
        assert list(evaluator.answers(Cluster.of([web, policy, db]), asked)) == [Answer(None, reason)]


def test_the_product_itself_speaks_the_protocol() -> None:
    command = f"{shlex.quote(sys.executable)} -m netpol_verify evaluate --flows - -o json -f"
    cluster, asked = drawn(3, UNKNOWN_TO_PYTHON)
    judge = Judge(cluster)
    with until_done(evaluator_from(command, LONG)) as evaluator:
        said = evaluator.answers(cluster, asked)
    assert all(answer.allowed in judge.truth(flow) for flow, answer in zip(asked, said, strict=True))


def test_the_page_of_the_protocol_names_every_feature() -> None:
    page = (ROOT / "docs" / "fuzz-protocol.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", page, re.MULTILINE))
    assert {name: meaning for name, meaning in rows.items() if name in FEATURES} == FEATURES


def _cases(without: Collection[str]) -> Iterator[tuple[Cluster, tuple[Flow, ...]]]:
    return (drawn(number, without) for number in range(CLUSTERS))
