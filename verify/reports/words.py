"""Words for endpoints, connections and evidence: the sentences that text outputs share.

Everything that comes from users or manifests is cleaned here, so callers can print what they get.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..results import Because, Cause, Counterexample, Effect, Endpoint, Override, Reading, Reason
from .lines import clean

_EFFECTS: dict[Effect, str] = {
    "allows": "allowed by",
    "denies": "denied by",
    "passes": "passed on by",
    "isolates": "isolated by",
    "not-isolated": "not isolated by",
    "read": "read:",
}


def place(file: str | None, line: int | None) -> str:
    """``file:line``, the file alone if the line is unknown, "" without a file."""
    if file is None:
        return ""
    return f"{clean(file)}:{line}" if line else clean(file)


def labels(pairs: Mapping[str, str]) -> str:
    """``app=web, tier=front``, sorted by key."""
    return ", ".join(f"{clean(key)}={clean(value)}" for key, value in sorted(pairs.items()))


def endpoint(end: Endpoint, again: bool = False) -> str:
    """One end of a connection as a noun: a declared workload by its name, another pod by what it carries.

    ``again``: the sentence has already explained what a pod that nobody declared is.
    """
    if end.kind == "external":
        return f"address {_ips(end)} (outside the cluster)"
    if end.kind == "node":
        return _node(end)
    host = f" in the host's network{_of_node(end)}" if end.host_network else ""
    if end.workload is not None:
        return clean(end.workload) + host
    carried = f"a pod with {labels(end.labels)}" if end.labels else "a pod without labels"
    known = "also undeclared" if again else "nobody declared it; it could exist"
    return f"{carried} in {_namespace(end)}{host} ({known})"


def _of_node(end: Endpoint) -> str:
    """The node of a pod in the host's network, if it is told."""
    if end.node is not None:
        return f" of node {clean(end.node)}"
    return f" of a node with {labels(end.node_labels)}" if end.node_labels else ""


def _node(end: Endpoint) -> str:
    """A declared node by its name, another by its address and the labels that matter."""
    if end.node is not None:
        return f"node {clean(end.node)} at {_ips(end)} (not the pod's own)"
    carried = f" with {labels(end.labels)}" if end.labels else ""
    return f"node {_ips(end)}{carried} (not the pod's own)"


def _ips(end: Endpoint) -> str:
    return ", ".join(clean(ip) for ip in end.ips) or "of any value"


def _namespace(end: Endpoint) -> str:
    name = clean(end.namespace or "")
    if end.namespace_declared is not False:
        return f"namespace {name}"
    carried = f"with {labels(end.namespace_labels)}" if end.namespace_labels else "without labels"
    return f"an undeclared namespace {carried}"


def port(example: Counterexample) -> str:
    """``TCP/5432``, with the port's name and the family where they are not the usual."""
    text = f"{clean(example.protocol)}/{example.port}"
    if example.port_name is not None:
        text += f' ("{clean(example.port_name)}")'
    return f"{text} over IPv6" if example.family == "IPv6" else text


def sentence(example: Counterexample) -> str:
    """What happens in the counterexample, as the one sentence that a reader needs."""
    if not example.other_family_holds:
        return _happens(example)
    if example.direction is not None or example.override is not None:
        return f"{_happens(example)}; over IPv4 the property holds"
    return f"{_happens(example)} only: over IPv4 it is {'closed' if example.allowed else 'open'}"


def _happens(example: Counterexample) -> str:
    if example.override is not None:
        return _overridden(example, example.override)
    if example.direction == "ingress":
        text = (
            f"{endpoint(example.destination)} is open to {other_end(example.source, example.destination)} "
            f"on {port(example)}: its ingress is not denied by default"
        )
    else:
        source, destination = endpoint(example.source), other_end(example.destination, example.source)
        if example.direction is None:
            return f"{source} {'reaches' if example.allowed else 'cannot reach'} {destination} on {port(example)}"
        text = f"{source} is free to reach {destination} on {port(example)}: its egress is not denied by default"
    return text if example.allowed else f"{text} (the other end refuses this connection)"


def _overridden(example: Counterexample, found: Override) -> str:
    """What NetworkPolicies can do to the connection."""
    ends = f"{other_end(example.destination, example.source)} on {port(example)}"
    if found.opens is not None and found.closes is not None:
        return f"NetworkPolicies decide whether {endpoint(example.source)} reaches {ends}"
    policies, verb, change = found.opens, "reaches", "allow it"
    if policies is None:
        policies, verb, change = found.closes, "cannot reach", "refuse it"
    where = f"where NetworkPolicies {change}" if policies else "where there is no NetworkPolicy"
    if not found.undecided:
        where = "whatever NetworkPolicies there are"
    return f"{endpoint(example.source)} {verb} {ends} {where}"


def other_end(end: Endpoint, first: Endpoint) -> str:
    """The end that a sentence names second, by what sets it apart from the first."""
    if end.workload is not None and end.workload == first.workload:
        return f"another pod of {clean(end.workload)}"
    return endpoint(end, again=first.kind == "pod" and first.workload is None)


def reason(line: Reason) -> str:
    """One line of evidence: ``ingress: allowed by shop/db-allow, ingress[0] (k8s/db.yaml:14)``."""
    if line.policy is None:
        subject = "the source" if line.direction == "egress" else "the destination"
        return f"{line.direction}: no policy isolates {subject}"
    rule = "" if line.rule is None else f", {line.direction}[{line.rule}]"
    where = place(line.file, line.line)
    return f"{line.direction}: {_EFFECTS[line.effect]} {clean(line.policy)}{rule}" + (f" ({where})" if where else "")


def cause(found: Cause) -> str:
    """A changed line: ``NetworkPolicy shop/db, spec.ingress[0].ports[1] added (k8s/db.yaml:14)``."""
    what = f", {clean(found.path)}" if found.path else ""
    where = place(found.file, found.line)
    side = " in base" if found.side == "base" else ""
    return f"{clean(found.object)}{what} {found.change} ({where}{side})"


def proof(line: Because) -> str:
    """One line under a proof: ``shop/db-allow isolates db, admits only app=api (k8s/db.yaml:3)``."""
    if line.policy is None:
        subject = "the source" if line.direction == "egress" else "the destination"
        return f"no policy isolates {subject}"
    rule = "" if line.rule is None else f", {line.direction}[{line.rule}],"
    spare = " (others isolate it too)" if line.redundant else ""
    where = place(line.file, line.line)
    text = f"{clean(line.policy)}{rule} {clean(line.detail or line.effect)}{spare}"
    return text + (f" ({where})" if where else "")


def reading(made: Reading) -> str:
    """``ipBlockMatchesPods=false``, with the order of tied policies if there is one, and switches of unusual value."""
    parts = [f"ipBlockMatchesPods={'true' if made.ip_block_matches_pods else 'false'}"]
    if made.baseline_hidden_by != "direction":
        parts.append(f"baselineHiddenBy={made.baseline_hidden_by}")
    if made.host_network_pods != "excluded":
        parts.append(f"hostNetworkPods={made.host_network_pods}")
    if made.order:
        parts.append(f"tied policies in this order: {', '.join(map(clean, made.order))}")
    return ", ".join(parts)
