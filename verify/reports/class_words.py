"""A class of connections in words: ``any pod with app=web in namespace shop → any pod in namespace db, TCP/5432``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..classes.model import KINDS, ConnectionClass, EndClass, LabelCondition, NameCondition
from .lines import clean

_PROTOCOLS = 3
_LAST_PORT = 65535
_MOST_NAMES = 5
_ANYTHING = EndClass()


def class_text(condition: ConnectionClass, direction: str | None = None) -> str:
    """The class in one line. ``direction``: only the end that this direction governs matters (``defaultDeny``)."""
    source, destination = _end(condition.source), _end(condition.destination)
    if direction == "ingress" and condition.source == _ANYTHING:
        ends = f"{destination} (ingress)"
    elif direction == "egress" and condition.destination == _ANYTHING:
        ends = f"{source} (egress)"
    else:
        ends = f"{source} → {destination}" + (f" ({direction})" if direction else "")
    parts = [ends, _ports(condition)]
    parts += [
        f"the {clean(key)} labels of their namespaces {'agree' if same else 'differ'}"
        for key, same in condition.same_namespace_label
    ]
    if len(condition.families) == 1:
        parts.append(f"over {condition.families[0]}")
    if condition.ip_block_matches_pods is not None:
        parts.append(f"if ipBlock {'matches' if condition.ip_block_matches_pods else 'does not match'} pods")
    return ", ".join(parts)


def _end(condition: EndClass) -> str:
    if condition.kinds == KINDS and condition == _ANYTHING:
        return "anything"
    return " or ".join(_kind(condition, kind) for kind in condition.kinds)


def _kind(condition: EndClass, kind: str) -> str:
    addresses = _addresses(condition)
    if kind == "external":
        return f"any outside address{addresses}"
    if kind == "node":
        return f"any node{_with(condition.node_labels)}{addresses}"
    workloads = condition.workloads.names
    if workloads is not None:
        who = f"any pod of {_names(workloads)}"
    else:
        who = {None: "any pod", True: "any declared pod", False: "any undeclared pod"}[condition.declared]
    if condition.workloads.excluded:
        who += f" but those of {_names(condition.workloads.excluded)}"
    labels = [_label(each) for each in condition.labels]
    named = [
        f"the port's name {clean(name)} ({protocol})" if declares else f"no port name {clean(name)} ({protocol}) for it"
        for protocol, name, declares in condition.declares
    ]
    carried = " with " + " and ".join([",".join(labels), *named] if labels else named) if labels or named else ""
    at = f" at an address{addresses}" if addresses else ""
    hosts = {None: "", True: " in its host's network", False: " outside of hosts' networks"}
    on = f" on a node{_with(condition.node_labels)}" if condition.node_labels and condition.host_network else ""
    return f"{who}{carried} in {_namespace(condition)}{hosts[condition.host_network]}{on}{at}"


def _with(labels: Sequence[LabelCondition]) -> str:
    return f" with {','.join(map(_label, labels))}" if labels else ""


def _namespace(condition: EndClass) -> str:
    return _namespace_name(condition.namespaces) + _with(condition.namespace_labels)


def _namespace_name(names: NameCondition) -> str:
    if names.names is None:
        return "any namespace" + (f" but {_names(names.excluded)}" if names.excluded else "")
    if len(names.names) == 1:
        return f"namespace {clean(names.names[0])}"
    return f"one of the namespaces {_names(names.names)}"


def _addresses(condition: EndClass) -> str:
    if not condition.networks and not condition.outside:
        return ""
    inside = " and ".join(map(_network, condition.networks))
    outside = " or ".join(map(_network, condition.outside))
    return (f" in {inside}" if inside else "") + (f" not in {outside}" if outside else "")


def _network(network: str) -> str:
    """A CIDR, or the one address that it holds."""
    address, _, length = network.partition("/")
    return address if length == ("128" if ":" in address else "32") else network


def _label(condition: LabelCondition) -> str:
    """One condition on a label as ``kubectl -l`` writes it, as far as that language goes."""
    key = clean(condition.key)
    if condition.values is not None:
        if not condition.values:
            return f"!{key}"
        text = _listed(key, condition.values, "=", "in")
        return f"({text} or !{key})" if condition.absent else text
    excluded = _listed(key, condition.excluded, "!=", "notin") if condition.excluded else ""
    return ",".join(each for each in (excluded, "" if condition.absent else key) if each)


def _listed(key: str, values: Sequence[str], sign: str, word: str) -> str:
    if len(values) == 1:
        return f"{key}{sign}{clean(values[0])}"
    return f"{key} {word} ({','.join(clean(value) for value in values)})"


def _names(names: Iterable[str]) -> str:
    texts = [clean(name) for name in names]
    if len(texts) <= _MOST_NAMES:
        return ", ".join(texts)
    return f"{', '.join(texts[:_MOST_NAMES])} and {len(texts) - _MOST_NAMES} more"


def _ports(condition: ConnectionClass) -> str:
    protocols, first, last = condition.protocols, condition.first, condition.last
    every_port = (first, last) == (1, _LAST_PORT)
    if every_port:
        return "any port" if len(protocols) == _PROTOCOLS else f"{' or '.join(protocols)} on any port"
    numbers = str(first) if first == last else f"{first}-{last}"
    if len(protocols) == 1:
        return f"{protocols[0]}/{numbers}"
    return f"{'TCP, UDP or SCTP' if len(protocols) == _PROTOCOLS else ' or '.join(protocols)} on {numbers}"
