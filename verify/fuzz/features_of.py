"""Which features of ``FEATURES`` a cluster and a flow use, read off the objects as they are written.

Where a name leaves something open it errs on the side of using the feature, so that an evaluator without it is spared:
``features_of`` says how. It trusts the objects to be valid and parses CIDRs as the API server does (``validation``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from ...encodings.reading.scalars import plain
from ...encodings.validation import Cidr, parse_cidr
from .features import TIER_KINDS
from .model import Cluster, Flow, Raw, pod_of
from .tier_features import tier_features
from .walk import (
    DEFAULT_NAMESPACE,
    DEFAULT_PROTOCOL,
    Rule,
    cidrs_of,
    container_ports,
    is_list,
    mapping,
    namespace_of,
    objects_of,
    protocol_of,
    rules_of,
    sequence,
    tier_rules_of,
)

NAME_LABEL = "kubernetes.io/metadata.name"
PROTOCOL_FEATURES = {"UDP": "udp", "SCTP": "sctp"}
_REQUIRED = ("In", "Exists")


def features_of(cluster: Cluster, flow: Flow | None = None) -> frozenset[str]:
    """The features that a cluster uses and, if one is given, a flow over it. What a name leaves open is read so:

    - ``ipv6``: whatever is written with colons, a mapped CIDR too.
    - ``udp``, ``sctp``: of a rule's port, a container's port or the flow. A rule for every protocol does not count.
    - ``end-port``, ``except``, ``match-expressions``: the key stands there, even with null or an empty list.
    - ``named-port``: a rule names a port. Containers' names alone do not count.
    - ``wrong-protocol-named-port``: some pod of the cluster lacks the name for the entry's protocol, whether or not the
      rule can reach it; or an egress rule names a port of addresses (no ``to``, or an ipBlock), which have no names.
    - ``null-rule``: a null rule or a null port entry; the latter also has ``default-protocol`` and
      ``any-port-of-protocol``.
    - ``null-list``: any other optional field written null: a list, a selector, labels, a spec, a scalar too.
    - ``no-spec`` comes with ``default-policy-types``, which an empty list of types is, too.
    - ``default-protocol``: of a rule's port or a container's.
    - ``empty-label-value``, ``number-like-value``, ``boolean-like-value``: in an object's labels, in ``matchLabels`` or
      among the values of an expression; the latter two by how kubectl reads YAML, to which ``010``, ``1e3`` and ``1_0``
      are numbers, and ``y`` and ``Off`` booleans.
    - ``contradiction``: see ``contradictory``.
    - ``list-kind``: of whatever objects, and a list without items, too.
    - ``default-namespace``: of a Pod or a NetworkPolicy. Naming ``default`` does not count.
    - ``undeclared-namespace``: a Pod or a NetworkPolicy is in it; ``default`` is no exception.
    - ``pod-block``: a pod's address lies in the CIDR and in none of its exceptions.
    - ``outside-source``, ``outside-destination``: of the flow only.

    Of cluster-wide policies (``tier_features``):

    - ``equal-priorities``: of AdminNetworkPolicies and ClusterNetworkPolicies together, whether or not they can meet;
      and a BaselineAdminNetworkPolicy beside a ClusterNetworkPolicy of the tier Baseline.
    - ``named-port``, ``udp``, ``host-bits`` and others that NetworkPolicies have mean the same there;
      ``wrong-protocol-named-port``: some pod lacks the name, or the rule has ``networks``, too.
    - ``default-protocol``: of a ``portNumber`` or a ``portRange``.
    """
    policies, pods = tuple(objects_of(cluster, "NetworkPolicy")), tuple(objects_of(cluster, "Pod"))
    rules = tuple(rules_of(policies))
    found: set[str] = set()
    for each in (*policies, *pods, *objects_of(cluster, "Namespace")):
        found.update(_of_labels(mapping(each.get("metadata"))))
    for each in (*policies, *pods):
        found.update(_of_namespaced(each))
        found.update(_of_nulls(each.get("spec")) if each.get("spec", {}) is not None else ("null-list",))
    for policy in policies:
        found.update(_of_policy(policy))
    for pod in pods:
        found.update(_of_pod(pod))
    for rule in rules:
        found.update(_of_rule(rule))
    found.update(_of_names(rules, pods))
    found.update(_of_tiers(cluster, pods))
    found.update(_of_whole(cluster, rules))
    found.update(_of_form(cluster))
    if flow is not None:
        found.update(_of_flow(flow))
    return frozenset(found)


def contradictory(selector: Raw, *, of_namespaces: bool = False) -> bool:
    """Whether no labels at all match a selector: some key would have to be there and not, or to have no value that is
    allowed. Every namespace carries ``kubernetes.io/metadata.name``, and its value is never empty."""
    wanted: dict[str, list[tuple[str, set[str]]]] = {}
    for key, value in mapping(selector.get("matchLabels")).items():
        wanted.setdefault(key, []).append(("In", {value}))
    for entry in sequence(selector.get("matchExpressions")):
        wanted.setdefault(entry["key"], []).append((entry["operator"], set(sequence(entry.get("values")))))
    if of_namespaces and NAME_LABEL in wanted:
        wanted[NAME_LABEL] += [("Exists", set()), ("NotIn", {""})]
    return any(map(_impossible, wanted.values()))


def cidr_features(text: str) -> frozenset[str]:
    """The features of one CIDR, of an ipBlock or of its exceptions."""
    address, _, _ = text.partition("/")
    alone = parse_cidr(f"{address}/{128 if ':' in address else 32}").network
    return frozenset(
        feature
        for feature, present in (
            ("ipv6", ":" in text),
            ("mapped-address", ":" in text and alone.version == 4),
            ("host-bits", alone.network_address != parse_cidr(text).network.network_address),
        )
        if present
    )


def holds(block: Raw, addresses: Iterable[str]) -> bool:
    """Whether one of the addresses lies in an ipBlock: in its CIDR and in none of its exceptions."""
    cidr, *exceptions = map(parse_cidr, cidrs_of(block))
    inside = [address for address in addresses if _within(address, cidr)]
    return any(not any(_within(address, each) for each in exceptions) for address in inside)


def _within(address: str, cidr: Cidr) -> bool:
    return ip_address(address) in cidr.network


def _impossible(requirements: list[tuple[str, set[str]]]) -> bool:
    """Whether no state of one key, absent or with a value, satisfies them all."""
    if any(operator == "DoesNotExist" for operator, _ in requirements):
        return any(operator in _REQUIRED for operator, _ in requirements)
    chosen = [values for operator, values in requirements if operator == "In"]
    refused = [values for operator, values in requirements if operator == "NotIn"]
    return bool(chosen) and not chosen[0].intersection(*chosen).difference(*refused)


def _of_labels(metadata: Raw) -> Iterator[str]:
    yield from _of_values(mapping(metadata.get("labels")).values())
    if metadata.get("labels", {}) is None:
        yield "null-list"


def _of_namespaced(written: Raw) -> Iterator[str]:
    metadata = mapping(written.get("metadata"))
    if not metadata.get("namespace"):
        yield "default-namespace"
    if metadata.get("namespace", DEFAULT_NAMESPACE) is None:
        yield "null-list"


def _of_nulls(value: object) -> Iterator[str]:
    """Nulls anywhere inside: a field's value, or an entry of a list."""
    for each in mapping(value).values():
        yield from ("null-list",) if each is None else _of_nulls(each)
    for each in sequence(value):
        yield from ("null-rule",) if each is None else _of_nulls(each)


def _of_policy(policy: Raw) -> Iterator[str]:
    spec = mapping(policy.get("spec"))
    if not spec:
        yield "no-spec"
    if not spec.get("policyTypes"):
        yield "default-policy-types"
    yield from _of_selector(mapping(spec.get("podSelector")))


def _of_selector(selector: Raw, *, of_namespaces: bool = False) -> Iterator[str]:
    if "matchExpressions" in selector:
        yield "match-expressions"
    yield from _of_values(mapping(selector.get("matchLabels")).values())
    for entry in sequence(selector.get("matchExpressions")):
        yield from _of_values(sequence(entry.get("values")))
    if contradictory(selector, of_namespaces=of_namespaces):
        yield "contradiction"


def _of_values(values: Iterable[object]) -> Iterator[str]:
    """What values of labels look like."""
    for value in values:
        if value == "":
            yield "empty-label-value"
        elif isinstance(value, str) and (meant := plain(value)) != value:
            yield "boolean-like-value" if meant is None or isinstance(meant, bool) else "number-like-value"


def _of_rule(rule: Rule) -> Iterator[str]:
    for peer in rule.peers:
        yield from _of_selector(mapping(peer.get("podSelector")))
        yield from _of_selector(mapping(peer.get("namespaceSelector")), of_namespaces=True)
    for block in rule.blocks():
        yield "ip-block"
        if "except" in block:
            yield "except"
        for cidr in cidrs_of(block):
            yield from cidr_features(cidr)
    for port in rule.ports:
        yield from _of_port(port)
        if port.get("port") is None:
            yield "any-port-of-protocol"
        if "endPort" in port:
            yield "end-port"
        if isinstance(port.get("port"), str):
            yield "named-port"


def _of_port(port: Raw) -> Iterator[str]:
    """What the ports of rules and of containers have in common."""
    if not port.get("protocol"):
        yield "default-protocol"
    yield from _of_protocol(protocol_of(port))


def _of_protocol(protocol: str) -> Iterator[str]:
    if protocol in PROTOCOL_FEATURES:
        yield PROTOCOL_FEATURES[protocol]


def _of_pod(pod: Raw) -> Iterator[str]:
    if mapping(pod.get("spec")).get("hostNetwork"):
        yield "host-network"
    for port in container_ports(pod):
        yield from _of_port(port)


def _of_names(rules: Iterable[Rule], pods: Iterable[Raw]) -> Iterator[str]:
    declared = [{(port.get("name"), protocol_of(port)) for port in container_ports(pod)} for pod in pods]
    for rule in rules:
        to_addresses = rule.direction == "egress" and (not rule.peers or any(rule.blocks()))
        for port in rule.ports:
            named = (port.get("port"), protocol_of(port))
            if isinstance(named[0], str) and (to_addresses or any(named not in names for names in declared)):
                yield "wrong-protocol-named-port"


def _of_tiers(cluster: Cluster, pods: Sequence[Raw]) -> Iterator[str]:
    """What cluster-wide policies use, and the selectors, labels and CIDRs in them."""
    policies = tuple(objects_of(cluster, *TIER_KINDS))
    yield from tier_features(policies, pods)
    for policy in policies:
        spec = mapping(policy.get("spec"))
        yield from (*_of_labels(mapping(policy.get("metadata"))), *_of_nulls(spec))
        yield from _of_chosen(mapping(spec.get("subject")))
    for rule in tier_rules_of(policies):
        for peer in rule.peers:
            yield from _of_chosen(peer)
        for cidr in rule.networks():
            yield from cidr_features(cidr)
        for port in rule.ports:
            yield from _of_protocol(port.protocol or DEFAULT_PROTOCOL)


def _of_chosen(peer: Raw) -> Iterator[str]:
    """The selectors of a subject or a peer."""
    pods = mapping(peer.get("pods"))
    yield from _of_selector(mapping(pods.get("podSelector")))
    for selector in (mapping(peer.get("namespaces")), mapping(pods.get("namespaceSelector"))):
        yield from _of_selector(selector, of_namespaces=True)


def _of_whole(cluster: Cluster, rules: Iterable[Rule]) -> Iterator[str]:
    """What several objects use together."""
    pods = map(pod_of, objects_of(cluster, "Pod"))
    addresses = [address for pod in pods for address in pod.addresses.values()]
    if any(":" in address for address in addresses):
        yield "ipv6"
    if any(holds(block, addresses) for rule in rules for block in rule.blocks()):
        yield "pod-block"
    spaces = {mapping(each["metadata"])["name"] for each in objects_of(cluster, "Namespace")}
    if any(namespace_of(each) not in spaces for each in objects_of(cluster, "Pod", "NetworkPolicy")):
        yield "undeclared-namespace"


def _of_form(cluster: Cluster) -> Iterator[str]:
    """How objects are written."""
    if any(len(file) > 1 for file in cluster.layout):
        yield "several-documents"
    if any(map(is_list, cluster.objects)):
        yield "list-kind"


def _of_flow(flow: Flow) -> Iterator[str]:
    yield from _of_protocol(flow.protocol)
    if flow.family == "IPv6" or ":" in flow.source or ":" in flow.destination:
        yield "ipv6"
    if "/" not in flow.source:
        yield "outside-source"
    if "/" not in flow.destination:
        yield "outside-destination"
