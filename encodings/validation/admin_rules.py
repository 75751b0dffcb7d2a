"""Rules of the cluster-wide policy kinds: action, name, peers, ports, and what does not go together.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha1/*.go and apis/v1alpha2/clusternetworkpolicy_types.go, with
the rules of the schemas' experimental channel, which is the only one that has nodes, domain names and (in v1alpha1)
named ports. It trusts ``admin_peers`` and ``admin_ports``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .admin_dialects import NAMELESS_PEERS, PEERS_OF, Dialect, Direction
from .admin_fields import choice, entries, note_dropped, report, undecided
from .admin_peers import check_peer
from .admin_ports import check_port, check_protocol
from .fields import Field

LONGEST_NAME = 100

_SPLIT_RULE = "split the rule in two of the same action, one after the other"
_SPLIT_POLICY = "split them over several policies, in the order of their priorities"
_OTHER_PORTS = {"ports": "protocols", "protocols": "ports"}


def check_rules(rules: Field, direction: Direction, dialect: Dialect) -> None:
    """Report the mistakes of a policy's rules of one direction."""
    many = _SPLIT_POLICY if "priority" in dialect.spec_fields else "join rules of one action that follow each other"
    for rule in entries(rules, dialect.most_rules, many=many):
        _check_rule(rule, direction, dialect)


def _check_rule(rule: Field, direction: Direction, dialect: Dialect) -> None:
    peers_name = PEERS_OF[direction]
    if rule.mapping(f"write a rule as `- action: Deny` with `{peers_name}: […]` below it") is None:
        return
    rule.only(("name", "action", peers_name, dialect.ports), _rule_hints(direction, dialect))
    _check_name(rule.child("name"))
    options = f"{', '.join(dialect.actions[:-1])} or {dialect.actions[-1]}"
    choice(rule.child("action"), dialect.actions, _action_hints(dialect), f"write action: {options}")
    if not rule.child(peers_name).written:
        rule.child(peers_name).required(hint=f"for every pod of the cluster write {peers_name}: [{{namespaces: {{}}}}]")
    few = "for every pod of the cluster write `- namespaces: {}`"
    peers = entries(rule.child(peers_name), dialect.most_entries, 1, few=few, many=_SPLIT_RULE)
    for peer in peers:
        check_peer(peer, direction, dialect)
    few = f"leave `{dialect.ports}` out to mean every port of every protocol"
    ports = entries(rule.child(dialect.ports), dialect.most_entries, 1, few=few, many=_SPLIT_RULE)
    note_dropped(rule, dialect.ports, "the rule matches every port of every protocol")
    for port in ports:
        (check_port if dialect.ports == "ports" else check_protocol)(port)
    if direction == "egress":
        _check_domains(rule.child("action"), peers, dialect)
        _check_names_apart(rule, peers, ports, dialect)


def _check_name(name: Field) -> None:
    text = name.string()
    if text is not None and len(text) > LONGEST_NAME:
        name.too_long(LONGEST_NAME, "shorten the rule's name")


def _check_domains(action: Field, peers: Sequence[Field], dialect: Dialect) -> None:
    """Domain names are documented for rules that let traffic through only; no schema says so."""
    if action.value not in dialect.actions[1:]:
        return
    accept = dialect.actions[0]
    hint = f"write a rule of action {accept} for the names, and after it one that denies networks"
    refuse = partial(Field.forbidden, detail=f"domainNames is only supported for {accept} rules", hint=hint)
    for peer in peers:
        if "domainNames" in dialect.egress_peers and peer.child("domainNames").written:
            undecided(peer.child("domainNames"), refuse)


def _check_names_apart(rule: Field, peers: Sequence[Field], ports: Sequence[Field], dialect: Dialect) -> None:
    """No named port beside a peer that has none; the standard channel accepts one beside ``networks``."""
    named = next((port.child(dialect.named_port) for port in ports if port.child(dialect.named_port).written), None)
    nameless = [name for name in NAMELESS_PEERS if any(peer.child(name).written for peer in peers)]
    if named is None or not nameless:
        return
    if nameless == ["networks"] and dialect.standard_names:
        named.note(
            "addresses outside the cluster have no named ports and never match; "
            "the experimental channel of the API refuses a named port beside networks"
        )
        return
    hint = f"write two rules: one with the named port, and one with numbers for {' and '.join(nameless)}"
    report(rule, f"Invalid value: {dialect.name_refusal}", hint, named)


def _action_hints(dialect: Dialect) -> dict[str, str]:
    accept = dialect.actions[0]
    hints = {
        **dict.fromkeys(("allow", "accept", "permit"), f"a {dialect.kind} says {accept}"),
        **dict.fromkeys(("drop", "reject", "block"), "write Deny"),
    }
    if "Pass" not in dialect.actions:
        hints["pass"] = f"no tier comes after a {dialect.kind}: what it would pass on is allowed, so write {accept}"
    return hints


def _rule_hints(direction: Direction, dialect: Dialect) -> dict[str, str]:
    peers = PEERS_OF[direction]
    under = f"peers go under `{peers}:`, each starting with `- `"
    return {
        "to" if peers == "from" else "from": f"{direction} rules use `{peers}`",
        _OTHER_PORTS[dialect.ports]: f"{dialect.api_version} calls it `{dialect.ports}`",
        **dict.fromkeys(("namespaces", "pods", "networks", "nodes", "domainNames", "ipBlock"), under),
        **dict.fromkeys(("namespaceSelector", "podSelector"), under),
        **dict.fromkeys(
            ("portNumber", "portRange", "namedPort", "tcp", "udp", "sctp", "destinationNamedPort", "port", "protocol"),
            f"it goes under `{dialect.ports}:`, as an entry that starts with `- `",
        ),
        "priority": "the order of the rules is their precedence; priority stands under `spec`",
    }
