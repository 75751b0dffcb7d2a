"""How evidence reads: what a proof rests on, and what a counterexample stands for."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.verify.classes.model import ConnectionClass, EndClass, LabelCondition, NameCondition
from netpol_verify.verify.engine import Options
from netpol_verify.verify.reports.class_words import class_text
from netpol_verify.verify.reports.words import proof
from netpol_verify.verify.results import PropertyResult
from support import result_of

SHOP = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-allow, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: backup}}
      ports: [{port: 5432, endPort: 5440}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: metrics, namespace: shop}
spec:
  podSelector: {matchExpressions: [{key: metrics, operator: Exists}]}
  ingress:
    - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
      ports: [{port: metrics, protocol: UDP}, {protocol: SCTP}]
    - ports: [{port: 9090}]
"""
DB: dict[str, Any] = {"namespace": "shop", "pods": "app=db"}
WEB: dict[str, Any] = {"namespace": "shop", "pods": "app=web"}


def lines(result: PropertyResult) -> list[str]:
    return [proof(line).replace("manifests.yaml", "m.yaml").split(" (/")[0] for line in result.because]


def test_a_refusal_names_what_isolates_and_what_it_had_to_read() -> None:
    result = result_of(SHOP, {"never": {"from": WEB, "to": DB, "ports": ["TCP/5432"]}}, groups={})
    assert result.verdict == "proved"
    (isolates, read) = lines(result)
    assert isolates.startswith(
        "shop/db-allow isolates {namespace: shop, pods: app=db}, admits only app=api or every pod in namespace backup "
        "on TCP 5432-5440 (others isolate it too)"
    )
    assert read.startswith(
        "shop/metrics admits only 10.0.0.0/8 except 10.1.0.0/16 on UDP metrics or SCTP or anything on TCP 9090"
    )
    assert [line.effect for line in result.because] == ["isolates", "read"]


def test_a_policy_without_rules_isolates_and_needs_no_reading() -> None:
    result = result_of(SHOP, {"defaultDeny": {"for": {"namespace": "shop"}, "directions": ["ingress"]}})
    assert [(line.policy, line.effect, line.redundant) for line in result.because] == [
        ("shop/default-deny", "isolates", False)
    ]


def test_where_ignorance_lets_through_the_rule_that_admits_is_the_evidence() -> None:
    """An unmodelled policy may let anything in, so the default denial rests on the rule that admits everything."""
    calico = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: c, namespace: a}\nspec: {}\n---\n"
    whole = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: open, namespace: a}\n"
    deny: dict[str, Any] = {"for": {"namespace": "a"}, "directions": ["ingress"]}
    result = result_of(f"{calico}{whole}spec: {{podSelector: {{}}, ingress: [{{}}]}}\n", {"defaultDeny": deny})
    assert result.verdict == "proved"
    assert [(line.policy, line.effect, line.detail) for line in result.because] == [
        ("a/open", "read", "admits anything")
    ]


def test_a_permission_names_the_rules_that_allow_and_the_end_nobody_isolates() -> None:
    api = {"namespace": "shop", "pods": "app=api"}
    result = result_of(SHOP, {"always": {"from": api, "to": DB, "ports": ["TCP/5432"]}})
    assert result.verdict == "proved"
    assert [(line.direction, line.policy, line.rule, line.effect) for line in result.because] == [
        ("egress", None, None, "not-isolated"),
        ("ingress", "shop/db-allow", 0, "allows"),
    ]
    assert lines(result)[0] == "no policy isolates the source"


def test_what_holds_by_itself_rests_on_nothing() -> None:
    """Where everybody is listed, no policy is needed to keep the others out."""
    result = result_of(SHOP, {"only": {"to": DB, "from": [{"who": {"any": True}}]}})
    assert result.verdict == "proved"
    assert result.because == ()


def test_a_class_is_as_wide_as_the_violation() -> None:
    """The port range, the source's label and the namespaces matter, and nothing else of the witness."""
    result = result_of(
        SHOP,
        {"never": {"from": {"namespace": "shop"}, "to": DB, "ports": ["TCP/1-9000"]}},
        options=Options(all_classes=True),
    )
    assert result.class_ == (
        "any pod with app=api in namespace shop → any pod with app=db in namespace shop, TCP/5432-5440"
    )
    assert result.classes is not None
    assert [each.text for each in result.classes] == [result.class_]
    assert result.classes_complete


def pods(**conditions: Any) -> EndClass:
    return EndClass(kinds=("pod",), **conditions)


ANYTHING = EndClass()
ALL = ("TCP", "UDP", "SCTP")
BOTH = ("IPv4", "IPv6")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (
            ConnectionClass(
                pods(namespaces=NameCondition(names=("shop",)), labels=(LabelCondition("app", ("web",), (), False),)),
                pods(namespaces=NameCondition(excluded=("a", "b"))),
                *(("TCP",), 5432, 5432, BOTH, (), None),
            ),
            "any pod with app=web in namespace shop → any pod in any namespace but a, b, TCP/5432",
        ),
        (
            ConnectionClass(
                EndClass(kinds=("external",), networks=("10.0.0.0/8",), outside=("10.1.2.3/32",)),
                pods(
                    declared=False,
                    labels=(
                        LabelCondition("tier", None, ("a", "b"), False),
                        LabelCondition("x", (), (), True),
                        LabelCondition("y", ("1", "2"), (), True),
                    ),
                ),
                *(("TCP", "UDP"), 53, 60, ("IPv4",), (("team", False),), True),
            ),
            "any outside address in 10.0.0.0/8 not in 10.1.2.3 → any undeclared pod with "
            "tier notin (a,b),tier,!x,(y in (1,2) or !y) in any namespace, TCP or UDP on 53-60, "
            "the team labels of their namespaces differ, over IPv4, if ipBlock matches pods",
        ),
        (
            ConnectionClass(
                EndClass(kinds=("pod", "node")),
                pods(
                    workloads=NameCondition(names=("shop/Deployment/db",)),
                    declares=(("TCP", "pg", True), ("UDP", "pg", False)),
                    namespace_labels=(LabelCondition("env", ("dev",), (), False),),
                ),
                *(ALL, 1, 65535, BOTH, (), False),
            ),
            "any pod in any namespace or any node → any pod of shop/Deployment/db with the port's name pg (TCP) and "
            "no port name pg (UDP) for it in any namespace with env=dev, any port, if ipBlock does not match pods",
        ),
    ],
)
def test_a_class_in_words(condition: ConnectionClass, text: str) -> None:
    assert class_text(condition) == text


def test_a_default_deny_class_is_about_one_end() -> None:
    shop = pods(namespaces=NameCondition(names=("shop",)))
    assert class_text(ConnectionClass(ANYTHING, shop, ALL, 1, 65535, BOTH, (), None), "ingress") == (
        "any pod in namespace shop (ingress), any port"
    )
    assert class_text(ConnectionClass(shop, ANYTHING, ALL, 1, 65535, BOTH, (), None), "egress") == (
        "any pod in namespace shop (egress), any port"
    )


def test_many_namespaces_are_counted_rather_than_listed() -> None:
    names = tuple(f"n{number}" for number in range(9))
    text = class_text(
        ConnectionClass(pods(namespaces=NameCondition(names=names)), ANYTHING, ALL, 1, 65535, BOTH, (), None)
    )
    assert text == "any pod in one of the namespaces n0, n1, n2, n3, n4 and 4 more → anything, any port"
