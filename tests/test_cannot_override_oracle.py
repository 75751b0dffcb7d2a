"""What NetworkPolicies can never change, by trying them: the oracle of `cannotOverride`, on tables and random clusters.

Tried are small sets of NetworkPolicies in the place of those that exist: none, everything or nothing allowed to the
pods at either end, policies made for the very connection, and random ones. The contract says what must come out: a
connection cannot be opened iff an Admin rule denies it at one end that is a pod, and cannot be shut iff Admin rules
accept it at every end that is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import WrittenObject
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_worlds
from oracle.bruteforce import Outcome, Scope, question, world_of
from oracle.clusters import made, manifests, spec
from oracle.draws import each_drawn
from oracle.flows import Flows
from oracle.override_verb import OverrideOutcome, OverrideVerb
from oracle.overriding import PolicySet, cannot_override, overridable, policy, small_sets
from oracle.policies import DIRECTIONS
from oracle.properties import loaded
from oracle.raw import Raw
from oracle.readings import host_networks, readings_of
from oracle.tier_sets import TierSets
from oracle.tiers import Case
from oracle.verbs import Between
from oracle.walks import places_of, walks

OUTCOMES: Sequence[OverrideOutcome] = ("closed", "open", "any")
ANYONE: Raw = {"from": {"any": True}, "to": [{"any": True}, {"node": True}]}
EITHER: Raw = {"baselineHiddenBy": "either", "hostNetworkPods": "either"}
A: Raw = {"namespace": "a"}
B: Raw = {"namespace": "b"}
OUTSIDE: Raw = {"cidr": "203.0.113.0/24"}
CLUSTERS = 100
WALKS = 6
RANDOM_SETS = 3


def tier(name: str, priority: int = 5, of: str = "Admin", **rules: Any) -> WrittenObject:
    fields: Raw = {"tier": of, "priority": priority, "subject": {"namespaces": {}}, **rules}
    return made("ClusterNetworkPolicy", None, name, {"spec": fields})


def rules_of(section: str, rules: list[Raw]) -> dict[str, Any]:
    return {section: rules}


def verdicts(objects: list[WrittenObject], source: Raw = A, destination: Raw = B) -> str:
    """The verdicts of the three outcomes, by first letters: p proved, r refuted."""
    spaces = [made("Namespace", None, name, {}) for name in ("a", "b")]
    between = loaded("never", {"from": source, "to": destination})
    found: list[Outcome] = [cannot_override(manifests([*spaces, *objects]), between, each) for each in OUTCOMES]
    return "".join(each.verdict[0] for each in found)


PODS: list[Raw] = [{"namespaces": {}}]
EVERYWHERE: list[Raw] = [{"networks": ["0.0.0.0/0", "::/0"]}]


@pytest.mark.parametrize(
    ("ingress", "egress", "expected"),
    [
        (None, None, "rrr"),
        ("Deny", None, "prp"),
        (None, "Deny", "prp"),
        ("Accept", None, "rrr"),
        (None, "Accept", "rrr"),
        ("Accept", "Accept", "rpp"),
        ("Accept", "Deny", "prp"),
        ("Pass", "Deny", "prp"),
        ("Pass", "Accept", "rrr"),
    ],
)
def test_only_the_admin_tier_decides_for_good(ingress: str | None, egress: str | None, expected: str) -> None:
    rules: dict[str, Any] = {}
    if ingress:
        rules["ingress"] = [{"action": ingress, "from": PODS}]
    if egress:
        rules["egress"] = [{"action": egress, "to": PODS}]
    assert verdicts([tier("x", **rules)]) == expected


def test_policies_of_namespaces_and_of_the_baseline_tier_count_for_nothing() -> None:
    deny = policy("b", "deny", {})
    assert verdicts([deny, tier("base", of="Baseline", ingress=[{"action": "Deny", "from": PODS}])]) == "rrr"


def test_an_end_that_is_no_pod_has_no_say() -> None:
    accept, deny = ([tier("x", egress=[{"action": each, "to": EVERYWHERE}])] for each in ("Accept", "Deny"))
    assert verdicts(accept, A, OUTSIDE) == "rpp"
    assert verdicts(deny, A, OUTSIDE) == "prp"
    assert verdicts(deny, OUTSIDE, B) == "rrr"


def test_any_may_be_closed_here_and_open_there_but_a_tie_is_neither() -> None:
    on_80: Raw = {"protocols": [{"tcp": {"destinationPort": {"number": 80}}}]}
    both = [
        tier(name, 5, **rules_of(section, [{"action": "Accept", side: PODS} | on_80, {"action": "Deny", side: PODS}]))
        for name, section, side in (("x", "ingress", "from"), ("y", "egress", "to"))
    ]
    assert verdicts(both) == "rrp"
    tied = [
        tier("x", ingress=[{"action": "Deny", "from": PODS}]),
        tier("y", ingress=[{"action": "Pass", "from": PODS}]),
    ]
    assert verdicts(tied) == "rrr"


def decided_for_good(case: Case, outcome: OverrideOutcome) -> bool:
    """The contract's words: what the first matching Admin rule at each end that is a pod says."""
    said = [
        next((action for _, _, action in case.matching("Admin", direction)), None)
        for direction, end in zip(DIRECTIONS, (case.destination, case.source), strict=True)
        if end.pod is not None
    ]
    closed, opened = "deny" in said, all(action == "accept" for action in said)
    return {"closed": closed, "open": opened, "any": closed or opened}[outcome]


def test_no_small_set_of_network_policies_changes_what_the_admin_tier_decides_and_some_set_changes_the_rest() -> None:
    seen: Counter[tuple[OverrideOutcome, bool]] = Counter()

    def check(data: st.DataObject) -> None:
        drawn = data.draw(admin_clusters())
        cluster = manifests(drawn.modelled, (), drawn.named_namespaces)
        raw, chance = data.draw(admin_worlds(cluster)), Random(data.draw(st.integers(0, 2**32)))
        drawn_sets: list[PolicySet] = [
            tuple(policy(space, f"drawn-{space}", data.draw(spec())) for space in ("a", "b"))
            for _ in range(RANDOM_SETS)
        ]
        problems, _ = validate([each for one in drawn_sets for each in one])
        assert not problems
        prop = loaded("never", ANYONE, raw, EITHER)
        for host in host_networks(prop.semantics):
            setting, verbs = question(cluster, prop, host)
            world = world_of(setting, verbs, Scope(True, True))
            readings = [each for each in readings_of(prop.semantics, setting.admin, True) if each.host_network == host]
            places = places_of(world)
            for case, ends, number in walks(setting, places, world.connections, readings, chance=chance, count=WALKS):
                sets = [*small_sets(case), *drawn_sets]
                own = case.reading
                flows = Flows(
                    setting,
                    ends,
                    blocks_match_pods=own.blocks_match_pods,
                    free_allows=False,
                    reading=own,
                    tiers=TierSets(setting, ends),
                    meaning=case.meaning,
                )
                for outcome in OUTCOMES:
                    found = overridable(case, outcome, sets)
                    assert (found is None) is decided_for_good(case, outcome)
                    (between,) = verbs
                    assert isinstance(between, Between)
                    verb = OverrideVerb(between.sources, between.destinations, between.ports, outcome)
                    among = verb.violated(flows, case.source, case.connection, 1 << number)
                    assert (found is None) is not bool(among)
                    seen[outcome, found is None] += 1

    each_drawn(check, scaled(CLUSTERS), 1)
    if COUNTED:
        assert min(seen[outcome, kept] for outcome in OUTCOMES for kept in (True, False)) >= 20, seen


def test_a_set_that_changes_the_outcome_is_shown_and_made_of_valid_policies() -> None:
    cluster = manifests([tier("x", egress=[{"action": "Accept", "to": PODS}]), made("Namespace", None, "a", {})])
    prop = loaded("never", {"from": A, "to": B})
    setting, verbs = question(cluster, prop)
    world = world_of(setting, verbs, Scope(True, True))
    readings = readings_of(prop.semantics, setting.admin, False)
    shown = 0
    for case, _, _ in walks(setting, places_of(world), world.connections, readings, chance=Random(1), count=60):
        problems, _ = validate([each for one in small_sets(case) for each in one])
        assert not problems
        both = overridable(case, "any", small_sets(case))
        if case.source.pod is None or case.destination.pod is None:
            continue
        assert both is not None
        opening, shutting = both
        assert overridable(case, "closed", [opening]) == (opening,)
        assert overridable(case, "open", [shutting]) == (shutting,)
        shown += 1
    assert shown
