"""Random properties and worlds for clusters with cluster-wide policies: drawn blindly as for others, or aimed at what
the policies say, so that proofs are not rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.loading import LoadedProperty

from .addresses import canonical
from .admin import is_admin
from .admin_clusters import NODE_VALUES
from .aimed import aimed_default_deny, aimed_ends, aimed_isolate, aimed_only, edges_of, policies_in, suite_form
from .clusters import NOTHING, labels, weighted
from .properties import blind_bodies, fitting, loaded, ports
from .raw import Raw, mapping, sequence
from .worlds import worlds

BINDINGS: tuple[dict[str, list[str]], ...] = (
    {"*.example.com": ["203.0.113.0/24"]},
    {"api.example.com": ["203.0.113.7/32"]},
    {"api.example.com": ["203.0.113.7/32"], "*.example.com": ["203.0.113.0/24", "2001:db8::/32"]},
    {"www.example.com": ["203.0.113.7/32", "10.244.0.5/32"]},
    {"*.api.example.com": ["2001:db8::/32"]},
)


@st.composite
def admin_worlds(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """A whole world, with nodes and domain names now and then."""
    world = draw(worlds(manifests))
    nodes: list[Raw] = []
    if draw(weighted((3, False), (1, True))):
        addresses = draw(st.sampled_from(([], ["10.1.0.77"], ["10.1.0.77", "fd00:1::77"])))
        nodes.append({"name": "node-w", "labels": draw(labels(("m1",), NODE_VALUES)), "addresses": addresses})
    pods = draw(weighted((8, "open"), (1, "closed"), (1, "mixed")))
    return {
        **world,
        "pods": pods,
        "nodes": nodes,
        "domains": draw(weighted((3, {}), (2, draw(st.sampled_from(BINDINGS))))),
    }


def admin_policies_in(manifests: Manifests) -> list[WrittenObject]:
    """The cluster-wide policies that a property can be aimed at."""
    return [item for item in manifests.modelled if is_admin(item)]


def chosen_group(raw: Raw) -> Raw:
    """A subject, or a peer of form namespaces or pods, as a group."""
    spaces = mapping(raw, "pods", "namespaceSelector") if raw.get("pods") else mapping(raw, "namespaces")
    group = {"namespaces": suite_form(spaces), "pods": suite_form(mapping(raw, "pods", "podSelector"))}
    return {key: form for key, form in group.items() if form}


def peer_group(raw: Raw) -> Raw:
    """What a peer matches, or something like it, as a group."""
    if raw.get("networks"):
        return {"cidr": canonical(raw["networks"][0])}
    if raw.get("nodes") is not None:
        return {"node": True}
    if raw.get("domainNames"):
        return {"cidr": "203.0.113.0/24"}
    return chosen_group(raw)


def ports_of(rule: Raw) -> list[str]:
    """A rule's ports as a suite has them; empty if it has none, or none that a suite can say."""
    found: list[str] = []
    for entry in sequence(rule, "ports") + sequence(rule, "protocols"):
        ((form, value),) = entry.items()
        if form in ("namedPort", "destinationNamedPort"):
            found.append(f"TCP/{value}")
            continue
        protocol = value.get("protocol") or "TCP" if form.startswith("port") else form.upper()
        port = value if form.startswith("port") else mapping(value, "destinationPort")
        bounds = port.get("range") or port
        number = port.get("port") or port.get("number")
        first, last = (number, number) if number else (bounds["start"], bounds["end"])
        if first <= last:
            found.append(f"{protocol}/{first}" if first == last else f"{protocol}/{first}-{last}")
    return found


@st.composite
def admin_ends(draw: st.DrawFn, manifests: Manifests, verb: str) -> Raw:
    """never, always or can about what one rule is about, at its ports or just beside them."""
    ruled = [
        (mapping(policy.fields, "spec", "subject"), side, rule)
        for policy in admin_policies_in(manifests)
        for section, side in (("ingress", "from"), ("egress", "to"))
        for rule in sequence(mapping(policy.fields, "spec"), section) or [NOTHING]
    ]
    # What a rule denies never gets through, and what one accepts always does, as far as that rule goes.
    fitting_rules = [each for each in ruled if (each[2].get("action") == "Deny") is (verb == "never")]
    fits = draw(weighted((3, True), (1, False)))
    about_names = [each for each in ruled if any(peer.get("domainNames") for peer in sequence(each[2], each[1]))]
    chosen = fitting_rules if fitting_rules and fits else ruled
    if about_names and draw(weighted((1, True), (1, False))):
        chosen = about_names
    subject, side, rule = draw(st.sampled_from(chosen))
    far: Any = [peer_group(peer) for peer in sequence(rule, side)] or [{}]
    if draw(weighted((4, False), (1, True))):
        far = [{"any": True}]
    listed: list[Any] = ports_of(rule)
    edges = [edge for port in listed for edge in edges_of(port)]
    if edges and draw(st.booleans()):
        listed = [draw(st.sampled_from(edges))]
    ends: Raw = {"from": chosen_group(subject), "to": far}
    ends = ends if side == "to" else {"from": ends["to"], "to": ends["from"]}
    if verb == "always" or (listed and draw(weighted((3, True), (1, False)))):
        ends["ports"] = listed or draw(ports())
    return ends


@st.composite
def admin_only(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """Only what the policies let through, or nearly so, reaches (or is reached by) the subject of one."""
    policy = draw(st.sampled_from(admin_policies_in(manifests)))
    section, side = draw(st.sampled_from((("ingress", "from"), ("egress", "to"))))
    entries: list[Raw] = []
    for other in admin_policies_in(manifests):
        for rule in sequence(mapping(other.fields, "spec"), section):
            if rule["action"] != "Deny":
                listed = ports_of(rule)
                entry: Raw = {"who": [peer_group(peer) for peer in sequence(rule, side)]}
                entries.append(entry | ({"ports": listed} if listed else {}))
    if draw(st.booleans()) or not entries:
        entries.append({"who": draw(st.sampled_from(({"namespace": "a"}, {"any": True}, {"pods": "k1"})))})
    protected = chosen_group(mapping(policy.fields, "spec", "subject"))
    return {"to": protected, "from": entries} if side == "from" else {"from": protected, "to": entries}


@st.composite
def admin_deny(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """Default deny of what one policy is about, mostly in one direction."""
    policy = draw(st.sampled_from(admin_policies_in(manifests)))
    result: Raw = {"for": chosen_group(mapping(policy.fields, "spec", "subject"))}
    directions = draw(weighted((2, ["ingress"]), (2, ["egress"]), (1, None)))
    result |= {"directions": directions} if directions else {}
    return result | draw(weighted((3, NOTHING), (1, {"strict": True}), (1, {"except": [{"to": {"node": True}}]})))


@st.composite
def admin_isolate(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """The subject of a policy apart from some others."""
    first = chosen_group(mapping(draw(st.sampled_from(admin_policies_in(manifests))).fields, "spec", "subject"))
    others: Sequence[Raw] = ({"namespace": "b"}, {"namespaces": "n1=y"}, {"pods": "k1=v2"})
    carved = draw(weighted((1, NOTHING), (1, {"except": [{"ports": [80, "UDP/1-65535"]}]})))
    return {"groups": [first, draw(st.sampled_from(others))]} | carved


@st.composite
def admin_properties(draw: st.DrawFn, manifests: Manifests, count: int = 1) -> list[LoadedProperty]:
    """Properties that fit the manifests, all in one world under the same semantics, so that both sides that are
    compared can share their work."""
    semantics = {
        "ipBlockMatchesPods": draw(weighted((2, "either"), (1, True), (1, False))),
        "baselineHiddenBy": draw(weighted((3, "direction"), (2, "pod"), (2, "either"))),
        "hostNetworkPods": draw(weighted((3, "excluded"), (3, "ordinary"), (2, "either"))),
    }
    world = draw(admin_worlds(manifests))
    asked = [draw(asked_body(manifests)) for _ in range(count)]
    for _, body in asked:
        world = fitting(body, world)
    return [loaded(verb, body, world, semantics) for verb, body in asked]


@st.composite
def asked_body(draw: st.DrawFn, manifests: Manifests) -> tuple[str, Raw]:
    """A verb and what it asks."""
    verb = draw(
        weighted((5, "never"), (3, "always"), (3, "can"), (4, "only"), (3, "isolate"), (4, "defaultDeny"), (2, "dns"))
    )
    bodies = blind_bodies(manifests)
    aim = draw(weighted((2, "nothing"), (1, "NetworkPolicies"), (4, "cluster-wide policies")))
    if aim == "NetworkPolicies" and policies_in(manifests):
        bodies |= {each: aimed_ends(manifests, each) for each in ("never", "always", "can")}
        bodies |= {"only": aimed_only(manifests), "isolate": aimed_isolate(manifests)}
        bodies |= {"defaultDeny": aimed_default_deny(manifests)}
    elif aim == "cluster-wide policies":
        bodies |= {each: admin_ends(manifests, each) for each in ("never", "always", "can")}
        bodies |= {"only": admin_only(manifests), "isolate": admin_isolate(manifests)}
        bodies |= {"defaultDeny": admin_deny(manifests)}
    return verb, draw(bodies[verb])
