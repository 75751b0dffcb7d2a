"""The list of boundaries: each value, edge and default of the policies is on it, under a name that lasts."""

from __future__ import annotations

from typing import Any

import pytest
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.verify.fuzz.boundaries import boundaries

Raw = dict[str, Any]


def listed(*specs: Raw, reading: bool | None = None) -> dict[str, list[str]]:
    """The sides of each boundary of policies in the namespace shop."""
    objects: list[WrittenObject] = []
    for number, spec in enumerate(specs):
        metadata = {"name": f"p{number}", "namespace": "shop"}
        version = "networking.k8s.io/v1"
        fields = written({"apiVersion": version, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}, 1)
        objects.append(WrittenObject("p.yaml", 1, version, "NetworkPolicy", "shop", f"p{number}", fields))
    found = boundaries(Manifests(tuple(objects)), ip_block_matches_pods=reading)
    ids = [each.id for each in found]
    assert len(set(ids)) == len(ids)
    return {each.id: [side.name for side in each.sides] for each in found}


def of_selector(requirement: Raw) -> dict[str, list[str]]:
    found = listed({"podSelector": {"matchExpressions": [requirement]}})
    place = "shop/p0 ingress.podSelector app"
    return {key.removeprefix(place): sides for key, sides in found.items() if key.startswith(place)}


@pytest.mark.parametrize(
    ("requirement", "points"),
    [
        ({"operator": "In", "values": ["a", "b"]}, ["=a", "=b", " absent", '=""', "=other"]),
        ({"operator": "NotIn", "values": ["other"]}, ["=other", " absent", '=""', "=other-2"]),
        ({"operator": "In", "values": [""]}, ['=""', " absent", "=other"]),
        ({"operator": "Exists"}, [" absent", '=""', "=other"]),
        ({"operator": "DoesNotExist"}, [" absent", '=""', "=other"]),
    ],
)
def test_a_requirement_has_each_value_absence_the_empty_value_and_another(requirement: Raw, points: list[str]) -> None:
    assert of_selector({"key": "app", **requirement}) == {point: ["inside", "outside"] for point in points}


def test_a_selector_without_requirements_has_pods_with_and_without_labels() -> None:
    found = listed({"podSelector": {}})
    assert found["shop/p0 ingress.podSelector {} without labels"] == ["inside"]
    assert found["shop/p0 ingress.podSelector {} with labels"] == ["inside"]


def test_directions_follow_the_defaults_of_policy_types() -> None:
    by_default = listed({"egress": []})
    assert by_default["shop/p0 egress not governed"] == ["outside"]
    assert by_default["shop/p0 ingress namespace"] == ["inside", "outside"]
    both = listed({"egress": [{}]})
    assert both["shop/p0 egress namespace"] == ["inside", "outside"]
    ignored = listed({"policyTypes": ["Egress"], "ingress": [{}]})
    assert ignored["shop/p0 ingress rules not in force"] == ["outside"]


def test_a_block_has_its_edges_those_of_its_exceptions_and_the_other_family() -> None:
    block = {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/16", "10.128.0.0/9"]}
    found = listed({"ingress": [{"from": [{"ipBlock": block}]}]})
    place = "shop/p0 ingress[0].from[0]"
    ends = {key.removeprefix(place): sides for key, sides in found.items() if key.startswith(f"{place} ")}
    assert ends == {
        " family": ["inside", "outside"],
        " family of pods": ["outside"],
        " 10.0.0.0/8 first": ["inside", "outside"],
        " 10.0.0.0/8 last": ["inside", "outside"],
        " except 10.0.0.0/16 first": ["outside"],
        " except 10.0.0.0/16 last": ["inside", "outside"],
        " except 10.128.0.0/9 first": ["inside", "outside"],
        " except 10.128.0.0/9 last": ["outside"],
    }


def test_beyond_all_addresses_there_is_nothing() -> None:
    found = listed({"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})
    edges = [sides for key, sides in found.items() if key.endswith((" first", " last"))]
    assert edges == [["inside"], ["inside"]]


@pytest.mark.parametrize(("reading", "sides"), [(True, ["inside"]), (False, ["outside"]), (None, None)])
def test_pods_in_a_block_are_a_boundary_where_the_reading_is_fixed(
    reading: bool | None, sides: list[str] | None
) -> None:
    found = listed({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}, reading=reading)
    assert found.get("shop/p0 ingress[0].from[0] pods") == sides


def test_a_port_has_its_ends_and_the_other_protocols() -> None:
    found = listed({"ingress": [{"ports": [{"port": 80, "endPort": 90, "protocol": "UDP"}, {}]}]})
    place = "shop/p0 ingress[0].ports"
    ends = {key.removeprefix(place): sides for key, sides in found.items() if key.startswith(f"{place}[")}
    both = ["inside", "outside"]
    assert ends == {
        **dict.fromkeys(("[0]", "[0] TCP", "[0] SCTP", "[0] first", "[0] last", "[1]", "[1] UDP", "[1] SCTP"), both),
        **{key: ["inside"] for key in ("[1] first", "[1] last")},
    }


def test_a_named_port_has_its_number_and_its_protocol() -> None:
    found = listed({"egress": [{"ports": [{"port": "web"}]}]})
    place = "shop/p0 egress[0].ports[0] web"
    names = {key.removeprefix(f"{place} ") for key in found if key.startswith(place)}
    other = {f"{verb} for {protocol}" for verb in ("declared", "asked") for protocol in ("UDP", "SCTP")}
    assert names == {"declared", "elsewhere", *other}


def test_a_peer_has_its_namespace_and_addresses() -> None:
    by_pod = {"podSelector": {"matchLabels": {"app": "web"}}}
    both = {**by_pod, "namespaceSelector": {"matchLabels": {"env": "prod"}}}
    found = listed({"ingress": [{"from": [by_pod, both]}]})
    assert found["shop/p0 ingress[0].from[0] own namespace"] == ["inside", "outside"]
    assert found["shop/p0 ingress[0].from[0] addresses"] == ["inside", "outside"]
    assert found["shop/p0 ingress[0].from[1] namespaces"] == ["inside", "outside"]
    assert found["shop/p0 ingress[0].from[1] both: pod alone"] == ["inside", "outside"]
    assert "shop/p0 ingress[0].from[0] namespaces" not in found


def test_the_name_of_a_namespace_is_never_absent() -> None:
    by_name = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    found = listed({"ingress": [{"from": [by_name]}]})
    place = "shop/p0 ingress[0].from[0].namespaceSelector kubernetes.io/metadata.name"
    assert [key.removeprefix(place) for key in found if key.startswith(place)] == ["=kube-system"]


def test_any_peer_and_any_port_have_each_kind() -> None:
    found = listed({"ingress": [{}]})
    assert found["shop/p0 ingress[0].from absent: own namespace"] == ["inside"]
    assert found["shop/p0 ingress[0].from absent: IPv6"] == ["inside"]
    assert found["shop/p0 ingress[0].ports absent: SCTP"] == ["inside"]


def test_rules_have_their_peers_with_the_ports_of_each_other() -> None:
    one, two = (
        {"from": [{"podSelector": {"matchLabels": {"app": name}}}], "ports": [{"port": number}]}
        for name, number in (("web", 80), ("api", 443))
    )
    found = listed({"ingress": [one]}, {"ingress": [two]})
    assert found["shop/p0 ingress[0] with ports of shop/p1 ingress[0]"] == ["outside"]
    assert found["shop/p0 ingress[0] together: peers"] == ["inside", "outside"]


def test_readings_that_say_the_same_are_not_listed() -> None:
    found = listed({"podSelector": {}, "ingress": [{}]})
    assert "reading: any port means TCP" in found
    assert "reading: NotIn needs the label" not in found
    assert "reading: only the first policy that selects a pod counts" not in found
