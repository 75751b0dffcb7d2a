"""NetworkPolicies that a namespace's owner could write to open one connection, or to close it: candidates.

As objects, as YAML that can be applied, and read again from that YAML, so that what is shown is what is tried. Nothing
here knows what the policies do to a connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import cast

from ..encodings.concrete.controllers import CONTROLLERS_ADD
from ..encodings.policy import Direction
from ..encodings.problems import InputErrors
from ..encodings.reading import parse_documents
from ..encodings.validation import validate
from ..encodings.written import Map, WrittenObject
from .proposals.flow import scalar
from .results import Counterexample, Endpoint, Object

NAME_LABEL = "kubernetes.io/metadata.name"
_SHOWN = "a NetworkPolicy made up"
_PEERS: dict[Direction, str] = {"ingress": "from", "egress": "to"}


def opening(example: Counterexample, undecided: Sequence[Direction]) -> Iterator[tuple[Object, ...]]:
    """Sets of policies that may open the connection, small ones first: none, then one for each end or both."""
    for count in range(len(undecided) + 1):
        for directions in combinations(undecided, count):
            yield tuple(_policy(example, direction, opens=True) for direction in directions)


def closing(example: Counterexample, undecided: Sequence[Direction]) -> Iterator[tuple[Object, ...]]:
    """Sets of policies that may close it: none, then one that lets nothing through at one end."""
    yield ()
    for direction in undecided:
        yield (_policy(example, direction, opens=False),)


def _policy(example: Counterexample, direction: Direction, *, opens: bool) -> Object:
    """A policy for pods like the one at the end: it allows the very connection, or nothing."""
    subject, other = example.destination, example.source
    if direction == "egress":
        subject, other = other, subject
    spec: dict[str, object] = {"podSelector": _pods(subject), "policyTypes": [direction.capitalize()]}
    if opens:
        port = {"protocol": example.protocol, "port": example.port}
        spec[direction] = [{_PEERS[direction]: [_peer(other, subject.namespace, example.family)], "ports": [port]}]
    verb = "opens" if opens else "closes"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{verb}-{direction}", "namespace": subject.namespace},
        "spec": spec,
    }


def _pods(end: Endpoint) -> dict[str, object]:
    """A selector of pods like this one, without labels whose values a controller makes up."""
    labels = {key: value for key, value in end.labels.items() if end.workload is None or key not in CONTROLLERS_ADD}
    return {"matchLabels": labels} if labels else {}


def _peer(end: Endpoint, own: str | None, family: str) -> dict[str, object]:
    """What matches the other end, if not much else; pods of the host's network are ends only where they are pods."""
    if end.kind != "pod":
        length = 128 if family == "IPv6" else 32
        return {"ipBlock": {"cidr": f"{end.ips[0]}/{length}"}}
    if end.namespace == own:
        return {"podSelector": _pods(end)}
    space: dict[str, object] = {"namespaceSelector": {"matchLabels": {NAME_LABEL: end.namespace}}}
    return space | ({"podSelector": _pods(end)} if _pods(end) else {})


def yaml_lines(value: object) -> Iterator[str]:
    """A Kubernetes object (or a part of one) as lines of YAML in block style."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            if isinstance(item, Mapping | list) and item:
                yield f"{scalar(key)}:"
                indent = "  " if isinstance(item, Mapping) else ""
                yield from (indent + line for line in yaml_lines(cast("object", item)))
            else:
                yield f"{scalar(key)}: {_short(cast('object', item))}"
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            first, *rest = yaml_lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield scalar(value)


def _short(value: object) -> str:
    """A value that fits on the line of its key."""
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list) else scalar(value)


def namespace_of_policy(policy: Object) -> str:
    """Where it is to be applied."""
    return cast("Mapping[str, str]", policy["metadata"])["namespace"]


class NotAPolicyError(Exception):
    """What was made up is no NetworkPolicy that an API server would take."""


def read_again(policies: Sequence[Object]) -> tuple[WrittenObject, ...]:
    """The policies as they are read from the YAML that is shown. Raises NotAPolicyError."""
    read: list[WrittenObject] = []
    for number, policy in enumerate(policies, 1):
        text = "\n".join(yaml_lines(policy))
        try:
            (document,) = parse_documents(text, _SHOWN)
        except (InputErrors, ValueError) as error:
            raise NotAPolicyError(f"{text} cannot be read: {error}") from error
        fields = document.value
        if not isinstance(fields, Map) or fields != policy:
            raise NotAPolicyError(f"{text} is not {policy}")
        metadata = cast("Mapping[str, str]", fields["metadata"])
        own = (fields["apiVersion"], fields["kind"], metadata["namespace"], metadata["name"])
        read.append(WrittenObject(_SHOWN, number, *own, fields))
    problems, _ = validate(read)
    if problems:
        raise NotAPolicyError("; ".join(map(str, problems)))
    return tuple(read)
