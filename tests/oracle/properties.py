"""Random properties over the vocabulary of ``clusters``: every verb, every kind of group, every world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.properties.suite import Group, Property, Semantics, World

from .addresses import Block, parse_block
from .admin import is_admin
from .aimed import aimed_default_deny, aimed_ends, aimed_isolate, aimed_only, policies_in, suite_form
from .clusters import (
    NAMESPACES,
    POD_VALUES,
    namespace_selector,
    selector,
    some,
    weighted,
)
from .raw import Raw, mapping, sequence
from .worlds import reaches_outside, worlds

PORTS: tuple[str | int, ...] = (
    80,
    "81",
    "TCP/80",
    "TCP/8000-8010",
    "TCP/8005",
    "UDP/80",
    "UDP/53",
    "SCTP/1-65535",
    "TCP/p",
    "UDP/p",
    "TCP/q",
    "SCTP/q",
)
GROUPS: dict[str, Raw] = {
    "everyPod": {},
    "anyone": {"any": True},
    "v1": {"pods": "k1=v1"},
    "inA": {"namespace": "a"},
    "internet": {"builtin": "internet"},
    "tenantX": {"namespaces": "n1=x"},
}
POD_GROUPS = ("everyPod", "v1", "inA", "tenantX")


def _text(raw: Raw) -> str | None:
    """A selector as ``kubectl -l`` takes it; None for one that is empty or lists the empty value among others."""
    pairs = [f"{key}={value}" for key, value in mapping(raw, "matchLabels").items()]
    for item in sequence(raw, "matchExpressions"):
        key, operator, values = item["key"], item["operator"], sequence(item, "values")
        if "" in values:
            return None
        single = {"Exists": key, "DoesNotExist": f"!{key}"}
        pairs.append(single.get(operator) or f"{key} {operator.lower()} ({','.join(values)})")
    return ",".join(pairs) or None


@cache
@st.composite
def suite_selector(draw: st.DrawFn, on_namespaces: bool) -> Raw | str:
    """A selector of a suite: a mapping or a string."""
    raw = draw(namespace_selector() if on_namespaces else selector(("k1", "k2"), POD_VALUES))
    text = _text(raw) if draw(st.booleans()) else None
    return suite_form(raw) if text is None else text


@st.composite
def pod_group(draw: st.DrawFn, workloads: Sequence[str]) -> str | Raw:
    """A group of pods, or the name of one."""
    form = draw(weighted((2, "name"), (3, "namespace"), (2, "namespaces"), (3, "pods"), (3, "both"), (2, "workload")))
    if form == "name":
        return draw(st.sampled_from(POD_GROUPS))
    if form == "workload" and workloads:
        return {"workload": draw(st.sampled_from(workloads))}
    group: Raw = {}
    if form in ("namespace", "both", "workload"):
        names = draw(some((*NAMESPACES, "a", "zz")))
        group["namespace"] = names if draw(st.booleans()) else names[0]
    if form == "namespaces":
        group["namespaces"] = draw(suite_selector(on_namespaces=True))
    if form in ("pods", "both"):
        group["pods"] = draw(suite_selector(on_namespaces=False))
    return group


@cache
@st.composite
def outside_group(draw: st.DrawFn) -> str | Raw:
    """A group that holds addresses, nodes, or anyone."""
    return draw(
        weighted(
            (2, "anyone"),
            (1, "internet"),
            (1, {"any": True}),
            (1, {"node": True}),
            (1, {"builtin": "cloud-metadata"}),
            (1, {"cidr": "0.0.0.0/0"}),
            (1, {"cidr": "203.0.113.0/24", "except": ["203.0.113.7/32"]}),
            (1, {"cidr": "10.0.0.0/8"}),
            (1, {"cidr": "2001:db8::/32"}),
        )
    )


@st.composite
def endpoints(draw: st.DrawFn, workloads: Sequence[str], outside: bool) -> Any:
    """What ``from`` and ``to`` take; with ``outside`` addresses and nodes may be among it."""
    one = st.one_of(pod_group(workloads), pod_group(workloads), outside_group()) if outside else pod_group(workloads)
    if draw(weighted((3, True), (1, False))):
        return draw(one)
    return draw(st.lists(one, min_size=1, max_size=2))


@cache
@st.composite
def ports(draw: st.DrawFn) -> list[str | int]:
    """A few ports."""
    return draw(some(PORTS))


@st.composite
def exceptions(draw: st.DrawFn, workloads: Sequence[str]) -> Raw:
    """An ``except`` list, or none."""
    if draw(weighted((2, True), (1, False))):
        return {}
    entry: Raw = {}
    for part in draw(some(("from", "to", "ports"), 1, 2)):
        entry[part] = draw(ports() if part == "ports" else endpoints(workloads, outside=True))
    return {"except": [entry]}


@st.composite
def connections(draw: st.DrawFn, workloads: Sequence[str], needs_ports: bool) -> Raw:
    """from, to and ports; at least one of the ends can be a pod."""
    pods_first = draw(st.booleans())
    near, far = draw(endpoints(workloads, outside=False)), draw(endpoints(workloads, outside=True))
    result = {"from": near, "to": far} if pods_first else {"from": far, "to": near}
    if needs_ports or draw(st.booleans()):
        result["ports"] = draw(ports())
    return result


@st.composite
def only(draw: st.DrawFn, workloads: Sequence[str]) -> Raw:
    """A protected side and the list of those who may reach it, or the mirror."""
    protected = draw(endpoints(workloads, outside=False))
    entries: list[Raw] = []
    for _ in range(draw(weighted((3, 1), (2, 2)))):
        entry: Raw = {"who": draw(endpoints(workloads, outside=True))}
        entries.append(entry | ({"ports": draw(ports())} if draw(st.booleans()) else {}))
    return {"to": protected, "from": entries} if draw(st.booleans()) else {"from": protected, "to": entries}


@st.composite
def isolate(draw: st.DrawFn, workloads: Sequence[str]) -> Raw:
    """Groups, or the values of a namespace label."""
    carved = draw(exceptions(workloads))
    if draw(st.booleans()):
        key = draw(weighted((4, "n1"), (1, "kubernetes.io/metadata.name"), (1, "nobody-has-it")))
        return {"by": {"namespaceLabel": key}} | carved
    groups = draw(st.lists(pod_group(workloads), min_size=2, max_size=3))
    named = [group for group in groups if isinstance(group, str)]
    if len(set(named)) < len(named):
        groups = [{"namespace": "a"}, {"namespace": ["b", "c"]}]
    return {"groups": groups} | carved


@st.composite
def default_deny(draw: st.DrawFn, workloads: Sequence[str]) -> Raw:
    """Default deny of some pods."""
    result: Raw = {"for": draw(endpoints(workloads, outside=False))}
    if draw(st.booleans()):
        result["directions"] = draw(some(("ingress", "egress")))
    if draw(st.booleans()):
        result["strict"] = True
    return result | draw(exceptions(workloads))


@st.composite
def dns(draw: st.DrawFn, workloads: Sequence[str]) -> Raw:
    """DNS for some pods, servers found or given."""
    result: Raw = {"for": draw(endpoints(workloads, outside=False))}
    if draw(weighted((3, False), (1, True))):
        result["servers"] = draw(endpoints(workloads, outside=False))
    return result


def blind_bodies(manifests: Manifests) -> dict[str, st.SearchStrategy[Raw]]:
    """Each verb's body, aimed at nothing; workload groups name declared workloads, among others."""
    without_pods = ("Namespace", "NetworkPolicy", "Node")
    workloads = [item.reference for item in manifests.modelled if item.kind not in without_pods and not is_admin(item)]
    return {
        "never": connections(workloads, needs_ports=False),
        "always": connections(workloads, needs_ports=True),
        "can": connections(workloads, needs_ports=False),
        "only": only(workloads),
        "isolate": isolate(workloads),
        "defaultDeny": default_deny(workloads),
        "dns": dns(workloads),
    }


@st.composite
def properties(draw: st.DrawFn, manifests: Manifests) -> LoadedProperty:
    """A property that fits the manifests: its workload groups name declared workloads, among others."""
    verb = draw(
        weighted((4, "never"), (3, "always"), (3, "can"), (4, "only"), (3, "isolate"), (4, "defaultDeny"), (2, "dns"))
    )
    bodies = blind_bodies(manifests)
    if policies_in(manifests) and draw(weighted((1, False), (2, True))):
        bodies |= {
            "never": aimed_ends(manifests, "never"),
            "always": aimed_ends(manifests, "always"),
            "can": aimed_ends(manifests, "can"),
            "only": aimed_only(manifests),
            "isolate": aimed_isolate(manifests),
            "defaultDeny": aimed_default_deny(manifests),
        }
    semantics = {"ipBlockMatchesPods": draw(weighted((2, "either"), (1, True), (1, False)))}
    body, world = draw(bodies[verb]), draw(worlds(manifests))
    return loaded(verb, body, fitting(body, world), semantics)


def fitting(body: Raw, world: Raw) -> Raw:
    """The world, without its ranges of addresses if a cidr group would lie wholly inside them, which is an error."""
    inside = not all(reaches_outside(block, world) for block in _blocks(body))
    return {**world, "podCIDRs": [], "nodeCIDRs": []} if inside else world


def _blocks(part: Any) -> Iterator[Block]:
    """Every ``cidr`` group in a property's body."""
    if isinstance(part, dict):
        fields = cast(Raw, part)
        if "cidr" in fields:
            yield parse_block(fields["cidr"], fields.get("except", ()))
        part = list(fields.values())
    if isinstance(part, list):
        for item in cast(list[Any], part):
            yield from _blocks(item)


def loaded(verb: str, body: Raw, world: Raw | None = None, semantics: Raw | None = None) -> LoadedProperty:
    """A property as a suite would give it, with the groups of ``GROUPS`` to name and every default applied."""
    whole_world: Raw = {
        "pods": "open",
        "namespaces": "open",
        "external": [],
        "podCIDRs": [],
        "nodeCIDRs": [],
        "serviceCIDRs": [],
        "nodes": [],
        "domains": {},
    }
    whole_semantics: Raw = {
        "ipBlockMatchesPods": "either",
        "hostNetworkPods": "excluded",
        "baselineHiddenBy": "direction",
        "duplicateObjects": "error",
    }
    return LoadedProperty(
        written=Property.model_validate({"id": f"drawn-{verb}", verb: body}),
        verb=verb,
        file="drawn-suite.yaml",
        line=1,
        severity="high",
        owner=None,
        tags=(),
        world=World.model_validate({**whole_world, **(world or {})}),
        semantics=Semantics.model_validate({**whole_semantics, **(semantics or {})}),
        groups={name: Group.model_validate(raw) for name, raw in GROUPS.items()},
    )
