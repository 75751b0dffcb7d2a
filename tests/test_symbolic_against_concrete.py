"""The two evaluators agree on connections that nobody chose: random models of the symbolic world, read as printed.

Counterexamples are replayed on every run, but they are refutations only. Here any model counts, allowed or blocked, so
that an encoding which lets too little through, and would prove too much, is seen as well.
"""

from __future__ import annotations

import random
from collections import Counter

import hypothesis.strategies as st
import pytest
from effort import COUNTED, scaled
from hypothesis import HealthCheck, Phase, given, seed, settings
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.concrete.evaluator import Cluster as ConcreteCluster
from netpol_verify.encodings.concrete.printed import from_printed, reading_from_printed
from netpol_verify.encodings.connection import Connection
from netpol_verify.encodings.evaluation import Evaluation
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Term
from netpol_verify.encodings.vocabulary import Vocabulary
from netpol_verify.encodings.world import World, WorldConfig
from netpol_verify.verify.reports.json_report import endpoint_object, reading_object
from netpol_verify.verify.witness import Witness
from oracle.clusters import clusters
from support import possible_together

CLUSTERS = 1_000
FLOWS = 4
PORTS = (80, 81, 7999, 8000, 8005, 8010, 8011)


def leanings(connection: Connection, chance: random.Random) -> list[Term]:
    """Facts to hold a model to where they are possible, in an order that lets every part of an end vary."""
    world, terms = connection.world, connection.world.terms
    variables: list[Term] = [connection.blocks_match_pods, connection.ipv6, *connection.protocol_bits]
    for end in connection.ends:
        variables += [end.is_pod, *end.class_code, *end.namespace_code]
        for key in sorted(world.vocabulary.pod_labels):
            variables += end.label_bits(key)
        for key in sorted(world.vocabulary.namespace_labels):
            variables += end.namespace_label_bits(key)
        variables += [end.port_variable(*port) for port in sorted(world.vocabulary.named_ports)]
        peers = (
            p
            for layer in world.cluster.layers
            for t in layer.tiers
            for q in t.policies
            for r in q.rules
            for p in r.peers or ()
        )
        variables += sorted({end.matches(peer) for peer in peers})
    chance.shuffle(variables)
    facts = [terms.any_of(connection.has_port(number) for number in chance.sample(PORTS, 2)), *variables]
    return [fact if chance.random() < 0.5 else -fact for fact in facts]


def compare(manifests: Manifests, chance: random.Random) -> Counter[bool | None]:
    """Assert that both evaluators say the same of some random connections; what they said."""
    cluster = build_cluster(manifests)
    vocabulary = Vocabulary()
    vocabulary.mention_cluster(cluster)
    evaluation = Evaluation(Connection(World(cluster, vocabulary, WorldConfig())))
    connection, concrete = evaluation.connection, ConcreteCluster.of(manifests)
    surely, perhaps = evaluation.allowed(None, None)
    solver = Solver(connection.world.terms)
    for axiom in connection.always:
        solver.add(axiom)
    said: Counter[bool | None] = Counter()
    for _ in range(FLOWS):
        goal = chance.choice((perhaps, -perhaps))
        possible_together(solver, (goal, *leanings(connection, chance), perhaps, surely))
        witness = Witness(connection, solver)
        source, destination = (from_printed(endpoint_object(end)) for end in witness.endpoints())
        expected = None if solver.value(perhaps) != solver.value(surely) else solver.value(surely)
        reading = reading_from_printed(reading_object(witness.reading))
        decision = concrete.decide(source, destination, witness.protocol, witness.port, witness.family, reading=reading)
        assert decision.allowed == expected, (source, destination, witness.protocol, witness.port, decision)
        said[expected] += 1
    return said


@pytest.mark.parametrize("shard", range(2))
def test_random_models_are_decided_alike(shard: int) -> None:
    said: Counter[bool | None] = Counter()

    @seed(shard)
    @settings(
        max_examples=scaled(CLUSTERS) // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(clusters(), st.integers(0, 2**32))
    def run(manifests: Manifests, number: int) -> None:
        said.update(compare(manifests, random.Random(number)))

    run()
    total = said.total()
    assert 0.2 * total < said[True] < 0.8 * total
    if COUNTED:
        assert said[None], "unmodelled policies decide somewhere"
