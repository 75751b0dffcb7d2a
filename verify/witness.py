"""A model of the solver as a counterexample that a person can read: codes become names, labels and addresses.

Trusts the model to be one of the world's; what it prints is replayed by the concrete evaluator afterwards.
"""

from __future__ import annotations

from ..encodings.addresses import Family, address_text
from ..encodings.bits import Bits
from ..encodings.connection import Connection
from ..encodings.endpoint import SymbolicEndpoint
from ..encodings.policy import PROTOCOLS
from ..encodings.solver import Solver
from ..encodings.world import ABSENT
from .readings import in_line
from .results import ContainerPort, Counterexample, Endpoint, Reading


def connection_shown(connection: Connection, solver: Solver) -> Counterexample:
    """The connection of the last "sat" answer, as an allowed one."""
    witness = Witness(connection, solver)
    source, destination = witness.endpoints()
    return Counterexample(
        source=source,
        destination=destination,
        protocol=witness.protocol,
        port=witness.port,
        port_name=None,
        family=witness.family,
        allowed=True,
        reading=witness.reading,
    )


class Witness:
    """Reads one connection off the last "sat" answer of ``solver``."""

    def __init__(self, connection: Connection, solver: Solver) -> None:
        self._connection = connection
        self._world = connection.world
        self._solver = solver
        self.family: Family = "IPv6" if solver.value(connection.ipv6) else "IPv4"
        self.protocol = PROTOCOLS[self._number(connection.protocol_bits)]
        # A question that does not depend on the port leaves it 0: any port will do.
        self.port = self._number(connection.port_bits) or 80
        self.reading = Reading(
            ip_block_matches_pods=solver.value(connection.blocks_match_pods),
            order=self._order(),
            baseline_hidden_by="pod" if solver.value(connection.hidden_by_pod) else "direction",
            host_network_pods="ordinary" if solver.value(connection.host_network_ordinary) else "excluded",
        )

    def _order(self) -> tuple[str, ...]:
        """The tied policies that decide differently about the connection as printed, the one that goes first first."""
        contests = list(self._world.choices.contests())
        if not contests:
            return ()
        order, printed = self._world.choices.order, self._as_printed()
        fought = self._solver.values([contest.term for contest in contests], printed)
        met = [contest for contest, held in zip(contests, fought, strict=True) if held]
        first = self._solver.values([order.before(each.first, each.second) for each in met])
        pairs: list[tuple[str, str]] = []
        for each, held in zip(met, first, strict=True):
            one, other = each.first.reference, each.second.reference
            pairs.append((one, other) if held else (other, one))
        return in_line(pairs, order.index)

    def _as_printed(self) -> dict[int, bool]:
        """What is printed of variables that the model leaves open: the port, and labels that a controller chooses."""
        values: dict[int, bool] = {}

        def say(number: Bits, value: int) -> None:
            values.update((bit, bool(value >> shift & 1)) for shift, bit in enumerate(reversed(number)))

        say(self._connection.port_bits, self.port)
        for end in self._connection.ends:
            code = self._class_of(end)
            for key in () if code is None else self._world.classes[code].free:
                say(end.label_bits(key), max(self._number(end.label_bits(key)), 1))
        return values

    def _number(self, number: Bits) -> int:
        return sum(self._solver.value(bit) << shift for shift, bit in enumerate(reversed(number)))

    def endpoints(self) -> tuple[Endpoint, Endpoint]:
        """Source and destination as printed."""
        source_class, destination_class = (self._class_of(end) for end in self._connection.ends)
        # Two ends of one class are two of its pods; a class of one object stands for several pods of it.
        shared = source_class is not None and source_class == destination_class
        return (
            self._endpoint(self._connection.source, source_class, 0),
            self._endpoint(self._connection.destination, destination_class, 1 if shared else 0),
        )

    def _class_of(self, end: SymbolicEndpoint) -> int | None:
        code = self._number(end.class_code) if self._solver.value(end.is_pod) else 0
        return code - 1 if code else None

    def _endpoint(self, end: SymbolicEndpoint, class_code: int | None, which: int) -> Endpoint:
        if not self._solver.value(end.is_pod):
            ips = (self._free_address(end),)
            if not self._solver.value(end.is_node):
                return Endpoint("external", ips=ips)
            name, labels = self._node(end)
            return Endpoint("node", labels=labels, ips=ips, node=name)
        if class_code is None:
            return self._hypothetical(end)
        return self._declared(end, class_code, which)

    def _node(self, end: SymbolicEndpoint) -> tuple[str | None, dict[str, str]]:
        """The name (None: nobody declared it) and labels of the node that the end is, or in whose network it is."""
        code = self._number(end.node.code)
        if code:
            node = self._world.nodes[code - 1]
            return node.name, dict(sorted(node.labels.items()))
        labels: dict[str, str] = {}
        for key in sorted(self._world.vocabulary.node_labels):
            value = self._number(end.node.label_bits(key))
            if value != ABSENT:
                labels[key] = self._world.node_label(key).texts()[value - 1]
        return None, labels

    def _free_address(self, end: SymbolicEndpoint) -> str:
        return address_text(self.family, self._number(end.address_bits(self.family)))

    def _declared(self, end: SymbolicEndpoint, class_code: int, which: int) -> Endpoint:
        each = self._world.classes[class_code]
        pod, fixed = each.members[which % len(each.members)]
        labels = dict(fixed)
        for key in pod.free:
            # A value that the question does not depend on is the least one, as it would be if it did.
            code = self._number(end.label_bits(key)) if key in each.free else ABSENT
            labels[key] = self._world.pod_label(key).texts()[max(code, 1) - 1]
        known = [address_text(family, number) for family, number in pod.addresses]
        code = self._world.namespace_codes[pod.namespace]
        node, node_labels = self._node(end) if pod.host_network else (None, None)
        return Endpoint(
            "pod",
            namespace=pod.namespace,
            labels=dict(sorted(labels.items())),
            namespace_labels=self._namespace_labels(end, code),
            namespace_declared=True,
            workload=pod.reference,
            ports=tuple(ContainerPort(name, protocol, number) for name, protocol, number in pod.ports),
            ips=tuple(known) if known else (self._free_address(end),),
            host_network=pod.host_network,
            node=node,
            node_labels=node_labels,
        )

    def _hypothetical(self, end: SymbolicEndpoint) -> Endpoint:
        code = self._number(end.namespace_code)
        entry = self._world.namespaces[code]
        labels: dict[str, str] = {}
        for key in sorted(self._world.vocabulary.pod_labels):
            value = self._number(end.label_bits(key))
            if value != ABSENT:
                labels[key] = self._world.pod_label(key).texts()[value - 1]
        declares = [
            ContainerPort(name, protocol, self.port)
            for name, protocol in sorted(self._world.vocabulary.named_ports)
            if end is self._connection.destination and self._solver.value(end.port_variable(name, protocol))
        ]
        return Endpoint(
            "pod",
            namespace=entry.name,
            labels=labels,
            namespace_labels=self._namespace_labels(end, code),
            namespace_declared=entry.exists,
            ports=tuple(declares),
            ips=(self._free_address(end),),
        )

    def _namespace_labels(self, end: SymbolicEndpoint, code: int) -> dict[str, str]:
        entry = self._world.namespaces[code]
        if entry.labels is not None:
            return dict(sorted(entry.labels.items()))
        vocabulary = self._world.vocabulary
        labels: dict[str, str] = {}
        for key in sorted({*vocabulary.namespace_labels, *vocabulary.compared}):
            value = self._number(end.namespace_label_bits(key))
            if value != ABSENT:
                labels[key] = self._world.namespace_label(key).texts()[value - 1]
        return labels
