"""Address blocks mean what they mean to the API server, irregular spellings included."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.validation import parse_cidr
from netpol_verify.encodings.validation.cidrs import parse_address

ZEROS = "must not have leading 0s in IP"
PREFIX_ZEROS = "must not have leading 0s"
MAPPED = "must not have an IPv4-mapped IPv6 address"
HOST_BITS = "must not have bits set beyond the prefix length"


@pytest.mark.parametrize(
    ("text", "network", "irregularities"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", ()),
        ("0.0.0.0/0", "0.0.0.0/0", ()),
        ("1.2.3.4/32", "1.2.3.4/32", ()),
        ("1.2.3.4/24", "1.2.3.0/24", (HOST_BITS,)),
        ("010.0.0.0/8", "10.0.0.0/8", (ZEROS,)),
        ("10.0.0.000/8", "10.0.0.0/8", (ZEROS,)),
        ("10.0.0.0/08", "10.0.0.0/8", (PREFIX_ZEROS,)),
        ("010.1.0.0/08", "10.0.0.0/8", (ZEROS, PREFIX_ZEROS, HOST_BITS)),
        ("::/0", "::/0", ()),
        ("2001:db8::/64", "2001:db8::/64", ()),
        ("2001:DB8::/64", "2001:db8::/64", ()),
        ("2001:0db8::/64", "2001:db8::/64", ()),
        ("2001:00db8::/64", "2001:db8::/64", (ZEROS,)),
        ("2001:db8::1/64", "2001:db8::/64", (HOST_BITS,)),
        ("64:ff9b::1.2.3.4/128", "64:ff9b::102:304/128", ()),
        ("64:ff9b::01.2.3.4/128", "64:ff9b::102:304/128", (ZEROS,)),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8", (MAPPED,)),
        ("::ffff:0:0/96", "0.0.0.0/0", (MAPPED,)),
        ("::ffff:0:0/95", "::fffe:0:0/95", (MAPPED, HOST_BITS)),
        ("1:2:3:4:5:6:7::/128", "1:2:3:4:5:6:7:0/128", ()),
    ],
)
def test_a_block_means_what_the_api_server_reads(text: str, network: str, irregularities: tuple[str, ...]) -> None:
    cidr = parse_cidr(text)
    assert (cidr.network, cidr.irregularities) == (ip_network(network), irregularities)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/8",
        "10.0.0.1",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0/8",
        "10.0.0.256/32",
        "10.0.0.0 /8",
        " 10.0.0.0/8",
        "10.0.0.0/8\n",
        "10.0.0.0/٨",
        "١0.0.0.0/8",
        "::/129",
        "fe80::1%eth0/64",
        "1:2:3:4:5:6:7:8::/64",
        ":::/0",
        "12345::/16",
        "0x0a.0.0.0/8",
        "example.com/8",
    ],
)
def test_what_the_api_server_cannot_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_cidr(text)


@pytest.mark.parametrize("text", ["010.0.0.1", "fe80::1%eth0", "10.0.0.1/32", "", "10.0.0.256"])
def test_an_address_is_read_in_its_regular_forms_only(text: str) -> None:
    with pytest.raises(ValueError):
        parse_address(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789abcf:./%-x ", max_size=24))
def test_any_text_is_a_block_or_a_value_error(text: str) -> None:
    try:
        parse_cidr(text)
    except ValueError:
        return
    assert "/" in text


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_host_bits_are_masked_away(address: int, prefix: int) -> None:
    written = str(IPv4Network((address, 32)).network_address)
    assert parse_cidr(f"{written}/{prefix}").network == IPv4Network((address, prefix), strict=False)


@settings(deadline=None)
@given(st.integers(0, 2**128 - 1), st.integers(0, 128))
def test_ipv6_blocks_agree_with_the_standard_library(address: int, prefix: int) -> None:
    network = IPv6Network((address, 128))
    if network.network_address.ipv4_mapped is None:
        read = parse_cidr(f"{network.network_address.exploded}/{prefix}").network
        assert read == IPv6Network((address, prefix), strict=False)
