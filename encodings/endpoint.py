"""One symbolic end of a connection: any pod, outside address or other node that may exist in a world.

A declared pod is a code; what is known of it (namespace, labels, ports, addresses) is a function of that code, so
only hypothetical pods have free variables. Terms about pods mean nothing for other kinds: users guard with ``is_pod``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from . import bits
from .addresses import WIDTH, Family, Network
from .bits import Bits
from .cluster import NAME_LABEL
from .domains import Domains
from .node_end import NodeEnd
from .policy import BlockPeer, DomainPeer, NetworkPeer, NodePeer, Peer, PodPeer, Protocol
from .selectors import Requirement, Selector
from .terms import FALSE, TRUE, Term
from .tiers import Bound
from .world import ABSENT, World


class SymbolicEndpoint:
    """The end called ``role`` ("source" or "destination"). ``is_pod``, ``is_node``, ``is_external``: exactly one
    holds. ``node`` is the node that it is, or whose network a pod is in. ``ipv6``: the connection's family;
    ``blocks_match_pods``: the reading of ipBlock."""

    def __init__(self, world: World, role: str, *, ipv6: Term, blocks_match_pods: Term) -> None:
        terms = world.terms
        self.world = world
        self.role = role
        self.ipv6 = ipv6
        self.blocks_match_pods = blocks_match_pods
        self.is_pod = terms.variable(f"{role}.pod")
        node = terms.variable(f"{role}.node")
        self.is_node = terms.all_of((-self.is_pod, node))
        self.is_external = terms.all_of((-self.is_pod, -node))
        self.class_code = self._code("class", len(world.classes) + 1)
        self.not_declared = bits.equals(terms, self.class_code, 0)
        self.hypothetical = terms.all_of((self.is_pod, self.not_declared))
        self.namespace_code = self._code("namespace", len(world.namespaces))
        self.in_host_network = terms.all_of((self.is_pod, self.in_classes(world.host_classes)))
        self.node = NodeEnd(world, role)
        self.free_label = cache(self._free_label)
        self.label_bits = cache(self._label_bits)
        self.label_in = cache(self._label_in)
        self.namespace_label_in = cache(self._namespace_label_in)
        self.namespace_label_bits = cache(self._namespace_label_bits)
        self.address_bits = cache(self._address_bits)
        self.in_namespaces = cache(self._in_namespaces)
        self.in_network = cache(self._in_network)
        self.declares_port = cache(self._declares_port)
        self.domains = Domains(
            terms,
            role,
            world.vocabulary.domains,
            world.config.domains,
            outside=self.is_external,
            in_networks=lambda networks: terms.any_of(map(self.in_network, networks)),
        )

    def _code(self, name: str, count: int) -> Bits:
        """A vector for a number below ``count``."""
        code = bits.variables(self.world.terms, f"{self.role}.{name}", bits.width_for(count))
        self.world.terms.axiom(-bits.at_least(self.world.terms, code, count), code)
        return code

    def in_classes(self, codes: Iterable[int]) -> Term:
        """The end is a declared pod of one of these classes (counted from 0)."""
        return bits.member(self.world.terms, self.class_code, {code + 1 for code in codes})

    def _classes_where(self, holds: Iterable[bool]) -> Term:
        return self.in_classes(code for code, held in enumerate(holds) if held)

    # Namespaces

    def _in_namespaces(self, codes: frozenset[int]) -> Term:
        """The pod's namespace is one of these."""
        terms = self.world.terms
        inside = self.world.classes_by_namespace
        declared = self.in_classes(number for code in sorted(codes) for number in inside.get(code, ()))
        free = terms.all_of((self.not_declared, bits.member(terms, self.namespace_code, codes)))
        return terms.any_of((free, declared))

    @property
    def undeclared_namespace(self) -> Term:
        """A pod in a namespace that nobody declares or names."""
        return self.world.terms.all_of((self.is_pod, self.in_namespaces(self.world.undeclared())))

    @property
    def unknown_namespace_labels(self) -> Term:
        """The labels of the pod's namespace are free."""
        return self.in_namespaces(self.world.unknown_labels())

    def namespace_bits(self) -> Bits:
        """The code of the pod's namespace as a function of everything the end is made of."""
        codes, width = range(len(self.world.namespaces)), len(self.namespace_code)
        return tuple(
            self.in_namespaces(frozenset(code for code in codes if code >> shift & 1))
            for shift in range(width - 1, -1, -1)
        )

    def _namespace_label_in(self, key: str, codes: frozenset[int]) -> Term:
        """The code of the namespace's label ``key`` is one of ``codes``."""
        world, terms = self.world, self.world.terms
        domain = world.namespace_label(key)
        known = frozenset(
            code
            for code, entry in enumerate(world.namespaces)
            if entry.labels is not None and (domain.code(entry.labels[key]) if key in entry.labels else ABSENT) in codes
        )
        free = bits.member(terms, self.namespace_label_bits(key), codes)
        return terms.any_of((self.in_namespaces(known), terms.all_of((self.unknown_namespace_labels, free))))

    def _namespace_label_bits(self, key: str) -> Bits:
        """The free code of label ``key`` of a namespace whose labels are unknown."""
        width = self.world.namespace_label(key).width
        return bits.variables(self.world.terms, f"{self.role}.namespace-label.{key}", width)

    # Labels

    def _free_label(self, key: str) -> Term:
        """The label is a variable: of a hypothetical pod, or one whose value a controller chooses."""
        chosen = self._classes_where(key in each.free for each in self.world.classes)
        return self.world.terms.any_of((self.not_declared, chosen))

    def _label_bits(self, key: str) -> Bits:
        """The free code of label ``key``."""
        world, terms = self.world, self.world.terms
        code = bits.variables(terms, f"{self.role}.label.{key}", world.pod_label(key).width)
        chosen = self._classes_where(key in each.free for each in world.classes)
        terms.axiom(terms.implies(chosen, -bits.equals(terms, code, ABSENT)), code)
        return code

    def _label_in(self, key: str, codes: frozenset[int]) -> Term:
        """The code of the pod's label ``key`` is one of ``codes``."""
        terms, by_code = self.world.terms, self.world.classes_by_label(key)
        fixed = self.in_classes(number for code in sorted(codes) for number in by_code.get(code, ()))
        free = bits.member(terms, self.label_bits(key), codes)
        return terms.any_of((fixed, terms.all_of((self.free_label(key), free))))

    # Selectors and peers

    def pod_labels_match(self, selector: Selector) -> Term:
        """The pod's labels satisfy every requirement."""
        return self.world.terms.all_of(self._pod_requirement(requirement) for requirement in selector)

    def _pod_requirement(self, requirement: Requirement) -> Term:
        domain = self.world.pod_label(requirement.key)
        if requirement.operator in ("In", "NotIn"):
            listed = self.label_in(requirement.key, frozenset(domain.code(value) for value in requirement.values))
            return listed if requirement.operator == "In" else -listed
        absent = self.label_in(requirement.key, frozenset({ABSENT}))
        return absent if requirement.operator == "DoesNotExist" else -absent

    def namespace_labels_match(self, selector: Selector) -> Term:
        """The labels of the pod's namespace satisfy every requirement."""
        return self.world.terms.all_of(self._namespace_requirement(requirement) for requirement in selector)

    def _namespace_requirement(self, requirement: Requirement) -> Term:
        if requirement.operator in ("In", "NotIn"):
            if requirement.key == NAME_LABEL:
                listed = self.in_namespaces(self.world.codes_of_namespaces(requirement.values))
            else:
                domain = self.world.namespace_label(requirement.key)
                codes = frozenset(domain.code(value) for value in requirement.values)
                listed = self.namespace_label_in(requirement.key, codes)
            return listed if requirement.operator == "In" else -listed
        if requirement.key == NAME_LABEL:  # the API server gives every namespace this label
            return FALSE if requirement.operator == "DoesNotExist" else TRUE
        absent = self.namespace_label_in(requirement.key, frozenset({ABSENT}))
        return absent if requirement.operator == "DoesNotExist" else -absent

    def matches(self, peer: Peer, bound: Bound = "exact") -> Term:
        """The end is one that the peer names; or surely is, or perhaps, whatever a domain name stands for."""
        terms = self.world.terms
        if isinstance(peer, BlockPeer):
            excepted = [self.in_network(network) for network in peer.excepts]
            inside = terms.all_of((self.in_network(peer.network), *(-term for term in excepted)))
            return terms.all_of((inside, terms.any_of((-self.is_pod, self.blocks_match_pods))))
        if isinstance(peer, NetworkPeer):
            return self.in_network(peer.network)
        if isinstance(peer, NodePeer):
            there = terms.any_of((self.is_node, self.in_host_network))
            return terms.all_of((there, self.node.labels_match(peer.selector)))
        if isinstance(peer, DomainPeer):
            domains = self.domains
            asked = {"exact": domains.holds, "least": domains.surely, "most": domains.perhaps}
            return asked[bound](peer.name)
        return terms.all_of((self.is_pod, self.pod_matches(peer)))

    def pod_matches(self, peer: PodPeer) -> Term:
        """A pod is one that the peer selects."""
        parts: list[Term] = []
        if peer.namespace is not None:
            parts.append(self.in_namespaces(self.world.codes_of_namespaces([peer.namespace])))
        parts.append(self.namespace_labels_match(peer.namespace_selector or ()))
        parts.append(self.pod_labels_match(peer.pod_selector or ()))
        if peer.pod_network_only:
            parts.append(-self.in_host_network)
        return self.world.terms.all_of(parts)

    # Addresses

    def has_family(self, family: Family) -> Term:
        """The connection uses this family."""
        return self.ipv6 if family == "IPv6" else -self.ipv6

    def known_address(self) -> Term:
        """A declared pod whose address the manifests give."""
        return self.world.terms.all_of(
            (self.is_pod, self._classes_where(bool(each.pod.addresses) for each in self.world.classes))
        )

    def _address_bits(self, family: Family) -> Bits:
        """The free address of an end whose address is not known."""
        return bits.variables(self.world.terms, f"{self.role}.{family}", WIDTH[family])

    def _in_network(self, network: Network) -> Term:
        """The end's address, of the connection's family, lies in ``network``."""
        terms = self.world.terms
        family = network.family
        known = self._classes_where(
            any(f == family and network.base <= number <= network.last for f, number in each.pod.addresses)
            for each in self.world.classes
        )
        free = bits.has_prefix(terms, self.address_bits(family), network.base, network.length)
        inside = terms.choose(self.known_address(), known, free)
        return terms.all_of((self.has_family(family), inside))

    # Named ports

    def port_variable(self, name: str, protocol: Protocol) -> Term:
        """A hypothetical pod declares ``name`` for ``protocol`` at the connection's own port."""
        return self.world.terms.variable(f"{self.role}.port.{protocol}.{name}")

    def _declares_port(self, name: str, protocol: Protocol, port: Bits) -> Term:
        """The pod declares ``name`` for ``protocol`` at the port ``port``."""
        terms = self.world.terms
        numbers = sorted({n for each in self.world.classes for m, p, n in each.pod.ports if (m, p) == (name, protocol)})
        declared = [
            terms.all_of(
                (
                    self._classes_where((name, protocol, number) in each.pod.ports for each in self.world.classes),
                    bits.equals(terms, port, number),
                )
            )
            for number in numbers
        ]
        hypothetical = terms.all_of((self.not_declared, self.port_variable(name, protocol)))
        return terms.all_of((self.is_pod, terms.any_of((hypothetical, *declared))))
