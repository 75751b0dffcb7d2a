"""Random properties over the vocabulary of ``clusters``: every verb, every kind of group, every world."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.properties.suite import Group, Property, Semantics, World

from .aimed import aimed_default_deny, aimed_ends, aimed_isolate, aimed_only, policies_in
from .clusters import (
    NAMESPACE_VALUES,
    NAMESPACES,
    POD_VALUES,
    Raw,
    labels,
    namespace_selector,
    selector,
    some,
    weighted,
)

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


def _text(raw: Raw, rewrite: bool) -> Raw | str:
    """A selector as ``kubectl -l`` takes it, where it can be written so and is wanted so."""
    pairs = [f"{key}={value}" for key, value in (raw.get("matchLabels") or {}).items()]
    words = {"In": "in", "NotIn": "notin"}
    for item in raw.get("matchExpressions") or ():
        key, values = item["key"], item.get("values") or ()
        if item["operator"] in words:
            pairs.append(f"{key} {words[item['operator']]} ({','.join(values)})")
        else:
            pairs.append(key if item["operator"] == "Exists" else f"!{key}")
    if not rewrite or not pairs or "in ()" in "".join(pairs):
        return {key: value for key, value in raw.items() if value is not None}
    return ",".join(pairs)


def _clean(raw: Raw) -> Raw:
    """Without the null values that a suite, unlike a manifest, does not accept."""
    expressions = [{k: v for k, v in item.items() if v} for item in raw.get("matchExpressions") or ()]
    return {**raw, **({"matchExpressions": expressions} if expressions else {})}


@st.composite
def suite_selector(draw: st.DrawFn, on_namespaces: bool) -> Raw | str:
    """A selector of a suite: a mapping or a string."""
    raw = _clean(draw(namespace_selector() if on_namespaces else selector(("k1", "k2"), POD_VALUES)))
    return _text(raw, draw(st.booleans()))


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


@st.composite
def worlds(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """A whole world: every key has a value, as after loading."""
    declared = {item.name for item in manifests.modelled if item.kind == "Namespace"}
    external: list[Raw] = []
    for name in draw(some(("c", "d", "kube-system"), 0, 2)):
        if name in declared:
            continue
        space: Raw = {"name": name}
        if draw(st.booleans()):
            space["labels"] = draw(labels(("n1",), NAMESPACE_VALUES))
        if name == "kube-system" and draw(st.booleans()):
            ports = draw(weighted((1, {"dns": "UDP/53", "dns-tcp": "TCP/53"}), (1, {"dns": "UDP/53"}), (1, {})))
            space["pods"] = [{"labels": {"k8s-app": "kube-dns"}, "ports": ports}]
        elif draw(st.booleans()):
            names = draw(st.sampled_from(({}, {"p": "TCP/80"}, {"p": "UDP/80", "dns": "UDP/80"})))
            space["pods"] = [{"labels": draw(labels(("k1", "k2"), POD_VALUES)), "ports": names}]
        external.append(space)
    has_known = any((item.fields.get("status") or {}).get("podIP") for item in manifests.modelled)
    v4, v6 = "10.244.0.0/16", "fd00:10:244::/48"
    choices: list[list[str]] = [[], [], [v4], [v4, v6], ["10.244.0.0/24"]] + ([] if has_known else [[v6]])
    return {
        "pods": draw(weighted((4, "open"), (3, "closed"), (1, "mixed"))),
        "namespaces": draw(weighted((3, "open"), (2, "closed"))),
        "external": external,
        "podCIDRs": draw(st.sampled_from(choices)),
        "nodeCIDRs": draw(st.sampled_from(([], [], ["10.1.0.0/16"], ["10.1.0.0/16", "fd00:1::/64"]))),
        "serviceCIDRs": [],
    }


@st.composite
def properties(draw: st.DrawFn, manifests: Manifests) -> LoadedProperty:
    """A property that fits the manifests: its workload groups name declared workloads, among others."""
    skipped = ("Namespace", "NetworkPolicy")
    workloads = [item.reference for item in manifests.modelled if item.kind not in skipped]
    verb = draw(
        weighted((4, "never"), (3, "always"), (3, "can"), (4, "only"), (3, "isolate"), (4, "defaultDeny"), (2, "dns"))
    )
    bodies: dict[str, st.SearchStrategy[Raw]] = {
        "never": connections(workloads, needs_ports=False),
        "always": connections(workloads, needs_ports=True),
        "can": connections(workloads, needs_ports=False),
        "only": only(workloads),
        "isolate": isolate(workloads),
        "defaultDeny": default_deny(workloads),
        "dns": dns(workloads),
    }
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
    return loaded(verb, draw(bodies[verb]), draw(worlds(manifests)), semantics)


def loaded(verb: str, body: Raw, world: Raw | None = None, semantics: Raw | None = None) -> LoadedProperty:
    """A property as a suite would give it, with the groups of ``GROUPS`` to name and every default applied."""
    whole_world = {
        "pods": "open",
        "namespaces": "open",
        "external": [],
        "podCIDRs": [],
        "nodeCIDRs": [],
        "serviceCIDRs": [],
    }
    whole_semantics = {"ipBlockMatchesPods": "either", "hostNetworkPods": "excluded", "duplicateObjects": "error"}
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
