"""Corners that have bitten other tools, each proved or refuted through the whole of ``prove``.

Every refutation here is also replayed by the concrete evaluator on the way, so a corner that one of the two evaluators
read otherwise would fail. Each case: a policy in namespace ``a`` (or several), a property, the verdict.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.validation import validate
from support import manifests_of, result_of

IN_A = {"namespace": "a"}
ANYONE = {"any": True}
POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}


def policy(spec: dict[str, Any] | None, name: str = "p", namespace: str = "a") -> str:
    metadata = {"name": name, "namespace": namespace}
    fields = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    return yaml.safe_dump(fields, sort_keys=False)


def pod(name: str, labels: dict[str, str], ports: list[dict[str, Any]], **spec: Any) -> str:
    containers = [{"name": "c", "image": "i", "ports": ports}]
    metadata = {"name": name, "namespace": "a", "labels": labels}
    return yaml.safe_dump({**POD, "metadata": metadata, "spec": {"containers": containers, **spec}})


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": [*values]} if values else {})}]}


def verdict(manifests: str, verb: dict[str, Any], **rest: Any) -> str:
    assert not validate(manifests_of(manifests).modelled)[0]
    return result_of(manifests, verb, **rest).verdict


def never(source: Any, destination: Any, *ports: Any) -> dict[str, Any]:
    return {"never": {"from": source, "to": destination, **({"ports": [*ports]} if ports else {})}}


def starts_denied(selector: str) -> dict[str, Any]:
    return {"defaultDeny": {"for": {"namespace": "a", "pods": selector}, "directions": ["ingress"]}}


def admits(rule: Any, **spec: Any) -> str:
    return policy({"podSelector": {}, "ingress": [rule], **spec})


FROM_LABELLED = {"from": [{"podSelector": {"matchLabels": {"k": ""}}}]}
NAMED_WEB = {"ports": [{"port": "web"}]}
SERVES_UDP_WEB = pod("s", {"app": "s"}, [{"name": "web", "protocol": "UDP", "containerPort": 53}])
TO_NAMED = policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": [NAMED_WEB]})
RANGE = admits({"ports": [{"port": 8000, "endPort": 8010}]})
EXCEPT = admits({"from": [{"ipBlock": {"cidr": "10.0.0.5/8", "except": ["10.1.0.0/16"]}}]})
V4_ONLY = admits({"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})
PORTS_AND_PEERS = policy(
    {
        "podSelector": {},
        "ingress": [
            {"from": [{"podSelector": {"matchLabels": {"app": "x"}}}], "ports": [{"port": 80}]},
            {"from": [{"podSelector": {"matchLabels": {"app": "z"}}}], "ports": [{"port": 443}]},
        ],
    }
)


@pytest.mark.parametrize(
    ("manifests", "verb", "expected"),
    [
        pytest.param(
            policy({"podSelector": expression("k", "NotIn", "v")}),
            starts_denied("!k"),
            "proved",
            id="NotIn holds of an absent key",
        ),
        pytest.param(
            policy({"podSelector": expression("k", "DoesNotExist")}),
            starts_denied("!k"),
            "proved",
            id="DoesNotExist holds of an absent key",
        ),
        pytest.param(
            policy({"podSelector": expression("k", "In", "v")}),
            starts_denied("!k"),
            "refuted",
            id="In does not hold of an absent key",
        ),
        pytest.param(
            policy({"podSelector": {"matchLabels": {"k": ""}}}),
            starts_denied("!k"),
            "refuted",
            id="an empty value is not an absent key",
        ),
        pytest.param(
            admits(FROM_LABELLED),
            never({**IN_A, "pods": "!k"}, IN_A),
            "proved",
            id="a peer with an empty value needs the key",
        ),
        pytest.param(
            policy({"podSelector": {}, "egress": []}),
            {"can": {"from": IN_A, "to": {"namespace": "b"}}},
            "proved",
            id="egress: [] without policyTypes does not isolate",
        ),
        pytest.param(admits(None), never(ANYONE, IN_A), "refuted", id="a null rule admits everything"),
        pytest.param(policy(None), never(ANYONE, IN_A), "proved", id="no spec denies all ingress"),
        pytest.param(admits({"ports": [{}]}), never(ANYONE, IN_A, "UDP/53"), "proved", id="ports: [{}] admits no UDP"),
        pytest.param(
            admits({"ports": [{}]}),
            {"always": {"from": ANYONE, "to": IN_A, "ports": ["TCP/1-65535"]}},
            "proved",
            id="ports: [{}] admits all TCP",
        ),
        pytest.param(
            admits(NAMED_WEB) + "---\n" + SERVES_UDP_WEB,
            never(ANYONE, {"workload": "a/s"}),
            "proved",
            id="a named port with the wrong protocol never matches",
        ),
        pytest.param(
            TO_NAMED,
            never(IN_A, {"cidr": "192.0.2.0/24"}),
            "proved",
            id="a named port does not lead out of the cluster",
        ),
        pytest.param(
            TO_NAMED, never(IN_A, {"namespace": "b"}, "TCP/web"), "refuted", id="a named port of any pod, with empty to"
        ),
        pytest.param(
            RANGE,
            {"always": {"from": ANYONE, "to": IN_A, "ports": [8000, 8010]}},
            "proved",
            id="endPort includes both ends",
        ),
        pytest.param(RANGE, never(ANYONE, IN_A, 7999, 8011), "proved", id="endPort ends there"),
        pytest.param(
            EXCEPT,
            {"always": {"from": {"cidr": "10.200.0.0/16"}, "to": IN_A, "ports": [80]}},
            "proved",
            id="host bits of a CIDR are masked",
        ),
        pytest.param(EXCEPT, never({"cidr": "10.1.0.0/16"}, IN_A), "proved", id="except subtracts"),
        pytest.param(V4_ONLY, never({"cidr": "::/0"}, IN_A), "proved", id="an IPv4 block holds no IPv6 address"),
        pytest.param(
            policy({"podSelector": {}, "policyTypes": ["Egress"], "ingress": [{}]}),
            starts_denied("!none"),
            "refuted",
            id="ingress rules do not isolate where only Egress is governed",
        ),
        pytest.param(
            policy({"podSelector": {}}) + "---\n" + policy({"podSelector": {}, "policyTypes": ["Egress"]}, "q"),
            {"defaultDeny": {"for": IN_A}},
            "proved",
            id="two documents of one file both count",
        ),
        pytest.param(
            PORTS_AND_PEERS,
            never({**IN_A, "pods": "app=x"}, IN_A, 443),
            "proved",
            id="ports of one rule do not join peers of another",
        ),
        pytest.param(
            PORTS_AND_PEERS,
            never({**IN_A, "pods": "app in (x,z)"}, IN_A, 443),
            "refuted",
            id="ports and peers of one rule do join",
        ),
        pytest.param(
            policy({"podSelector": {}}) + "---\n" + pod("h", {"app": "h"}, [], hostNetwork=True),
            {"never": {"from": ANYONE, "to": {"workload": "a/h"}}},
            "vacuous",
            id="a pod in the host's network is no end",
        ),
        pytest.param(
            admits({"from": [{"podSelector": {}}]}),
            never({"namespace": "b"}, IN_A),
            "proved",
            id="a podSelector peer is of the policy's namespace",
        ),
        pytest.param(
            policy({"podSelector": {**expression("k", "Exists"), "matchLabels": {}}}),
            starts_denied("k"),
            "proved",
            id="Exists holds of any value",
        ),
        pytest.param(
            policy(
                {
                    "podSelector": {
                        "matchExpressions": [
                            {"key": "k", "operator": "Exists"},
                            {"key": "k", "operator": "NotIn", "values": ["v", "w"]},
                        ]
                    }
                }
            ),
            starts_denied("k notin (v,w),k"),
            "proved",
            id="a key may carry a value that nobody mentions",
        ),
    ],
)
def test_corner(manifests: str, verb: dict[str, Any], expected: str) -> None:
    assert verdict(manifests, verb) == expected


def test_three_port_ranges_shared_by_two_peers_stay_apart() -> None:
    """One peer's further range does not leak to the other."""
    shared = [{"port": first, "endPort": first + 9} for first in (10, 30, 50)]
    rules = [
        {
            "from": [{"podSelector": {"matchLabels": {"app": app}}}],
            "ports": [*shared, {"port": own, "endPort": own + 9}],
        }
        for app, own in (("x", 70), ("z", 90))
    ]
    manifests = policy({"podSelector": {}, "ingress": rules})
    assert verdict(manifests, never({**IN_A, "pods": "app=x"}, IN_A, "TCP/90-99")) == "proved"
    assert (
        verdict(manifests, {"always": {"from": {**IN_A, "pods": "app=z"}, "to": IN_A, "ports": ["TCP/90-99"]}})
        == "proved"
    )


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"from": [{"podSelector": None}]}, "must specify a peer"),
    ({"ports": [{"port": "80"}]}, "at least one letter"),
    ({"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}}]}, "strict subset"),
    ({"from": [{"serviceAccountSelector": {}}]}, "unknown field"),
]


@pytest.mark.parametrize(("rule", "says"), REFUSED)
def test_what_the_api_server_refuses_is_refused(rule: dict[str, Any], says: str) -> None:
    problems, _ = validate(manifests_of(admits(rule)).modelled)
    assert any(says in problem.message for problem in problems)


def test_lists_are_expanded(tmp_path: Any) -> None:
    """A ``List`` holds the policies as a file of documents would."""
    items = [yaml.safe_load(policy({"podSelector": {}}, name)) for name in ("p", "q")]
    path = tmp_path / "list.yaml"
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}))
    assert read_manifests([Entry(str(path))]).counts == {"NetworkPolicy": 2}


def test_a_missing_file_is_bad_input() -> None:
    with pytest.raises(InputErrors):
        read_manifests([Entry("no-such-folder")])
