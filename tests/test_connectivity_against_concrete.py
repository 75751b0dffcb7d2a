"""Connectivity says of every connection what the concrete evaluator says, and names what an unknown answer depends on.

Random clusters; every ordered pair of workloads, and every workload with outside addresses; ports of pieces that the
rules cut. The two evaluators share no code but the objects as written.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import hypothesis.strategies as st
import pytest
from connectivity_support import Answers, Known, connectivity_of, known, sample_ports
from hypothesis import HealthCheck, Phase, given, seed, settings
from netpol_verify.encodings.concrete.addresses import Family
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.concrete.reading import Readings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.suite import World
from netpol_verify.verify.connectivity.portmaps import PortMap
from netpol_verify.verify.connectivity.truths import EndName
from netpol_verify.verify.flow_endpoints import FAMILIES
from netpol_verify.verify.flow_ports import PortRange
from netpol_verify.verify.flows import Question, ask
from oracle.admin_clusters import admin_clusters
from oracle.clusters import clusters
from oracle.draws import each_drawn

CLUSTERS = 150
HiddenBy = Literal["direction", "pod", "either"]
HIDDEN_BY: tuple[HiddenBy, ...] = ("direction", "pod", "either")
ADDRESSES = (
    *("0.0.0.0", "10.0.0.1", "10.1.2.3", "10.244.0.4", "10.244.1.0", "169.254.169.254", "203.0.113.7"),
    *("203.0.113.200", "255.255.255.255", "::", "::1:0:0:0", "2001:db8::1", "2001:db8:1::", "fd00:10:244::99"),
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)
"""Inside and outside of every block that clusters are drawn with, and no declared pod's."""


class Asked(NamedTuple):
    """One connection: what it is, and what connectivity (``found``) and the concrete evaluator say of it."""

    text: str
    protocol: str
    port: int
    found: Known
    expected: Known


class Comparison:
    """One cluster, asked of both evaluators."""

    def __init__(
        self, manifests: Manifests, reading: bool | None, world: World | None = None, hidden_by: HiddenBy = "direction"
    ) -> None:
        self.readings = Readings(reading, baseline_hidden_by=None if hidden_by == "either" else hidden_by)
        self.answers = Answers(connectivity_of(manifests, reading, world, hidden_by))
        self.cluster = Cluster.of(manifests)
        inventory = read_inventory(manifests)
        tops = [each for each in inventory.workloads if each.owner == each.reference and not each.host_network]
        self.ends = {each.reference: inventory.endpoint(each) for each in tops}
        assert self.ends.keys() == self.answers.nodes.keys()

    def pairs(self, chance: random.Random) -> Iterator[Asked]:
        """Connections between workloads."""
        for source, destination in self.answers.pairs():
            ends = (self.ends[source], self.ends[destination])
            yield from self._ask(f"{source} => {destination}", *ends, self.answers.between(source, destination), chance)

    def outside(self, chance: random.Random) -> Iterator[Asked]:
        """Connections of workloads with outside addresses."""
        for name, end in self.ends.items():
            for address in chance.sample(ADDRESSES, 3):
                other = ConcreteEndpoint("external", ips=(address,))
                found = self.answers.with_address(name, address, into=True)
                yield from self._ask(f"{address} => {name}", other, end, found, chance)
                found = self.answers.with_address(name, address, into=False)
                yield from self._ask(f"{name} => {address}", end, other, found, chance)

    def _ask(
        self,
        text: str,
        source: ConcreteEndpoint,
        destination: ConcreteEndpoint,
        found: list[tuple[PortMap, EndName, EndName]],
        chance: random.Random,
    ) -> Iterator[Asked]:
        ports = sample_ports(self.cluster.port_breaks(source, destination))
        for protocol, port in chance.sample(ports, min(9, len(ports))):
            expected = self._expected(source, destination, protocol, port)
            yield Asked(text, protocol, port, known(found, protocol, port), expected)

    def _expected(self, source: ConcreteEndpoint, destination: ConcreteEndpoint, protocol: str, port: int) -> Known:
        first, second = (end.families() or FAMILIES for end in (source, destination))
        families: tuple[Family, ...] = tuple(family for family in first if family in second)
        if not families:
            return None
        question = Question(source, destination, (PortRange(protocol, port, port),), families)
        decision = ask(question, self.cluster, self.readings)
        if decision.allowed is None:
            return decision.depends_on
        return () if decision.allowed else None


def for_random_clusters(shard: int, check: Callable[[Manifests, random.Random], None]) -> None:
    """Run a check on clusters that depend on nothing but the shard."""

    @seed(shard)
    @settings(
        max_examples=CLUSTERS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(clusters(), st.integers(0, 2**32))
    def run(manifests: Manifests, number: int) -> None:
        check(manifests, random.Random(number))

    run()


@pytest.mark.parametrize(("shard", "reading"), [(1, None), (2, None), (3, True), (4, False)])
def test_every_answer_is_the_concrete_evaluators(shard: int, reading: bool | None) -> None:
    """Open, refused or undetermined, and then with the same dependencies."""
    said: Counter[str] = Counter()

    def check(manifests: Manifests, chance: random.Random) -> None:
        compared = Comparison(manifests, reading)
        for asked in (*compared.pairs(chance), *compared.outside(chance)):
            assert asked.found == asked.expected, asked
            said["refused" if asked.found is None else "unknown" if asked.found else "open"] += 1

    for_random_clusters(shard, check)
    assert all(said[each] for each in ("refused", "open", "unknown"))


def test_pod_cidrs_only_settle_what_hung_on_addresses() -> None:
    """A pod whose address is unknown lives in podCIDRs: where the concrete evaluator has an answer without them it is
    the same, and what else they settle hung on an address."""
    settled = 0

    def check(manifests: Manifests, chance: random.Random) -> None:
        nonlocal settled
        world = World(pod_cidrs=["10.244.0.0/16", "fd00:10:244::/56"])
        compared = Comparison(manifests, None, world)
        for asked in compared.pairs(chance):
            if asked.found != asked.expected:
                assert any(each.startswith("address of ") for each in asked.expected or ()), asked
                settled += 1

    for_random_clusters(5, check)
    assert settled


@pytest.mark.parametrize("shard", [6, 7])
def test_tiers_are_read_as_the_concrete_evaluator_reads_them(shard: int) -> None:
    """Clusters with policies of all kinds: the same answers. Where one answer hangs on the order of tied policies at
    both ends, or on several domain names, connectivity takes each by itself, and may leave open what is settled; it
    never settles what is open, or otherwise."""
    said: Counter[str] = Counter()

    def check(manifests: Manifests, chance: random.Random) -> None:
        compared = Comparison(manifests, None, hidden_by=chance.choice(HIDDEN_BY))
        for asked in (*compared.pairs(chance), *compared.outside(chance)):
            found, expected = asked.found, asked.expected
            by_choice = [each for each in found or () if each.startswith(("order of ", "domain "))]
            said["refused" if found is None else "unknown" if found else "open"] += 1
            said.update({each.partition(" ")[0] for each in by_choice})
            if by_choice:
                said["left open"] += not expected
            else:
                assert found == expected, asked

    def one(data: st.DataObject) -> None:
        check(data.draw(admin_clusters()), random.Random(data.draw(st.integers(0, 2**32))))

    each_drawn(one, CLUSTERS, shard)
    assert all(said[each] for each in ("refused", "open", "unknown", "order")), said
    assert said["left open"] * 20 < said["unknown"], said
