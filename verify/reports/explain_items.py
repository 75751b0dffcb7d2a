"""An explanation as facts and nested items, nearest first: what text and Markdown show, before either dresses it.

Which of it is shown is decided here, for both: quiet and verbose included. What is true comes from the walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...encodings.concrete.endpoints import ConcreteEndpoint
from ...encodings.concrete.evidence import Direction
from ...encodings.concrete.misses import distance
from ...encodings.concrete.trace import DirectionWalk, PolicyWalk, RuleWalk
from ..explanation import Explanation, Piece
from . import explain_words as words
from .answers import end_as_asked
from .explain_lines import (
    SHOWN,
    Fact,
    Item,
    alternatives,
    peer_distance,
    peer_items,
    port_distance,
    requirement_item,
)
from .explain_tiers import around_the_policies, by_rule, has_tiers, refusal

_WAYS: dict[Direction, str] = {"egress": "to", "ingress": "from"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the question with one answer: which part ("" for all of it), its summary, and its walk."""

    allowed: bool | None
    title: str
    facts: tuple[Fact, ...]
    ends: tuple[Fact, ...] = ()
    walk: tuple[Item, ...] = ()


def parts(explanation: Explanation, *, quiet: bool, verbose: bool) -> list[Part]:
    """What to show, in order. Of several ports the walks are shown only if everything is asked for."""
    if len(explanation.pieces) == 1 or verbose:
        single = len(explanation.pieces) == 1
        return [
            Part(
                piece.allowed,
                "" if single else words.part(explanation, piece.protocol, piece.ports, piece.families),
                tuple(_summary(piece, explanation, brief=quiet, single=single)),
                () if quiet else tuple(_ends(explanation, piece, verbose)),
                () if quiet else tuple(_walks(explanation, piece, verbose)),
            )
            for piece in explanation.pieces
        ]
    found: dict[object, list[Piece]] = {}
    for piece in explanation.pieces:
        facts = tuple(_summary(piece, explanation, brief=piece.allowed is not True, single=False))
        found.setdefault((piece.allowed, piece.families, piece.protocol, facts), []).append(piece)
    return [_overview(explanation, pieces) for pieces in found.values()]


def heading(explanation: Explanation, quiet: bool) -> list[Fact]:
    """Where the answer differs among ports or families: how it differs, and what would settle it."""
    by_port = words.by_port(explanation)
    if not by_port:
        return []
    remedies = [] if quiet else words.remedies(explanation.depends_on)
    return [Fact("answers", by_port), *(Fact("to settle", text) for text in remedies)]


def _overview(explanation: Explanation, pieces: Sequence[Piece]) -> Part:
    """Pieces of which the same is to be said in short."""
    piece = pieces[0]
    ports = tuple(sorted(each for one in pieces for each in one.ports))
    facts = tuple(_summary(piece, explanation, brief=piece.allowed is not True, single=False))
    return Part(piece.allowed, words.part(explanation, piece.protocol, ports, piece.families), facts)


def _summary(piece: Piece, explanation: Explanation, *, brief: bool, single: bool) -> Iterator[Fact]:
    """What comes nearest or what the answer hangs on, and (unless brief) what each end says."""
    walks = ((piece.egress, explanation.source), (piece.ingress, explanation.destination))
    if piece.allowed is False:
        yield from _nearest(piece, single)
    elif piece.allowed is None:
        hanging = [text for walk, _ in walks if walk.side.allowed is None for text in words.open_questions(walk)]
        shown = list(dict.fromkeys(hanging))
        for text in shown[:SHOWN]:
            yield Fact("hangs on", text)
        if len(shown) > SHOWN:
            yield Fact("hangs on", f"{len(shown) - SHOWN} more requirements that nobody can tell, below")
    if brief:
        return
    if piece.allowed is None:
        yield from (Fact("to settle", text) for text in words.remedies(piece.depends_on))
    for walk, end in walks:
        yield Fact(walk.direction, words.status(walk, end), walk.side.allowed)
    for walk, _ in walks if piece.allowed is not False else ():
        if walk.governable and not walk.side.isolated:
            for policy in words.nearly_selecting(walk):
                yield Fact("note", words.slip(policy, walk))


def _nearest(piece: Piece, single: bool) -> Iterator[Fact]:
    name = "nearest"
    for walk in (piece.egress, piece.ingress):
        if walk.side.allowed is False:
            found = next((miss for miss in piece.nearest if miss.direction == walk.direction), None)
            decided = by_rule(walk)
            if decided is not None:
                yield Fact(name, refusal(walk, *decided))
            else:
                yield Fact(name, words.no_rule(walk) if found is None else words.nearest(found, piece, single))
            name = "and"
    after = words.afterwards(piece)
    if after:
        yield Fact("then", after)


def _ends(explanation: Explanation, piece: Piece, verbose: bool) -> Iterator[Fact]:
    for name, end in (("from", explanation.source), ("to", explanation.destination)):
        yield Fact(name, words.end(end, end_as_asked(explanation.flow[name]), verbose))
    yield Fact("port", words.port(explanation, piece))


def _walks(explanation: Explanation, piece: Piece, verbose: bool) -> Iterator[Item]:
    ends = ((piece.egress, explanation.source, "from"), (piece.ingress, explanation.destination, "to"))
    for walk, end, key in ends:
        yield _direction(walk, end, end_as_asked(explanation.flow[key]), verbose)


def _direction(walk: DirectionWalk, end: ConcreteEndpoint, asked: str, verbose: bool) -> Item:
    """One direction as a tree: the policies that select the end, then those that do not, then the rest."""
    title = f"{walk.direction.capitalize()} of {asked}"
    if not walk.governable:
        return Item(walk.side.allowed, words.status(walk, end).removeprefix("open: "), title)
    chosen = sorted((each for each in walk.policies if each.selects.value is not False), key=_policy_distance)
    others = sorted((each for each in walk.policies if each.governs and each.selects.value is False), key=_far)
    elsewhere = [each for each in walk.policies if not each.governs]
    said = {True: "allowed", False: "blocked", None: "undetermined"}[walk.side.allowed]
    settled = walk.side.allowed is True and bool(chosen) and not verbose and by_rule(walk) is None
    if settled:
        children = [*_deciding(chosen, walk.direction), *_in_short([*others, *elsewhere])]
    else:
        children = [_policy(each, walk.direction, verbose) for each in chosen]
        children += [*_unselecting(others, verbose), *_ungoverned(elsewhere, walk.direction, verbose)]
    if not walk.policies:
        children.append(Item("none", f"no manifest has a NetworkPolicy in namespace {walk.namespace}"))
    elif not chosen:
        alone = "no policy selects it, so everything is allowed"
        children.insert(0, Item("none", "no NetworkPolicy selects it" if has_tiers(walk) else alone))
    if has_tiers(walk):
        children = around_the_policies(walk, children, verbose=verbose)
    children += [Item(None, f"{title} is not modelled, so it may decide either way") for title in walk.unmodelled]
    return Item(walk.side.allowed, said, title, children=tuple(children))


def _deciding(chosen: Sequence[PolicyWalk], direction: Direction) -> Iterator[Item]:
    """Of a direction that is allowed, the policies whose rules allow it, and the names of the others."""
    silent = [each for each in chosen if each.allows.value is not True]
    for policy in chosen:
        if policy not in silent:
            rules = [_rule(each, direction, False) for each in policy.rules if each.truth.value is True]
            yield _policy_item(policy, tuple(rules))
    if silent:
        names = words.listed([f"{each.name} ({each.file}:{each.line})" for each in silent], SHOWN)
        surely = "" if all(each.allows.value is False for each in silent) else " surely"
        verb = "selects" if len(silent) == 1 else "select"
        yield Item("none", f"also {verb} it, without a rule that{surely} matches: {names}")


def _in_short(policies: Sequence[PolicyWalk]) -> Iterator[Item]:
    if policies:
        number = "1 more policy does" if len(policies) == 1 else f"{len(policies)} more policies do"
        yield Item("none", f"{number} not bear on it (-v shows why)")


def _unselecting(policies: Sequence[PolicyWalk], verbose: bool) -> Iterator[Item]:
    """The policies that do not select the end, by what they ask."""
    if not policies:
        return
    items: list[Item] = []
    for each in policies if verbose else policies[:SHOWN]:
        unmet = "; ".join(one.sentence for one in each.subject if one.truth.value is not True)
        items.append(Item("none", f": {unmet}", each.name, f"{each.file}:{each.line}"))
    if len(items) < len(policies):
        items.append(Item("none", f"and {len(policies) - len(items)} more (-v shows them)"))
    yield Item("none", "not selected by", children=tuple(items))


def _ungoverned(policies: Sequence[PolicyWalk], direction: Direction, verbose: bool) -> Iterator[Item]:
    if policies:
        names = [f"{each.name} ({each.file}:{each.line})" for each in policies]
        listed = words.listed(names, len(names) if verbose else SHOWN)
        yield Item("none", f"not about {direction}: {listed}")


def _policy(policy: PolicyWalk, direction: Direction, verbose: bool) -> Item:
    children = [requirement_item(each) for each in policy.subject if verbose or each.truth.value is None]
    children += [_rule(rule, direction, verbose) for rule in sorted(policy.rules, key=_rule_distance)]
    if not policy.rules:
        children.append(Item(False, f"no {direction} rule: by itself it denies everything"))
    return _policy_item(policy, tuple(children))


def _policy_item(policy: PolicyWalk, children: tuple[Item, ...]) -> Item:
    known = policy.selects.value is not None
    verb = "selects" if known else "may select"
    whom = "every pod of its namespace" if not policy.subject else f"it by {policy.written}"
    mark = policy.allows.value if known else None
    return Item(mark, f" {verb} {whom}", policy.name, f"{policy.file}:{policy.line}", children)


def _rule(rule: RuleWalk, direction: Direction, verbose: bool) -> Item:
    """A rule with what matters of it: of a match what matches, of a miss what does not; everything if verbose."""
    way, full = _WAYS[direction], verbose or rule.truth.value is True
    peers = [tuple(peer_items(each, way, verbose)) for each in sorted(rule.peers, key=peer_distance)]
    ports = [(requirement_item(each.requirement, "on "),) for each in sorted(rule.ports, key=port_distance)]
    shown = [*alternatives(peers, full, verbose), *alternatives(ports, full, verbose)]
    if not rule.peers and full:
        shown.insert(0, Item(True, f"{way} anyone"))
    if not rule.ports and full:
        shown.append(Item(True, "on every port"))
    said = {True: "matches", False: "does not match", None: "may match"}[rule.truth.value]
    return Item(rule.truth.value, f" {said}", f"{direction}[{rule.index}]", f"line {rule.line}", tuple(shown))


def _policy_distance(policy: PolicyWalk) -> tuple[bool, int, float]:
    """How near the policy comes to allowing: its nearest rule; one without rules never does."""
    count, near = distance(policy.subject)
    best = min((_rule_distance(rule) for rule in policy.rules), default=(0, 0.0))
    return not policy.rules, count + best[0], near + best[1]


def _far(policy: PolicyWalk) -> tuple[int, float]:
    return distance(policy.subject)


def _rule_distance(rule: RuleWalk) -> tuple[int, float]:
    peers = min(map(peer_distance, rule.peers), default=(0, 0.0))
    ports = min(map(port_distance, rule.ports), default=(0, 0.0))
    return peers[0] + ports[0], peers[1] + ports[1]
