"""Waivers and baselines against brute force: what is waived is waived because nothing else refutes the property.

Counterexamples shown beside a waiver were judged by the concrete evaluator on the way: one inside what is waived, which
it does not confirm, raises and fails the test.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import hypothesis.strategies as st
from effort import COUNTED, scaled
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.properties.suite import Exception_
from netpol_verify.properties.waivers import LoadedWaiver
from netpol_verify.verify.changes.pair import Versions
from netpol_verify.verify.classes.model import ConnectionClass
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.recorded import Recorded, RecordedClass
from netpol_verify.verify.reports.json_report import class_object
from netpol_verify.verify.results import Counterexample, Endpoint, PropertyResult
from netpol_verify.verify.waived import without_waived
from oracle.bruteforce import brute_force, question, scope_of, world_of
from oracle.clusters import clusters, weighted
from oracle.comparison import Judge
from oracle.draws import each_drawn
from oracle.flows import Ends, Flows
from oracle.pairs import change_properties, pairs
from oracle.policies import policies_of
from oracle.properties import exceptions, properties
from oracle.raw import Raw
from test_classes import Json, members

WAIVED_CASES = 300
CHANGE_CASES = 40
BASELINE_CASES = 100
STATUS = {"proved": "waived", "refuted": "fail", "vacuous": "fail", "unknown": "unknown"}
"""By the verdict outside what is waived: the status of a property that does not hold as written."""


def result_of(cluster: Manifests, prop: LoadedProperty, **more: Any) -> PropertyResult:
    return prove([LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)], cluster, **more).results[0]


def around(data: st.DataObject, example: Counterexample) -> Raw:
    """A carve-out that holds a counterexample, and as much more as chance has it."""
    entry: Raw = {}
    for key, end in (("from", example.source), ("to", example.destination)):
        if data.draw(st.booleans()):
            entry[key] = _group_of(data, end)
    if not entry or data.draw(st.booleans()):
        entry["ports"] = [
            data.draw(st.sampled_from((f"{example.protocol}/{example.port}", f"{example.protocol}/1-65535")))
        ]
    return entry


def _group_of(data: st.DataObject, end: Endpoint) -> Raw:
    if end.kind != "pod":
        return {"node": True} if end.kind == "node" else {"any": True}
    groups: list[Raw] = [{"namespace": end.namespace or ""}, {}]
    groups += [{"pods": f"{key}={value}"} for key, value in end.labels.items() if key == "k1" and value]
    return data.draw(st.sampled_from(groups))


def about(condition: ConnectionClass) -> Raw:
    """A carve-out that holds a class."""
    entry: Raw = {"ports": [f"{protocol}/{condition.first}-{condition.last}" for protocol in condition.protocols]}
    for key, end in (("from", condition.source), ("to", condition.destination)):
        if end.kinds == ("pod",):
            group: Raw = {"namespace": [*end.namespaces.names]} if end.namespaces.names else {}
            labels = {each.key: each.values[0] for each in end.labels if each.values and len(each.values) == 1}
            own = {each.key for each in end.labels if not each.absent}
            labels = {key: value for key, value in labels.items() if key in own}
            entry[key] = group | ({"pods": {"matchLabels": labels}} if labels else {})
    return entry


def waiver(parts: list[Raw]) -> LoadedWaiver:
    allow = tuple(Exception_.model_validate(part) for part in parts)
    return LoadedWaiver("drawn", allow, "because", "somebody", date(2999, 1, 1), "waivers.yaml", 1)


def drawn_waivers(data: st.DataObject, workloads: list[str], found: PropertyResult) -> tuple[LoadedWaiver, ...]:
    """One or two waivers: about any traffic, or about what refutes the property."""
    result: list[LoadedWaiver] = []
    for _ in range(data.draw(weighted((3, 1), (1, 2)))):
        parts: list[Raw] = [*data.draw(exceptions(workloads)).get("except", [])]
        if found.counterexample is not None and data.draw(weighted((4, True), (1, False))):
            parts.append(around(data, found.counterexample))
        if data.draw(
            weighted((5, True), (1, False))
        ):  # all that refutes it, and more where classes say what groups cannot
            parts += [about(each.condition) for each in found.classes or ()]
        if found.verb == "dns":  # the oracle has the server that is assumed in no group, not even in one of a waiver
            parts = [part for each in parts if (part := {key: each[key] for key in each if key != "to"})]
        if parts:
            result.append(waiver(parts))
    return tuple(result)


def workloads_of(cluster: Manifests) -> list[str]:
    return [each.reference for each in cluster.modelled if each.kind not in ("Namespace", "NetworkPolicy")]


def used_of(prop: LoadedProperty, result: PropertyResult) -> tuple[LoadedWaiver, ...]:
    """The waivers that the result says it used."""
    return tuple(each for each in prop.waivers if any(used.line == each.line for used in result.waivers))


def numbered(waivers: tuple[LoadedWaiver, ...]) -> tuple[LoadedWaiver, ...]:
    return tuple(replace(each, line=number) for number, each in enumerate(waivers, start=1))


def check_status(prop: LoadedProperty, result: PropertyResult, written: str, rest: str) -> None:
    """``written`` and ``rest``: brute force's verdicts of the property, and outside the waivers that were used."""
    assert result.verdict == written
    if written in ("proved", "vacuous") or not result.waivers:
        assert result.status == {"proved": "pass", "unknown": "unknown"}.get(written, "fail")
        assert rest == written
    else:
        assert result.status == STATUS[rest]
    assert len(result.waivers) + sum("this waiver is not used" in each.message for each in result.notices) == len(
        prop.waivers
    )


def test_a_property_is_waived_iff_brute_force_finds_nothing_outside_the_waivers() -> None:
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        cluster = data.draw(clusters())
        prop = data.draw(properties(cluster).filter(lambda each: each.verb != "can"))
        found = result_of(cluster, prop, options=Options(all_classes=True))
        prop = replace(prop, waivers=numbered(drawn_waivers(data, workloads_of(cluster), found)))
        result = result_of(cluster, prop)
        rest = brute_force(cluster, without_waived(prop, used_of(prop, result))).verdict
        check_status(prop, result, brute_force(cluster, prop).verdict, rest)
        for each in prop.waivers:  # one that is not used takes nothing away from what refutes the property
            if each not in used_of(prop, result) and result.verdict in ("refuted", "unknown"):
                assert brute_force(cluster, without_waived(prop, (each,))).verdict == result.verdict
        seen.update({result.status: 1, f"{prop.verb} waived": result.status == "waived", "used": bool(result.waivers)})
        seen["fails outside"] += result.status == "fail" and bool(result.waivers)
        seen["nothing left"] += "nothing is left to prove" in (result.reason or "")

    each_drawn(check, scaled(WAIVED_CASES), seed=11)
    if COUNTED:
        assert seen["waived"] >= 20, seen
        assert seen["fails outside"] >= 10, seen
        assert seen["nothing left"] >= 2, seen


def test_a_change_is_waived_iff_brute_force_finds_nothing_outside_the_waivers() -> None:
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        pair = data.draw(pairs())
        prop = data.draw(st.sampled_from(data.draw(change_properties(pair))))
        compared = {prop.written.id: Versions(pair.base, pair.head)}
        found = result_of(pair.head, prop, compared=compared, options=Options(all_classes=True))
        prop = replace(prop, waivers=numbered(drawn_waivers(data, workloads_of(pair.both), found)))
        result = result_of(pair.head, prop, compared=compared)
        rest = Judge(pair.base, pair.head, without_waived(prop, used_of(prop, result))).outcome(prop.verb, None)
        written = Judge(pair.base, pair.head, prop).outcome(prop.verb, None)
        check_status(prop, result, written.verdict, rest.verdict)
        seen[result.status] += 1

    each_drawn(check, scaled(CHANGE_CASES), seed=12)
    if COUNTED:
        assert seen["waived"] >= 3, seen


def recorded_of(result: PropertyResult) -> Recorded:
    assert result.classes_complete
    classes = tuple(RecordedClass(each.direction, each.condition) for each in result.classes or ())
    return Recorded("baseline.json", result.verdict, complete=True, classes=classes, counterexample=None)


def _depends(result: PropertyResult) -> bool:
    """Outside the recorded classes policies that are not modelled decide."""
    return result.status == "unknown" and "depends on policies" in (result.reason or "")


def violation_outside(base: Manifests, head: Manifests, prop: LoadedProperty, result: PropertyResult) -> bool:
    """Does something refute the property over ``head`` that is in no class of the result over ``base``?

    The world tells apart what the policies of either side tell apart, and with them all that classes name.
    """
    classes: list[Json] = json.loads(json.dumps([class_object(each) for each in result.classes or ()]))
    setting, verbs = question(head, prop)
    world = world_of(replace(setting, policies=(*setting.policies, *policies_of(base))), verbs, scope_of(prop))
    fixed = prop.semantics.ip_block_matches_pods
    for ends in (Ends(each, world.port_names) for each in world.endpoints.values()):
        for reading in (fixed,) if isinstance(fixed, bool) else (True, False):
            behaviours = (False, True) if setting.unmodelled else (False,)
            both = [Flows(setting, ends, blocks_match_pods=reading, free_allows=each) for each in behaviours]
            for verb in verbs:
                direction = getattr(verb, "direction", None)
                mine = [each for each in classes if each["direction"] == direction]
                for source in ends.sources:
                    for connection in world.connections:
                        about = verb.hypothesis(ends, source, connection) & ends.partners(source)
                        refuting = about
                        for flows in both:
                            refuting &= verb.violated(flows, source, connection, about)
                        for each in members(mine, ends, source, connection, reading) if refuting else ():
                            refuting &= ~each
                        if refuting:
                            return True
    return False


def test_a_baseline_lets_be_exactly_what_lies_in_its_classes() -> None:
    """Recorded over one cluster, asked of another that edits have made of it; and of the same one."""
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        pair = data.draw(pairs(unrelated=False))
        prop = data.draw(properties(pair.both).filter(lambda each: each.verb != "can"))
        before = result_of(pair.base, prop, options=Options(all_classes=True))
        if before.verdict != "refuted" or not before.classes_complete:
            return
        recorded = {0: recorded_of(before)}
        again = result_of(pair.base, prop, recorded=recorded)
        assert again.status == "waived" or _depends(again)
        after = result_of(pair.head, prop, recorded=recorded)
        if after.verdict == "refuted":
            worse = violation_outside(pair.base, pair.head, prop, before)
            assert (after.status == "fail") == worse
            assert after.status in ("fail", "waived") or _depends(after)
        seen[f"{after.verdict} {after.status}"] += 1

    each_drawn(check, scaled(BASELINE_CASES), seed=13)
    if COUNTED:
        assert seen["refuted waived"] >= 8, seen
        assert seen["refuted fail"] >= 4, seen
