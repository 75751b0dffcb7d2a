"""Who may reach a protected workload, and whom it may call: what the rules of its policies admit, read back as `only`.

The list is made from the rules and then proved. Where a pod nobody declared could fall under several policies at once,
the list of all of them is tried, too; where an ipBlock could match pods, the reading under which it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...encodings.policy import DIRECTIONS, DirectedPolicy, Direction, Peer, PodPeer
from ...encodings.selectors import Selector
from ...properties.suite import DefaultDeny, Exception_, Group, Never, Only, OnlyEntry, Ports, Verb, World
from .census import Census, Workloads
from .claims import Claim, Outcome, Plan, Proposal, Width, writable
from .selecting import apart, implies, is_plain
from .sets import NamespaceSets
from .spelling import ANYONE, group_of_peer, group_of_workloads, ports_written, text_of

MOST = 40
"""Lists of peers in one suite; a reader would not read more."""
_FEW_ALIKE = 3
SECTION = "Who may talk to whom"


@dataclass(frozen=True, slots=True)
class Protected:
    """Pods that a policy selects in a direction; ``namespaces`` are alike in it, the first is asked about."""

    namespaces: tuple[str, ...]
    direction: Direction
    selector: Selector

    @property
    def group(self) -> Group:
        """The pods as a group."""
        return group_of_workloads(Workloads(self.namespaces[0], self.selector))


@dataclass(frozen=True, slots=True)
class Asked:
    """The claims about protected pods, best first. ``strict``: the one about pods without labels, which is another
    statement, and is asked where lists are few."""

    about: Protected
    claims: tuple[Claim, ...]
    strict: Claim | None


@dataclass(frozen=True)
class PeersPlan:
    """Claims about protected pods; at most ``MOST``, those with declared workloads first."""

    census: Census
    sets: NamespaceSets
    world: World

    def plan(self) -> tuple[Plan, list[Protected]]:
        """The plan, and the protected pods that there was no room for."""
        asked = [each for each in map(self._asked, self._protected()) if each.claims or each.strict]
        left: list[Protected] = []
        if len(asked) > MOST:
            chosen = self._chosen([each.about for each in asked if each.claims])
            left = [each.about for each in asked if each.claims and each.about not in chosen]
            asked = [Asked(each.about, each.claims, None) for each in asked if each.about in chosen]
        claims = [claim for each in asked for claim in (*each.claims, *((each.strict,) if each.strict else ()))]
        return Plan(claims, lambda outcomes: self._proposals(asked, outcomes)), left

    def _protected(self) -> list[Protected]:
        found: list[Protected] = []
        for direction in DIRECTIONS:
            governed = (name for name in self.census.namespaces if self.census.policies(name, direction))
            for alike in self.census.alike(governed, direction):
                policies = self.census.policies(alike[0], direction)
                selectors = list(dict.fromkeys(policy.subject.pod_selector or () for policy in policies))
                for selector in selectors:
                    if self._names_itself(policies, alike[0]):
                        found += [Protected((name,), direction, selector) for name in alike]
                    else:
                        found.append(Protected(alike, direction, selector))
        return found

    @staticmethod
    def _names_itself(policies: Iterable[DirectedPolicy], namespace: str) -> bool:
        """Is a peer of a rule in the policies' own namespace, so that the list differs from namespace to namespace?"""
        peers = (peer for policy in policies for rule in policy.rules for peer in rule.peers or ())
        return any(isinstance(peer, PodPeer) and peer.namespace == namespace for peer in peers)

    def _chosen(self, protected: Sequence[Protected]) -> frozenset[Protected]:
        """Those with declared workloads, then those that few others are like."""
        inhabited = {pod.namespace for pod in self.census.pods}
        alike = {
            (name, direction): len(each)
            for direction in DIRECTIONS
            for each in self.census.alike(self.census.namespaces, direction)
            for name in each
        }

        def rank(each: Protected) -> tuple[bool, bool, str]:
            first = each.namespaces[0]
            many = len(each.namespaces) == 1 and alike[first, each.direction] > _FEW_ALIKE
            return not inhabited.intersection(each.namespaces), many, first

        return frozenset(sorted(protected, key=rank)[:MOST])

    def _asked(self, about: Protected) -> Asked:
        namespace = about.namespaces[0]
        policies = self.census.policies(namespace, about.direction)
        surely = [each for each in policies if implies(about.selector, each.subject.pod_selector or ())]
        perhaps = [each for each in policies if not apart(about.selector, each.subject.pod_selector or ())]
        sharp, loose = self._entries(surely), self._entries(perhaps)
        if is_plain(about.selector) and not sharp:
            return Asked(about, (), None)  # a strict default deny says that
        claims = [*_claims(about, sharp, surely)]
        if loose != sharp and not is_plain(about.selector):
            claims += _claims(about, loose, perhaps)
        strict = None
        if loose != sharp and is_plain(about.selector):
            claims, strict = [], Claim(_strict(about, sharp))
        if strict is not None and not writable(strict, self.world):
            strict = None
        return Asked(about, tuple(claim for claim in claims if writable(claim, self.world)), strict)

    def _entries(self, policies: Iterable[DirectedPolicy]) -> list[OnlyEntry]:
        """What the rules admit, ports that are open to the same peers and peers on the same ports joined."""
        who_is: dict[str, Group] = {}
        ports: dict[str, Ports | None] = {}
        for policy in policies:
            for rule in policy.rules:
                for group in self._groups(rule.peers):
                    who, given = text_of(group), ports_written(rule.ports)
                    known = ports.get(who, [])
                    who_is[who] = group
                    ports[who] = None if given is None or known is None else list(dict.fromkeys([*known, *given]))
        joined: list[tuple[Ports | None, list[Group]]] = []
        for text, given in ports.items():
            who = who_is[text]
            whose = next((groups for known, groups in joined if known == given), None)
            if whose is None:
                joined.append((given, [who]))
            else:
                whose.append(who)
        return [OnlyEntry(who=groups[0] if len(groups) == 1 else list(groups), ports=given) for given, groups in joined]

    def _groups(self, peers: tuple[Peer, ...] | None) -> list[Group]:
        return [ANYONE] if peers is None else [group_of_peer(peer, self.world) for peer in peers]

    def _proposals(self, asked: Sequence[Asked], outcomes: Sequence[Outcome]) -> list[Proposal]:
        remaining, found = list(outcomes), list[Proposal]()
        for each in asked:
            mine, remaining = remaining[: len(each.claims)], remaining[len(each.claims) :]
            best = _best(each.claims, mine)
            if best is not None:
                found.append(self._proposal(each.about, *best))
            if each.strict is not None:
                outcome, remaining = remaining[0], remaining[1:]
                if outcome.holds:
                    found.append(self._proposal(each.about, each.strict, outcome))
        return found

    def _proposal(self, about: Protected, claim: Claim, outcome: Outcome) -> Proposal:
        width = outcome.width or Width.of(self.world)
        group = about.group
        if len(about.namespaces) > 1:
            spaces, width = self.sets.group(about.namespaces, width)
            group = spaces.model_copy(update={"pods": group.pods})
            claim = Claim(_about(claim.verb, group), claim.blocks_match_pods)
        remarks = ()
        if claim.blocks_match_pods is False:
            remarks = ("Only where an ipBlock does not match pods: the rules name address blocks that pods may have.",)
        name, text = _words(claim.verb, about.direction)
        return Proposal(name, SECTION, "high", text, claim, width, outcome, about=(group,), remarks=remarks)


def _claims(about: Protected, entries: list[OnlyEntry], policies: Iterable[DirectedPolicy]) -> list[Claim]:
    """The claim that these are all peers; where rules name blocks, also that they are if those match no pods."""
    if any(entry.who == ANYONE and entry.ports is None for entry in entries):
        return []  # everybody is admitted: it would say nothing
    verb = _only(about, entries)
    peers = (peer for policy in policies for rule in policy.rules for peer in rule.peers or ())
    blocks = any(not isinstance(peer, PodPeer) for peer in peers)
    return [Claim(verb), *([Claim(verb, blocks_match_pods=False)] if blocks else [])]


def _only(about: Protected, entries: list[OnlyEntry]) -> Verb:
    if not entries:
        ends = (ANYONE, about.group) if about.direction == "ingress" else (about.group, ANYONE)
        return Never(from_=ends[0], to=ends[1])
    if about.direction == "ingress":
        return Only(to=about.group, from_=entries)
    return Only(from_=about.group, to=entries)


def _strict(about: Protected, entries: list[OnlyEntry]) -> DefaultDeny:
    side = "from_" if about.direction == "ingress" else "to"
    doors = [Exception_.model_validate({side: entry.who, "ports": entry.ports}) for entry in entries]
    return DefaultDeny(for_=about.group, directions=[about.direction], strict=True, except_=doors)


def _about(verb: Verb, group: Group) -> Verb:
    """The same of another group of protected pods."""
    match verb:
        case Only():
            side = "to" if isinstance(verb.to, Group) else "from_"
        case Never():
            side = "from_" if verb.to == ANYONE else "to"
        case _:
            side = "for_"
    return verb.model_copy(update={side: group})


def _best(claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> tuple[Claim, Outcome] | None:
    """The first of those that hold in the widest world."""
    holding = [(claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True) if outcome.holds]
    return min(holding, key=lambda each: _narrowness(each[1].width), default=None)


def _narrowness(width: Width | None) -> tuple[bool, bool]:
    return width is None or width.pods != "open", width is None or width.namespaces != "open"


def _words(verb: Verb, direction: Direction) -> tuple[str, str]:
    """The id and the description of a property about a group ``{0}``."""
    match verb, direction:
        case DefaultDeny(), _:
            return (
                f"plain-pods-{direction}-{{0}}",
                f"A pod of {{0}} that no policy has in mind has no other {direction}.",
            )
        case Never(), "ingress":
            return "nobody-reaches-{0}", "Nobody reaches {0}."
        case Never(), _:
            return "{0}-reaches-nobody", "No pod of {0} reaches anybody."
        case _, "ingress":
            return "only-known-peers-reach-{0}", "Nobody reaches {0} but those whom its policies name."
        case _:
            return "{0}-reaches-only-known-peers", "No pod of {0} reaches anybody but those whom its policies name."
