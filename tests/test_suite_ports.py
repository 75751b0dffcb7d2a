"""Ports as a suite writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netpol_verify.encodings.policy import PROTOCOLS, NamedPort, PortRange, Protocol
from netpol_verify.properties.notation import NotationError
from netpol_verify.properties.ports import parse_port

NUMBERS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (5432, PortRange("TCP", 5432, 5432)),
        ("5432", PortRange("TCP", 5432, 5432)),
        ("8000-8010", PortRange("TCP", 8000, 8010)),
        ("TCP/5432", PortRange("TCP", 5432, 5432)),
        ("SCTP/1-65535", PortRange("SCTP", 1, 65535)),
        ("UDP/dns", NamedPort("UDP", "dns")),
        ("TCP/8080-tcp", NamedPort("TCP", "8080-tcp")),
    ],
)
def test_every_form_has_its_meaning(text: str | int, meaning: PortRange | NamedPort) -> None:
    assert parse_port(text) == meaning


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (0, "outside 1-65535", ""),
        (65536, "outside 1-65535", ""),
        pytest.param(10**5000, "outside 1-65535", "", id="a huge number"),
        pytest.param("9" * 5000, "outside 1-65535", "", id="a huge text"),
        ("TCP/0", "outside 1-65535", ""),
        ("-1", "outside 1-65535", ""),
        ("TCP/90-80", "ends before it begins", "80-90"),
        ("TCP/080", "no port number", "write 5432"),
        ("TCP/80-", "no port number", "write 5432"),
        ("TCP/80 - 90", "no port number", "write 5432"),
        ("tcp/80", 'unknown protocol "tcp"', 'did you mean "TCP"?'),
        ("ICMP/8", 'unknown protocol "ICMP"', ""),
        ("/80", 'unknown protocol ""', ""),
        ("TCP", "names a protocol and no port", "write TCP/1-65535"),
        ("dns", "a port name without its protocol", "write TCP/dns or UDP/dns"),
        ("UDP/Dns", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)", "write 5432"),
        ("UDP/a-name-of-16-chr", "must be no more than 15 characters", "write 5432"),
        ("UDP/a--b", "must not contain consecutive hyphens", ""),
        ("UDP/", "no port name", ""),
        ("", '"" is no port', "write 5432"),
        ("TCP/80,443", "no port name", ""),
        ("٣", "is no port", ""),
    ],
)
def test_what_is_no_port_is_refused_with_the_reason(text: str | int, message: str, hint: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_port(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.sampled_from(PROTOCOLS), NUMBERS, NUMBERS)
def test_ranges_are_read_as_written(protocol: Protocol, one: int, two: int) -> None:
    first, last = sorted((one, two))
    assert parse_port(f"{protocol}/{first}-{last}") == PortRange(protocol, first, last)


@given(st.text(max_size=12) | st.text("TCPUDS/0123456789-", max_size=12) | st.integers())
def test_any_text_is_a_port_or_bad_notation(text: str | int) -> None:
    try:
        parse_port(text)
    except NotationError as error:
        assert error.message
