"""Ports of the cluster-wide policy kinds: ``ports`` of v1alpha1, ``protocols`` of v1alpha2.

Source: kubernetes-sigs/network-policy-api:apis/v1alpha1/shared_types.go and
apis/v1alpha2/clusternetworkpolicy_types.go. The schema checks neither the protocols of v1alpha1 nor port names: illegal
ones are errors that say so. It trusts ``names`` for the legal names.
"""

from __future__ import annotations

import re
from functools import partial

from .admin_fields import one_of, undecided, whole_number
from .fields import Field, shown
from .names import port_name_problems, template_hint
from .ports import PROTOCOLS

PORT_FORMS = ("portNumber", "namedPort", "portRange")
PROTOCOL_FORMS = ("tcp", "udp", "sctp", "destinationNamedPort")

_SEVERAL = "write one entry for each, each starting with `- `"
_ALL_PORTS = "{destinationPort: {range: {start: 1, end: 65535}}}"
_ONE_PORT = "write a port as `- portNumber: {protocol: TCP, port: 80}`"
_ONE_RANGE = "write a range as `- portRange: {protocol: TCP, start: 8000, end: 8010}`"
_ONE_PROTOCOL = "write a port as `- tcp: {destinationPort: {number: 80}}`"
_V1ALPHA1_HINTS = {
    **dict.fromkeys(("port", "protocol", "number", "tcp", "udp", "sctp", "destinationPort"), _ONE_PORT),
    **dict.fromkeys(("endPort", "start", "end", "range"), _ONE_RANGE),
    **dict.fromkeys(("name", "portName", "destinationNamedPort"), "write a named port as `- namedPort: NAME`"),
}
_V1ALPHA2_HINTS = {
    **dict.fromkeys(("TCP", "UDP", "SCTP"), "protocols are lower case here: tcp, udp, sctp"),
    **dict.fromkeys(("port", "protocol", "number", "portNumber", "destinationPort"), _ONE_PROTOCOL),
    **dict.fromkeys(
        ("portRange", "endPort", "range"),
        "write a range as `- tcp: {destinationPort: {range: {start: 8000, end: 8010}}}`",
    ),
    **dict.fromkeys(("namedPort", "name"), "write a named port as `- destinationNamedPort: NAME`"),
    "icmp": "there are rules for tcp, udp and sctp; one without `protocols` matches everything",
}
_NUMBER_HINTS = {
    **dict.fromkeys(("endPort", "start", "end"), _ONE_RANGE),
    "number": "did you mean port?",
    "name": "a named port is written `- namedPort: NAME`",
}
_RANGE_HINTS = {
    **dict.fromkeys(("port", "from", "startPort"), "write the first port as start"),
    **dict.fromkeys(("endPort", "to"), "write the last port as end"),
}
_DESTINATION_HINTS = {
    "port": "did you mean number?",
    "name": "a named port is written `- destinationNamedPort: NAME`",
    **dict.fromkeys(("start", "end", "endPort"), "write a range as range: {start: 8000, end: 8010}"),
}


def check_port(entry: Field) -> None:
    """Report the mistakes of one entry of ``ports`` (v1alpha1)."""
    nothing = "leave `ports` out to mean every port of every protocol"
    hint = _ONE_PORT if isinstance(entry.value, (int, str)) else ""
    for form in one_of(entry, PORT_FORMS, _V1ALPHA1_HINTS, hint=hint, none=nothing, several=_SEVERAL):
        match form.path[-1]:
            case "portNumber":
                _check_port_number(form)
            case "portRange":
                _check_port_range(form)
            case _:
                _check_name(form, "portNumber: {{port: {0}}}")


def check_protocol(entry: Field) -> None:
    """Report the mistakes of one entry of ``protocols`` (v1alpha2)."""
    nothing = "leave `protocols` out to mean every port of every protocol"
    hint = _ONE_PROTOCOL if isinstance(entry.value, (int, str)) else ""
    for form in one_of(entry, PROTOCOL_FORMS, _V1ALPHA2_HINTS, hint=hint, none=nothing, several=_SEVERAL):
        if form.path[-1] == "destinationNamedPort":
            _check_name(form, "tcp: {{destinationPort: {{number: {0}}}}}")
        else:
            _check_destinations(form)


def _check_port_number(form: Field) -> None:
    if form.mapping(_instead_of(form, "portNumber: {{protocol: TCP, port: {0}}}")) is None:
        return
    form.only(("protocol", "port"), _NUMBER_HINTS)
    _check_protocol_name(form.child("protocol"))
    missing = "write the port; all of them are portRange: {start: 1, end: 65535}"
    whole_number(form.child("port"), 1, 65535, _number_hint(form.child("port")), missing)


def _check_port_range(form: Field) -> None:
    if form.mapping(_ONE_RANGE if isinstance(form.value, (int, str)) else "") is None:
        return
    form.only(("protocol", "start", "end"), _RANGE_HINTS)
    _check_protocol_name(form.child("protocol"))
    start, end = _ends(form)
    if start is not None and end is not None and start > end:
        form.note(f"the range matches no port: start {start} is greater than end {end}")


def _check_destinations(form: Field) -> None:
    """What stands under ``tcp``, ``udp`` or ``sctp``: only ``destinationPort`` may, and something must."""
    protocol = form.path[-1]
    every = f"for all ports write {protocol}: {_ALL_PORTS} (range 1-65535)"
    elsewhere = {name: _ONE_PROTOCOL.replace("tcp", str(protocol)) for name in ("number", "port", "range")}
    hint = _instead_of(form, f"{protocol}: {{{{destinationPort: {{{{number: {{0}}}}}}}}}}")
    for port in one_of(form, ("destinationPort",), elsewhere, hint=hint, none=every, several=""):
        direct = _instead_of(port, "destinationPort: {{number: {0}}}")
        several = "write one entry for each"
        for part in one_of(port, ("number", "range"), _DESTINATION_HINTS, hint=direct, none=every, several=several):
            if part.path[-1] == "number":
                whole_number(part, 1, 65535, _number_hint(part))
            else:
                _check_range(part)


def _check_range(field: Field) -> None:
    if field.mapping("write range: {start: 8000, end: 8010}" if isinstance(field.value, (int, str)) else "") is None:
        return
    field.only(("start", "end"), _RANGE_HINTS)
    start, end = _ends(field)
    if start is not None and end is not None and start >= end:
        hint = f"write number: {start}" if start == end else f"write start: {end}, end: {start}"
        field.invalid("Start port must be less than End port", hint)


def _ends(form: Field) -> tuple[int | None, int | None]:
    start = whole_number(form.child("start"), 1, 65535, "the first port is 1", "write the first port as start")
    end = whole_number(form.child("end"), 1, 65535, "the last port is 65535", "write the last port as end")
    return start, end


def _instead_of(field: Field, form: str) -> str:
    """How to write, in ``form``, the number that stands where a map or name should."""
    if not isinstance(field.value, (int, str)):
        return ""
    number = isinstance(field.value, int) and not isinstance(field.value, bool)
    return f"write {form.format(shown(field.value) if number else 80)}"


def _number_hint(field: Field) -> str:
    return "all ports are the range 1-65535" if field.value in (0, -1) else ""


def _check_protocol_name(protocol: Field) -> None:
    """An absent or null protocol is TCP: the schema has that default."""
    text = protocol.string() if protocol.written else None
    if text is not None and text not in PROTOCOLS:
        upper = text.strip().upper()
        hint = f"write {upper}" if upper in PROTOCOLS else "write one entry for each of the protocols"
        undecided(protocol, lambda field: field.unsupported(PROTOCOLS, hint))


def _check_name(name: Field, form: str) -> None:
    text = name.string(_instead_of(name, form) if isinstance(name.value, int) else "")
    for problem in port_name_problems(text) if text is not None else []:
        undecided(name, partial(Field.invalid, detail=problem, hint=_name_hint(text or "", form)))


def _name_hint(text: str, form: str) -> str:
    if template_hint(text):
        return template_hint(text)
    if text.isascii() and text.isdigit():
        return f"write {form.format(text)}"
    likely = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    if likely != text and not port_name_problems(likely):
        return f'did you mean "{likely}"?'
    return "no container can declare a port of that name"
