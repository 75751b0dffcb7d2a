"""Addresses and blocks of the concrete evaluator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.addresses import Block, parse_address, parse_network


def holds(cidr: str, address: str, *excepted: str) -> bool:
    return Block(parse_network(cidr), tuple(map(parse_network, excepted))).holds(parse_address(address))


@pytest.mark.parametrize(
    ("cidr", "address", "expected"),
    [
        ("10.0.0.0/8", "10.255.255.255", True),
        ("10.0.0.0/8", "11.0.0.0", False),
        ("1.2.3.4/24", "1.2.3.250", True),
        ("1.2.3.4/32", "1.2.3.4", True),
        ("1.2.3.4/32", "1.2.3.5", False),
        ("0.0.0.0/0", "255.255.255.255", True),
        ("0.0.0.0/0", "::1", False),
        ("::/0", "1.2.3.4", False),
        ("::/0", "fd00::1", True),
        ("2001:db8::ff/64", "2001:db8::1", True),
        ("010.001.000.000/16", "10.1.2.3", True),
    ],
)
def test_blocks_mask_host_bits_and_never_cross_families(cidr: str, address: str, expected: bool) -> None:
    assert holds(cidr, address) is expected


def test_ipv4_mapped_ipv6_acts_as_ipv4() -> None:
    assert holds("::ffff:10.0.0.0/104", "10.1.2.3")
    assert holds("10.0.0.0/8", "::ffff:10.1.2.3")
    assert holds("::ffff:0:0/96", "8.8.8.8")
    assert not holds("::/0", "::ffff:10.1.2.3")
    assert not holds("::ffff:10.0.0.0/80", "10.1.2.3")


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.256/8", "fe80::1%eth0/64", "x/8"])
def test_what_is_no_block_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_network(text)


@pytest.mark.parametrize("text", ["", "10.0.0", "fe80::1%eth0", "10.0.0.0/8", "host"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_address(text)


def test_exceptions_subtract_and_may_overlap() -> None:
    assert not holds("10.0.0.0/8", "10.1.0.1", "10.1.0.0/16", "10.1.0.0/24")
    assert holds("10.0.0.0/8", "10.2.0.1", "10.1.0.0/16", "10.1.0.0/24")


ADDRESSES = st.integers(0, 2**32 - 1).map(lambda number: str(parse_address("0.0.0.0") + number))


@given(ADDRESSES, ADDRESSES, st.integers(0, 32), st.integers(0, 32))
def test_an_exception_removes_exactly_itself(address: str, base: str, bits: int, inner: int) -> None:
    cidr, excepted = f"{base}/{bits}", f"{base}/{max(bits, inner)}"
    assert holds(cidr, address, excepted) == (holds(cidr, address) and not holds(excepted, address))


@given(ADDRESSES, ADDRESSES, st.integers(1, 32))
def test_a_shorter_prefix_holds_no_less(address: str, base: str, bits: int) -> None:
    if holds(f"{base}/{bits}", address):
        assert holds(f"{base}/{bits - 1}", address)
