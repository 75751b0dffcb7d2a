"""What a proved property says it rests on: enough to repeat the proof, and nothing of it to spare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from netpol_verify.encodings.written import written as plain
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.results import PropertyResult
from oracle.clusters import clusters
from oracle.properties import properties
from support import manifests_of, suite_of

GUARDED = ("never", "only", "isolate", "defaultDeny")
"""Verbs whose proofs rest on policies; those of the others rest on rules."""
APPS = ("web", "db")


def drawn(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def result(manifests: Manifests, prop: LoadedProperty, options: Options | None = None) -> PropertyResult:
    return prove([LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)], manifests, options=options).results[0]


def verdict(manifests: Manifests, prop: LoadedProperty) -> str:
    return result(manifests, prop).verdict


def is_policy(written: WrittenObject) -> bool:
    return written.kind == "NetworkPolicy"


def given_only(manifests: Manifests, references: Collection[str]) -> Manifests:
    """The manifests with no policy but these."""
    kept = [each for each in manifests.modelled if not is_policy(each) or each.reference in references]
    return replace(manifests, modelled=tuple(kept))


def without(manifests: Manifests, reference: str) -> Manifests:
    kept = [each for each in manifests.modelled if not is_policy(each) or each.reference != reference]
    return replace(manifests, modelled=tuple(kept))


def with_rules(manifests: Manifests, kept: Collection[tuple[str, str, int]]) -> Manifests:
    """The manifests with those rules only; policies keep governing the directions that they governed."""
    return replace(
        manifests,
        modelled=tuple(_pruned(each, kept) if is_policy(each) else each for each in manifests.modelled),
    )


def _pruned(written: WrittenObject, kept: Collection[tuple[str, str, int]]) -> WrittenObject:
    spec: dict[str, Any] = written.fields.get("spec") or {}
    types: list[str] = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    changed: dict[str, object] = {**spec, "policyTypes": list(types)}
    for direction in ("ingress", "egress"):
        rules: list[Any] = spec.get(direction) or []
        changed[direction] = [rule for index, rule in enumerate(rules) if (written.reference, direction, index) in kept]
    return replace(written, fields=plain({**written.fields, "spec": changed}))


def test_the_proof_needs_exactly_what_it_names() -> None:
    """Of verbs that refuse: it repeats with the policies named alone, fails without any needed one, and a redundant one
    can go from the cluster. Of verbs that allow: the same with rules."""
    seen: Counter[str] = Counter()

    @seed(300)
    @drawn(350)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        manifests = data.draw(clusters())
        prop = data.draw(properties(manifests))
        found = result(manifests, prop)
        if found.verdict == "proved":
            seen[prop.verb] += 1
            (_check_policies if prop.verb in GUARDED else _check_rules)(manifests, prop, found, seen)

    check()
    assert seen["isolates"] >= 25
    assert seen["redundant"] >= 3
    assert seen["allows"] >= 5


def _check_policies(manifests: Manifests, prop: LoadedProperty, found: PropertyResult, seen: Counter[str]) -> None:
    isolates = [line for line in found.because if line.effect == "isolates"]
    read = [line for line in found.because if line.effect == "read"]
    assert len(isolates) + len(read) == len(found.because)
    named = {line.policy for line in found.because if line.policy is not None}
    assert not {line.policy for line in isolates} & {line.policy for line in read}
    assert verdict(given_only(manifests, named), prop) == "proved"
    seen.update(isolates=len(isolates), read=len(read), redundant=sum(line.redundant for line in isolates))
    for line in isolates:
        assert line.policy is not None
        if line.redundant:
            assert verdict(without(manifests, line.policy), prop) == "proved"
        else:
            assert verdict(without(manifests, line.policy), prop) != "proved"
            assert verdict(given_only(manifests, named - {line.policy}), prop) != "proved"


def _check_rules(manifests: Manifests, prop: LoadedProperty, found: PropertyResult, seen: Counter[str]) -> None:
    allows = {
        (line.policy, line.direction, line.rule)
        for line in found.because
        if line.policy is not None and line.rule is not None
    }
    assert {line.effect for line in found.because} <= {"allows", "not-isolated"}
    seen["allows"] += len(allows)
    assert verdict(with_rules(manifests, allows), prop) == "proved"
    if prop.verb == "can":  # one way to fulfil it; there may be others
        return
    for dropped in allows:
        assert verdict(with_rules(manifests, allows - {dropped}), prop) != "proved"


@st.composite
def overlapping(draw: st.DrawFn) -> Manifests:
    """Several policies on the pods of one namespace, each with rules that admit little."""
    selectors = st.sampled_from([{}, *({"matchLabels": {"app": app}} for app in APPS)])
    peers = st.sampled_from([{"matchLabels": {"app": app}} for app in APPS])

    def rules(side: str) -> list[object]:
        admitted = draw(st.lists(peers, max_size=2))
        return [
            {side: [{"podSelector": peer}], "ports": [{"port": draw(st.sampled_from((80, 443)))}]} for peer in admitted
        ]

    policies = [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"policy-{number}", "namespace": "shop"},
            "spec": {
                "podSelector": draw(selectors),
                "policyTypes": draw(st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"]))),
                "ingress": rules("from"),
                "egress": rules("to"),
            },
        }
        for number in range(draw(st.integers(1, 5)))
    ]
    return manifests_of(yaml.safe_dump_all(policies))


@st.composite
def refusals(draw: st.DrawFn) -> str:
    """Properties of that namespace's pods that a few policies can make true."""
    apps = st.sampled_from(APPS)

    def group() -> str:
        return f'{{namespace: shop, pods: "app={draw(apps)}"}}'

    return draw(
        st.sampled_from(
            (
                f"never: {{from: {group()}, to: {group()}}}",
                f"never: {{from: {{any: true}}, to: {group()}, ports: [TCP/22]}}",
                f"only: {{to: {group()}, from: [{{who: {group()}}}]}}",
                f"only: {{from: {group()}, to: [{{who: {group()}}}]}}",
                f"isolate: {{groups: [{group()}, {group()}]}}",
                "defaultDeny: {for: {namespace: shop}, directions: [ingress]}",
            )
        )
    )


def test_overlapping_policies_are_told_apart() -> None:
    """The same where several policies select the same pods and isolation has stand-ins."""
    seen: Counter[str] = Counter()

    @seed(302)
    @drawn(250)
    @given(overlapping(), refusals())
    def check(manifests: Manifests, verb: str) -> None:
        prop = suite_of([{"id": "drawn", **yaml.safe_load(verb)}]).properties[0]
        found = result(manifests, prop)
        if found.verdict == "proved":
            _check_policies(manifests, prop, found, seen)

    check()
    assert seen["isolates"] >= 50
    assert seen["redundant"] >= 10
    assert seen["read"] >= 10


@seed(301)
@drawn(80)
@given(st.data())
def test_the_evidence_does_not_depend_on_what_else_is_asked(data: st.DataObject) -> None:
    """Sharing an encoding between properties changes no line of evidence."""
    manifests = data.draw(clusters())
    asked = [data.draw(properties(manifests)) for _ in range(3)]
    suite = LoadedSuite("drawn.yaml", tuple(asked), (), asked[0].semantics)
    together = prove([suite], manifests).results
    alone = prove([suite], manifests, options=Options(shared=False)).results
    assert [each.because for each in together] == [each.because for each in alone]
