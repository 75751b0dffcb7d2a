"""Faults of ipBlock: prefixes and their edges, exceptions, families, host bits and mapped addresses.

The rules: kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go (IPBlock), golang/go:src/net/ip.go.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import replace

from netpol_verify.encodings.concrete import networkpolicy
from netpol_verify.encodings.concrete.addresses import Address, Block, Network, parse_network, within
from netpol_verify.encodings.concrete.endpoints import ConcreteEndpoint
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.evidence import FALSE, TRUE, Direction, Side, Truth
from netpol_verify.encodings.concrete.fields import Field
from netpol_verify.encodings.concrete.networkpolicy import Peer, Rule
from netpol_verify.encodings.concrete.traffic import Traffic

from .fault import Area
from .originals import NETWORK_TIER

BLOCKS = Area("ipBlock")
_HOLDS = Block.holds
_PEER = Peer.matches
_RULE = Rule.matches
_ReadingBlock = Callable[[Field], Block]
_READ_BLOCK: _ReadingBlock = vars(networkpolicy)["_read_block"]


def _resized(network: Network, by: int) -> Network:
    prefix = min(max(network.prefixlen + by, 0), network.max_prefixlen)
    return ipaddress.ip_network(f"{network.network_address}/{prefix}", strict=False)


# Prefixes


@BLOCKS.seeded(Block, "holds", "a block is half as large")
def prefix_is_one_longer(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, cidr=_resized(self.cidr, 1)), address)


@BLOCKS.seeded(Block, "holds", "a block is twice as large")
def prefix_is_one_shorter(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, cidr=_resized(self.cidr, -1)), address)


@BLOCKS.seeded(Block, "holds", "the first address of a block is not in it")
def first_address_is_not_in_it(self: Block, address: Address) -> bool:
    several = self.cidr.num_addresses > 1
    return _HOLDS(self, address) and not (several and address == self.cidr.network_address)


@BLOCKS.seeded(Block, "holds", "the last address of a block is not in it")
def last_address_is_not_in_it(self: Block, address: Address) -> bool:
    several = self.cidr.num_addresses > 1
    return _HOLDS(self, address) and not (several and address == self.cidr.broadcast_address)


@BLOCKS.seeded(Block, "holds", "prefixes count in whole bytes")
def prefix_is_in_bytes(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, cidr=_resized(self.cidr, -(self.cidr.prefixlen % 8))), address)


@BLOCKS.seeded(Block, "holds", "a block of one address holds nothing")
def single_address_is_empty(self: Block, address: Address) -> bool:
    return self.cidr.num_addresses > 1 and _HOLDS(self, address)


# Families


@BLOCKS.seeded(Block, "holds", "0.0.0.0/0 holds IPv6 addresses, and ::/0 IPv4 addresses")
def everything_is_of_both_families(self: Block, address: Address) -> bool:
    if self.cidr.prefixlen == 0:
        return not any(within(address, inner) for inner in self.excepted)
    return _HOLDS(self, address)


@BLOCKS.seeded(Block, "holds", "blocks of IPv6 hold nothing")
def ipv6_blocks_are_empty(self: Block, address: Address) -> bool:
    return self.cidr.version == 4 and _HOLDS(self, address)


@BLOCKS.seeded(Block, "holds", "blocks of IPv6 are cut to four bytes", "np-guard/netpol-analyzer")
def ipv6_blocks_are_cut(self: Block, address: Address) -> bool:
    if self.cidr.version == 4:
        return _HOLDS(self, address)
    return _HOLDS(replace(self, cidr=_resized(self.cidr, min(0, 32 - self.cidr.prefixlen))), address)


@BLOCKS.seeded(Block, "holds", "addresses of IPv6 are compared up to the 64th bit")
def ipv6_is_compared_by_half(self: Block, address: Address) -> bool:
    if self.cidr.version == 4:
        return _HOLDS(self, address)
    return _HOLDS(replace(self, cidr=_resized(self.cidr, min(0, 64 - self.cidr.prefixlen))), address)


# Exceptions


@BLOCKS.seeded(Block, "holds", "exceptions are passed over")
def exceptions_are_ignored(self: Block, address: Address) -> bool:
    return within(address, self.cidr)


@BLOCKS.seeded(Block, "holds", "only the first exception counts")
def first_exception_only(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, excepted=self.excepted[:1]), address)


@BLOCKS.seeded(Block, "holds", "exceptions are twice as large")
def exception_is_one_shorter(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, excepted=tuple(_resized(each, -1) for each in self.excepted)), address)


@BLOCKS.seeded(Block, "holds", "exceptions are half as large")
def exception_is_one_longer(self: Block, address: Address) -> bool:
    return _HOLDS(replace(self, excepted=tuple(_resized(each, 1) for each in self.excepted)), address)


@BLOCKS.seeded(Block, "holds", "the first address of an exception is not excepted")
def first_of_exception_is_held(self: Block, address: Address) -> bool:
    first = any(address == each.network_address for each in self.excepted)
    return within(address, self.cidr) if first else _HOLDS(self, address)


@BLOCKS.seeded(Block, "holds", "the last address of an exception is not excepted")
def last_of_exception_is_held(self: Block, address: Address) -> bool:
    last = any(address == each.broadcast_address for each in self.excepted)
    return within(address, self.cidr) if last else _HOLDS(self, address)


@BLOCKS.seeded(Block, "holds", "a block with exceptions holds nothing")
def block_with_exceptions_is_empty(self: Block, address: Address) -> bool:
    return not self.excepted and _HOLDS(self, address)


@BLOCKS.seeded(Block, "holds", "0.0.0.0/0 and ::/0 have no exceptions")
def everything_has_no_exceptions(self: Block, address: Address) -> bool:
    return within(address, self.cidr) if self.cidr.prefixlen == 0 else _HOLDS(self, address)


def _excepted(rules: Iterator[Rule], address: Address | None) -> bool:
    blocks = [peer.block for rule in rules for peer in rule.peers if peer.block is not None]
    return address is not None and any(within(address, block.cidr) and not _HOLDS(block, address) for block in blocks)


@BLOCKS.seeded(Cluster, "_network_tier", "what one block excepts is denied, whatever other rules allow")
def exceptions_deny(self: Cluster, direction: Direction, traffic: Traffic) -> Side:
    subject = traffic.subject(direction)
    policies = self.policies.get(subject.namespace or "", ())
    selecting = [each for each in policies if each.selects(subject, direction, traffic.reading).value]
    rules = (rule for policy in selecting for rule in policy.rules[direction])
    if _excepted(rules, traffic.other(direction).address(traffic.family)):
        return Side(direction, False, True)
    return NETWORK_TIER(self, direction, traffic)


@BLOCKS.seeded(Rule, "matches", "what one block excepts, the other peers of the rule do not match either")
def exceptions_are_for_the_whole_rule(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    excepted = _excepted(iter((rule,)), traffic.other(direction).address(traffic.family))
    return FALSE if excepted else _RULE(rule, traffic, direction)


# Forms of CIDRs, and where blocks count


@BLOCKS.seeded(networkpolicy, "_read_block", "a CIDR with host bits is one address")
def host_bits_name_one_address(field: Field) -> Block:
    block, text = _READ_BLOCK(field), field.child("cidr").text()
    return replace(block, cidr=_one_address(text)) if _has_host_bits(text) else block


@BLOCKS.seeded(networkpolicy, "_read_block", "an exception with host bits is one address")
def host_bits_of_exception_name_one_address(field: Field) -> Block:
    texts = [item.text() for item in field.child("except").items()]
    excepted = tuple(_one_address(text) if _has_host_bits(text) else parse_network(text) for text in texts)
    return replace(_READ_BLOCK(field), excepted=excepted)


@BLOCKS.seeded(networkpolicy, "_read_block", "a CIDR with host bits holds nothing")
def host_bits_make_it_empty(field: Field) -> Block:
    return _empty(_READ_BLOCK(field)) if _has_host_bits(field.child("cidr").text()) else _READ_BLOCK(field)


@BLOCKS.seeded(networkpolicy, "_read_block", "a CIDR that maps IPv4 into IPv6 holds nothing")
def mapped_block_is_empty(field: Field) -> Block:
    is_mapped = field.child("cidr").text().startswith("::ffff:")
    return _empty(_READ_BLOCK(field)) if is_mapped else _READ_BLOCK(field)


def _has_host_bits(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("/")[0])
    return address != ipaddress.ip_network(text, strict=False).network_address


def _one_address(text: str) -> Network:
    return parse_network(f"{text.partition('/')[0]}/{32 if '.' in text else 128}")


def _empty(block: Block) -> Block:
    return Block(block.cidr, (block.cidr,))


@BLOCKS.seeded(Peer, "matches", "a block matches every address outside")
def block_matches_every_address(self: Peer, endpoint: ConcreteEndpoint, traffic: Traffic) -> Truth:
    return TRUE if self.block is not None and endpoint.kind == "external" else _PEER(self, endpoint, traffic)


@BLOCKS.seeded(Rule, "matches", "blocks in ingress rules match nothing", "antrea-io/antrea#1764")
def blocks_fail_for_ingress(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _without_blocks(traffic, rule, direction) if direction == "ingress" else _RULE(rule, traffic, direction)


@BLOCKS.seeded(Rule, "matches", "blocks in egress rules match nothing")
def blocks_fail_for_egress(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    return _without_blocks(traffic, rule, direction) if direction == "egress" else _RULE(rule, traffic, direction)


def _without_blocks(traffic: Traffic, rule: Rule, direction: Direction) -> Truth:
    kept = tuple(peer for peer in rule.peers if peer.block is None)
    return FALSE if rule.peers and not kept else _RULE(replace(rule, peers=kept), traffic, direction)


@BLOCKS.seeded(Rule, "matches", "blocks beside selectors in one rule are passed over")
def blocks_beside_selectors_are_ignored(rule: Rule, traffic: Traffic, direction: Direction) -> Truth:
    kept = tuple(peer for peer in rule.peers if peer.block is None)
    return _RULE(replace(rule, peers=kept or rule.peers), traffic, direction)
