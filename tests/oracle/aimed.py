"""Properties aimed at a cluster's own policies: their subjects and peers as groups, so that proofs are not rare.

A property drawn blindly is nearly always refuted in an open world; one that repeats what the policies say, with a piece
left out now and then, stands near the line between proved and refuted.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from .addresses import canonical
from .clusters import NOTHING, weighted
from .raw import Raw, mapping, sequence


def policies_in(manifests: Manifests) -> list[WrittenObject]:
    """The policies that a property can be aimed at."""
    return [item for item in manifests.modelled if item.kind == "NetworkPolicy"]


def suite_form(raw: Raw) -> Raw:
    """A manifest's selector without the null and empty values that a suite does not accept."""
    result: Raw = {}
    if raw.get("matchLabels"):
        result["matchLabels"] = dict(mapping(raw, "matchLabels"))
    if raw.get("matchExpressions"):
        result["matchExpressions"] = [_requirement(item) for item in sequence(raw, "matchExpressions")]
    return result


def _requirement(raw: Raw) -> Raw:
    values = sequence(raw, "values")
    return {"key": raw["key"], "operator": raw["operator"]} | ({"values": [*values]} if values else {})


def subject_of(policy: WrittenObject) -> Raw:
    """The pods that a policy selects, as a group."""
    return _pods(mapping(policy.fields, "spec", "podSelector"), {"namespace": policy.namespace})


def _pods(selector: Raw, group: Raw) -> Raw:
    form = suite_form(selector)
    return group | ({"pods": form} if form else {})


def peer_group(policy: WrittenObject, peer: Raw) -> Raw:
    """What a peer matches, as a group; a block as the addresses outside the cluster that it holds."""
    if peer.get("ipBlock") is not None:
        block, excepts = mapping(peer, "ipBlock"), sequence(mapping(peer, "ipBlock"), "except")
        return {"cidr": canonical(block["cidr"])} | ({"except": [*excepts]} if excepts else {})
    pods = mapping(peer, "podSelector")
    if peer.get("namespaceSelector") is None:
        return _pods(pods, {"namespace": policy.namespace})
    spaces = suite_form(mapping(peer, "namespaceSelector"))
    return _pods(pods, {"namespaces": spaces} if spaces else {})


def entry_of(policy: WrittenObject, rule: Raw | None, side: str) -> Raw:
    """What a rule allows, as an entry of ``only``."""
    rule = rule or {}
    entry: Raw = {"who": [peer_group(policy, peer) for peer in sequence(rule, side)] or {"any": True}}
    if rule.get("ports"):
        entry["ports"] = [_port(port or {}) for port in sequence(rule, "ports")]
    return entry


def _port(port: Raw) -> str:
    protocol, number = port.get("protocol") or "TCP", port.get("port")
    if number is None:
        return f"{protocol}/1-65535"
    return f"{protocol}/{number}" if port.get("endPort") is None else f"{protocol}/{number}-{port['endPort']}"


def _governs(policy: WrittenObject, section: str) -> bool:
    spec = mapping(policy.fields, "spec")
    types: list[str] = sequence(spec, "policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return section.capitalize() in types


def _is_range(port: Raw | None) -> bool:
    return port is not None and port.get("endPort") is not None


def edges_of(port: str) -> list[str]:
    """The ports just inside and just outside a range."""
    protocol, _, rest = port.partition("/")
    first, dash, last = rest.partition("-")
    if not dash:
        return []
    numbers = (int(first) - 1, int(first), int(last), int(last) + 1)
    return [f"{protocol}/{number}" for number in numbers if 1 <= number <= 65535]


@st.composite
def aimed_only(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """Only what the policies of one namespace say, or nearly so, reaches (or is reached by) the pods of one policy."""
    policy = draw(st.sampled_from(policies_in(manifests)))
    section, side, mirrored = draw(st.sampled_from((("ingress", "from", False), ("egress", "to", True))))
    entries = [
        entry_of(other, rule, side)
        for other in policies_in(manifests)
        if other.namespace == policy.namespace
        for rule in sequence(mapping(other.fields, "spec"), section)
    ]
    if entries and draw(weighted((3, False), (1, True))):
        entries.pop(draw(st.integers(0, len(entries) - 1)))
    if not entries:
        entries = [{"who": draw(st.sampled_from(({"namespace": "a"}, {"any": True}, {"pods": "k1"})))}]
    protected = subject_of(policy)
    return {"from": protected, "to": entries} if mirrored else {"to": protected, "from": entries}


@st.composite
def aimed_ends(draw: st.DrawFn, manifests: Manifests, verb: str) -> Raw:
    """never, always or can between the pods of a policy and one of its peers, or anyone."""
    ruled = [
        (policy, side, mirrored, rule)
        for policy in policies_in(manifests)
        for section, side, mirrored in (("ingress", "from", False), ("egress", "to", True))
        if _governs(policy, section)
        for rule in sequence(mapping(policy.fields, "spec"), section) or [None]
    ]
    ranged = [each for each in ruled if any(map(_is_range, sequence(each[3] or {}, "ports")))]
    policy, side, mirrored, rule = draw(st.sampled_from(ranged if ranged and draw(st.booleans()) else ruled))
    entry = entry_of(policy, rule, side)
    far: Any = entry["who"]
    if verb == "never":
        far = draw(
            st.sampled_from(
                ({"namespaces": "n1=y"}, {"pods": "k2=v2,k1!=v1"}, {"node": True}, {"cidr": "198.51.100.0/24"}, far)
            )
        )
    ports = entry.get("ports") or [draw(st.sampled_from(("TCP/80", "UDP/81", "TCP/p", "SCTP/8000-8010")))]
    edges = [edge for port in ports for edge in edges_of(port)]
    if edges and draw(weighted((1, False), (3, True))):
        ports = [draw(st.sampled_from(edges))]
    subject = subject_of(policy)
    ends = {"from": subject, "to": far} if mirrored else {"from": far, "to": subject}
    return ends if verb == "never" and draw(st.booleans()) else {**ends, "ports": ports}


@st.composite
def aimed_default_deny(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """Default deny of what one policy selects, mostly in one direction."""
    policy = draw(st.sampled_from(policies_in(manifests)))
    result: Raw = {"for": subject_of(policy)}
    directions = draw(weighted((2, ["ingress"]), (2, ["egress"]), (1, None)))
    result |= {"directions": directions} if directions else {}
    return result | draw(
        weighted(
            (2, NOTHING), (2, {"strict": True}), (1, {"strict": True, "except": [{"to": {"any": True}, "ports": [80]}]})
        )
    )


@st.composite
def aimed_isolate(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """The pods of a policy apart from some others."""
    first = subject_of(draw(st.sampled_from(policies_in(manifests))))
    second = subject_of(draw(st.sampled_from(policies_in(manifests))))
    other = draw(st.sampled_from(({"namespace": "b"}, {"namespaces": "n1=y"}, {"pods": "k1=v2,k2=v1"}, second)))
    carved = draw(
        weighted((1, NOTHING), (1, {"except": [{"from": other}]}), (1, {"except": [{"ports": [80, "UDP/1-65535"]}]}))
    )
    return {"groups": [first, other]} | carved
