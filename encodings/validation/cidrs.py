"""Address blocks as the API server reads them: more forms than today's standard library of Go accepts.

Kubernetes keeps an old parser (kubernetes/utils:internal/third_party/forked/golang/net/ip.go): leading zeros
are decimal, bits beyond the prefix are masked away and an IPv4-mapped IPv6 block is an IPv4 block. Newer
releases may refuse these forms, so ``Cidr.irregularities`` names them
(kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go).
It trusts the standard library's ``ipaddress`` for the regular forms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

_DECIMAL = re.compile("[0-9]+")
_OCTETS = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)")
_GROUP = re.compile("(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")


@dataclass(frozen=True, slots=True)
class Cidr:
    """A block of addresses: the ``network`` it means, and how it was written.

    ``prefix`` is the prefix length as written; it differs from the network's where an IPv4-mapped IPv6 block
    became the IPv4 block. ``irregularities`` is what strict releases of the API refuse in this spelling.
    """

    network: IPv4Network | IPv6Network
    prefix: int
    irregularities: tuple[str, ...] = ()


def parse_cidr(text: str) -> Cidr:
    """The block that ``text`` means to the API server (ParseCIDRSloppy).

    Raises ValueError if it is no address block: a bare address, an octet over 255, a sign, a zone, a blank.
    """
    address_text, slash, prefix_text = text.partition("/")
    if not slash or not _DECIMAL.fullmatch(prefix_text):
        raise ValueError(f"not an address block: {text!r}")
    address = _address(address_text)
    prefix = int(prefix_text)
    if prefix > address.max_prefixlen:
        raise ValueError(f"prefix too long: {text!r}")
    zeros = _leading_zeros(address_text)
    faults = [
        ("must not have leading 0s in IP", zeros),
        ("must not have leading 0s", prefix_text != str(prefix)),
        (
            "must not have an IPv4-mapped IPv6 address",
            isinstance(address, IPv6Address) and address.ipv4_mapped is not None,
        ),
        ("must not have bits set beyond the prefix length", _has_host_bits(address, prefix)),
    ]
    return Cidr(_network(address, prefix), prefix, tuple(fault for fault, present in faults if present))


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """The address that ``text`` means, in its regular forms only. Raises ValueError for anything else."""
    if "%" in text:
        raise ValueError(f"an address with a zone: {text!r}")
    return ip_address(text)


def _address(text: str) -> IPv4Address | IPv6Address:
    if not text.isascii() or "%" in text:
        raise ValueError(f"not an address: {text!r}")
    if ":" not in text:
        return _ipv4(text)
    head, colon, tail = text.rpartition(":")
    if "." in tail:
        tail = str(_ipv4(tail))
    return IPv6Address(_GROUP.sub("", head) + colon + (tail if "." in tail else _GROUP.sub("", tail)))


def _ipv4(text: str) -> IPv4Address:
    octets = _OCTETS.fullmatch(text)
    if not octets:
        raise AddressValueError(f"not an address: {text!r}")
    return IPv4Address(".".join(octet.lstrip("0") or "0" for octet in octets.groups()))


def _leading_zeros(text: str) -> bool:
    """Whether a strict parser refuses the zeros: any before an octet, or an IPv6 group over four digits."""
    groups = text.split(":")
    octets = groups.pop().split(".") if "." in groups[-1] else []
    return any(len(octet) > 1 and octet.startswith("0") for octet in octets) or any(len(group) > 4 for group in groups)


def _has_host_bits(address: IPv4Address | IPv6Address, prefix: int) -> bool:
    return int(address) & ((1 << (address.max_prefixlen - prefix)) - 1) != 0


def _network(address: IPv4Address | IPv6Address, prefix: int) -> IPv4Network | IPv6Network:
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), prefix), strict=False)
    mapped = address.ipv4_mapped
    if mapped is not None and prefix >= 96:
        return IPv4Network((int(mapped), prefix - 96), strict=False)
    return IPv6Network((int(address), prefix), strict=False)
