"""Services: exactly the fields that a property reads which names one (selector, type, ports).

Source of the rules: ValidateService and validateServicePort in
kubernetes/kubernetes:pkg/apis/core/validation/validation.go. What else a Service has (clusterIPs, node ports, traffic
policies) says nothing of the pods behind it and is not looked at. It trusts ``labels``, ``ports`` and ``metadata``.
"""

from __future__ import annotations

from .fields import Field, type_name
from .labels import read_labels
from .metadata import check_metadata
from .names import dns_label_problems, port_name_problems, port_number_problems
from .ports import PROTOCOLS, check_protocol

_TARGET = "write the number or the name of a container port"


def check_service(service: Field) -> None:
    """Report the mistakes of a Service."""
    check_metadata(service.child("metadata"), dns_label_problems, namespaced=True, strict=False)
    spec = service.child("spec")
    if spec.mapping() is None:
        return
    kind = spec.child("type").string()
    read_labels(spec.child("selector"))
    ports = spec.child("ports").sequence()
    if ports == [] and kind != "ExternalName" and spec.child("clusterIP").value != "None":
        spec.child("ports").required()
    names, numbers = set[str](), set[tuple[str, int]]()
    for entry in ports or ():
        if entry.mapping("start each port with `- port: NUMBER`") is not None:
            _check_port(entry, names, numbers, several=len(ports or ()) > 1)


def _check_port(entry: Field, names: set[str], numbers: set[tuple[str, int]], *, several: bool) -> None:
    _check_name(entry.child("name"), names, several=several)
    protocol, port, target = entry.child("protocol"), entry.child("port"), entry.child("targetPort")
    if protocol.written and protocol.value != "":  # the API reads an empty protocol as TCP here
        check_protocol(protocol)
    number = port.integer()
    if not port.written:
        port.required(hint="write the port on which the Service is reached")
    for problem in port_number_problems(number) if number is not None else ():
        port.invalid(problem)
    _check_target(target)
    if number is not None and isinstance(protocol.value, str | None):
        key = (protocol.value or PROTOCOLS[0], number)
        if key in numbers:
            port.duplicate("a Service has each port once for a protocol")
        numbers.add(key)


def _check_name(name: Field, names: set[str], *, several: bool) -> None:
    text = name.string()
    if text is None:
        return
    if not text:
        if several:
            name.required("a Service with several ports names each", "add `name:`, such as http")
        return
    for problem in dns_label_problems(text):
        name.invalid(problem)
    if text in names:
        name.duplicate("each port of a Service has a name of its own")
    names.add(text)


def _check_target(target: Field) -> None:
    value = target.value
    if isinstance(value, str):
        numeric = value.isascii() and value.isdigit()
        for problem in port_name_problems(value) if value else ():
            target.invalid(problem, f"write the number without quotes: {value}" if numeric else _TARGET)
    elif isinstance(value, bool) or not isinstance(value, int | None):
        target.invalid(f"expected integer or string, got {type_name(value)}", _TARGET)
    elif value:
        for problem in port_number_problems(value):
            target.invalid(problem)
