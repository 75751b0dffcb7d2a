"""Readings of NetworkPolicy as a whole that a program may take by mistake, each as a mutant of all policies at once.

A mistake in one place can be hidden by the policies beside it; one that is made everywhere may show where none of its
places shows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

from ....encodings.cluster import NAME_LABEL
from ....encodings.policy import DIRECTIONS
from .boundary import Boundary, outside
from .forms import (
    EVERY_ADDRESS,
    EVERY_POD,
    Blocks,
    Labels,
    Mutant,
    Named,
    Numbers,
    Peer,
    Pods,
    Policy,
    Port,
    Rule,
    Traffic,
    blocks_of,
)
from .outline import Outline

_Change = Callable[[Policy], Policy]


@dataclass(frozen=True, slots=True)
class _Everywhere:
    """Changes made to every part of a policy; each gives the parts that stand for one."""

    labels: Callable[[Labels], Labels] = lambda each: each
    pods: Callable[[Pods], Pods] = lambda each: each
    peer: Callable[[Policy, Peer], tuple[Peer, ...]] = lambda _, each: (each,)
    port: Callable[[Port], tuple[Port, ...]] = lambda each: (each,)
    rule: Callable[[Policy, Rule], Rule] = lambda _, each: each

    def __call__(self, policy: Policy) -> Policy:
        rules = tuple(self._rule(policy, rule) for rule in policy.rules)
        return replace(policy, subject=self._pods(policy.subject), rules=rules)

    def _rule(self, policy: Policy, rule: Rule) -> Rule:
        peers = None if rule.peers is None else tuple(new for old in rule.peers for new in self._peers(policy, old))
        ports = None if rule.ports is None else tuple(new for old in rule.ports for new in self.port(old))
        return self.rule(policy, Rule(peers, ports))

    def _peers(self, policy: Policy, peer: Peer) -> tuple[Peer, ...]:
        return self.peer(policy, self._pods(peer) if isinstance(peer, Pods) else peer)

    def _pods(self, pods: Pods) -> Pods:
        changed = replace(
            pods,
            namespace_labels=tuple(self.labels(each) for each in pods.namespace_labels),
            labels=tuple(self.labels(each) for each in pods.labels),
        )
        return self.pods(changed)


def reading_boundaries(outline: Outline) -> Iterator[Boundary]:
    """One boundary for each reading under which the policies say something else."""
    real = outline.policies
    for name, change in _changes(outline).items():
        policies = tuple(change(policy) for policy in real)
        if policies != real:
            kept = (old if old == new else new for old, new in zip(real, policies, strict=True))
            yield _boundary(name, outline.mutant(tuple(kept)))
    if outline.dormant:
        isolating = (replace(policy, rules=()) for policy in outline.dormant)
        yield _boundary("a policy governs both directions", outline.mutant((*real, *isolating)))
    yield from _of_traffic(outline)
    if real:
        yield _boundary("a connection is allowed where the opposite one is", replace(outline.mutant(), both_ways=True))
    if len({policy.direction for policy in real}) > 1:
        yield _boundary("one of two pods must allow", replace(outline.mutant(), either_end=True))
        for direction in DIRECTIONS:
            yield _boundary(f"a rule for {direction} is enough", replace(outline.mutant(), enough=direction))
    if len(real) > 1:
        yield _boundary("every policy that selects a pod must allow", replace(outline.mutant(), union="all"))
        yield _boundary("only the first policy that selects a pod counts", replace(outline.mutant(), union="first"))
        yield _boundary("only the last policy that selects a pod counts", replace(outline.mutant(), union="last"))


def _boundary(name: str, mutant: Mutant) -> Boundary:
    return Boundary(f"reading: {name}", name, (outside(mutant),))


def _of_traffic(outline: Outline) -> Iterator[Boundary]:
    real = outline.policies
    for direction in DIRECTIONS:
        if any(policy.direction == direction for policy in real):
            others = tuple(policy for policy in real if policy.direction != direction)
            yield _boundary(f"{direction} is not governed", outline.mutant(others))
    for traffic in get_args(Traffic):
        yield _boundary(f"{traffic} is not governed", replace(outline.mutant(), passes=traffic))
        yield _boundary(f"{traffic} never passes", replace(outline.mutant(), refuses=traffic))


def _changes(outline: Outline) -> dict[str, _Change]:
    return {**_of_labels(), **_of_pods(outline), **_of_blocks(outline), **_of_ports(outline)}


def _of_labels() -> dict[str, _Change]:
    def not_name(change: Callable[[Labels], Labels]) -> Callable[[Labels], Labels]:
        return lambda own: own if own.key == NAME_LABEL else change(own)

    def absent_as_empty(own: Labels) -> Labels:
        return replace(own, absent=own.holds(""))

    def empty_as_absent(own: Labels) -> Labels:
        return own if own.holds("") == own.absent else own.flipped("")

    def first_value(own: Labels) -> Labels:
        return replace(own, listed=own.listed[:1])

    return {
        "NotIn needs the label": _Everywhere(
            labels=not_name(lambda own: replace(own, absent=own.absent and not own.listed))
        ),
        "an absent label has the empty value": _Everywhere(labels=not_name(absent_as_empty)),
        "an empty value is an absent label": _Everywhere(labels=not_name(empty_as_absent)),
        "only the first value counts": _Everywhere(labels=first_value),
        "requirements on a label are not asked for": _Everywhere(labels=not_name(lambda own: own.always(True))),
        "a namespace lacks the label of its name": _Everywhere(
            labels=lambda own: own.always(own.absent) if own.key == NAME_LABEL else own
        ),
    }


def _of_pods(outline: Outline) -> dict[str, _Change]:
    def repeated(pods: Pods, keep: int) -> Pods:
        return replace(pods, labels=_once(pods.labels, keep), namespace_labels=_once(pods.namespace_labels, keep))

    def own_too(policy: Policy, peer: Peer) -> tuple[Peer, ...]:
        own = isinstance(peer, Pods) and peer.namespace is None
        return (replace(peer, namespace=policy.subject.namespace),) if own and isinstance(peer, Pods) else (peer,)

    def everywhere(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (replace(peer, namespace=None) if isinstance(peer, Pods) else peer,)

    def in_default(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (replace(peer, namespace="default") if isinstance(peer, Pods) and peer.namespace else peer,)

    def only_namespace(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        whole = isinstance(peer, Pods) and peer.namespace is None and peer.namespace_labels
        return (replace(peer, labels=()) if whole and isinstance(peer, Pods) else peer,)

    def either(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        if isinstance(peer, Pods) and peer.namespace_labels and peer.labels:
            return replace(peer, labels=()), replace(peer, namespace_labels=())
        return (peer,)

    def on_pods(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        if isinstance(peer, Pods) and any(each.key != NAME_LABEL for each in peer.namespace_labels):
            own = (*peer.labels, *(each for each in peer.namespace_labels if each.key != NAME_LABEL))
            return (replace(peer, namespace_labels=(), labels=own),)
        return (peer,)

    def with_addresses(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (peer, EVERY_ADDRESS) if isinstance(peer, Pods) else (peer,)

    def ipv4_alone(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (replace(peer, family="IPv4") if isinstance(peer, Pods) else peer,)

    def no_addresses(_: Policy, rule: Rule) -> Rule:
        return replace(rule, peers=(EVERY_POD,)) if rule.peers is None else rule

    def own_pods(policy: Policy, rule: Rule) -> Rule:
        return replace(rule, peers=(Pods(policy.subject.namespace), EVERY_ADDRESS)) if rule.peers is None else rule

    def selecting_anywhere(policy: Policy) -> Policy:
        return replace(policy, subject=replace(policy.subject, namespace=None))

    return {
        "of two requirements on a label the last counts": _Everywhere(pods=lambda pods: repeated(pods, -1)),
        "of two requirements on a label the first counts": _Everywhere(pods=lambda pods: repeated(pods, 0)),
        "a namespaceSelector stays in the policy's namespace": _Everywhere(peer=own_too),
        "a podSelector alone selects in every namespace": _Everywhere(peer=everywhere),
        "a podSelector alone selects in the namespace default": _Everywhere(peer=in_default),
        "a podSelector beside a namespaceSelector is not asked for": _Everywhere(peer=only_namespace),
        "a podSelector or the namespaceSelector beside it": _Everywhere(peer=either),
        "a namespaceSelector asks for labels of pods": _Everywhere(peer=on_pods),
        "a selector matches addresses outside": _Everywhere(peer=with_addresses),
        "a selector of a peer matches IPv4 alone": _Everywhere(peer=ipv4_alone),
        "a selector matches nothing without labels": _Everywhere(pods=lambda pods: replace(pods, labelled=("pod",))),
        "any peer means pods": _Everywhere(rule=no_addresses),
        "any peer means the policy's namespace": _Everywhere(rule=own_pods),
        "a policy selects in every namespace": selecting_anywhere,
    }


def _once(labels: tuple[Labels, ...], keep: int) -> tuple[Labels, ...]:
    """One requirement a key: the first or the last (-1)."""
    chosen: dict[str, list[Labels]] = {}
    for each in labels:
        chosen.setdefault(each.key, []).append(each)
    return tuple(found[keep] for found in chosen.values())


def _of_blocks(outline: Outline) -> dict[str, _Change]:
    def no_excepts(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (replace(peer, excepts=()) if isinstance(peer, Blocks) else peer,)

    def denying(policy: Policy) -> Policy:
        excepted = (Blocks(block.excepts, pods=block.pods) for block in blocks_of([policy]) if block.excepts)
        return replace(policy, denies=tuple(excepted))

    def any_address(_: Policy, peer: Peer) -> tuple[Peer, ...]:
        return (EVERY_ADDRESS if isinstance(peer, Blocks) else peer,)

    changes: dict[str, _Change] = {
        "except is not asked for": _Everywhere(peer=no_excepts),
        "except denies, whatever allows": denying,
    }
    if blocks_of(outline.policies):
        changes["an ipBlock holds every address"] = _Everywhere(peer=any_address)
    return changes


def _of_ports(outline: Outline) -> dict[str, _Change]:
    def of_name(change: Callable[[Named], tuple[Port, ...]]) -> _Everywhere:
        return _Everywhere(port=lambda port: change(port) if isinstance(port, Named) else (port,))

    def of_number(change: Callable[[Numbers], Numbers]) -> _Everywhere:
        return _Everywhere(port=lambda port: (change(port),) if isinstance(port, Numbers) else (port,))

    def numbered(port: Named) -> tuple[Port, ...]:
        return (Numbers(port.protocol, outline.numbers[port.name], outline.numbers[port.name]),)

    def with_protocols(port: Port) -> tuple[Port, ...]:
        return (port, replace(port, protocol="TCP"), replace(port, protocol="UDP"), replace(port, protocol="SCTP"))

    return {
        "a named port is a number": of_name(numbered),
        "a named port is any port": of_name(lambda port: (Numbers(port.protocol, 1, 65535),)),
        "a named port may be declared for any protocol": of_name(
            lambda port: (replace(port, declared="TCP"), replace(port, declared="UDP"), replace(port, declared="SCTP"))
        ),
        "endPort is not asked for": of_number(
            lambda port: port if port.last == 65535 else replace(port, last=port.first)
        ),
        "endPort is exclusive": of_number(
            lambda port: replace(port, last=port.last - 1) if port.last > port.first else port
        ),
        "the protocol is not asked for": _Everywhere(port=with_protocols),
        "any port means TCP": _Everywhere(
            rule=lambda _, rule: replace(rule, ports=(Numbers("TCP", 1, 65535),)) if rule.ports is None else rule
        ),
        "ports are not asked for": _Everywhere(rule=lambda _, rule: replace(rule, ports=None)),
        "peers are not asked for": _Everywhere(rule=lambda _, rule: replace(rule, peers=None)),
    }
