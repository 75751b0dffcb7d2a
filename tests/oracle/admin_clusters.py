"""Random small clusters with cluster-wide policies of every kind between, before and after NetworkPolicies.

The vocabulary of ``clusters``, and as tiny for what is new: node label m1, nodes node-1 and node-2, four domain names
that cover each other. Weighted to the corners: equal priorities, Pass, rules that shadow each other, empty lists.
Everything drawn is valid (``encodings/validation`` is asked in the tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject

from .clusters import (
    ABSENT,
    NAMESPACE_VALUES,
    NAMESPACES,
    NOTHING,
    PORT_NAMES,
    PORT_NUMBERS,
    PROTOCOLS,
    calico,
    labels,
    made,
    manifests,
    namespace_selector,
    pod_selector,
    selector,
    some,
    spec,
    weighted,
    without_absent,
    workload,
)
from .edits import plain
from .raw import Raw, mapping

Dialect = Literal["v1alpha1", "v1alpha2"]
NODE_VALUES = ("", "s", "t")
DOMAIN_NAMES = ("api.example.com", "*.example.com", "example.com", "*.api.example.com")
NETWORKS = (
    "0.0.0.0/0",
    "0.0.0.0/0",
    "::/0",
    "10.244.0.0/16",
    "10.244.0.5/32",
    "203.0.113.9/24",
    "203.0.113.7/32",
    "10.1.0.9/32",
    "10.0.0.0/8",
    "2001:db8::/32",
    "fd00:10:244::/48",
)
NODES: dict[str, Sequence[list[str]]] = {
    "node-1": (["10.1.0.9"], ["fd00:1::9"], ["10.1.0.9", "fd00:1::9"], ["10.1.0.9", "10.1.0.10"], []),
    "node-2": (["10.1.1.2"], []),
}
EVERYONE: Sequence[Raw] = ({}, {"matchLabels": {}}, {"matchExpressions": None})
PRIORITIES = (5, 5, 5, 6, 0, 1000)
NAMELESS = ("networks", "nodes", "domainNames")


@cache
@st.composite
def chosen(draw: st.DrawFn, dialect: Dialect) -> Raw:
    """``namespaces`` or ``pods``: a subject, or a peer. Half of the time everybody, so that policies meet."""
    form = draw(weighted((3, "everyone"), (3, "namespaces"), (3, "pods"), (1, "pods alone")))
    if form == "everyone":
        return {"namespaces": dict(draw(st.sampled_from(EVERYONE)))}
    if form == "namespaces":
        return {"namespaces": draw(namespace_selector())}
    if form == "pods alone" and dialect == "v1alpha2":
        absent: Raw = draw(st.sampled_from((NOTHING, {"namespaceSelector": None})))
        return {"pods": absent | {"podSelector": draw(pod_selector())}}
    spaces = NOTHING if draw(weighted((1, True), (1, False))) else draw(namespace_selector())
    return {"pods": {"namespaceSelector": dict(spaces), "podSelector": draw(pod_selector())}}


@cache
@st.composite
def peer(draw: st.DrawFn, dialect: Dialect, egress: bool, domains: bool) -> Raw:
    """A peer; ``domains``: the kind and the action allow domain names."""
    forms = [(6, "chosen")]
    if egress:
        forms += [(4, "networks"), (3, "nodes")] + ([(7, "domainNames")] if domains else [])
    form = draw(weighted(*forms))
    if form == "chosen":
        return draw(chosen(dialect))
    if form == "networks":
        return {"networks": draw(st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True))}
    if form == "nodes":
        every = draw(weighted((1, True), (2, False)))
        return {"nodes": {} if every else draw(selector(("m1",), NODE_VALUES))}
    return {"domainNames": draw(some(DOMAIN_NAMES))}


@cache
@st.composite
def port(draw: st.DrawFn, dialect: Dialect, named: bool) -> Raw:
    """A port entry of either version; ``named``: the peers allow a port's name."""
    form = draw(weighted((3, "number"), (4, "range"), (5 if named else 0, "name")))
    if form == "name":
        return {"namedPort" if dialect == "v1alpha1" else "destinationNamedPort": draw(st.sampled_from(PORT_NAMES))}
    one, other = draw(st.sampled_from(PORT_NUMBERS)), draw(st.sampled_from((80, 81, 8009, 8010, 65535)))
    first, last = sorted((one, other))
    if dialect == "v1alpha2":
        number = {"number": one} if form == "number" or first == last else {"range": {"start": first, "end": last}}
        return {draw(st.sampled_from(PROTOCOLS)).lower(): {"destinationPort": number}}
    protocol = draw(weighted((2, ABSENT), (1, None), (2, "TCP"), (2, "UDP"), (1, "SCTP")))
    if form == "number":
        return {"portNumber": without_absent({"protocol": protocol, "port": one})}
    bounds = draw(weighted((4, (first, last)), (1, (one, one)), (1, (last, first))))
    return {"portRange": without_absent({"protocol": protocol, "start": bounds[0], "end": bounds[1]})}


@cache
@st.composite
def rule(draw: st.DrawFn, kind: str, side: str) -> Raw:
    """A rule of a policy of this kind."""
    dialect: Dialect = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
    accept = "Accept" if dialect == "v1alpha2" else "Allow"
    actions = [(4, accept), (4, "Deny")] + ([] if kind == "BaselineAdminNetworkPolicy" else [(4, "Pass")])
    action = draw(weighted(*actions))
    domains = kind != "BaselineAdminNetworkPolicy" and action == accept
    peers = draw(st.lists(peer(dialect, side == "to", domains), min_size=1, max_size=2))
    nameless = {form for each in peers for form in each if form in NAMELESS}
    # Only the standard channel of v1alpha2 has names, and there only addresses may stand beside one.
    named = not nameless or (dialect == "v1alpha2" and nameless == {"networks"})
    ports: Any = draw(weighted((3, ABSENT), (1, None), (4, [])))
    if ports == []:
        ports = draw(st.lists(port(dialect, named), min_size=1, max_size=2))
    name = draw(weighted((4, ABSENT), (1, "same"), (1, None)))
    field = "protocols" if dialect == "v1alpha2" else "ports"
    return without_absent({"name": name, "action": action, side: peers, field: ports})


@cache
@st.composite
def sweeping_rule(draw: st.DrawFn, kind: str, side: str) -> Raw:
    """A rule about every pod, and on egress about every address: what stands last in many policies."""
    accept = "Accept" if kind == "ClusterNetworkPolicy" else "Allow"
    passing = accept if kind == "BaselineAdminNetworkPolicy" else "Pass"
    peers: list[Raw] = [{"namespaces": {}}]
    if side == "to" and draw(st.booleans()):
        peers = [{"networks": ["0.0.0.0/0", "::/0"]}]
    return {"action": draw(weighted((4, "Deny"), (1, accept), (1, passing))), side: peers}


@cache
@st.composite
def names_alone(draw: st.DrawFn, kind: str) -> list[Raw]:
    """Egress rules that let domain names through and nothing else out of the cluster, so that it is not known what gets
    through."""
    dialect: Dialect = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
    named: Raw = {
        "action": "Accept" if dialect == "v1alpha2" else "Allow",
        "to": [{"domainNames": draw(some(DOMAIN_NAMES))}],
    }
    if draw(st.booleans()):
        named["protocols" if dialect == "v1alpha2" else "ports"] = [draw(port(dialect, named=False))]
    return [named, {"action": "Deny", "to": [{"networks": ["0.0.0.0/0", "::/0"]}]}]


@cache
@st.composite
def admin_policy(draw: st.DrawFn, kind: str, tier: str, name: str, tied: bool) -> WrittenObject:
    """A cluster-wide policy; without a rule in a direction now and then, in all its forms. All that are ``tied`` have
    one priority, others may."""

    def rules(side: str) -> Any:
        if side == "to" and kind != "BaselineAdminNetworkPolicy" and draw(weighted((6, False), (1, True))):
            return draw(names_alone(kind))
        count = draw(weighted((2, 0), (2, 1), (3, 2), (2, 3)))
        if not count:
            return draw(st.sampled_from((ABSENT, None, [])))
        listed = draw(st.lists(rule(kind, side), min_size=count, max_size=count))
        return [*listed[1:], draw(sweeping_rule(kind, side))] if draw(weighted((2, False), (1, True))) else listed

    dialect: Dialect = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
    own: Raw = {"tier": tier} if dialect == "v1alpha2" else {}
    if kind != "BaselineAdminNetworkPolicy":
        own["priority"] = 5 if tied else draw(st.sampled_from(PRIORITIES))
    fields = {**own, "subject": draw(chosen(dialect)), "ingress": rules("from"), "egress": rules("to")}
    return made(kind, None, name, {"spec": without_absent(fields)})


@cache
@st.composite
def admin_policies(draw: st.DrawFn) -> list[WrittenObject]:
    """Policies of both tiers, of one version or of both. Few enough that every order of tied ones can be tried."""
    old, new = draw(weighted((3, (True, False)), (4, (False, True)), (4, (True, True))))
    admin, baseline = draw(
        weighted((3, (1, 0)), (3, (1, 1)), (3, (2, 0)), (4, (2, 1)), (1, (3, 0)), (2, (0, 1)), (4, (0, 2)), (4, (1, 2)))
    )
    kinds = (["AdminNetworkPolicy"] if old else []) + (["ClusterNetworkPolicy"] if new else [])
    tied = draw(st.booleans())
    found = [draw(admin_policy(draw(st.sampled_from(kinds)), "Admin", f"admin-{i}", tied)) for i in range(admin)]
    if old and baseline:
        found.append(draw(admin_policy("BaselineAdminNetworkPolicy", "Baseline", "default", tied)))
    for index in range((baseline - old if baseline else 0) if new else 0):
        found.append(draw(admin_policy("ClusterNetworkPolicy", "Baseline", f"baseline-{index}", tied)))
    return found


@cache
@st.composite
def node(draw: st.DrawFn, name: str) -> WrittenObject:
    """A Node object; some have no address, or one that is a name."""
    listed = [{"type": "InternalIP", "address": address} for address in draw(st.sampled_from(NODES[name]))]
    listed += draw(weighted((2, []), (1, [{"type": "Hostname", "address": name}])))
    own = {"labels": draw(labels(("m1",), NODE_VALUES))}
    return made("Node", None, name, {"metadata": own, "status": {"addresses": listed}})


@st.composite
def placed_workload(draw: st.DrawFn, index: int, addresses: dict[str, Sequence[str]]) -> WrittenObject:
    """A workload, a third of them in the host's network, some placed on a node; ``addresses`` are those of nodes."""
    drawn = draw(workload(index))
    fields = {key: plain(value) for key, value in drawn.fields.items() if key not in ("apiVersion", "kind")}
    pod = mapping(fields, "spec") if drawn.kind == "Pod" else mapping(fields, "spec", "template", "spec")
    pod.pop("hostNetwork", None)
    hosted = draw(weighted((2, False), (1, True)))
    declared = st.sampled_from(sorted(addresses) or ["node-1"])
    placed = draw(st.one_of(weighted((5, None), (1, "node-2"), (1, "node-3")), declared))
    with_addresses = [name for name, known in addresses.items() if known]
    if hosted and drawn.kind == "Pod" and with_addresses:
        placed = draw(st.sampled_from((*with_addresses, None)))
    if placed is not None:
        pod["nodeName"] = placed
    if hosted:
        pod["hostNetwork"] = True
        fields.pop("status", None)
        known = addresses.get(placed or "", ())
        if drawn.kind == "Pod" and known and draw(weighted((3, True), (1, False))):
            fields["status"] = {"podIP": known[0], "podIPs": [{"ip": known[0]}]}
    return made(drawn.kind, drawn.namespace, drawn.name, fields)


@cache
@st.composite
def admin_clusters(draw: st.DrawFn) -> Manifests:
    """A small cluster."""
    objects = draw(admin_policies())
    for name in draw(some(NAMESPACES, 0, 2)):
        objects.append(made("Namespace", None, name, {"metadata": {"labels": draw(labels(("n1",), NAMESPACE_VALUES))}}))
    for index in range(draw(weighted((2, 0), (4, 1), (3, 2)))):
        namespace = draw(weighted((5, "a"), (2, "b")))
        objects.append(made("NetworkPolicy", namespace, f"policy-{index}", {"spec": draw(spec())}))
    nodes = [draw(node(name)) for name in draw(some(tuple(NODES), 0, 2))]
    addresses: dict[str, Sequence[str]] = {
        each.name: [
            entry["address"] for entry in mapping(each.fields, "status")["addresses"] if entry["type"] != "Hostname"
        ]
        for each in nodes
    }
    objects += nodes
    objects += [draw(placed_workload(index, addresses)) for index in range(draw(weighted((3, 1), (4, 2), (1, 3))))]
    unmodelled: tuple[WrittenObject, ...] = ()
    if draw(weighted((9, False), (1, True))):
        unmodelled = (calico(draw(st.sampled_from(("a", None))), draw(st.sampled_from((("Ingress",), ("Egress",))))),)
    order = draw(st.permutations(range(len(objects))))
    return manifests([objects[i] for i in order], unmodelled, draw(weighted((6, ()), (1, ("b",)))))
