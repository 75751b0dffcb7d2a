"""The filters of ``connectivity``: which workloads and outside addresses ``--from`` and ``--to`` keep, and which ports.

An expression is a declared workload (``shop/web``, ``shop/deployment/web``, or as printed), declared workloads by
namespace and labels (``shop:app=web``, ``shop:``), an address, a CIDR, or a range of addresses as printed. What keeps
nothing is a mistake, so that an empty answer is never a mistyped filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from ...encodings.addresses import FAMILIES, Family, address_text, parse_address, parse_network
from ...encodings.cluster import Cluster
from ...encodings.concrete.inventory import read_inventory
from ...encodings.manifests import Manifests
from ...encodings.policy import NamedPort, PortMatch
from ...encodings.problems import InputErrors, Problem, did_you_mean
from ...encodings.selectors import Requirement, matches
from ...encodings.workloads import DeclaredPod
from ...properties.notation import NotationError
from ...properties.ports import parse_port
from ...properties.selectors import requirements
from .classes import known_labels, workload_of
from .intervals import Intervals, intersect, normal
from .outside import Addresses
from .scope import Chosen

_FORMS = (
    'write "namespace/name", "namespace/kind/name", "namespace:key=value,…" (declared workloads with these labels), '
    "an address, a CIDR or a range of addresses"
)
_LABELS = re.compile(r"(?P<namespace>[^:/\[\]\s]+)(?P<undeclared>\[[^\[\]]*\])?:(?P<selector>.*)", re.DOTALL)
_PRINTED = re.compile(r"(?P<namespace>[^/\[\]]+)/(?P<name>[^/\[\]]+)\[(?P<kind>[^\[\]]+)\]")
_SHOWN = 80


class Filters:
    """Reads filters against what the manifests declare."""

    def __init__(self, manifests: Manifests, cluster: Cluster, addresses: Addresses) -> None:
        self._manifests, self._cluster, self._addresses = manifests, cluster, addresses

    def chosen(self, option: str, expressions: Sequence[str]) -> Chosen | None:
        """What any of the expressions keeps; None if there are none. Raises InputErrors with every mistake."""
        found: list[Chosen] = []
        problems: list[Problem] = []
        for expression in expressions:
            try:
                found.append(self._one(option, expression))
            except InputErrors as errors:
                problems.extend(errors.problems)
        if problems:
            raise InputErrors(problems)
        return _joined(found) if found else None

    def ports(self, option: str, expression: str | None) -> PortMatch | None:
        """The ports to keep. Raises InputErrors for what is no port, and for a name that no workload declares."""
        if expression is None:
            return None
        try:
            port = parse_port(expression)
        except NotationError as mistake:
            raise _mistake(option, mistake.message, mistake.hint) from None
        if isinstance(port, NamedPort):
            declared = {(name, protocol) for pod in self._pods for name, protocol, _ in pod.ports}
            if (port.name, port.protocol) not in declared:
                known = [f"{protocol}/{name}" for name, protocol in sorted(declared)]
                raise _mistake(
                    option, f"no workload declares a port {port.protocol}/{port.name}", _near(expression, known)
                )
        return port

    @cached_property
    def _pods(self) -> tuple[DeclaredPod, ...]:
        """The workloads that connectivity is about."""
        return tuple(pod for pod in self._cluster.pods if not pod.host_network)

    def _one(self, option: str, expression: str) -> Chosen:
        addresses = _addresses(expression)
        if addresses is not None:
            family, first, last = addresses
            return self._one_address(option, family, first) if first == last else self._range(option, *addresses)
        labels = _LABELS.fullmatch(expression)
        if labels is not None and labels["undeclared"] is not None:
            hint = "evaluate asks about pods and namespaces that nobody declared"
            raise _mistake(option, f"{_quoted(expression)} describes an undeclared namespace", hint)
        if labels is not None:
            return Chosen(self._labelled(option, labels["namespace"], labels["selector"]))
        return Chosen(frozenset({self._named(option, expression)}))

    def _one_address(self, option: str, family: Family, number: int) -> Chosen:
        """A pod's address is that pod; any other must be outside."""
        for pod in self._pods:
            if (family, number) in pod.addresses:
                return Chosen(frozenset({pod.reference}))
        if (family, number) in self._addresses.of_pods:
            return Chosen(frozenset({self._owner_at(family, number)}))
        return self._range(option, family, number, number)

    def _owner_at(self, family: Family, number: int) -> str:
        """The workload that stands for the pod with this address."""
        inventory = read_inventory(self._manifests)
        return next(
            workload.owner
            for workload in inventory.workloads
            if not workload.host_network and (family, number) in map(parse_address, workload.ips)
        )

    def _range(self, option: str, family: Family, first: int, last: int) -> Chosen:
        kept = intersect(((first, last),), self._addresses.outside.get(family, ()))
        if kept:
            return Chosen(addresses={family: kept})
        text = address_text(family, first) + ("" if first == last else f"-{address_text(family, last)}")
        if family not in self._addresses.families:
            raise _mistake(option, f"{text}: podCIDRs have no {family} address, and so no connection uses that family")
        hint = "name the pods instead: namespace/name or namespace:key=value"
        if first == last and self._addresses.in_networks(family, first, self._addresses.pod_networks):
            raise _mistake(option, f"{text} lies in podCIDRs, and no declared pod has it", hint)
        if first == last and (family, first) in self._addresses.of_nodes:
            raise _mistake(option, f"{text} is a node's: nodes are no ends here", "ask evaluate about the address")
        if first == last and self._addresses.in_networks(family, first, self._addresses.node_networks):
            raise _mistake(
                option, f"{text} lies in nodeCIDRs: nodes are no ends here", "ask evaluate about the address"
            )
        raise _mistake(option, f"{text} holds no outside address: all are pods' or nodes'", hint)

    def _labelled(self, option: str, namespace: str, text: str) -> frozenset[str]:
        """The workloads of a namespace whose labels surely match; values that a controller chooses match nothing."""
        inside = [pod for pod in self._pods if pod.namespace == namespace]
        if not inside:
            known = sorted({pod.namespace for pod in self._pods})
            raise _mistake(
                option, f"no workload is declared in namespace {_quoted(namespace)}", _near(namespace, known)
            )
        try:
            wanted = requirements(text) if text.strip() else ()
        except NotationError as mistake:
            raise _mistake(option, mistake.message, mistake.hint) from None
        found = frozenset(pod.reference for pod in inside if _surely_matches(wanted, pod))
        if not found:
            pairs = sorted({f"{key}={value}" for pod in inside for key, value in known_labels(pod)[0].items()})
            message = f"no workload declared in namespace {_quoted(namespace)} matches {_quoted(text)}"
            raise _mistake(option, message, _near(text, pairs))
        return found

    def _named(self, option: str, expression: str) -> str:
        """The reference of the one workload that a name means; an object that another one made stands for that."""
        printed = _PRINTED.fullmatch(expression)
        steps = [printed["namespace"], printed["kind"], printed["name"]] if printed else expression.split("/")
        if len(steps) not in (2, 3) or not all(steps):
            raise _mistake(option, f"{_quoted(expression)} is no filter", _FORMS)
        found = [pod for pod in self._cluster.pods if _is_called(pod.reference, steps)]
        if not found:
            return self._made(option, expression, steps)
        if len(found) > 1:
            several = ", ".join(sorted(pod.reference for pod in found))
            raise _mistake(
                option, f"{_quoted(expression)} fits several: {several}", "name its kind: namespace/kind/name"
            )
        if found[0].host_network:
            message = (
                f"{found[0].reference} is in the host's network: its traffic is its node's, and nodes are no ends here"
            )
            raise _mistake(option, message)
        return found[0].reference

    def _made(self, option: str, expression: str, steps: Sequence[str]) -> str:
        """The workload that stands for a declared object which it made, such as a Deployment for its ReplicaSet."""
        references = {pod.reference for pod in self._pods}
        owners = {
            workload.owner
            for workload in read_inventory(self._manifests).workloads
            if _is_called(workload.reference, steps) and workload.owner in references
        }
        if len(owners) == 1:
            return owners.pop()
        names = [workload_of(pod).title for pod in self._pods] if len(steps) == 2 else sorted(references)
        hint = _near(expression, names) or _FORMS
        raise _mistake(option, f"{_quoted(expression)} is not declared by any manifest", hint)


def _is_called(reference: str, steps: Sequence[str]) -> bool:
    """Is this the reference of ``namespace/name`` or ``namespace/kind/name``? Kinds match in any case."""
    namespace, _, rest = reference.partition("/")
    kind, _, name = rest.rpartition("/")
    return (namespace, name) == (steps[0], steps[-1]) and (len(steps) == 2 or kind.lower() == steps[1].lower())


def _surely_matches(wanted: Iterable[Requirement], pod: DeclaredPod) -> bool:
    labels, unknown = known_labels(pod)
    return all(each.operator == "Exists" if each.key in unknown else matches((each,), labels) for each in wanted)


def _addresses(expression: str) -> tuple[Family, int, int] | None:
    """The first and last address that an address, a CIDR or a range means; None for anything else."""
    try:
        if "/" in expression:
            network = parse_network(expression)
            return network.family, network.base, network.last
        start, _, end = expression.partition("-")
        family, first = parse_address(start)
        other, last = parse_address(end) if end else (family, first)
    except ValueError:
        return None
    return (family, first, last) if family == other and first <= last else None


def _joined(chosen: Sequence[Chosen]) -> Chosen:
    addresses: dict[Family, Intervals] = {
        family: normal(interval for each in chosen for interval in each.addresses.get(family, ()))
        for family in FAMILIES
    }
    return Chosen(
        frozenset(reference for each in chosen for reference in each.workloads),
        {family: intervals for family, intervals in addresses.items() if intervals},
    )


def _near(word: str, known: Sequence[str]) -> str:
    return did_you_mean(word[:_SHOWN], known)


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'


def _mistake(option: str, message: str, hint: str = "") -> InputErrors:
    return InputErrors([Problem(option, 0, "", message, hint)])
