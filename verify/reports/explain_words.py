"""The sentences of an explanation, for every format that is read by people.

Nothing is decided here, and nothing is claimed that the walk does not hold. The texts are not cleaned: each format does
so in its own way (``clean`` for terminals, escapes for Markdown).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...encodings.concrete.addresses import Family
from ...encodings.concrete.cases import FAMILY
from ...encodings.concrete.changes import Change
from ...encodings.concrete.endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint
from ...encodings.concrete.evidence import Direction
from ...encodings.concrete.misses import Miss, distance
from ...encodings.concrete.reading import IP_BLOCK_KEY
from ...encodings.concrete.requirements import OTHERS, SUBJECTS, Requirement, declared_ports, kind_of
from ...encodings.concrete.trace import DirectionWalk, PolicyWalk
from ..explanation import Explanation, Piece
from ..flow_ports import render_ranges
from . import explain_tiers as tiers

FAR = 3
"""From so many requirements on, a rule is not near."""
SLIP = 0.75
"""How near a label must be to be called a slip where nothing is blocked."""
_LISTED = 3
_PLUGINS = "ask your network plugin, or pick a reading: --semantics ipBlockMatchesPods=true (or =false)"


def listed(names: Sequence[str], most: int = _LISTED) -> str:
    """``a, b and c``; ``a, b, c and 4 more``."""
    shown = list(names[:most])
    rest = [f"{len(names) - most} more"] if len(names) > most else []
    parts = shown + rest
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def rule_name(policy: str, direction: Direction, rule: int, file: str, line: int) -> str:
    """``shop/db-allow, ingress[0] (k8s/db.yaml:14)``."""
    return f"{policy}, {direction}[{rule}] ({file}:{line})"


def selecting(walk: DirectionWalk) -> list[PolicyWalk]:
    """The policies that surely select the end in this direction."""
    return [policy for policy in walk.policies if policy.selects.value is True]


def status(walk: DirectionWalk, end: ConcreteEndpoint) -> str:
    """What one end says of the connection, in a sentence."""
    subject = f"the {SUBJECTS[walk.direction]}"
    if not walk.governable:
        return f"open: {subject} is {kind_of(end)}, which no policy governs"
    if walk.unmodelled:
        alone = {True: "would allow it", False: "would block it", None: "do not settle it either"}[walk.alone]
        others = "other policies" if tiers.has_tiers(walk) else "NetworkPolicies"
        return f"undetermined: {listed(walk.unmodelled)} may decide; the {others} alone {alone}"
    if walk.side.allowed is None:
        return f"undetermined: it depends on {listed(walk.side.depends_on)}"
    decided = tiers.by_rule(walk)
    if decided is not None:
        return tiers.decision(walk, *decided)
    if walk.side.isolated is False and tiers.has_tiers(walk):
        return f"open: no NetworkPolicy selects {subject} for {walk.direction}, and no cluster-wide policy decides"
    if walk.side.isolated is False:
        return f"open: no policy selects {subject} for {walk.direction}, so everything is allowed"
    if walk.side.allowed:
        rules = [
            rule_name(each.policy or "", walk.direction, each.rule or 0, each.file or "", each.line or 0)
            for each in walk.side.because
            if each.effect == "allows"
        ]
        return f"allowed by {listed(rules)}" if rules else "allowed, though not over each IP family by the same rule"
    policies = selecting(walk)
    verb = "selects" if len(policies) == 1 else "select"
    return f"blocked: {listed([each.name for each in policies])} {verb} {subject}, {_refusal(walk, policies)}"


def _refusal(walk: DirectionWalk, policies: Sequence[PolicyWalk]) -> str:
    """What the rules of the selecting policies have in common, as far as they have."""
    rules = [rule for each in policies for rule in each.rules]
    if not rules:
        return f"with no {walk.direction} rule"
    whose = "its" if len(policies) == 1 else "their"
    subject = f"{whose} one rule is not" if len(rules) == 1 else f"none of {whose} {len(rules)} rules is"
    wrong = [
        what
        for what, parts in (
            (f"this {OTHERS[walk.direction]}", [rule.peers for rule in rules]),
            ("this port", [rule.ports for rule in rules]),
        )
        if all(part and all(each.truth.value is False for each in part) for part in parts)
    ]
    if wrong:
        return f"and {subject} for {' or '.join(wrong)}"
    return "and no rule matches"


def nearly_selecting(walk: DirectionWalk) -> Iterator[PolicyWalk]:
    """Policies that miss the end by one label that looks like a slip."""
    for policy in walk.policies:
        count, near = distance(policy.subject)
        if policy.governs and policy.selects.value is False and count == 1 and near <= -SLIP:
            yield policy


def slip(policy: PolicyWalk, walk: DirectionWalk) -> str:
    """That a policy nearly selects the end."""
    unmet = next(each for each in policy.subject if each.truth.value is False)
    subject = f"the {SUBJECTS[walk.direction]}"
    return f"{policy.name} ({policy.file}:{policy.line}) does not select {subject}, but nearly: {unmet.sentence}"


def nearest(miss: Miss, piece: Piece, single: bool = True) -> str:
    """What would have to be otherwise for the nearest rule to match; ``single``: one port is asked for."""
    rule = rule_name(miss.policy, miss.direction, miss.rule, miss.file, miss.line)
    count = _unmet(miss)
    if miss.changes is None:
        return f"{rule}, but nothing can match it: its conditions exclude each other"
    if count >= FAR:
        return f"no rule comes near, it takes one of its own; the nearest, {rule}, misses {count} requirements"
    wishes = listed([_wish(change, single) for change in miss.changes], len(miss.changes) or 1)
    if not miss.certain:
        unknown = listed([each.sentence for each in miss.unknown]) if miss.unknown else ""
        return f"{rule} might match if {wishes}" + (f"; that also hangs on {unknown}" if unknown else "")
    verb = "would allow it" if piece.outcome.allowed and len(piece.nearest) == 1 else "would match"
    return f"{rule} {verb} if {wishes}"


def _unmet(miss: Miss) -> int:
    return len(miss.failed) + len(miss.unknown)


def _wish(change: Change, single: bool) -> str:
    """``the source had app=web (it has app=webb)``; of several ports, what is asked for is said elsewhere."""
    return change.wish if change.kind == "port" and not single else f"{change.wish} ({change.now})"


def afterwards(piece: Piece) -> str:
    """What the connection would be with the nearest misses mended, where ``nearest`` does not say so."""
    made = piece.outcome
    if not made.asked or any(_unmet(miss) >= FAR for miss in piece.nearest):
        return ""
    if made.allowed:
        same = len({frozenset(change.wish for change in miss.changes or ()) for miss in piece.nearest}) == 1
        return "" if len(piece.nearest) == 1 else f"with {'that' if same else 'both'}, the connection would be allowed"
    if made.blocked:
        ends = " and ".join(f"the {way} of the {SUBJECTS[way]}" for way in made.blocked)
        return f"even then {ends} would refuse it"
    return "" if made.allowed is False else "even then it would be undetermined"


def no_rule(walk: DirectionWalk) -> str:
    """That there is nothing to come near."""
    where = f"no policy in namespace {walk.namespace} has an {walk.direction} rule"
    return f"no rule comes near, it takes one of its own; {where}"


def open_questions(walk: DirectionWalk) -> Iterator[str]:
    """What an undetermined direction hangs on, each with the place that asks."""
    for title in walk.unmodelled:
        yield f"{title}: not modelled, so it may decide either way"
    yield from tiers.questions(walk)
    for policy in walk.policies:
        if not policy.governs or policy.selects.value is False:
            continue
        for each in _unknown(policy.subject):
            yield f"{policy.name} ({policy.file}:{policy.line}): {each.sentence}"
        for rule in policy.rules:
            if rule.truth.value is not None:
                continue
            name = rule_name(policy.name, walk.direction, rule.index, policy.file, rule.line)
            peers = [each for peer in rule.peers if peer.truth.value is None for each in peer.requirements]
            for each in _unknown((*peers, *(port.requirement for port in rule.ports))):
                yield f"{name}: {each.sentence}"


def _unknown(requirements: Sequence[Requirement]) -> list[Requirement]:
    return [each for each in requirements if each.truth.value is None]


def remedy(dependency: str) -> str:
    """How to settle what an answer depends on; "" where nothing is known to help."""
    if dependency == IP_BLOCK_KEY:
        return _PLUGINS
    if dependency.startswith("labels of namespace "):
        name = dependency.removeprefix("labels of namespace ")
        return f"add the Namespace {name} to the manifests, or give its labels: {name}[key=value]:…"
    if dependency.startswith("address of "):
        return "ask about an address, or add a Pod with status.podIPs to the manifests"
    if dependency.startswith("container ports of "):
        return "declare the workload, so that its named ports are known"
    if dependency.startswith("label "):
        return "the controller chooses that value: select by another label"
    if dependency == FAMILY:
        return "say which addresses pods have: --world podCIDRs=10.244.0.0/16"
    return tiers.remedy(dependency)


def remedies(depends_on: Sequence[str]) -> list[str]:
    """How to settle each of them, as far as that is known."""
    return [text for text in dict.fromkeys(map(remedy, depends_on)) if text]


def end(of: ConcreteEndpoint, asked: str, verbose: bool) -> str:
    """Who an end is: ``shop/web — Deployment with app=web, in namespace shop (env=prod)``."""
    if of.kind == "node" and of.node is not None:
        carried = ", ".join(_pair(key, value) for key, value in sorted((of.node_labels or {}).items()))
        return f"{', '.join(of.ips) or 'an unknown address'} — node {of.node} with {carried or 'no labels'}"
    if of.kind != "pod":
        return f"{', '.join(of.ips)} — {kind_of(of)}"
    carried = ", ".join(_pair(key, value) for key, value in sorted(of.labels.items())) or "no labels"
    if of.unknown_labels and verbose:
        carried += f" (and {listed(sorted(of.unknown_labels), 9)}, set by its controller)"
    spaces = _namespace(of)
    where = f"in namespace {of.namespace}" + (f" ({spaces})" if spaces else "")
    place = f", at {', '.join(of.ips)}" if of.ips else ", at an unknown address" if verbose else ""
    host = f", {kind_of(of)}" if of.host_network else ""
    if of.workload is None:
        return f"{asked} — a pod that nobody declared, with {carried}, {where}{place}{host}"
    return f"{asked} — {of.workload.split('/')[1]} with {carried}, {where}{place}{host}"


def _pair(key: str, value: str) -> str:
    return f"{key}={value}" if value else f'{key}=""'


def _namespace(of: ConcreteEndpoint) -> str:
    if of.namespace_labels is None:
        return "nobody knows its labels"
    own = {key: value for key, value in of.namespace_labels.items() if key != NAMESPACE_NAME_LABEL}
    return ", ".join(_pair(key, value) for key, value in sorted(own.items()))


def port(explanation: Explanation, piece: Piece) -> str:
    """The port, and what the destination says of it: ``TCP 5432, which the destination names postgres``."""
    of = explanation.destination
    number = piece.number
    if number is None or not of.in_pod_network:
        return piece.port
    names = [each.name for each in of.ports or () if (each.protocol, each.number) == (piece.protocol, number)]
    if names:
        return f"{piece.port}, which the destination names {listed(sorted(set(names)))}"
    if of.ports:
        return f"{piece.port}, which the destination does not name ({declared_ports(of)})"
    return piece.port


def by_port(explanation: Explanation) -> str:
    """The answers to several ports: ``allowed on TCP 3000, blocked on TCP 1-2999,3001-65535``; "" for one answer."""
    pieces = explanation.pieces
    if len({piece.allowed for piece in pieces}) == 1:
        return ""
    if any(piece.families != explanation.families for piece in pieces):
        return "it depends on the IP family"
    shown: list[str] = []
    for allowed, word in ((True, "allowed"), (False, "blocked"), (None, "undetermined")):
        ports = [each for piece in pieces if piece.allowed is allowed for each in piece.ports]
        if ports:
            shown.append(f"{word} on {pieces[0].protocol} {render_ranges(ports)}")
    return ", ".join(shown)


def part(explanation: Explanation, protocol: str, ports: Sequence[tuple[int, int]], families: Sequence[Family]) -> str:
    """Which part of the question is meant: ``on TCP 1-79,81-65535``, ``on TCP 80 over IPv6``."""
    family = f" over {families[0]}" if len(families) < len(explanation.families) else ""
    return f"on {protocol} {render_ranges(list(ports))}{family}"
