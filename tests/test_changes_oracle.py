"""Comparisons against brute force: random pairs of clusters, the verbs over changes and the lists of ``diff``.

The oracle (``oracle/comparison``) enumerates what both sides say of every connection of its small world. Whatever the
product shows was judged on both sides by the concrete evaluator on the way: what that does not confirm raises and fails
the test. What the draws reach is counted and asserted; ``effort`` says how to draw fewer, uncounted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.reading import Entry
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.changes.listing import Limits, Lister
from netpol_verify.verify.changes.pair import Comparison as Compared
from netpol_verify.verify.changes.pair import Versions, pair_of
from netpol_verify.verify.changes.results import ChangeList
from netpol_verify.verify.changes.versions import versions_of
from netpol_verify.verify.engine import DEFAULT_EFFORT, prove
from netpol_verify.verify.judge import Scope
from netpol_verify.verify.readings import readings_of
from netpol_verify.verify.reports.json_report import class_object
from netpol_verify.verify.results import PropertyResult
from netpol_verify.verify.run_diff import DiffRequest, run_diff
from netpol_verify.verify.settings import config_of
from oracle.agreement import disagreement
from oracle.bruteforce import Scope as World
from oracle.bruteforce import scope_of
from oracle.clusters import clusters, made, manifests
from oracle.comparison import CHANGES, EVERYTHING, Comparison, Judge, Place, common, union
from oracle.draws import each_drawn
from oracle.edits import EDITS
from oracle.endpoints import Endpoint
from oracle.flows import Connection
from oracle.pairs import (
    UNRELATED,
    VERBS,
    Pair,
    change_properties,
    changed_objects,
    comparing,
    in_yaml,
    lines_of_objects,
    pairs,
    placed,
    readings,
    renamed,
    renames,
    without_pods,
)
from oracle.raw import Raw
from oracle.worlds import worlds
from test_classes import agrees, declares, in_connection, in_end

Json = Mapping[str, Any]
CLOSED = {"pods": "closed", "namespaces": "closed"}

VERDICT_PAIRS = 280
LISTED_PAIRS = 150
RENAMED_PAIRS = 50
FILE_PAIRS = 40
MOST = 8
"""Most classes in one list: many say so little of one another that more of them cost more than they tell."""
UNDETERMINED = "unmodelled policies may change more"
TELLING_EDITS = tuple(
    name
    for name in EDITS
    if not name.startswith(("unmodelled policy", "workload")) and name != "namespace declared on one side"
)
"""Edits that can change what is listed on their own."""
LISTS_REACH = {
    "classes with causes": 50,
    "gained and lost": 10,
    "nothing changed": 40,
    "several classes": 20,
    "a list cut short": 5,
    UNDETERMINED: 10,
    "the reading decides what changed": 3,
}


def table(counts: Counter[str]) -> str:
    return "\n".join(f"{number:6d}  {name}" for name, number in sorted(counts.items()))


# Verdicts


def results(asked: Sequence[LoadedProperty], versions: Versions) -> tuple[PropertyResult, ...]:
    suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
    return prove([suite], versions.head, compared={each.written.id: versions for each in asked}).results


def test_verdicts_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """Verdicts of the verbs over changes, and what they say of the smaller worlds, are those of brute force."""
    seen: Counter[str] = Counter()

    def compare(data: st.DataObject) -> None:
        pair = data.draw(pairs())
        asked = data.draw(change_properties(pair))
        judge = Judge(pair.base, pair.head, asked[0])
        seen.update(set(pair.kinds))
        for prop, result in zip(asked, results(asked, Versions(pair.base, pair.head)), strict=True):
            complaint = disagreement(prop, result, lambda scope, verb=prop.verb: judge.outcome(verb, scope))
            assert complaint is None, f"{prop.verb}: {complaint}"
            seen[f"{prop.verb}: {result.verdict}"] += 1

    each_drawn(compare, scaled(VERDICT_PAIRS), seed=1)
    if not COUNTED:
        return
    with capsys.disabled():
        print(f"\nreached by {VERDICT_PAIRS} pairs:\n{table(seen)}")
    assert not {name: seen[name] for name in (*EDITS, UNRELATED) if seen[name] < 5}
    least = {"proved": 40, "refuted": 25, "unknown": 8, "vacuous": 15}
    assert not {f"{verb}: {v}" for verb in VERBS for v, number in least.items() if seen[f"{verb}: {v}"] < number}


# Lists


def listed(base: Manifests, head: Manifests, prop: LoadedProperty, most: int = MOST) -> list[ChangeList]:
    """What ``diff`` lists in the property's world: gained, and lost."""
    pair = pair_of(base, head)
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(pair.base.cluster)
    vocabulary.mention_cluster(pair.head.cluster)
    compared = Compared(pair, pair.difference(vocabulary, config_of(prop.world)))
    limits = Limits(most, DEFAULT_EFFORT, deadline=None)
    lister = Lister(compared, prop.world, readings_of(prop.semantics), limits)
    own = scope_of(prop)
    scope = Scope(own.pods_open, own.namespaces_open)
    return [lister.changes(scope, gained=gained) for gained in (True, False)]


class Classes:
    """The classes of a list over the connections of one family, as sets of destinations."""

    def __init__(self, found: ChangeList, place: Place) -> None:
        self.ends = place.head
        self.conditions: list[Json] = [class_object(each.condition) for each in found.classes]
        self.destinations = [
            self.ends.where(lambda end, each=each: in_end(each["destination"], end)) for each in self.conditions
        ]

    def covered(self, source: Endpoint, connection: Connection, reading: bool) -> int:
        """The destinations that are in a class with this source and port; no two classes share one."""
        ends, found = self.ends, 0
        for number, each in enumerate(self.conditions):
            if not in_connection(each, connection, source.family, reading) or not in_end(each["source"], source):
                continue
            inside = self.destinations[number] & ends.partners(source)
            if each["destination"]["declaresPort"]:
                inside &= ends.where(lambda end, each=each: declares(each["destination"], end, connection))
            if each["sameNamespaceLabel"]:
                inside &= ends.where(lambda end, each=each: agrees(each, source, end))
            assert not inside & found, "two classes share a connection"
            found |= inside
        return found


def check_list(comparison: Comparison, verb: str, own: World, found: ChangeList) -> set[str]:
    """Every connection that changed, whatever unmodelled policies do, is in exactly one class, and no other is in any;
    a list that leaves something out, or that unmodelled policies may lengthen, says so. What was met on the way."""
    missed, met = False, set[str]()
    for place in comparison.places(own):
        classes = Classes(found, place)
        for source, connection, about in place.questions():
            by_reading = set[int]()
            for reading in comparison.readings:
                changes = [about & CHANGES[verb](*each) for each in place.answers(source, connection, reading)]
                changed, covered = common(changes), classes.covered(source[1], connection, reading)
                assert not covered & ~changed, "a class holds a connection that did not change"
                missed = missed or covered != changed
                by_reading.add(changed)
                if union(changes) != changed:
                    met.add(UNDETERMINED)
            if len(by_reading) > 1:
                met.add("the reading decides what changed")
    # The converse is the solver's alone: the world here holds one of many pods that policies cannot tell apart, and
    # what a list leaves out may be among the others.
    assert not (found.complete and missed), "a changed connection is in no class"
    assert found.complete or len(found.classes) == MOST
    assert not found.limited
    assert bool(found.depends_on) == (UNDETERMINED in met), f"it depends on {found.depends_on}"
    return met


def check_lists(base: Manifests, head: Manifests, prop: LoadedProperty, found: Sequence[ChangeList]) -> set[str]:
    """Both lists, in the property's world."""
    comparison = Comparison(base, head, prop, EVERYTHING)
    verbs = ("noNewAccess", "noLostAccess")
    met = [check_list(comparison, verb, scope_of(prop), part) for verb, part in zip(verbs, found, strict=True)]
    return set[str]().union(*met)


def check_causes(found: Sequence[ChangeList], edited: Container[tuple[str, int]]) -> None:
    """Each class has a cause, and each cause is in something that was edited."""
    for each in (each for part in found for each in part.classes):
        assert each.causes, f"nothing is said to cause {each.condition.text}"
        for cause in each.causes:
            assert (cause.file, cause.line) in edited, f"{cause} was not edited"
            assert Path(cause.file).name == f"{cause.side}.yaml"


def test_lists_are_disjoint_complete_and_true(capsys: pytest.CaptureFixture[str]) -> None:
    """The lists hold what changed and nothing else, whichever side is the base; a list that is cut says so; what one
    edit changed is laid at that edit's door."""
    seen: Counter[str] = Counter()

    def compare(data: st.DataObject) -> None:
        pair, mirrored = data.draw(pairs()), data.draw(st.booleans())
        prop = comparing("equivalent", world=data.draw(worlds(pair.both)), semantics=data.draw(readings()))
        found = listed(pair.base, pair.head, prop)
        seen.update(check_lists(pair.base, pair.head, prop, found))
        if mirrored:
            check_lists(pair.head, pair.base, prop, listed(pair.head, pair.base, prop))
        sizes = [len(each.classes) for each in found]
        if max(sizes) > 1:
            for part, whole in zip(listed(pair.base, pair.head, prop, most=1), found, strict=True):
                assert part.classes == whole.classes[:1]
                assert part.complete is (len(whole.classes) <= 1)
        if not pair.kinds:
            assert not any(sizes)
            assert not any(each.depends_on for each in found)
        if len(pair.kinds) == 1 and UNRELATED not in pair.kinds:
            check_causes(found, changed_objects(pair))
            seen["classes with causes"] += sum(sizes)
        met = {"gained and lost": all(sizes), "nothing changed": not any(sizes), "several classes": max(sizes) > 1}
        seen.update([*(name for name, held in met.items() if held), *(set(pair.kinds) if any(sizes) else ())])
        seen["a list cut short"] += not all(each.complete for each in found)

    each_drawn(compare, scaled(LISTED_PAIRS), seed=2)
    if not COUNTED:
        return
    with capsys.disabled():
        print(f"\nreached by {LISTED_PAIRS} pairs, kinds of edits counted where they changed something:\n{table(seen)}")
    assert not {name: seen[name] for name in (*TELLING_EDITS, UNRELATED) if seen[name] < 3}
    assert not {name: seen[name] for name, least in LISTS_REACH.items() if seen[name] < least}


def test_diff_of_files_lists_the_same_and_causes_stand_where_something_was_edited(tmp_path: Path) -> None:
    """A whole run of ``diff`` reads the very pair, and each cause's line lies within an edited object's lines."""
    changed = 0

    def compare(data: st.DataObject) -> None:
        nonlocal changed
        pair = without_pods(data.draw(pairs(((1, 1),), unrelated=False)))
        world = {"pods": "open", "namespaces": data.draw(st.sampled_from(("open", "closed")))}
        files = {file: in_yaml(side) for file, side in (("base.yaml", pair.base), ("head.yaml", pair.head))}
        for file, text in files.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
        base, head = ((str(tmp_path / file),) for file in files)
        settings = tuple(f"{key}={value}" for key, value in world.items())
        report = run_diff(DiffRequest(base, head, world=settings, max_classes=MOST))
        found = [report.changes.gained, report.changes.lost]
        wanted = listed(pair.base, pair.head, comparing("equivalent", world=world))
        assert [_conditions(each) for each in found] == [_conditions(each) for each in wanted]
        edited = changed_objects(pair)
        lines = {
            (shown, number)
            for (file, text), shown in zip(files.items(), (*base, *head), strict=True)
            for index, lines in enumerate(lines_of_objects(text))
            if (file, 10 + index) in edited
            for number in lines
        }
        check_causes(found, lines)
        changed += any(each.classes for each in found)

    each_drawn(compare, scaled(FILE_PAIRS), seed=4)
    assert changed >= 8 or not COUNTED


def _conditions(found: ChangeList) -> object:
    return found.complete, found.depends_on, [(each.condition, each.witness) for each in found.classes]


# Names changed throughout


def compared(prop: LoadedProperty, left: Manifests, right: Manifests) -> str:
    """The verdict of a property that says how to rename ``left``."""
    prop = replace(prop, base=(Entry("base.yaml"),), head=(Entry("head.yaml"),))
    files = {"base.yaml": left, "head.yaml": right}
    versions, _ = versions_of([prop], right, lambda entries: (files[entries[0].path], ()))
    (result,) = results([prop], versions[prop.written.id])
    return result.verdict


def test_renamed_clusters_are_equivalent_by_their_renaming(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``rename`` a cluster equals its copy under other names; without it, brute force says whether it does."""
    seen: Counter[str] = Counter()

    def compare(data: st.DataObject) -> None:
        new = data.draw(renames())
        left = placed(data.draw(clusters()), "base.yaml")
        right = placed(renamed(left, new), "head.yaml")
        labels = {key: dict(values) for key, values in new.labels.items()}
        said = {"rename": {"namespaces": dict(new.namespaces), "labels": labels}}
        verdicts = [compared(comparing("equivalent", body), left, right) for body in (said, {})]
        assert verdicts[0] == "proved"
        assert verdicts[1] == Judge(left, right, comparing("equivalent")).outcome("equivalent", None).verdict
        seen[f"without rename: {verdicts[1]}"] += 1

    each_drawn(compare, scaled(RENAMED_PAIRS), seed=3)
    if not COUNTED:
        return
    with capsys.disabled():
        print(f"\nreached by {RENAMED_PAIRS} renamed clusters:\n{table(seen)}")
    least = {"proved": 4, "refuted": 30}
    assert not {v: seen[f"without rename: {v}"] for v, number in least.items() if seen[f"without rename: {v}"] < number}


# What random pairs rarely reach


def _labelled(value: str, *more: WrittenObject) -> Manifests:
    pod: Raw = {"metadata": {"labels": {}}, "spec": {"containers": []}}
    space = made("Namespace", None, "a", {"metadata": {"labels": {"n1": value}}})
    return manifests([space, made("Deployment", "a", "web", {"spec": {"template": pod}}), *more])


def _in_scope(verb: str, value: str, base: Manifests, head: Manifests) -> str:
    """The verdict for connections to the namespaces of a label, which is also that of brute force."""
    prop = comparing(verb, {"scope": {"to": {"namespaces": f"n1={value}"}}}, CLOSED)
    (result,) = results([prop], Versions(base, head))
    assert Judge(base, head, prop).outcome(verb, None).verdict == result.verdict
    return result.verdict


@pytest.mark.parametrize("verb", VERBS)
def test_a_scope_that_only_the_base_sees_is_not_vacuous(verb: str) -> None:
    """A connection is in scope if it matches as seen from either side, so the labels that a namespace had before the
    change are as good as its new ones."""
    base, head = _labelled("x"), _labelled("y")
    assert [_in_scope(verb, value, base, head) for value in ("x", "y", "z")] == ["proved", "proved", "vacuous"]


def test_a_scope_that_only_one_side_sees_is_compared() -> None:
    """The policies of a namespace count whichever side's labels bring it into scope."""
    closed = made("NetworkPolicy", "a", "closed", {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})
    open_, shut = _labelled("x"), _labelled("y", closed)
    for value in ("x", "y"):
        assert _in_scope("noLostAccess", value, open_, shut) == "refuted"
        assert _in_scope("noNewAccess", value, open_, shut) == "proved"
        assert _in_scope("noNewAccess", value, shut, open_) == "refuted"


def test_rules_that_policy_types_bring_into_force_are_caused_by_them() -> None:
    """A rule may stand on both sides and be in force on one: then it is policyTypes that made the difference."""

    def cluster(types: list[str], file: str) -> Manifests:
        closed = made("NetworkPolicy", "a", "closed", {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})
        spec: Raw = {"podSelector": {}, "policyTypes": types, "ingress": [{}]}
        return placed(manifests([closed, made("NetworkPolicy", "a", "edited", {"spec": spec})]), file)

    pair = Pair(cluster(["Egress"], "base.yaml"), cluster(["Ingress"], "head.yaml"), ())
    found = listed(pair.base, pair.head, comparing("equivalent"))
    assert [len(each.classes) > 0 for each in found] == [True, False]
    check_causes(found, changed_objects(pair))
