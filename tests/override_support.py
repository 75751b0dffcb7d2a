"""`cannotOverride` asked of small clusters, and every NetworkPolicy that a refutation shows put to the concrete
evaluator once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.networkpolicy import read_network_policy
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.properties.concrete_world import in_world
from netpol_verify.properties.suite import World
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.replay import traffic_of
from netpol_verify.verify.results import Counterexample, Object, PropertyResult, Report
from support import suite_of
from tiers_support import ALL, DB, DESTINATION, SOURCE, WEB, Spec, cnp, egress, ingress, read

OUTCOMES = ("closed", "open", "any")
OUTSIDE: Spec = {"cidr": "203.0.113.0/24"}
EVERYWHERE: Spec = {"networks": ["0.0.0.0/0", "::/0"]}


def asked(
    objects: Sequence[Spec], *outcomes: str, source: Spec = SOURCE, destination: Spec = DESTINATION, **suite: Any
) -> Report:
    """The report on the connections between two groups, for each of these outcomes."""
    ports = suite.pop("ports", None)
    flow = {"from": source, "to": destination} | ({} if ports is None else {"ports": ports})
    listed = [{"id": outcome, "cannotOverride": {**flow, "outcome": outcome}} for outcome in outcomes]
    options = Options(all_classes=suite.pop("all_classes", False))
    return prove([suite_of(listed, **suite)], read([WEB, DB, *objects]), options=options)


def verdicts(*objects: Spec, **rest: Any) -> str:
    """The verdicts on closed, open and any, by first letters: proved, refuted, unknown, vacuous."""
    report = asked(objects, *OUTCOMES, **rest)
    for result in report.results:
        check_shown(result, objects, rest.get("world"))
    return "".join(each.verdict[0] for each in report.results)


def one(*objects: Spec, outcome: str, **rest: Any) -> PropertyResult:
    (result,) = asked(objects, outcome, **rest).results
    check_shown(result, objects, rest.get("world"))
    return result


def check_shown(result: PropertyResult, objects: Sequence[Spec], world: Spec | None = None) -> None:
    """A refutation shows what the outcome forbids, and it is so with the very policies; nothing else shows any."""
    example = result.counterexample
    assert (example is not None) is (result.verdict == "refuted")
    if example is None:
        return
    assert example.override is not None
    opens, closes = example.override.opens, example.override.closes
    wanted = {"closed": (True, False), "open": (False, True), "any": (True, True)}
    assert (opens is not None, closes is not None) == wanted[result.id]
    cluster = in_world(Cluster.of(read([WEB, DB, *objects])), World.model_validate(world or {}))
    for policies, allowed in ((opens, True), (closes, False)):
        if policies is None:
            continue
        for subset in range(1 << len(policies)):
            chosen = [each for number, each in enumerate(policies) if subset >> number & 1]
            # The whole set does it; no part of it does.
            assert (decided(example, cluster, chosen) is allowed) is (len(chosen) == len(policies))


def decided(example: Counterexample, cluster: Cluster, policies: Sequence[Object]) -> bool | None:
    """Whether the connection is allowed with these NetworkPolicies and no others."""
    objects = [as_written(each) for each in policies]
    assert validate(objects)[0] == ()
    traffic = traffic_of(example)
    return (
        cluster.instead(map(read_network_policy, objects))
        .decide(
            *(traffic.source, traffic.destination, traffic.protocol, traffic.port, traffic.family),
            reading=traffic.reading,
        )
        .allowed
    )


def as_written(policy: Mapping[str, Any]) -> WrittenObject:
    metadata = policy["metadata"]
    place = ("m.yaml", 1, policy["apiVersion"], policy["kind"])
    return WrittenObject(*place, metadata["namespace"], metadata["name"], written(dict(policy), 1))


def policy(name: str = "x", priority: int = 5, *, at: str = "", out: str = "", tier: str = "Admin") -> Spec:
    """A ClusterNetworkPolicy with a rule about everything ``at`` the destination and one ``out`` of the source."""
    rules = {"ingress": [ingress(at)] if at else [], "egress": [egress(out)] if out else []}
    return cnp(name, tier, priority, ALL, **{key: listed for key, listed in rules.items() if listed})


def override_of(result: PropertyResult) -> Any:
    assert result.counterexample is not None
    assert result.counterexample.override is not None
    return result.counterexample.override


def opens_of(result: PropertyResult) -> list[Any]:
    return list(override_of(result).opens)


def rule_of(policy: Any, section: str) -> Any:
    (rule,) = policy["spec"][section]
    return rule


def unmodelled(namespace: str) -> WrittenObject:
    fields = written({"spec": {"endpointSelector": {}}}, 1)
    return WrittenObject("c.yaml", 1, "cilium.io/v2", "CiliumNetworkPolicy", namespace, "c", fields)
