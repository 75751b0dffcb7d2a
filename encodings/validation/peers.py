"""Peers of a rule: selectors and address blocks.

Source of the rules: ValidateNetworkPolicyPeer and ValidateIPBlock in
kubernetes/kubernetes:pkg/apis/networking/validation/validation.go. It trusts ``selectors`` and ``cidrs``.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from .cidrs import Cidr, parse_address, parse_cidr
from .fields import Field
from .names import template_hint
from .selectors import read_selector

PEER_FIELDS = ("podSelector", "namespaceSelector", "ipBlock")
IP_BLOCK_FIELDS = ("cidr", "except")

_BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_BY_NAME = "select a namespace by its label: namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME}}"
_PEER_HINTS = {
    "matchLabels": "write it under podSelector: or namespaceSelector:",
    "matchExpressions": "write it under podSelector: or namespaceSelector:",
    "cidr": "write ipBlock: {cidr: …}",
    "except": "exceptions stand inside ipBlock, beside cidr",
    "ports": "`ports` stands beside `from` or `to` in the rule, not inside a peer",
    "port": "ports stand in the rule's `ports`, beside `from` or `to`",
    "protocol": "ports stand in the rule's `ports`, beside `from` or `to`",
    "namespace": _BY_NAME,
    "namespaces": _BY_NAME,
    "from": "a peer stands directly in the list: remove the inner `from`",
    "to": "a peer stands directly in the list: remove the inner `to`",
    "selector": "did you mean podSelector or namespaceSelector?",
}


def check_peer(peer: Field) -> None:
    """Report the mistakes of one peer; a null peer, and one whose only field is null, has no field at all."""
    if peer.mapping(_peer_hint(peer.value)) is None:
        return
    all_known = peer.only(PEER_FIELDS, _PEER_HINTS)
    given = [name for name in PEER_FIELDS if peer.child(name).written]
    for name in ("podSelector", "namespaceSelector"):
        read_selector(peer.child(name))
    if "ipBlock" in given:
        _check_ip_block(peer.child("ipBlock"))
    if not given and all_known:
        peer.required("must specify a peer", _no_field_hint(peer))
    elif "ipBlock" in given and len(given) > 1:
        hint = "write two entries, each starting with `- `: either may match then"
        peer.forbidden("may not specify both ipBlock and another peer", hint)


def _check_ip_block(block: Field) -> None:
    value = block.value
    if block.mapping(f"write it as `ipBlock: {{cidr: {value}}}`" if isinstance(value, str) else "") is None:
        return
    block.only(IP_BLOCK_FIELDS)
    cidr = block.child("cidr")
    text = cidr.string("write one ipBlock for each block of addresses")
    exceptions = block.child("except").sequence()
    if text is None:
        return
    if not text:
        cidr.required(hint="write the block of addresses, such as cidr: 10.0.0.0/8")
        return
    outer = _read_cidr(cidr, text)
    for exception in exceptions or []:
        inner_text = exception.string()
        inner = _read_cidr(exception, inner_text) if inner_text is not None else None
        if outer and inner and not _strictly_inside(inner, outer):
            exception.invalid("must be a strict subset of `cidr`", _except_hint(inner, outer))


def _read_cidr(field: Field, text: str) -> Cidr | None:
    try:
        cidr = parse_cidr(text)
    except ValueError:
        field.invalid(_BAD_CIDR, _cidr_hint(text))
        return None
    if cidr.irregularities:
        faults = " and ".join(cidr.irregularities)
        field.note(f'"{text}" is read as {cidr.network}; releases of the API that check strictly refuse it: {faults}')
    return cidr


def _strictly_inside(inner: Cidr, outer: Cidr) -> bool:
    # The prefix lengths are compared as written, as the API does, also where one is of an IPv4-mapped block.
    first = inner.network.network_address
    return first in outer.network and outer.prefix < inner.prefix


def _except_hint(inner: Cidr, outer: Cidr) -> str:
    if inner.network == outer.network:
        return "excepting the whole block leaves nothing: remove this peer, or except a part of it"
    if inner.network.version != outer.network.version:
        return f"cidr holds IPv{outer.network.version} addresses only: remove the exception"
    if outer.network.network_address in inner.network:
        return f"the exception is wider than {outer.network}: remove this peer, or except a part of it"
    return f"the exception lies outside {outer.network}: it changes nothing, remove it"


def _cidr_hint(text: str) -> str:
    """What somebody may have meant by an illegal block, or ""."""
    if template_hint(text):
        return template_hint(text)
    if text != text.strip():
        return f'remove the blanks around "{text.strip()}"'
    try:
        address = parse_address(text)
        return f"add the prefix length: {text}/{address.max_prefixlen}"
    except ValueError:
        pass
    try:
        return f"write the prefix length as a number: {_from_netmask(text)}"
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.:a-fA-F]+\s*-\s*[0-9.:a-fA-F]+", text):
        return "a range is written as one or more blocks, such as 10.0.0.0/24"
    if re.search(r"[g-zG-Z]", text):
        return "an ipBlock takes addresses, not host names"
    return ""


def _from_netmask(text: str) -> IPv4Network | IPv6Network:
    if not re.fullmatch(r"[0-9.]+/[0-9]+(\.[0-9]+){3}", text):
        raise ValueError(text)
    return ip_network(text, strict=False)


def _no_field_hint(peer: Field) -> str:
    named = [str(child.path[-1]) for child in peer.children()]
    if named:
        return f"`{named[0]}:` with nothing after it is no field; to match everything write `{named[0]}: {{}}`"
    return "write podSelector: {} for all pods of the namespace, namespaceSelector: {} for those of every one"


def _peer_hint(value: object) -> str:
    return "write a peer as `- podSelector: {matchLabels: …}`" if isinstance(value, str) else ""
