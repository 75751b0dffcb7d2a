"""An explanation's tiers: cluster-wide policies in the order in which they are asked, around the NetworkPolicies.

What ``explain_items`` and ``explain_words`` are for NetworkPolicies, of the parts that only clusters with cluster-wide
policies have. Nothing is decided here: what is true comes from the walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...encodings.concrete.admintrace import AdminPolicyWalk, AdminRuleWalk
from ...encodings.concrete.evidence import Direction, Reason
from ...encodings.concrete.requirements import SUBJECTS, Requirement
from ...encodings.concrete.trace import DirectionWalk
from .explain_lines import Item, Mark, alternatives, peer_distance, peer_items, port_distance, requirement_item

VERBS = {
    "allow": ("allows it", "may allow it"),
    "deny": ("denies it", "may deny it"),
    "pass": ("passes it on", "may pass it on"),
}
"""What a rule does to a connection that it matches, and that it may match."""
TIES = "order of "


def has_tiers(walk: DirectionWalk) -> bool:
    """Whether the cluster has cluster-wide policies with rules for the direction."""
    return bool(walk.admin or walk.baseline)


def placed(policy: AdminPolicyWalk) -> str:
    """``Admin tier, priority 10``."""
    return f"{policy.tier} tier" + ("" if policy.priority is None else f", priority {policy.priority}")


def by_rule(walk: DirectionWalk) -> tuple[AdminPolicyWalk, Reason] | None:
    """The policy whose rule decides, if a cluster-wide one does."""
    if walk.side.allowed is None or not walk.side.because:
        return None
    last = walk.side.because[-1]
    found = [policy for policy in (*walk.admin, *walk.baseline) if policy.name == last.policy]
    return (found[0], last) if found and last.effect in ("allows", "denies") else None


_Met = list[tuple[AdminPolicyWalk, AdminRuleWalk]]


def _met(policies: Sequence[AdminPolicyWalk], walk: DirectionWalk) -> _Met:
    """The rules that may be the first of a tier to match, in order. Of policies in whose order the answer hangs, each
    may be the first."""
    tied = {name for each in _ties(walk) for name in each}
    found: _Met = []
    decided = False
    for policy in policies:
        if policy.selects.value is False or (decided and policy.name not in tied):
            continue
        for rule in policy.rules:
            if rule.truth.value is not False:
                found.append((policy, rule))
            if _is_sure(policy, rule):
                decided = True
                break
    return found


def _ties(walk: DirectionWalk) -> list[list[str]]:
    """The policies of each tie on which the direction's answer hangs."""
    found = [name.removeprefix(TIES) for name in walk.side.depends_on if name.startswith(TIES)]
    return [each.replace(" and ", ", ").split(", ") for each in found]


def _is_sure(policy: AdminPolicyWalk, rule: AdminRuleWalk) -> bool:
    return policy.selects.value is True and rule.truth.value is True


def _is_left(policies: Sequence[AdminPolicyWalk], walk: DirectionWalk) -> bool:
    """Whether the connection may leave the tier for the next."""
    found = _met(policies, walk)
    return any(rule.action == "pass" for _, rule in found) or not any(_is_sure(*each) for each in found)


def questions(walk: DirectionWalk) -> Iterator[str]:
    """What an undetermined direction hangs on among the cluster-wide policies, each with the place that asks."""
    for names in _ties(walk):
        yield _undecided(names)
    asked: set[str] = set()
    for policy, rule in (*_met(walk.admin, walk), *_met(walk.baseline, walk)):
        for each in _unknown(policy.subject) if policy.name not in asked else ():
            yield f"{policy.name} ({policy.file}:{policy.line}): {each.sentence}"
        asked.add(policy.name)
        if rule.truth.value is None:
            peers = [each for peer in rule.peers if peer.truth.value is None for each in peer.requirements]
            for each in _unknown((*peers, *(port.requirement for port in rule.ports))):
                yield f"{_rule_name(policy, walk.direction, rule.index, rule.line)}: {each.sentence}"


def _undecided(names: Sequence[str]) -> str:
    return f"no priority says which of {', '.join(names[:-1])} and {names[-1]} is asked first"


def _unknown(requirements: Sequence[Requirement]) -> list[Requirement]:
    return [each for each in requirements if each.truth.value is None]


def _rule_name(policy: AdminPolicyWalk, direction: Direction, rule: int | None, line: int | None) -> str:
    """``ClusterNetworkPolicy/x, ingress[0] (k8s/x.yaml:14)``."""
    return f"{policy.name}, {direction}[{rule}] ({policy.file}:{line})"


def decision(walk: DirectionWalk, policy: AdminPolicyWalk, reason: Reason) -> str:
    """``blocked: Admin tier, priority 10: ClusterNetworkPolicy/x, ingress[0] (k8s/x.yaml:14) denies it``."""
    word = "allowed" if walk.side.allowed else "blocked"
    rule = _rule_name(policy, walk.direction, reason.rule, reason.line)
    return f"{word}: {placed(policy)}: {rule} {reason.effect} it"


def refusal(walk: DirectionWalk, policy: AdminPolicyWalk, reason: Reason) -> str:
    """What it takes to allow what a cluster-wide rule denies."""
    rule = _rule_name(policy, walk.direction, reason.rule, reason.line)
    if policy.tier == "Admin":
        return f"{rule} of the Admin tier denies it, which no NetworkPolicy can change"
    return f"a NetworkPolicy that selects the {SUBJECTS[walk.direction]} and allows this would come before {rule}"


def remedy(dependency: str) -> str:
    """How to settle what an answer depends on; "" where nothing is known to help."""
    if dependency.startswith(TIES):
        return "give them different priorities"
    if dependency.startswith("domain "):
        return f'a suite can say what the name stands for: world: {{domains: {{"{dependency[7:]}": [203.0.113.0/24]}}}}'
    if dependency.startswith(("labels of node ", "labels of the node ")):
        return "add the Node to the manifests"
    choices = {"baselineHiddenBy": ("direction", "pod"), "hostNetworkPods": ("excluded", "ordinary")}.get(dependency)
    if choices is None:
        return ""
    return f"ask your network plugin, or pick a reading: --semantics {dependency}={choices[0]} (or ={choices[1]})"


def around_the_policies(walk: DirectionWalk, children: Sequence[Item], *, verbose: bool) -> list[Item]:
    """The items of all three tiers in order; ``children`` are those of the NetworkPolicies. Tiers that are not asked
    are left out."""
    items = [*_tier(walk.admin, walk, "Admin", verbose)]
    if not _is_left(walk.admin, walk):
        return [*items, Item("none", "that is final: neither NetworkPolicies nor the Baseline tier are asked")]
    items += children
    if not walk.baseline:
        return items
    if any(policy.selects.value is True for policy in walk.policies):
        return [*items, Item("none", "a NetworkPolicy selects it, so the Baseline tier is not asked")]
    return [*items, *_tier(walk.baseline, walk, "Baseline", verbose)]


def _tier(policies: Sequence[AdminPolicyWalk], walk: DirectionWalk, tier: str, verbose: bool) -> Iterator[Item]:
    """Those of the tier that select the end, up to the rule that decides; and how many others there are."""
    met = _met(policies, walk)
    for names in _ties(walk):
        if any(policy.name in names for policy in policies):
            yield Item(None, _undecided(names))
    others: list[AdminPolicyWalk] = []
    silent: list[AdminPolicyWalk] = []
    asked = len(policies)
    if any(_is_sure(*each) for each in met):
        asked = 1 + max(place for place, policy in enumerate(policies) if any(policy is of for of, _ in met))
    for policy in policies[:asked]:
        rules = [rule for of, rule in met if of is policy]
        if policy.selects.value is False:
            others.append(policy)
        elif rules or verbose:
            shown = policy.rules if verbose else rules
            yield _policy(policy, tuple(_rule(rule, walk.direction, verbose) for rule in shown))
        else:
            silent.append(policy)
    yield from _in_short(silent, tier, "matches", verbose)
    yield from _in_short(others, tier, "selects it", verbose)


def _in_short(policies: Sequence[AdminPolicyWalk], tier: str, what: str, verbose: bool) -> Iterator[Item]:
    if not policies:
        return
    listed = [
        Item(
            "none",
            f": {'; '.join(each.sentence for each in policy.subject if each.truth.value is not True)}",
            policy.name,
            f"{policy.file}:{policy.line}",
        )
        for policy in (policies if verbose else ())
    ]
    number = "1 more policy" if len(policies) == 1 else f"{len(policies)} more policies"
    no_rule = f"no rule of {number} of the {tier} tier {what}" if what == "matches" else ""
    selects = f"{number} of the {tier} tier {'does' if len(policies) == 1 else 'do'} not select it"
    yield Item("none", (no_rule or selects) + ("" if verbose else " (-v shows why)"), children=tuple(listed))


def _policy(policy: AdminPolicyWalk, children: tuple[Item, ...]) -> Item:
    """A policy that selects the end or may; the mark is that of the rule that decides."""
    known = policy.selects.value is not None
    verb = "selects" if known else "may select"
    whom = "every pod" if not policy.subject else f"it by {policy.written}"
    unknown = tuple(requirement_item(each) for each in policy.subject if each.truth.value is None)
    marks = [child.mark for child in children if child.mark != "none"]
    mark: Mark = None if not known else marks[-1] if marks else "none"
    text = f" of the {placed(policy)} {verb} {whom}"
    return Item(mark, text, policy.name, f"{policy.file}:{policy.line}", (*unknown, *children))


def _rule(rule: AdminRuleWalk, direction: Direction, verbose: bool) -> Item:
    """A rule with what matters of it: of a match what matches, of a miss what does not; everything if verbose."""
    way, full = "to" if direction == "egress" else "from", verbose or rule.truth.value is True
    peers = [tuple(peer_items(each, way, verbose)) for each in sorted(rule.peers, key=peer_distance)]
    ports = [(requirement_item(each.requirement, "on "),) for each in sorted(rule.ports, key=port_distance)]
    shown = [*alternatives(peers, full, verbose), *alternatives(ports, full, verbose)]
    if not rule.ports and full:
        shown.append(Item(True, "on every port"))
    return Item(_mark(rule), f" {_said(rule)}", f"{direction}[{rule.index}]", f"line {rule.line}", tuple(shown))


def _said(rule: AdminRuleWalk) -> str:
    if rule.truth.value is False:
        return "does not match"
    sure, maybe = VERBS[rule.action]
    return sure if rule.truth.value else maybe


def _mark(rule: AdminRuleWalk) -> Mark:
    """What a rule lets through, what it denies, what nobody knows; ``none`` for what decides nothing."""
    if rule.truth.value is None:
        return None
    return "none" if rule.truth.value is False or rule.action == "pass" else rule.action == "allow"
