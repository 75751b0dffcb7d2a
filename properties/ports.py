"""Ports as a suite writes them: ``5432``, ``TCP/5432``, ``TCP/8000-8010``, ``UDP/dns``. Trusts nothing.

A number without a protocol is TCP (``contract``: *Endpoints and ports*). A name without one is refused: ``dns``
would otherwise silently mean TCP only.
"""

from __future__ import annotations

import re

from ..encodings.policy import PROTOCOLS, NamedPort, PortRange, Protocol
from ..encodings.problems import did_you_mean
from ..encodings.validation.names import port_name_problems
from .notation import NotationError

LAST_PORT = 65535
_FORMS = "write 5432, TCP/5432, TCP/8000-8010 or UDP/dns"


def parse_port(text: str | int) -> PortRange | NamedPort:
    """The port or ports that ``text`` means.

    Raises NotationError for an unknown protocol, a number outside 1–65535, a reversed range, or an illegal name.
    """
    if isinstance(text, int):
        if not 1 <= text <= LAST_PORT:
            raise NotationError(f"the port is outside 1-{LAST_PORT}")
        return PortRange("TCP", text, text)
    head, slash, rest = text.partition("/")
    if not slash:
        return _without_protocol(text)
    protocol = _protocol(head)
    if re.fullmatch(r"[-+0-9 ]+", rest):
        return _numbers(protocol, rest)
    mistake = port_name_mistake(rest)
    if mistake:
        raise NotationError(mistake, _FORMS)
    return NamedPort(protocol, rest)


def _without_protocol(text: str) -> PortRange:
    if re.fullmatch(r"[-+0-9 ]+", text):
        return _numbers("TCP", text)
    if text.upper() in PROTOCOLS:
        raise NotationError(
            f'"{text}" names a protocol and no port', f"write {text.upper()}/1-{LAST_PORT} for all its ports"
        )
    if port_name_mistake(text) is None:
        names = " or ".join(f"{protocol}/{text}" for protocol in PROTOCOLS[:2])
        raise NotationError(f'"{text}" is a port name without its protocol', f"write {names}")
    raise NotationError(f'"{text}" is no port', _FORMS)


def _protocol(word: str) -> Protocol:
    if word in PROTOCOLS:
        return word
    hint = f'did you mean "{word.upper()}"?' if word.upper() in PROTOCOLS else did_you_mean(word, PROTOCOLS)
    raise NotationError(f'unknown protocol "{word}": TCP, UDP and SCTP are known', hint)


def _numbers(protocol: Protocol, text: str) -> PortRange:
    first, dash, last = text.partition("-")
    if not first and dash:
        raise NotationError(f"port {text} is outside 1-{LAST_PORT}")
    low = _number(first)
    high = _number(last) if dash else low
    if low > high:
        raise NotationError(f"the range {text} ends before it begins", f"did you mean {high}-{low}?")
    return PortRange(protocol, low, high)


def _number(text: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]*", text):
        raise NotationError(f'"{text}" is no port number', _FORMS)
    # Compared by length first: Python refuses to convert thousands of digits.
    if len(text) > len(str(LAST_PORT)) or not 1 <= int(text) <= LAST_PORT:
        raise NotationError(f"port {text[:20]} is outside 1-{LAST_PORT}")
    return int(text)


def port_name_mistake(name: str) -> str | None:
    """What keeps ``name`` from being a container port's name, or None."""
    problems = port_name_problems(name)
    return f'"{name}" is no port name: {"; ".join(problems)}' if problems else None
