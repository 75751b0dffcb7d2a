"""Properties over changes, decided for one concrete connection: does it really show a change that the verb forbids?

The second opinion on ``changes``, written apart. Trusts the concrete evaluator's answers on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..encodings.concrete.evidence import Decision
from ..encodings.concrete.services import Services
from .concrete_arrivals import arrives
from .concrete_groups import Connection, Groups, on_ports
from .suite import Equivalent, Exception_, Group, NoLostAccess, NoNewAccess, World


def unchanged(
    verb: NoNewAccess | NoLostAccess | Equivalent | None, before: Decision, after: Decision, *, gained: bool
) -> list[str]:
    """Why this connection is not gained (or lost), or not what the verb is about; empty if it is.

    ``before`` and ``after`` are the answers of base and head.
    """
    reasons: list[str] = []
    wanted = {"base": (before, not gained), "head": (after, gained)}
    for side, (decision, allowed) in wanted.items():
        if decision.allowed is None:
            reasons.append(f"{side} leaves it open: {', '.join(decision.depends_on)}")
        elif decision.allowed is not allowed:
            reasons.append(f"{side} says {'allowed' if decision.allowed else 'blocked'}")
    if (isinstance(verb, NoNewAccess) and not gained) or (isinstance(verb, NoLostAccess) and gained):
        reasons.append("the verb allows such a change")
    return reasons


def out_of_scope(
    verb: NoNewAccess | NoLostAccess | Equivalent,
    named: Mapping[str, Group],
    world: World,
    seen: Sequence[tuple[Connection, Services]],
    carved: Sequence[Exception_] = (),
) -> list[str]:
    """Why the comparison is not about this connection; empty if it is. ``seen``: as each side sees it, with its own
    Services; ``carved``: what waivers leave out, as exceptions do."""
    sides = [(Groups(named, world, services), connection) for connection, services in seen]
    reasons: list[str] = []
    scope = verb.scope
    if scope is not None and not any(_covers(scope, *side) for side in sides):
        reasons.append("the connection is not in scope")
    for key, entries in (("except", verb.except_ or ()), ("waiver", carved)):
        for index, entry in enumerate(entries):
            if all(_covers(entry, *side) for side in sides):
                reasons.append(f"the connection is left out by {key}[{index}]")
    return reasons


def _covers(entry: Exception_, groups: Groups, connection: Connection) -> bool:
    if entry.from_ is not None and groups.holds(entry.from_, connection.source, connection).value is not True:
        return False
    if entry.to is None:
        return on_ports(entry.ports, connection)
    return arrives(entry.to, entry.ports, connection, groups).value is True
