"""Endpoints and readings read from the JSON of a report, exactly as printed.

Keys of the report that an endpoint leaves out are unknown where that makes a difference (``namespaceLabels``,
``ports``, ``ips``, a node's ``labels``); keys the report does not have are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from ..problems import InputErrors, Problem, did_you_mean
from .addresses import parse_address
from .endpoints import KINDS, ConcreteEndpoint, NamedPort
from .reading import HIDDEN_BY, HIDDEN_BY_KEY, HOST_NETWORK, HOST_NETWORK_KEY, IP_BLOCK_KEY, ORDER_KEY, Reading

KEYS = (
    "kind", "namespace", "labels", "namespaceLabels", "namespaceDeclared", "workload", "ports", "ips",
    "hostNetwork", "node", "nodeLabels",
)  # fmt: skip
READING_KEYS = (IP_BLOCK_KEY, ORDER_KEY, HIDDEN_BY_KEY, HOST_NETWORK_KEY)
PORT_KEYS = ("name", "protocol", "containerPort")
PROTOCOLS = ("TCP", "UDP", "SCTP")
T = TypeVar("T")


class _Reader:
    """Takes fields out of one JSON object; every mistake is an InputErrors naming the field."""

    def __init__(self, value: object, file: str, line: int, path: str) -> None:
        self.file, self.line, self.path = file, line, path
        if not isinstance(value, dict):
            raise self.mistake("", "must be an object")
        self.value = cast("dict[str, Any]", value)

    def mistake(self, key: str, message: str, hint: str = "") -> InputErrors:
        path = f"{self.path}.{key}" if self.path and key else self.path or key
        return InputErrors([Problem(self.file, self.line, path, message, hint)])

    def refuse_others(self, keys: tuple[str, ...]) -> None:
        for key in self.value:
            if key not in keys:
                raise self.mistake(key, "unknown key", did_you_mean(key, keys))

    def text(self, key: str) -> str | None:
        value = self.value.get(key)
        if value is not None and not isinstance(value, str):
            raise self.mistake(key, "must be a string or null")
        return value

    def needed_text(self, key: str) -> str:
        value = self.text(key)
        if not value:
            raise self.mistake(key, "must be a non-empty string")
        return value

    def flag(self, key: str) -> bool:
        value = self.value.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.mistake(key, "must be true, false or null")
        return value is True

    def choice(self, key: str, choices: Sequence[T]) -> T:
        """One of these values; the first where the key is left out."""
        value = self.value.get(key, choices[0])
        for each in choices:
            if each == value:
                return each
        raise self.mistake(key, f"must be one of {', '.join(map(str, choices))}")

    def labels(self, key: str) -> dict[str, str] | None:
        value: object = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.mistake(key, "must be an object of strings")
        labels = cast("dict[str, object]", value)
        result: dict[str, str] = {}
        for name, text in labels.items():
            if not isinstance(text, str):
                raise self.mistake(key, f"the value of {name!r} must be a string")
            result[name] = text
        return result

    def items(self, key: str) -> list[object] | None:
        value: object = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.mistake(key, "must be a list")
        return cast("list[object]", value)


def _read_port(value: object, reader: _Reader, index: int) -> NamedPort:
    port = _Reader(value, reader.file, reader.line, f"{reader.path}.ports[{index}]".lstrip("."))
    port.refuse_others(PORT_KEYS)
    number: object = port.value.get("containerPort")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 65535:
        raise port.mistake("containerPort", "must be between 1 and 65535, inclusive")
    protocol = port.text("protocol") or "TCP"
    if protocol not in PROTOCOLS:
        raise port.mistake("protocol", f"must be one of {', '.join(PROTOCOLS)}")
    return NamedPort(port.needed_text("name"), protocol, number)


def _read_ips(reader: _Reader) -> tuple[str, ...]:
    ips: list[str] = []
    for item in reader.items("ips") or ():
        if not isinstance(item, str):
            raise reader.mistake("ips", "must be a list of addresses")
        try:
            ips.append(str(parse_address(item)))
        except ValueError:
            raise reader.mistake("ips", f"{item!r} is not an address") from None
    return tuple(ips)


def from_printed(
    value: Mapping[str, Any] | object, *, file: str = "endpoint", line: int = 0, path: str = ""
) -> ConcreteEndpoint:
    """The endpoint that a report prints as ``counterexample.source`` or ``.destination``.

    ``file``, ``line`` and ``path`` place the mistakes that InputErrors reports.
    """
    reader = _Reader(value, file, line, path)
    reader.refuse_others(KEYS)
    kind = KINDS.get(reader.text("kind") or "")
    if kind is None:
        raise reader.mistake("kind", f"must be one of {', '.join(KINDS)}")
    ips = _read_ips(reader)
    if kind == "node":
        return ConcreteEndpoint(kind, ips=ips, node=reader.text("node"), node_labels=reader.labels("labels"))
    if kind != "pod":
        return ConcreteEndpoint(kind, ips=ips)
    ports = reader.items("ports")
    return ConcreteEndpoint(
        kind,
        namespace=reader.needed_text("namespace"),
        labels=reader.labels("labels") or {},
        namespace_labels=reader.labels("namespaceLabels"),
        ports=None if ports is None else tuple(_read_port(item, reader, index) for index, item in enumerate(ports)),
        ips=ips,
        host_network=reader.flag("hostNetwork"),
        workload=reader.text("workload"),
        node=reader.text("node"),
        node_labels=reader.labels("nodeLabels"),
    )


def reading_from_printed(value: object, *, file: str = "reading", line: int = 0, path: str = "") -> Reading:
    """The reading that a report prints as ``counterexample.reading``. Reports of older releases lack all keys but the
    first two, and meant by it what the defaults are now.

    ``file``, ``line`` and ``path`` place the mistakes that InputErrors reports.
    """
    reader = _Reader(value, file, line, path)
    reader.refuse_others(READING_KEYS)
    matches: object = reader.value.get(IP_BLOCK_KEY)
    if not isinstance(matches, bool):
        raise reader.mistake("", f"needs {IP_BLOCK_KEY}, true or false")
    order: list[str] = []
    for item in reader.items(ORDER_KEY) or ():
        if not isinstance(item, str):
            raise reader.mistake(ORDER_KEY, "must be a list of policies")
        order.append(item)
    hidden_by = reader.choice(HIDDEN_BY_KEY, HIDDEN_BY)
    return Reading(matches, tuple(order), hidden_by, reader.choice(HOST_NETWORK_KEY, HOST_NETWORK))
