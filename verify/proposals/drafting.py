"""From manifests to a draft: everything is asked at once, and what is to be written is proved once more as written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .apart import apart_plans
from .asking import Asker
from .census import Census
from .claims import Draft, Plan, Proposal, Width
from .families import NamespacePlan
from .peers import SECTION as PEERS
from .peers import PeersPlan, Protected
from .sets import NamespaceSets

_NAMED = 10


def draft_of(asker: Asker, census: Census) -> Draft:
    """The draft of a suite. Raises InputErrors and InternalError as the engine does."""
    sets = NamespaceSets(census)
    peers, left = PeersPlan(census, sets, asker.world).plan()
    plans = [NamespacePlan(census, sets).plan(), peers, *apart_plans(census, sets, asker.world)]
    proposals = _settled(asker, plans)
    holding, dropped = _confirmed(asker, [each for each in proposals if each.width is not None])
    missing = [each for each in proposals if each.width is None]
    if not holding and missing:
        holding, missing = [_expected(missing[0], Width.of(asker.world))], missing[1:]
    left_out = {PEERS: _left_out(left)} if left else {}
    for section, count in Counter(proposal.section for proposal in dropped).items():
        said = f"Left out, wholly or in part, since the solver's limits were reached: {count} of this section."
        left_out.setdefault(section, []).append(said)
    return Draft((*holding, *missing), left_out)


def _settled(asker: Asker, plans: Sequence[Plan]) -> list[Proposal]:
    """What the plans propose once all their claims have been asked together."""
    outcomes = asker.ask([claim for plan in plans for claim in plan.claims])
    found: list[Proposal] = []
    for plan in plans:
        mine, outcomes = outcomes[: len(plan.claims)], outcomes[len(plan.claims) :]
        found += plan.settle(mine)
    return found


def _confirmed(asker: Asker, proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[Proposal]]:
    """The proposals that are proved as they will be written, parts in place of a whole that is not; and those that
    even in parts are not."""
    held = _held(asker, proposals)
    parts = _held(asker, [part for proposal in proposals if not held[id(proposal)] for part in proposal.parts])
    confirmed: list[Proposal] = []
    dropped: list[Proposal] = []
    for proposal in proposals:
        if held[id(proposal)]:
            confirmed.append(proposal)
            continue
        holding = [part for part in proposal.parts if parts[id(part)]]
        confirmed += holding
        if len(holding) < len(proposal.parts) or not proposal.parts:
            dropped.append(proposal)
    return confirmed, dropped


def _held(asker: Asker, proposals: Sequence[Proposal]) -> dict[int, bool]:
    claims = [(proposal.claim, proposal.width or Width.of(asker.world)) for proposal in proposals]
    return {id(each): held for each, held in zip(proposals, asker.holds(claims), strict=True)}


def _expected(proposal: Proposal, width: Width) -> Proposal:
    """A property that does not hold, with its verdict expected: a suite must hold something that can be proved."""
    verdict = proposal.outcome.result.verdict
    remark = "No property holds because of a policy yet. This one stands for all: once it is mended, remove `expect`."
    return replace(proposal, width=width, expect=verdict, remarks=(remark, *proposal.remarks))


def _left_out(left: Sequence[Protected]) -> list[str]:
    named = list(dict.fromkeys(name for each in left for name in each.namespaces))
    rest = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return [
        f"Left out for want of room: {len(left)} further lists of peers, of the namespaces "
        f"{', '.join(named[:_NAMED])}{rest}."
    ]
