"""The symbolic side of cluster-wide policies against the concrete evaluator, on connections that nobody chose.

Random models of the symbolic world under random readings, read as printed; allowed or blocked, so that an encoding that
lets too little through, and would prove too much, is seen as well.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from hypothesis import HealthCheck, Phase, given, seed, settings
from netpol_verify.encodings import bits
from netpol_verify.encodings.addresses import FAMILIES, parse_network
from netpol_verify.encodings.adminpolicy import GROUP, is_cluster_policy, reference_of
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.concrete.evaluator import Cluster as ConcreteCluster
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.concrete.printed import from_printed, reading_from_printed
from netpol_verify.encodings.connection import Connection
from netpol_verify.encodings.evaluation import Evaluation
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.policy import DomainPeer, peers_of
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import TRUE, Term
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.world import World
from netpol_verify.encodings.written import WrittenObject, written
from netpol_verify.properties.concrete_groups import Connection as ConcreteConnection
from netpol_verify.properties.concrete_world import in_world, unreal
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite
from netpol_verify.properties.overrides import merged_semantics, merged_world
from netpol_verify.properties.suite import Semantics, WorldNode
from netpol_verify.properties.suite import World as SuiteWorld
from netpol_verify.verify.engine import prove
from netpol_verify.verify.reports.json_report import endpoint_object, reading_object
from netpol_verify.verify.results import PropertyResult
from netpol_verify.verify.settings import config_of
from netpol_verify.verify.witness import Witness
from oracle.clusters import clusters
from oracle.draws import each_drawn
from oracle.properties import properties
from support import possible_together, suite_of
from tiers_support import ALL, DB, DESTINATION, SOURCE, WEB, app, cnp, egress, ingress, named, read

CLUSTERS = 600
SUITES = 80
FLOWS = 4
PORTS = (80, 81, 7999, 8000, 8005, 8010, 8011)
Spec = dict[str, Any]
NAMESPACES: list[Spec] = [
    {},
    {"matchLabels": {"kubernetes.io/metadata.name": "a"}},
    {"matchLabels": {"n1": "x"}},
    {"matchExpressions": [{"key": "n1", "operator": "NotIn", "values": ["x"]}]},
    {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["b", "else"]}]},
]
PODS: list[Spec] = [
    {},
    {"matchLabels": {"k1": "v1"}},
    {"matchExpressions": [{"key": "k1", "operator": "DoesNotExist"}]},
    {"matchExpressions": [{"key": "k2", "operator": "NotIn", "values": ["v1", ""]}]},
]
NODES: list[Spec] = [
    {},
    {"matchLabels": {"role": "edge"}},
    {"matchExpressions": [{"key": "role", "operator": "DoesNotExist"}]},
    {"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["z1"]}]},
]
NETWORKS = ["0.0.0.0/0", "::/0", "10.0.0.0/8", "10.244.0.0/16", "203.0.113.0/24", "192.168.0.0/24", "10.244.0.5/32"]
DOMAINS = ["a.example.com", "*.example.com", "*.a.example.com", "b.example.com", "other.example.org"]
BOUND: list[dict[str, list[str]]] = [
    {},
    {"*.example.com": ["203.0.113.0/24", "2001:db8::/32"]},
    {"a.example.com": ["203.0.113.7/32"]},
    {"b.example.com": ["203.0.113.0/25"], "*.example.com": ["203.0.113.0/24"]},
]


PLACES: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["10.244.0.0/16", "fd00:10:244::/56"], []),
    (["10.244.0.0/17"], ["192.168.0.0/16", "10.244.0.0/16"]),
]
"""Where pods and nodes live."""


def admin_object(api: str, kind: str, name: str, spec: Spec) -> WrittenObject:
    fields = written({"apiVersion": f"{GROUP}/{api}", "kind": kind, "metadata": {"name": name}, "spec": spec}, 1)
    return WrittenObject(f"{name}.yaml", 1, f"{GROUP}/{api}", kind, None, name, fields)


@st.composite
def pod_selections(draw: st.DrawFn) -> Spec:
    if draw(st.booleans()):
        return {"namespaces": draw(st.sampled_from(NAMESPACES))}
    return {
        "pods": {
            "namespaceSelector": draw(st.sampled_from(NAMESPACES)),
            "podSelector": draw(st.sampled_from(PODS)),
        }
    }


@st.composite
def peers(draw: st.DrawFn, direction: str, *, domains: bool) -> Spec:
    kinds = ["pods", "pods"] + (["networks", "networks", "nodes"] if direction == "egress" else [])
    kind = draw(st.sampled_from(kinds + (["domains", "domains"] if domains and direction == "egress" else [])))
    if kind == "networks":
        return {"networks": draw(st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True))}
    if kind == "nodes":
        return {"nodes": draw(st.sampled_from(NODES))}
    if kind == "domains":
        return {"domainNames": draw(st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=2, unique=True))}
    return draw(pod_selections())


@st.composite
def old_ports(draw: st.DrawFn) -> Spec:
    form = draw(st.sampled_from(("number", "range", "named")))
    if form == "named":
        return {"namedPort": draw(st.sampled_from(("p", "q")))}
    protocol = draw(st.sampled_from(({}, {"protocol": "TCP"}, {"protocol": "UDP"})))
    if form == "number":
        return {"portNumber": {**protocol, "port": draw(st.sampled_from(PORTS))}}
    start, end = draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))
    return {"portRange": {**protocol, "start": start, "end": end}}


@st.composite
def new_ports(draw: st.DrawFn) -> Spec:
    if draw(st.integers(0, 3)) == 0:
        return {"destinationNamedPort": draw(st.sampled_from(("p", "q")))}
    start, end = sorted(draw(st.lists(st.sampled_from(PORTS), min_size=2, max_size=2, unique=True)))
    port = draw(st.sampled_from(({"number": start}, {"range": {"start": start, "end": end}})))
    return {draw(st.sampled_from(("tcp", "udp", "sctp"))): {"destinationPort": port}}


@st.composite
def rules(draw: st.DrawFn, direction: str, kind: str, *, domains: bool) -> list[Spec]:
    actions = ["Accept" if kind == "ClusterNetworkPolicy" else "Allow", "Deny"]
    actions += [] if kind == "BaselineAdminNetworkPolicy" else ["Pass"]
    ports, form = ("protocols", new_ports()) if kind == "ClusterNetworkPolicy" else ("ports", old_ports())
    found: list[Spec] = []
    for _ in range(draw(st.integers(0, 3))):
        may = domains and kind != "BaselineAdminNetworkPolicy"
        listed = draw(st.lists(peers(direction, domains=may), min_size=1, max_size=2))
        rule: Spec = {"action": draw(st.sampled_from(actions)), "from" if direction == "ingress" else "to": listed}
        if draw(st.integers(0, 2)) == 0:
            rule[ports] = draw(st.lists(form, min_size=1, max_size=2))
        found.append(rule)
    return found


@st.composite
def admin_objects(draw: st.DrawFn, *, domains: bool) -> Iterator[WrittenObject]:
    """Cluster-wide policies of all kinds, with few priorities, so that there are ties."""
    found: list[WrittenObject] = []
    kinds = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", *["ClusterNetworkPolicy"] * 3)
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(kinds))
        spec: Spec = {"subject": draw(pod_selections())}
        for direction in ("ingress", "egress"):
            spec[direction] = draw(rules(direction, kind, domains=domains))
        if kind == "BaselineAdminNetworkPolicy":
            if not any(each.kind == kind for each in found):
                found.append(admin_object("v1alpha1", kind, "default", spec))
            continue
        spec["priority"] = draw(st.sampled_from((0, 5, 5, 5, 1000)))
        if kind == "ClusterNetworkPolicy":
            spec["tier"] = draw(st.sampled_from(("Admin", "Baseline")))
        api = "v1alpha2" if kind == "ClusterNetworkPolicy" else "v1alpha1"
        found.append(admin_object(api, kind, f"p{number}", spec))
    return iter(found)


@st.composite
def node_objects(draw: st.DrawFn) -> list[WrittenObject]:
    found: list[WrittenObject] = []
    for number in range(draw(st.integers(0, 2))):
        name, labels = f"n{number}", draw(st.sampled_from(({}, {"role": "edge"}, {"role": "core", "zone": "z1"})))
        addresses = draw(st.sampled_from(([], [f"192.168.0.{number}"], [f"192.168.0.{number}", f"fd00::{number}"])))
        listed = [{"type": "InternalIP", "address": each} for each in addresses]
        listed += [{"type": "Hostname", "address": f"{name}.example.com"}]
        fields: Spec = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
        fields["status"] = {"addresses": listed}
        found.append(WrittenObject(f"{name}.yaml", 1, "v1", "Node", None, name, written(fields, 1)))
    return found


@st.composite
def host_pods(draw: st.DrawFn) -> list[WrittenObject]:
    found: list[WrittenObject] = []
    for number in range(draw(st.integers(0, 2))):
        name, namespace = f"host{number}", draw(st.sampled_from(("a", "b")))
        labels = draw(st.sampled_from(({}, {"k1": "v1"}, {"k2": "v2"})))
        node = draw(st.sampled_from(({}, {"nodeName": "n0"}, {"nodeName": "n1"}, {"nodeName": "elsewhere"})))
        spec: Spec = {"hostNetwork": True, **node, "containers": [{"name": "c", "image": "i"}]}
        fields: Spec = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}
        found.append(WrittenObject(f"{name}.yaml", 1, "v1", "Pod", namespace, name, written(fields, 1)))
    return found


@st.composite
def mixed(draw: st.DrawFn, *, domains: bool) -> Manifests:
    """A random cluster with policies of all kinds."""
    plain = draw(clusters())
    more = [*draw(admin_objects(domains=domains)), *draw(node_objects()), *draw(host_pods())]
    objects = draw(st.permutations((*plain.modelled, *more)))
    return Manifests(tuple(objects), plain.unmodelled, plain.exposing, plain.named_namespaces)


@st.composite
def worlds(draw: st.DrawFn) -> SuiteWorld:
    nodes = draw(st.sampled_from(([], [WorldNode(name="extra", labels={"role": "edge"}, addresses=["192.168.0.9"])])))
    pods, of_nodes = draw(st.sampled_from(PLACES))
    domains = draw(st.sampled_from(BOUND))
    return merged_world(SuiteWorld(nodes=nodes, domains=domains, pod_cidrs=pods, node_cidrs=of_nodes))


def leanings(connection: Connection, chance: random.Random) -> list[Term]:
    """Facts to hold a model to where they are possible, in an order that lets every part of an end vary."""
    world, terms = connection.world, connection.world.terms
    variables: list[Term] = [connection.blocks_match_pods, connection.ipv6, *connection.protocol_bits]
    variables += [connection.hidden_by_pod, connection.host_network_ordinary]
    variables += [world.choices.order.before(each.first, each.second) for each in world.choices.contests()]
    variables += [each.term for each in world.choices.contests()]
    every = [
        (policy, peer)
        for layer in world.cluster.layers
        for tier in layer.tiers
        for policy in tier.policies
        for peer in peers_of(policy)
    ]
    for end in connection.ends:
        variables += [end.is_pod, end.is_node, end.in_host_network, *end.class_code, *end.namespace_code]
        variables += end.node.code
        for key in sorted(world.vocabulary.pod_labels):
            variables += end.label_bits(key)
        for key in sorted(world.vocabulary.namespace_labels):
            variables += end.namespace_label_bits(key)
        for key in sorted(world.vocabulary.node_labels):
            variables += end.node.label_bits(key)
        variables += [end.port_variable(*port) for port in sorted(world.vocabulary.named_ports)]
    for direction, end in (("egress", connection.destination), ("ingress", connection.source)):
        variables += sorted({end.matches(peer) for policy, peer in every if policy.direction == direction})
    variables += [end.in_network(parse_network(text)) for end in connection.ends for text in NETWORKS[2:]]
    variables = [each for each in variables if abs(each) != TRUE]
    chance.shuffle(variables)
    facts = [terms.any_of(connection.has_port(number) for number in chance.sample(PORTS, 2)), *variables]
    ends = [[end.address_bits(family) for end in connection.ends] for family in FAMILIES]
    apart = [-bits.same(terms, *addresses) for addresses in ends]  # so that there are addresses in the model
    return [*apart, *(fact if chance.random() < 0.5 else -fact for fact in facts)]


def refuses_names(manifests: Manifests) -> bool:
    """Does a rule that does not allow name a domain (which the API refuses), and do rules name several?"""
    tiers = (tier for layer in build_cluster(manifests).layers for tier in layer.tiers)
    rules = (rule for tier in tiers for policy in tier.policies for rule in policy.rules)
    named = [(rule.action, peer.name) for rule in rules for peer in rule.peers or () if isinstance(peer, DomainPeer)]
    return len({name for _, name in named}) > 1 and any(action != "allow" for action, _ in named)


def compare(manifests: Manifests, world: SuiteWorld, chance: random.Random) -> Counter[bool | str | None]:
    """Assert that both evaluators say the same of some random connections; what they said."""
    cluster = build_cluster(manifests)
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(cluster)
    config = config_of(world, merged_semantics(Semantics(host_network_pods="either")))
    evaluation = Evaluation(Connection(World(cluster, vocabulary, config)))
    connection = evaluation.connection
    concrete, inventory = in_world(ConcreteCluster.of(manifests), world), read_inventory(manifests)
    surely, perhaps = evaluation.allowed(None, None)
    refused, maybe_refused = evaluation.refused(None, None)
    solver = Solver(connection.world.terms)
    for axiom in connection.always:
        solver.add(axiom)
    said: Counter[bool | str | None] = Counter()
    for _ in range(FLOWS):
        goals = chance.choice(((perhaps,), (maybe_refused,), (surely,), (refused,), (-surely, -refused), ()))
        possible_together(solver, (*goals, *leanings(connection, chance), perhaps, surely, refused, maybe_refused))
        witness = Witness(connection, solver)
        source, destination = (from_printed(endpoint_object(end)) for end in witness.endpoints())
        reading = reading_from_printed(reading_object(witness.reading))
        flow = (source, destination, witness.protocol, witness.port, witness.family)
        decision = concrete.decide(*flow, reading=reading)
        values = [solver.value(term) for term in (surely, perhaps, refused, maybe_refused)]
        shown = (flow, reading, decision, values)
        assert not unreal(ConcreteConnection(*flow, reading), inventory, world), shown
        expected = True if values[0] else False if values[2] else None
        if expected is None and decision.allowed is not None:
            # Bounds take each rule by itself, so they may leave open what several domain names settle together; not
            # where all rules that name one allow, since then no name's meaning takes away what another's gives.
            assert refuses_names(manifests), shown
            said["left open"] += 1
        else:
            assert decision.allowed == expected, shown
        assert not (values[0] and not values[1]), shown
        assert not (values[2] and not values[3]), shown
        assert values[1] or values[3], shown
        said[expected] += 1
    return said


@pytest.mark.parametrize("shard", range(2))
def test_random_models_are_decided_alike(shard: int) -> None:
    """Ends, ports, readings and orders of ties; with domain names in the second half."""
    said: Counter[bool | str | None] = Counter()

    @seed(shard)
    @settings(
        max_examples=scaled(CLUSTERS) // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(mixed(domains=shard == 1), worlds(), st.integers(0, 2**32))
    def run(manifests: Manifests, world: SuiteWorld, number: int) -> None:
        said.update(compare(manifests, world, random.Random(number)))

    run()
    total = said.total()
    assert 0.2 * total < said[True] < 0.8 * total
    if COUNTED:
        assert said[None], "unmodelled policies and domain names decide somewhere"
        assert said["left open"] * 100 < total


# Whole suites


@st.composite
def asked_of(draw: st.DrawFn, manifests: Manifests) -> LoadedProperty:
    """A random property, in a world and under semantics that the kinds of this page make a difference to."""
    drawn, world = draw(properties(manifests)), draw(worlds())
    changed = {"nodes": world.nodes, "domains": world.domains}
    if not drawn.world.pod_cidrs and not drawn.world.node_cidrs:
        changed |= {"pod_cidrs": world.pod_cidrs, "node_cidrs": world.node_cidrs}
    switches = {
        "host_network_pods": draw(st.sampled_from(("excluded", "ordinary", "either"))),
        "baseline_hidden_by": draw(st.sampled_from(("direction", "pod", "either"))),
    }
    return replace(
        drawn,
        world=drawn.world.model_copy(update=changed),
        semantics=drawn.semantics.model_copy(update=switches),
    )


def result(manifests: Manifests, prop: LoadedProperty) -> PropertyResult:
    """The property's result. A counterexample that the concrete evaluator does not confirm is an InternalError."""
    return prove([LoadedSuite("drawn.yaml", (prop,), (), prop.semantics)], manifests).results[0]


def reference(written: WrittenObject) -> str | None:
    """How evidence names a policy; None for what is none."""
    if is_cluster_policy(written):
        return reference_of(written)
    return written.reference if written.kind == "NetworkPolicy" else None


def given_only(manifests: Manifests, names: Collection[str]) -> Manifests:
    """The manifests with no policy but these."""
    kept = [each for each in manifests.modelled if (name := reference(each)) is None or name in names]
    return Manifests(tuple(kept), manifests.unmodelled, manifests.exposing, manifests.named_namespaces)


def without_rule(manifests: Manifests, name: str, direction: str, number: int) -> Manifests:
    """The manifests without one rule of a policy."""
    changed: list[WrittenObject] = []
    for each in manifests.modelled:
        if reference(each) == name:
            spec = dict(each.fields["spec"])
            spec[direction] = [rule for place, rule in enumerate(spec[direction]) if place != number]
            each = replace(each, fields=written({**each.fields, "spec": spec}, 1))  # noqa: PLW2901
        changed.append(each)
    return Manifests(tuple(changed), manifests.unmodelled, manifests.exposing, manifests.named_namespaces)


def proved(manifests: Manifests, prop: LoadedProperty) -> bool:
    return result(manifests, prop).verdict == "proved"


GUARDED = ("never", "only", "isolate", "defaultDeny")


@pytest.mark.parametrize("shard", range(2))
def test_random_suites_are_answered_and_their_proofs_rest_on_what_they_name(shard: int) -> None:
    """Every counterexample is confirmed. Of a proof that connections are refused: it repeats with the policies that it
    names alone; it fails without one that isolates and is not redundant, and without a rule that is said to deny."""
    seen: Counter[str] = Counter()

    def run(data: st.DataObject) -> None:
        manifests = data.draw(mixed(domains=shard == 1))
        prop = data.draw(asked_of(manifests))
        try:
            found = result(manifests, prop)
        except InputErrors:  # a node of the suite where a pod lives
            return
        seen[found.verdict] += 1
        if found.verdict != "proved" or prop.verb not in GUARDED:
            return
        named = {line.policy for line in found.because if line.policy is not None}
        assert proved(given_only(manifests, named), prop)
        for line in found.because:
            assert line.policy is not None
            seen[line.effect] += 1
            if line.effect == "isolates" and not line.redundant:
                others = {reference(each) for each in manifests.modelled} - {line.policy, None}
                assert not proved(given_only(manifests, {name for name in others if name}), prop)
            elif line.effect == "denies":
                assert line.rule is not None
                assert not proved(without_rule(manifests, line.policy, line.direction, line.rule), prop)

    each_drawn(run, scaled(SUITES), 10 + shard)
    if COUNTED:
        assert seen["refuted"] >= 20
        assert seen["proved"] >= 10
        assert seen["isolates"] + seen["denies"] >= 5


ENDS: tuple[Spec, ...] = (ALL, app("web"), app("db"), named("shop"))
DENIALS = 80


def test_a_rule_that_is_said_to_deny_is_needed() -> None:
    """Of random policies that mostly deny: a proof repeats without those that it does not name, and fails without any
    rule that is said to deny and has no stand-in."""
    seen: Counter[str] = Counter()

    def run(data: st.DataObject) -> None:
        def rule(make: Callable[..., Spec]) -> Spec:
            action = data.draw(st.sampled_from(("Deny", "Deny", "Accept", "Pass")))
            return make(action, data.draw(st.sampled_from(ENDS)))

        objects: list[Spec] = []
        for number in range(data.draw(st.integers(1, 3))):
            tier, priority = data.draw(st.sampled_from(("Admin", "Baseline"))), data.draw(st.integers(0, 2))
            rules = {"ingress": [rule(ingress)], "egress": [rule(egress) for _ in range(data.draw(st.integers(0, 2)))]}
            objects.append(cnp(f"p{number}", tier, priority, data.draw(st.sampled_from(ENDS)), **rules))
        manifests = read([WEB, DB, *objects])
        suite = suite_of([{"id": "it", "never": {"from": SOURCE, "to": DESTINATION}}])
        (prop,) = suite.properties
        found = result(manifests, prop)
        seen[found.verdict] += 1
        if found.verdict == "proved":
            assert proved(given_only(manifests, {line.policy for line in found.because if line.policy}), prop)
            for line in found.because:
                if line.effect == "denies" and not line.redundant and line.policy is not None and line.rule is not None:
                    seen["denies"] += 1
                    assert not proved(without_rule(manifests, line.policy, line.direction, line.rule), prop), line

    each_drawn(run, scaled(DENIALS), 20)
    if COUNTED:
        assert min(seen["proved"], seen["refuted"], seen["denies"]) >= 15, seen
