"""Forms in which cluster-wide policies and nodes can be written, named for counting (see ``admin_coverage``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from .admin import is_admin
from .policies import DIRECTIONS, Direction
from .raw import Raw, mapping, sequence

_SIDES: dict[Direction, str] = {"ingress": "from", "egress": "to"}
IN_OBJECTS = (
    *(f"kind: {name}" for name in ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy")),
    *(f"kind: ClusterNetworkPolicy of tier {tier}" for tier in ("Admin", "Baseline")),
    "BaselineAdminNetworkPolicy alone",
    "BaselineAdminNetworkPolicy beside Baseline ClusterNetworkPolicies",
    "several Baseline ClusterNetworkPolicies",
    "Admin tier of both versions",
    *(f"rules: {state}" for state in ("absent", "null", "empty", "one", "several")),
    *(f"subject: {form}" for form in ("namespaces", "pods")),
    "pods without namespaceSelector",
    *(f"peer: {form}" for form in ("namespaces", "pods", "networks", "nodes", "domainNames", "wildcard")),
    "peer: every pod",
    "peer: every node",
    *(f"networks: {what}" for what in ("0.0.0.0/0", "IPv6", "one address", "host bits")),
    *(f"ports: {state}" for state in ("absent", "null")),
    *(f"v1alpha1: {form}" for form in ("number", "range", "range of one", "range of none", "name")),
    *(f"v1alpha1: protocol {state}" for state in ("absent", "null", "written")),
    *(f"v1alpha2: {form}" for form in ("number", "range", "name", "name beside networks")),
    *(f"Node: {what}" for what in ("no address", "IPv4", "IPv6", "several of a family", "a name among its addresses")),
    *(f"in the host's network: {where}" for where in ("anywhere", "on a declared node", "on an undeclared one")),
    "in the host's network: address told",
    "in the pod network: on a declared node",
    "unmodelled policy",
    "no NetworkPolicy",
)


def in_objects(manifests: Manifests) -> Iterator[str]:
    """What is written."""
    policies = [item for item in manifests.modelled if is_admin(item)]
    for item in policies:
        tier = mapping(item.fields, "spec").get("tier")
        yield f"kind: {item.kind}" + (f" of tier {tier}" if tier else "")
        yield from _in_policy(item)
    baseline = [item for item in policies if _tier(item) == "Baseline"]
    old = any(item.kind == "BaselineAdminNetworkPolicy" for item in baseline)
    if old:
        several = len(baseline) > 1
        yield f"BaselineAdminNetworkPolicy {'beside Baseline ClusterNetworkPolicies' if several else 'alone'}"
    if len(baseline) - old > 1:
        yield "several Baseline ClusterNetworkPolicies"
    if len({item.kind for item in policies if _tier(item) == "Admin"}) > 1:
        yield "Admin tier of both versions"
    if manifests.unmodelled:
        yield "unmodelled policy"
    if not any(item.kind == "NetworkPolicy" for item in manifests.modelled):
        yield "no NetworkPolicy"
    nodes = {item.name for item in manifests.modelled if item.kind == "Node"}
    for item in manifests.modelled:
        if item.kind == "Node":
            yield from _in_node(item)
        elif not is_admin(item) and item.kind not in ("Namespace", "NetworkPolicy"):
            yield from _in_workload(item, nodes)


def peer_forms(rule: Raw, direction: Direction) -> list[str]:
    """The form of each peer of a rule."""
    return [_peer_form(peer) for peer in sequence(rule, _SIDES[direction])]


def port_forms(rule: Raw) -> list[str]:
    """The forms of a rule's ports."""
    entries = sequence(rule, "ports") + sequence(rule, "protocols")
    return [_port_form(entry)[0] for entry in entries] or ["absent"]


def _peer_form(peer: Raw) -> str:
    if peer.get("domainNames"):
        return "wildcard" if any(name.startswith("*.") for name in peer["domainNames"]) else "domainNames"
    (form,) = (form for form in ("namespaces", "pods", "networks", "nodes") if peer.get(form) is not None)
    return form


def _port_form(entry: Raw) -> tuple[str, Raw]:
    """number, range or name, and the mapping that says which."""
    ((key, value),) = entry.items()
    if isinstance(value, str):
        return "name", {}
    if key in ("portNumber", "portRange"):
        return ("number" if key == "portNumber" else "range"), value
    port = mapping(value, "destinationPort")
    return ("range", mapping(port, "range")) if port.get("range") else ("number", port)


def _tier(item: WrittenObject) -> str:
    own = {"AdminNetworkPolicy": "Admin", "BaselineAdminNetworkPolicy": "Baseline"}
    return own.get(item.kind) or mapping(item.fields, "spec")["tier"]


def _in_policy(item: WrittenObject) -> Iterator[str]:
    spec = mapping(item.fields, "spec")
    yield f"subject: {'pods' if mapping(spec, 'subject').get('pods') else 'namespaces'}"
    yield from _in_chosen(mapping(spec, "subject"))
    for direction in DIRECTIONS:
        rules: Any = spec.get(direction)
        if rules:
            yield f"rules: {'one' if len(rules) == 1 else 'several'}"
        else:
            yield f"rules: {'absent' if direction not in spec else 'null' if rules is None else 'empty'}"
        for rule in rules or ():
            version = "v1alpha2" if item.kind == "ClusterNetworkPolicy" else "v1alpha1"
            yield from _in_ports(rule, version)
            for peer, form in zip(sequence(rule, _SIDES[direction]), peer_forms(rule, direction), strict=True):
                yield f"peer: {form}"
                yield from _in_peer(peer)
                if form == "networks" and version == "v1alpha2" and "name" in port_forms(rule):
                    yield "v1alpha2: name beside networks"


def _in_chosen(raw: Raw) -> Iterator[str]:
    if raw.get("pods") and raw["pods"].get("namespaceSelector") is None:
        yield "pods without namespaceSelector"


def _in_peer(peer: Raw) -> Iterator[str]:
    yield from _in_chosen(peer)
    if peer.get("namespaces") is not None and not any(peer["namespaces"].values()):
        yield "peer: every pod"
    if peer.get("nodes") is not None and not any(peer["nodes"].values()):
        yield "peer: every node"
    for cidr in sequence(peer, "networks"):
        if ":" in cidr:
            yield "networks: IPv6"
        if cidr == "0.0.0.0/0":
            yield "networks: 0.0.0.0/0"
        if cidr.endswith("/32") and ":" not in cidr:
            yield "networks: one address"
        if cidr == "203.0.113.9/24":
            yield "networks: host bits"


def _in_ports(rule: Raw, version: str) -> Iterator[str]:
    field = "protocols" if version == "v1alpha2" else "ports"
    if rule.get(field) is None:
        yield f"ports: {'null' if field in rule else 'absent'}"
    for entry in sequence(rule, field):
        form, bounds = _port_form(entry)
        if version == "v1alpha1" and form != "name":
            known = "protocol" in bounds
            yield f"v1alpha1: protocol {'absent' if not known else 'null' if bounds['protocol'] is None else 'written'}"
        if version == "v1alpha1" and form == "range" and bounds["start"] >= bounds["end"]:
            form = "range of one" if bounds["start"] == bounds["end"] else "range of none"
        yield f"{version}: {form}"


def _in_node(item: WrittenObject) -> Iterator[str]:
    entries = sequence(mapping(item.fields, "status"), "addresses")
    texts = [entry["address"] for entry in entries if entry["type"] != "Hostname"]
    old = [text for text in texts if ":" not in text]
    if not texts:
        yield "Node: no address"
    if len(entries) > len(texts):
        yield "Node: a name among its addresses"
    if old:
        yield "Node: IPv4"
    if len(old) < len(texts):
        yield "Node: IPv6"
    if len(old) > 1:
        yield "Node: several of a family"


def _in_workload(item: WrittenObject, nodes: set[str]) -> Iterator[str]:
    pod = mapping(item.fields, "spec") if item.kind == "Pod" else mapping(item.fields, "spec", "template", "spec")
    place = pod.get("nodeName")
    where = "anywhere" if place is None else "on a declared node" if place in nodes else "on an undeclared one"
    if pod.get("hostNetwork"):
        yield f"in the host's network: {where}"
        if mapping(item.fields, "status").get("podIP"):
            yield "in the host's network: address told"
    elif place in nodes:
        yield "in the pod network: on a declared node"
