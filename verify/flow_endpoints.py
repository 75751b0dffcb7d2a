"""Endpoint expressions of the command line and of flows files, resolved against what the manifests declare.

``namespace/name``, ``namespace/kind/name``, ``node/name``, an address, ``shop:app=web`` (a pod nobody declared) or an
endpoint object as in a report (``contract``: *Endpoints and ports on the command line*). Trusts the
inventory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..encodings.concrete.addresses import Address, Family, parse_address, parse_network
from ..encodings.concrete.endpoints import ConcreteEndpoint
from ..encodings.concrete.inventory import Inventory, Workload
from ..encodings.concrete.nodes import Node
from ..encodings.concrete.printed import from_printed
from ..encodings.concrete.reading import HOST_NETWORK_KEY, Readings
from ..encodings.problems import InputErrors, Notice, Problem, did_you_mean

_POD = re.compile(r"^(?P<namespace>[^:/\[\]\s]+)(\[(?P<declared>[^\[\]]*)\])?:(?P<labels>.*)$")
_DNS_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
_LABEL_KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")
_LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")
FORMS = (
    'an endpoint is "namespace/name", "namespace/kind/name", "node/name", an IP address, "namespace:key=value,…" or '
    '"namespace[key=value]:key=value,…"'
)

NODE = "node/"
FAMILIES: tuple[Family, ...] = ("IPv4", "IPv6")
_SHOWN = 80
"""How much of a wrong expression a message repeats."""


def quoted(text: str) -> str:
    """A wrong expression as messages repeat it: quoted, and cut where it is endless."""
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: a file with its line, or a command-line option (line 0), and the key in
    it."""

    file: str
    line: int = 0
    path: str = ""

    def at(self, path: str) -> Place:
        """The same place, one key further in."""
        return Place(self.file, self.line, path)

    def mistake(self, message: str, hint: str = "") -> InputErrors:
        """The error to raise about this place."""
        return InputErrors([Problem(self.file, self.line, self.path, message, hint)])

    def notice(self, message: str) -> Notice:
        """A notice about this place."""
        return Notice(message, self.file, self.line) if self.line else Notice(message)


@dataclass(frozen=True, slots=True)
class Resolved:
    """An endpoint, whether it is one certain pod (``pod`` names it), and what is worth saying about it."""

    endpoint: ConcreteEndpoint
    pod: str | None = None
    notices: tuple[Notice, ...] = ()


def resolve_endpoint(expression: object, inventory: Inventory, place: Place) -> Resolved:
    """The endpoint an expression or an endpoint object means. InputErrors if it means none, or several."""
    if not isinstance(expression, str):
        return _resolve_object(expression, inventory, place)
    address = _address(expression)
    if address is not None:
        return _resolve_address(address, inventory, place)
    if _is_range(expression):
        raise place.mistake(f"{quoted(expression)} is a range of addresses", "give one address of it")
    described = _POD.match(expression)
    if described is not None:
        return _describe_pod(expression, described, inventory, place)
    node = _named_node(expression, inventory)
    if node is not None:
        return Resolved(_node_end(node, place))
    return _declared(_named_workload(expression, inventory, place), inventory, place)


def _named_node(expression: str, inventory: Inventory) -> Node | None:
    """The declared node that it names; a workload of a namespace that is called node comes first."""
    if any(f"{workload.namespace}/{workload.name}" == expression for workload in inventory.workloads):
        return None
    return inventory.nodes.named(expression.removeprefix(NODE)) if expression.startswith(NODE) else None


def _node_end(node: Node, place: Place) -> ConcreteEndpoint:
    """A node under its addresses, of which there may be one a family: a connection is to one of them."""
    for family in FAMILIES:
        several = node.of_family(family)
        if len(several) > 1:
            raise place.mistake(f"node {node.name} has several {family} addresses: {', '.join(several)}", "give one")
    return node.endpoint(*node.addresses)


def _address(expression: str) -> Address | None:
    try:
        return parse_address(expression)
    except ValueError:
        return None


def _is_range(expression: str) -> bool:
    try:
        parse_network(expression)
    except ValueError:
        return False
    return True


def _declared(workload: Workload, inventory: Inventory, place: Place) -> Resolved:
    endpoint = inventory.endpoint(workload)
    return Resolved(endpoint, workload.reference if workload.is_pod else None)


def host_notices(endpoint: ConcreteEndpoint, place: Place, readings: Readings) -> tuple[Notice, ...]:
    """What to say of a pod in its host's network, of which policies may see only the node."""
    if not endpoint.host_network:
        return ()
    said = {
        "excluded": "it counts as its node, which no selector matches",
        "ordinary": "it counts as a pod to NetworkPolicies, and as its node to cluster-wide policies",
        None: f"it counts as a pod to some plugins, and as its node to others ({HOST_NETWORK_KEY})",
    }
    return (place.notice(f"{endpoint.name} is in its host's network: {said[readings.host_network_pods]}"),)


def _resolve_address(address: Address, inventory: Inventory, place: Place) -> Resolved:
    """An address that is a declared pod's is that pod, a declared node's is that node; any other is outside."""
    pods, nodes = inventory.pods_at(address), inventory.nodes.at(address)
    if len(pods) > 1:
        raise place.mistake(f"{address} is the address of several pods: {_list(pods)}", "name the pod instead")
    if pods:
        return _declared(pods[0], inventory, place)
    if len(nodes) > 1:
        names = ", ".join(node.name for node in nodes)
        raise place.mistake(f"{address} is the address of several nodes: {names}", "name the node instead")
    if nodes:
        return Resolved(nodes[0].endpoint(str(address)))
    return Resolved(ConcreteEndpoint("external", ips=(str(address),)))


def _list(workloads: Sequence[Workload]) -> str:
    return ", ".join(sorted(workload.reference for workload in workloads))


def _named_workload(expression: str, inventory: Inventory, place: Place) -> Workload:
    steps = expression.split("/")
    if len(steps) not in (2, 3) or not all(steps):
        raise place.mistake(f"{quoted(expression)} is no endpoint", FORMS)
    fitting = [
        workload
        for workload in inventory.workloads
        if workload.namespace == steps[0]
        and workload.name == steps[-1]
        and (len(steps) == 2 or workload.kind.lower() == steps[1].lower())
    ]
    if not fitting:
        raise place.mistake(f"{quoted(expression)} is not declared by any manifest", _nearest(expression, inventory))
    if len(fitting) > 1:
        raise place.mistake(
            f"{quoted(expression)} fits several: {_list(fitting)}", "name its kind: namespace/kind/name"
        )
    return fitting[0]


def _nearest(expression: str, inventory: Inventory) -> str:
    if expression.count("/") == 1:
        known = [f"{workload.namespace}/{workload.name}" for workload in inventory.workloads]
        known += [f"{NODE}{node.name}" for node in inventory.nodes.known]
    else:
        known = [workload.reference for workload in inventory.workloads]
    return did_you_mean(expression, sorted(set(known))) or FORMS


def _labels(text: str, place: Place) -> dict[str, str]:
    labels: dict[str, str] = {}
    for item in text.split(",") if text.strip() else ():
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not _LABEL_KEY.match(key) or not _LABEL_VALUE.match(value):
            raise place.mistake(f"{quoted(item.strip())} is not a label", "labels are written key=value,key=value")
        if key in labels:
            raise place.mistake(f"label {quoted(key)} is given twice")
        labels[key] = value
    return labels


def _describe_pod(expression: str, described: re.Match[str], inventory: Inventory, place: Place) -> Resolved:
    """A pod nobody declared: exactly the labels given; its address and its container ports are unknown."""
    namespace, declared = described["namespace"], described["declared"]
    if not _DNS_LABEL.match(namespace):
        raise place.mistake(f"{quoted(namespace)} is not the name of a namespace", FORMS)
    namespace_labels = inventory.labels_of_namespace(namespace)
    notices: tuple[Notice, ...] = ()
    if declared is not None:
        if namespace_labels is not None:
            raise place.mistake(
                f"namespace {quoted(namespace)} is declared, so its labels are known",
                f'write "{namespace}:{described["labels"]}"',
            )
        namespace_labels = _labels(declared, place)
    elif namespace_labels is None and namespace not in inventory.named:
        message = f"no manifest names the namespace {quoted(namespace)}: its labels are unknown"
        hint = did_you_mean(namespace, sorted({*inventory.namespaces, *inventory.named}))
        notices = (place.notice(f"{message} ({hint})" if hint else message),)
    endpoint = ConcreteEndpoint(
        "pod",
        namespace=namespace,
        labels=_labels(described["labels"], place),
        namespace_labels=namespace_labels,
        ports=None,
        title=expression,
    )
    return Resolved(endpoint, None, notices)


def _described_node(endpoint: ConcreteEndpoint, inventory: Inventory, place: Place) -> ConcreteEndpoint:
    """A node as described, with the addresses and labels that the manifests give the node of that name."""
    node = inventory.nodes.named(endpoint.node)
    if node is not None and not endpoint.ips:
        endpoint = replace(endpoint, ips=_node_end(node, place).ips)
    if node is not None and endpoint.node_labels is None:
        endpoint = replace(endpoint, node_labels=node.labels)
    if not endpoint.ips and endpoint.node is None:
        raise place.mistake("an endpoint of kind node needs an address in `ips`, or a name in `node`")
    return endpoint


def _resolve_object(value: object, inventory: Inventory, place: Place) -> Resolved:
    """An endpoint object as in the report; what it leaves out of a namespace or node is what the manifests declare."""
    endpoint = from_printed(value, file=place.file, line=place.line, path=place.path)
    if endpoint.kind == "node":
        return Resolved(_described_node(endpoint, inventory, place))
    if endpoint.kind != "pod":
        if not endpoint.ips:
            raise place.mistake(f"an endpoint of kind {endpoint.kind} needs an address in `ips`")
        return Resolved(endpoint)
    if endpoint.namespace_labels is None:
        labels = inventory.labels_of_namespace(endpoint.namespace or "")
        endpoint = replace(endpoint, namespace_labels=labels)
    pods = [item for item in inventory.workloads if item.is_pod and item.reference == endpoint.workload]
    return Resolved(endpoint, pods[0].reference if pods else None)
