"""The rule behind a wrong answer is found: alone, among rules that explain it alike, or as one of two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from netpol_verify.verify.fuzz.diagnosis import Ask, Diagnosis, Said, diagnose, explains
from netpol_verify.verify.fuzz.illustrations import EXAMPLES
from netpol_verify.verify.fuzz.illustrations.build import DB, FROM_OPS, FROM_WEB, PODS, SHOP, TOOL, WEB, egress, ingress
from netpol_verify.verify.fuzz.model import Cluster, Flow, Raw
from netpol_verify.verify.fuzz.readings import OPEN, Reading, Readings
from netpol_verify.verify.fuzz.rules import READING_RULES, RULES
from netpol_verify.verify.fuzz.spec import Spec

FLOW = Flow(WEB, DB, "TCP", 5432)


def shop(*policies: Raw) -> Cluster:
    return Cluster.of([*SHOP, *PODS, *policies])


def answers(cluster: Cluster, *broken: str, reading: Reading | None = None) -> tuple[Said, ...]:
    """What an evaluator with these rules broken says of flows over the cluster."""
    spec = Spec(cluster, frozenset(broken), reading or OPEN.each()[0])
    ends = [(one, other) for one, other in product((WEB, DB, TOOL), repeat=2) if one != other]
    flows = [
        Flow(*pair, protocol, port) for pair in ends for protocol, port in (("TCP", 5432), ("TCP", 80), ("UDP", 53))
    ]
    return tuple((flow, spec.allowed(flow)) for flow in flows)


def asking(*broken: str) -> Ask:
    """An evaluator with these rules broken, to be asked about examples."""

    def ask(cluster: Cluster, flows: Sequence[Flow]) -> Sequence[Said]:
        spec = Spec(cluster, frozenset(broken))
        return [(flow, spec.allowed(flow)) for flow in flows]

    return ask


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in READING_RULES])
def test_every_rule_is_found_by_its_example(rule: str) -> None:
    """An evaluator that breaks one rule gets that rule's example wrong, and is told which rule it is."""
    example = EXAMPLES[rule]
    found = diagnose(example.cluster, (), example.flow, not example.allowed, ask=asking(rule))
    assert found.rules[0] == found.name == rule
    assert not found.together


@pytest.mark.parametrize("rule", ["isolation-covers-every-protocol", "ports-need-no-declaration", "rules-add-up"])
def test_rules_that_fit_the_other_answers_come_first(rule: str) -> None:
    """Those that give the one answer alone come after, and among equals the catalogue's order decides."""
    cluster = shop(ingress(FROM_WEB, FROM_OPS), ingress(name="web", podSelector={"matchLabels": {"app": "web"}}))
    right, said = dict(answers(cluster)), answers(cluster, rule)
    wrong = next((flow, allowed) for flow, allowed in said if allowed != right[flow])
    found = diagnose(cluster, said, *wrong)
    fitting = [cause.rules[0] for cause in found.causes if cause.agreeing == len(said)]
    assert rule in fitting
    assert 0 < len(fitting) < len(found.causes) == len(diagnose(cluster, (), *wrong).causes)
    assert found.rules[: len(fitting)] == found.likeliest == tuple(each for each in RULES if each in fitting)


def test_answers_over_other_clusters_count_too() -> None:
    """Here nothing tells an ignored policy from an ignored rule; another cluster does."""
    cluster, other = shop(ingress(FROM_WEB, FROM_OPS)), shop(ingress(FROM_WEB, name="a"), ingress(FROM_OPS, name="b"))
    flow = Flow(TOOL, DB, "TCP", 5432)
    evidence = [(other, answers(other, "rules-add-up"))]
    assert diagnose(cluster, (), flow, theirs=False).rules[0] == "namespace-object-gives-the-labels"
    assert "rules-add-up" in diagnose(cluster, (), flow, theirs=False, elsewhere=evidence).rules
    with_both = diagnose(cluster, answers(cluster, "rules-add-up"), flow, theirs=False, elsewhere=evidence)
    assert with_both.rules[0] == "rules-add-up"


def test_examples_put_confirmed_rules_first_and_refuted_ones_last() -> None:
    """A rule whose example the evaluator gets right is not one that it breaks in general."""
    cluster = shop(ingress(FROM_OPS))
    found = diagnose(cluster, (), FLOW, theirs=True, ask=asking("namespace-selector-reads-the-namespace"))
    assert not any(cause.confirmed for cause in found.causes)
    found = diagnose(cluster, (), FLOW, theirs=True, ask=asking("match-labels-needs-the-value"))
    assert [cause.confirmed for cause in found.causes] == sorted(
        (cause.confirmed for cause in found.causes), key=(True, None, False).index
    )
    assert found.rules[0] == "match-labels-needs-the-value"


def test_an_evaluator_that_decides_no_example_is_diagnosed_without() -> None:
    cluster = shop(ingress(FROM_OPS))
    said = answers(cluster, "ingress-of-the-destination-counts")
    found = diagnose(cluster, said, FLOW, theirs=True, ask=lambda _cluster, _flows: ())
    assert found == diagnose(cluster, said, FLOW, theirs=True)
    assert {cause.confirmed for cause in found.causes} == {None}


DNS: Raw = {"ports": [{"port": 53, "protocol": "UDP"}]}
CLOSED = shop(
    *(egress(DNS, name=f"out-of-{app}", podSelector={"matchLabels": {"app": app}}) for app in ("web", "db")),
    *(
        ingress({**FROM_OPS, **DNS}, name=f"to-{app}", podSelector={"matchLabels": {"app": app}})
        for app in ("web", "db")
    ),
)


def test_two_rules_are_found_where_none_alone_explains_the_answer() -> None:
    """Both ends refuse for reasons of their own."""
    broken = ("egress-of-the-source-counts", "ingress-of-the-destination-counts")
    said = answers(CLOSED, *broken)
    found = diagnose(CLOSED, said, FLOW, theirs=True)
    assert found.together
    assert found.rules == found.likeliest == broken
    assert found.name == "egress-of-the-source-counts + ingress-of-the-destination-counts"
    assert explains(broken, CLOSED, FLOW, theirs=True)
    assert not explains(broken[0], CLOSED, FLOW, theirs=True)


def test_an_answer_that_fits_no_rule_is_left_unexplained() -> None:
    """Whatever would give it would also give answers that the evaluator does not."""
    said = tuple((flow, allowed != (flow == FLOW)) for flow, allowed in answers(CLOSED))
    found = diagnose(CLOSED, said, FLOW, theirs=True)
    assert found == Diagnosis()
    assert (found.name, found.rules, found.likeliest, found.together) == ("unexplained", (), (), False)


class TestExplains:
    """A rule that is already known is recognised, and only that."""

    def test_the_answer_of_a_broken_rule_and_not_the_right_one(self) -> None:
        fixed = Readings(ip_block_matches_pods=True)
        for rule, example in EXAMPLES.items():
            if rule not in READING_RULES:
                assert explains(rule, example.cluster, example.flow, not example.allowed, readings=fixed)
                assert not explains(rule, example.cluster, example.flow, example.allowed, readings=fixed)

    def test_a_wide_rule_does_not_explain_what_other_answers_speak_against(self) -> None:
        """Ignoring ingress would open this flow, and others that the evaluator refuses."""
        wide, narrow = "ingress-of-the-destination-counts", "entry-with-number-keeps-its-protocol"
        cluster = shop(ingress(DNS))
        flow = Flow(WEB, DB, "TCP", 53)
        said = (*answers(cluster, narrow), (flow, True))
        assert explains(wide, cluster, flow, theirs=True)
        assert not explains(wide, cluster, flow, theirs=True, answers=said)
        assert explains(narrow, cluster, flow, theirs=True, answers=said)

    def test_an_unknown_rule_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no-such-rule"):
            explains("no-such-rule", CLOSED, FLOW, theirs=True)


class TestReadings:
    """What the API leaves open is a mistake only where the user has fixed it."""

    example = EXAMPLES["reading-ip-block-matches-pods"]

    def test_a_reading_that_is_fixed_can_be_what_is_wrong(self) -> None:
        fixed = Readings(ip_block_matches_pods=False)
        found = diagnose(self.example.cluster, (), self.example.flow, theirs=True, readings=fixed)
        assert "reading-ip-block-matches-pods" in found.rules

    def test_an_open_reading_is_never_what_is_wrong(self) -> None:
        found = diagnose(self.example.cluster, (), self.example.flow, theirs=True)
        assert not READING_RULES & set(found.rules)

    def test_a_rule_explains_an_answer_under_the_evaluators_own_reading(self) -> None:
        """Blocks match no pods here, so the evaluator errs only where it takes a pod for outside."""
        block = {"ipBlock": {"cidr": "10.0.0.0/8"}}
        cluster = shop(ingress({"from": [block], "ports": [{"port": 80, "endPort": 90}]}))
        flow = Flow("10.9.9.9", DB, "TCP", 90)
        reading = Reading(ip_block_matches_pods=False, host_network_pods="excluded")
        said = (
            *answers(cluster, "range-includes-its-last-port", reading=reading),
            (Flow("10.9.9.9", DB, "TCP", 85), True),
        )
        found = diagnose(cluster, said, flow, theirs=False)
        assert found.rules[0] == "range-includes-its-last-port"
        assert found.causes[0].agreeing == len(said)
