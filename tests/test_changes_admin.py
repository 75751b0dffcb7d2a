"""Comparisons of clusters with cluster-wide policies: every change that the concrete evaluator sees between declared
workloads is in the list, nothing else is, and its causes stand where something was edited.

What is shown was judged on both sides by the concrete evaluator on the way; here it is asked about connections that the
lists do not show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import hypothesis.strategies as st
from connectivity_support import sample_ports
from effort import COUNTED, scaled
from netpol_verify.encodings.addresses import FAMILIES
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.concrete.reading import Readings
from netpol_verify.encodings.concrete.traffic import Traffic
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.concrete_reading import readings_of as concrete_readings_of
from netpol_verify.properties.loading import LoadedProperty
from netpol_verify.verify.changes.listing import DECLARED, Limits, Lister
from netpol_verify.verify.changes.pair import Comparison, pair_of
from netpol_verify.verify.changes.results import ChangedClass, ChangeList
from netpol_verify.verify.engine import DEFAULT_EFFORT
from netpol_verify.verify.readings import readings_of
from netpol_verify.verify.settings import config_of
from oracle.admin import is_admin
from oracle.admin_clusters import admin_clusters
from oracle.clusters import made, manifests
from oracle.draws import each_drawn
from oracle.edits import plain, remade
from oracle.pairs import comparing, placed
from oracle.raw import Raw, mapping

PAIRS = 60
PORTS = 6
PODS = tuple(
    made(
        "Pod",
        namespace,
        f"known-{value}",
        {
            "metadata": {"labels": {"k1": value}},
            "spec": {"containers": []},
            "status": {"podIPs": [{"ip": address}], "podIP": address},
        },
    )
    for namespace, value, address in (("a", "v1", "10.244.0.21"), ("b", "v2", "10.244.0.22"))
)
"""Of these all is known."""
ACTIONS = {"Deny": ("Accept", "Pass"), "Accept": ("Deny", "Pass"), "Allow": ("Deny",), "Pass": ("Deny",)}


def edited(draw: st.DrawFn, item: WrittenObject) -> tuple[str, WrittenObject | None]:
    """What was done to a cluster-wide policy, and what came of it (None: it is gone)."""
    spec: Raw = plain(mapping(item.fields, "spec"))
    directions = [key for key in ("ingress", "egress") if spec.get(key)]
    kinds = ["removed", "subject", *(["priority"] if "priority" in spec else [])]
    if directions:
        kinds += ["rule removed", "action", "rule moved"] * 2
    kind = draw(st.sampled_from(kinds))
    if kind == "removed":
        return kind, None
    if kind == "subject":
        spec["subject"] = {"namespaces": {}}
    elif kind == "priority":
        spec["priority"] = draw(st.sampled_from((4, 5, 6, 7)))
    else:
        rules: list[Any] = spec[draw(st.sampled_from(directions))]
        at = draw(st.integers(0, len(rules) - 1))
        if kind == "rule removed":
            del rules[at]
        elif kind == "rule moved":
            rules.insert(0, rules.pop(at))
        else:
            rules[at]["action"] = draw(st.sampled_from(ACTIONS[rules[at]["action"]]))
    return kind, remade(item, spec=spec)


@st.composite
def admin_pairs(draw: st.DrawFn) -> tuple[Manifests, Manifests, str]:
    """A cluster, and the same with one of its cluster-wide policies edited; either may be the base."""
    drawn = draw(admin_clusters())
    declared = {item.name for item in drawn.modelled if item.kind == "Namespace"}
    spaces = sorted({item.namespace for item in (*drawn.modelled, *PODS) if item.namespace is not None} - declared)
    more = [made("Namespace", None, name, {"metadata": {"labels": {"n1": "x"}}}) for name in spaces]
    one = manifests([*drawn.modelled, *more, *PODS], (), ())
    item = draw(st.sampled_from([each for each in one.modelled if is_admin(each)]))
    kind, new = edited(draw, item)
    other = [new if each is item else each for each in one.modelled]
    two = manifests([each for each in other if each is not None], (), ())
    base, head = (one, two) if draw(st.booleans()) else (two, one)
    return placed(base, "base.yaml"), placed(head, "head.yaml"), kind


def listed(base: Manifests, head: Manifests, prop: LoadedProperty) -> list[ChangeList]:
    """What changed between declared workloads: gained, and lost."""
    pair = pair_of(base, head)
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(pair.base.cluster)
    vocabulary.mention_cluster(pair.head.cluster)
    compared = Comparison(pair, pair.difference(vocabulary, config_of(prop.world, prop.semantics)))
    limits = Limits(None, DEFAULT_EFFORT, deadline=None)
    lister = Lister(compared, prop.world, readings_of(prop.semantics), limits)
    return [lister.changes(DECLARED, gained=gained) for gained in (True, False)]


def is_listed(found: ChangeList, pair: tuple[str, str], protocol: str, port: int, family: str) -> bool:
    """Is a connection between two workloads in a class?"""
    return any(
        (not each.pairs_complete or pair in (each.pairs or ()))
        and protocol in each.condition.condition.protocols
        and each.condition.condition.first <= port <= each.condition.condition.last
        and family in each.condition.condition.families
        for each in found.classes
    )


def check_what_is_not_shown(
    base: Manifests, head: Manifests, prop: LoadedProperty, found: Sequence[ChangeList], chance: Random
) -> int:
    """Every connection between workloads that surely changes under some reading is in a list. How many do."""
    inventory, sides = read_inventory(head), (Cluster.of(base), Cluster.of(head))
    tops = [each for each in inventory.workloads if each.owner == each.reference and not each.host_network]
    open_ = concrete_readings_of(prop.semantics, Readings())
    changed = 0
    for one, other in ((one, other) for one in tops for other in tops if one is not other):
        ends = inventory.endpoint(one), inventory.endpoint(other)
        ports = sample_ports((*sides[0].port_breaks(*ends), *sides[1].port_breaks(*ends)))
        for protocol, port in chance.sample(ports, min(PORTS, len(ports))):
            for family in FAMILIES:
                if not all(not end.families() or family in end.families() for end in ends):
                    continue
                traffic = Traffic(*ends, protocol, port, family, open_.first())
                readings = {case.reading for side in sides for case in side.cases(traffic, open_).traffic}
                for reading in readings:
                    before, after = (
                        side.decide(*ends, protocol, port, family, reading=reading).allowed for side in sides
                    )
                    if {before, after} == {True, False}:
                        changed += 1
                        lists = found[0] if after else found[1]
                        pair = (one.reference, other.reference)
                        assert is_listed(lists, pair, protocol, port, family), (pair, protocol, port, family, reading)
    return changed


def check_causes(classes: Sequence[ChangedClass], base: Manifests, head: Manifests) -> None:
    """Each class has a cause, and each cause is in the policy that was edited."""
    texts = [{(item.kind, item.reference, repr(plain(item.fields))) for item in each.modelled} for each in (base, head)]
    edited_lines = {
        (item.file, item.line)
        for own, other in ((base, texts[1]), (head, texts[0]))
        for item in own.modelled
        if (item.kind, item.reference, repr(plain(item.fields))) not in other
    }
    for each in classes:
        assert each.causes, f"nothing is said to cause {each.condition.text}"
        assert all((cause.file, cause.line) in edited_lines for cause in each.causes), each.causes


def test_lists_hold_what_the_concrete_evaluator_sees_change() -> None:
    """Under every reading, in ties too; a policy that is gone, moved, about others, of another priority."""
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        base, head, kind = data.draw(admin_pairs())
        hidden = data.draw(st.sampled_from(("direction", "pod", "either")))
        prop = comparing("equivalent", semantics={"baselineHiddenBy": hidden, "ipBlockMatchesPods": "either"})
        prop = replace(prop, world=prop.world.model_copy(update={"pods": "closed", "namespaces": "closed"}))
        found = listed(base, head, prop)
        assert all(each.complete for each in found)
        changed = check_what_is_not_shown(base, head, prop, found, Random(data.draw(st.integers(0, 2**32))))
        classes = [each for part in found for each in part.classes]
        check_causes(classes, base, head)
        seen.update({kind: bool(classes), "classes": len(classes), "seen by the concrete evaluator": changed > 0})

    each_drawn(check, scaled(PAIRS), seed=5)
    if COUNTED:
        assert seen["seen by the concrete evaluator"] >= 8, seen
        assert all(seen[kind] for kind in ("removed", "rule removed", "action", "subject")), seen


def cluster_policy(name: str, priority: int, *rules: Raw) -> WrittenObject:
    spec: Raw = {"tier": "Admin", "priority": priority, "subject": {"namespaces": {}}, "ingress": list(rules)}
    return made("ClusterNetworkPolicy", None, name, {"spec": spec})


def test_a_changed_priority_settles_a_tie_and_is_the_cause() -> None:
    """What depended on the order of two policies no longer does: lost under the order in which the other came first."""
    everyone: Raw = {"from": [{"namespaces": {}}]}
    opening = cluster_policy("opens", 5, {"action": "Accept", **everyone})
    closing = [cluster_policy("closes", priority, {"action": "Deny", **everyone}) for priority in (5, 4)]
    template: Raw = {"metadata": {"labels": {}}, "spec": {"containers": []}}
    space = made("Namespace", None, "a", {})
    web = made("Deployment", "a", "web", {"spec": {"template": template}})
    base, head = (
        placed(manifests([opening, each, space, web], (), ()), file)
        for each, file in zip(closing, ("base.yaml", "head.yaml"), strict=True)
    )
    gained, lost = listed(base, head, comparing("equivalent"))
    assert not gained.classes
    (found,) = lost.classes
    assert found.witness.reading.order[0] == "ClusterNetworkPolicy/opens"
    (cause,) = found.causes
    assert (cause.change, cause.path, cause.file, cause.line) == ("changed", "spec.priority", "head.yaml", 11)


def test_a_domain_name_that_may_change_more_is_named() -> None:
    """What a name stands for is not known, so nobody knows what is lost where the rule that names it goes."""
    naming: Raw = {"action": "Accept", "to": [{"domainNames": ["*.example.com"]}]}
    closing: Raw = {"action": "Deny", "to": [{"networks": ["0.0.0.0/0", "::/0"]}]}
    sides: list[Manifests] = []
    for file, rules in (("base.yaml", [naming, closing]), ("head.yaml", [closing])):
        spec: Raw = {"tier": "Admin", "priority": 5, "subject": {"namespaces": {}}, "egress": rules}
        policy = made("ClusterNetworkPolicy", None, "out", {"spec": spec})
        sides.append(placed(manifests([policy, made("Namespace", None, "a", {}), PODS[0]], (), ()), file))
    base, head = sides
    gained, lost = listed(base, head, comparing("equivalent"))
    assert (gained.classes, gained.depends_on, lost.classes) == ((), (), ())
    assert lost.depends_on == ("domain *.example.com",)
