"""Ports: the entries of a policy's ``ports`` and the ports that containers declare.

Source of the rules: ValidateNetworkPolicyPort in
kubernetes/kubernetes:pkg/apis/networking/validation/validation.go and validateContainerPorts in
kubernetes/kubernetes:pkg/apis/core/validation/validation.go.
It trusts ``fields.Field`` for types and ``names`` for the legal names.
"""

from __future__ import annotations

import re

from .fields import Field, fits, type_name
from .names import port_name_problems, port_number_problems, template_hint

PROTOCOLS = ("TCP", "UDP", "SCTP")
POLICY_PORT_FIELDS = ("protocol", "port", "endPort")

_BESIDE = "peers stand beside `ports` in the rule, not inside it: `{0}:` at the same depth as `ports:`"
_POLICY_PORT_HINTS = {
    "from": _BESIDE.format("from"),
    "to": _BESIDE.format("to"),
    "podSelector": "peers stand in the rule's `from` or `to`, not under `ports`",
    "namespaceSelector": "peers stand in the rule's `from` or `to`, not under `ports`",
    "ipBlock": "peers stand in the rule's `from` or `to`, not under `ports`",
    "name": "a named port is written `port: NAME`",
    "number": "did you mean `port`?",
    "portNumber": "did you mean `port`?",
    "containerPort": "did you mean `port`?",
    "targetPort": "a policy names the pod's own port: did you mean `port`?",
    "ports": "one entry holds one port, or a range: `port: 8000` and `endPort: 8010`",
    "portRange": "a range is written `port: 8000` and `endPort: 8010`",
    "end": "did you mean `endPort`?",
}


def check_policy_port(entry: Field) -> None:
    """Report the mistakes of one entry of a policy's ``ports``; a null entry is `{}`, any TCP port."""
    if entry.mapping(_entry_hint(entry.value)) is None:
        return
    entry.only(POLICY_PORT_FIELDS, _POLICY_PORT_HINTS)
    protocol, port, end_port = entry.child("protocol"), entry.child("port"), entry.child("endPort")
    if protocol.written:
        check_protocol(protocol)
    end = end_port.integer()
    if isinstance(port.value, str):
        if end is not None:
            end_port.invalid("may not be specified when `port` is non-numeric", "a range needs numbers at both ends")
        for problem in port_name_problems(port.value):
            port.invalid(problem, _port_hint(port.value))
    elif port.written:
        _check_number_and_end(port, end_port, end)
    elif end is not None:
        hint = "add the first port of the range: `port: 1`"
        end_port.invalid("may not be specified when `port` is not specified", hint)


def check_container_ports(ports: Field) -> None:
    """Report the mistakes of one container's ``ports``: numbers, protocols, names, and names used twice."""
    names: set[str] = set()
    for entry in ports.sequence() or []:
        if entry.mapping(_entry_hint(entry.value, "containerPort")) is None:
            continue
        name, number, protocol = entry.child("name"), entry.child("containerPort"), entry.child("protocol")
        _check_port_name(name, names)
        value = number.integer()
        if value == 0 or not number.written:
            number.required()
        for problem in port_number_problems(value) if value else []:
            number.invalid(problem)
        if protocol.value != "" and protocol.written:  # the API reads an empty protocol as TCP here
            check_protocol(protocol)


def _check_port_name(field: Field, names: set[str]) -> None:
    name = field.string()
    if not name:
        return
    problems = port_name_problems(name)
    for problem in problems:
        field.invalid(problem, _port_name_hint(name))
    if not problems and name in names:
        field.duplicate("a container's port names are unique; use one name for each protocol")
    names.add(name)


def check_protocol(field: Field) -> None:
    """Report a protocol that is none of the three."""
    protocol = field.string()
    if protocol is None or protocol in PROTOCOLS:
        return
    if protocol.upper() in PROTOCOLS:
        field.unsupported(PROTOCOLS, f"protocols are upper case: {protocol.upper()}")
    elif protocol.lower() in ("any", "all", "*", "both", ""):
        field.unsupported(PROTOCOLS, "write one entry for each protocol; a rule without `ports` allows them all")
    else:
        field.unsupported(PROTOCOLS)


def _check_number_and_end(port: Field, end_port: Field, end: int | None) -> None:
    number = port.value
    if isinstance(number, bool) or not isinstance(number, int):
        port.invalid(f"expected integer or string, got {type_name(number)}", "write a number or a port's name")
        return
    if not fits(number):
        port.invalid("expected a 32-bit integer")
        return
    for problem in port_number_problems(number):
        port.invalid(problem, "leave `port` out to mean every port" if number in (0, -1) else "")
    if end is None:
        return
    if end < number:
        end_port.invalid("must be greater than or equal to `port`", "`port` is the first port of the range")
    for problem in port_number_problems(end):
        end_port.invalid(problem, "the last port is 65535" if end > number else "")


def _port_hint(text: str) -> str:
    """What somebody may have meant by an illegal port name in a policy, or ""."""
    if template_hint(text):
        return template_hint(text)
    if re.fullmatch("[0-9]+", text):
        return f"write the number without quotes: port: {text.lstrip('0') or '0'}"
    span = re.fullmatch(r"\s*([0-9]+)\s*[-:.]+\s*([0-9]+)\s*", text)
    if span:
        return f"write a range as port: {span[1]} and endPort: {span[2]}"
    pair = re.fullmatch(r"(?i)(tcp|udp|sctp)\s*[/:]\s*(\S+)|(\S+?)\s*[/:]\s*(tcp|udp|sctp)", text)
    if pair:
        return f"write protocol: {(pair[1] or pair[4]).upper()} and port: {pair[2] or pair[3]}"
    if "," in text:
        return "write one entry of `ports` for each port"
    if text in ("*", "", "any", "all"):
        return "leave `port` out to mean every port"
    return _port_name_hint(text)


def _port_name_hint(text: str) -> str:
    likely = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    return f'did you mean "{likely}"?' if likely != text and not port_name_problems(likely) else ""


def _entry_hint(value: object, key: str = "port") -> str:
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return f"write an entry as `- {key}: {value}`"
    return ""
