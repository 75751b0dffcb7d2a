"""Egress peers outside the pod network: ``networks`` and ``domainNames``.

Sources: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go (CIDR, DomainName; the same in
v1alpha1) and kubernetes/apiserver:pkg/cel/library/cidr.go (isCIDR, which is Go's netip.ParsePrefix without
IPv4-mapped IPv6 addresses: stricter than NetworkPolicy about spellings, not about bits beyond the prefix).
It trusts the standard library's ``ipaddress`` for the regular forms of addresses.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_network

from .admin_fields import entries, refuse_duplicates
from .cidrs import Cidr, parse_address, parse_cidr
from .fields import Field
from .names import template_hint

MOST_ADDRESSES = 25
LONGEST_NETWORK = 43
DOMAIN_NAME = r"^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$"
"""The API's own pattern. Its ``A-z`` also lets a label start with one of ``[ \\ ] ^ _`` or a backtick."""

_DOMAIN_NAME = re.compile(DOMAIN_NAME.removeprefix("^").removesuffix("$"))
_SLIPPED = re.compile(r"[][\\^`]")
_PREFIX_LENGTH = re.compile("0|[1-9][0-9]*")
_SPLIT = "write further ones in a peer of their own"


def parse_strict_cidr(text: str) -> Cidr:
    """The block that ``text`` means to isCIDR; bits beyond the prefix are masked away (and an irregularity).

    Raises ValueError for what isCIDR refuses: leading zeros, IPv4-mapped IPv6 addresses, zones, bare addresses.
    """
    address_text, slash, length_text = text.rpartition("/")
    address = parse_address(address_text)
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    if not slash or mapped or not _PREFIX_LENGTH.fullmatch(length_text):
        raise ValueError(f"not an address block: {text!r}")
    return parse_cidr(text)


def check_networks(networks: Field) -> None:
    """Report the mistakes of a peer's ``networks``: at least one, at most 25, no spelling twice."""
    elements = entries(
        networks, MOST_ADDRESSES, 1, few="write at least one block of addresses, such as 10.0.0.0/8", many=_SPLIT
    )
    for element in elements:
        _check_network(element)
    refuse_duplicates(elements, "each block stands in the list once")


def check_domain_names(names: Field) -> None:
    """Report the mistakes of a peer's ``domainNames``: at least one, at most 25, no spelling twice."""
    elements = entries(names, MOST_ADDRESSES, 1, few="write at least one name, such as www.example.com", many=_SPLIT)
    for element in elements:
        _check_domain_name(element)
    refuse_duplicates(elements, "each name stands in the list once")


def _check_network(field: Field) -> None:
    text = field.string("write each block as text, such as 10.0.0.0/8; there are no exceptions to a block")
    if text is None:
        return
    if len(text) > LONGEST_NETWORK:
        field.too_long(LONGEST_NETWORK, "write the block in its shortest form")
        return
    try:
        cidr = parse_strict_cidr(text)
    except ValueError:
        field.invalid("Invalid CIDR format provided", _network_hint(text))
        return
    if cidr.irregularities:
        field.note(f'"{text}" is read as {cidr.network}: bits beyond the prefix length do not count')


def _network_hint(text: str) -> str:
    if template_hint(text):
        return template_hint(text)
    if text != text.strip():
        return f'remove the blanks around "{text.strip()}"'
    if "%" in text:
        return "a block of addresses has no zone"
    try:
        address = parse_address(text)
        return f"add the prefix length: {text}/{address.max_prefixlen}"
    except ValueError:
        pass
    try:
        return f"write {parse_cidr(text).network}"
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.]+/[0-9]+(\.[0-9]+){3}", text):
        try:
            return f"write the prefix length as a number: {ip_network(text, strict=False)}"
        except ValueError:
            return ""
    if re.fullmatch(r"[0-9.:a-fA-F]+\s*-\s*[0-9.:a-fA-F]+", text):
        return "a range is written as one or more blocks, such as 10.0.0.0/24"
    return "networks are addresses; host names go under domainNames" if re.search("[g-zG-Z]", text) else ""


def _check_domain_name(field: Field) -> None:
    text = field.string()
    if text is None:
        return
    if not _DOMAIN_NAME.fullmatch(text):
        field.invalid(f"should match '{DOMAIN_NAME}'", _domain_hint(text))
    elif _SLIPPED.search(text):
        field.note(f'"{text}" is accepted by a slip in the API\'s pattern, and no domain can have that name')
    elif _is_address(text):
        field.note(f'"{text}" is an address and no domain: no answer of a DNS server names it; write it under networks')


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def _domain_hint(text: str) -> str:
    if template_hint(text):
        return template_hint(text)
    url = re.fullmatch(r"[a-z]+://([^/:]+).*|([^/:]+)[/:].*", text)
    likely = (url[1] or url[2]) if url else text.strip()
    if likely != text and _DOMAIN_NAME.fullmatch(likely):
        return f"write the name alone: {likely}; ports stand beside `to` in the rule"
    if text.strip(".") in ("*", "**", ""):
        return "for every destination write networks: [0.0.0.0/0, '::/0']"
    if "*" in text:
        return "`*` stands for whole labels at the beginning only: *.example.com"
    if re.fullmatch("[-a-zA-Z0-9_]+", text):
        return "a name has at least two labels, such as www.example.com"
    return ""
