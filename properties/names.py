"""Names a suite may hold, in the words of the API: labels, namespaces, workloads, Services, nodes, domains."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..encodings.validation.names import (
    dns_label_problems,
    dns_subdomain_problems,
    label_key_problems,
    label_value_problems,
    name_hint,
)
from .notation import NotationError

_DOMAIN = re.compile(r"(\*\.)?([A-Za-z0-9_]([-\w]*\w)?\.)+[A-Za-z0-9]([-\w]*\w)?\.?", re.ASCII)
_WORKLOAD_FORMS = "write namespace/name or namespace/Kind/name"


def label_key_mistake(key: str) -> str | None:
    """What keeps ``key`` from being a label's key, or None."""
    return _said("label key", key, label_key_problems(key))


def label_value_mistake(value: str) -> str | None:
    """What keeps ``value`` from being a label's value, or None."""
    return _said("label value", value, label_value_problems(value))


def check_namespace(name: str) -> None:
    """Raises NotationError unless ``name`` is legal for a namespace."""
    wrong = _said("namespace name", name, dns_label_problems(name))
    if wrong:
        raise NotationError(wrong, name_hint(name))


def check_node(name: str) -> None:
    """Raises NotationError unless ``name`` is legal for a node."""
    wrong = _said("node name", name, dns_subdomain_problems(name))
    if wrong:
        raise NotationError(wrong, name_hint(name))


def check_domain(name: str) -> None:
    """Raises NotationError unless ``name`` is a domain name, or ``*.`` and one, that a policy may hold."""
    if not _DOMAIN.fullmatch(name):
        hint = 'write a name such as api.example.com, or "*.example.com" for all names below'
        raise NotationError(f'"{name}" is no domain name', hint)


@dataclass(frozen=True, slots=True)
class WorkloadRef:
    """``namespace/name``, or ``namespace/Kind/name``; ``kind`` is None where any kind is meant."""

    namespace: str
    kind: str | None
    name: str


def parse_workload(text: str) -> WorkloadRef:
    """The workload that ``text`` names. Raises NotationError for another form or illegal names."""
    parts = text.split("/")
    if len(parts) not in (2, 3):
        raise NotationError(f'"{text}" names no workload', _WORKLOAD_FORMS)
    namespace, name = parts[0], parts[-1]
    kind = parts[1] if len(parts) == 3 else None
    check_namespace(namespace)
    if kind is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", kind):
        raise NotationError(f'"{kind}" is no kind', _WORKLOAD_FORMS)
    wrong = _said("workload name", name, dns_subdomain_problems(name))
    if wrong:
        raise NotationError(wrong, name_hint(name))
    return WorkloadRef(namespace, kind, name)


def parse_service(text: str) -> tuple[str, str]:
    """Namespace and name of the Service that ``text`` names. Raises NotationError for another form or illegal names."""
    namespace, slash, name = text.partition("/")
    if not slash or "/" in name:
        raise NotationError(f'"{text}" names no Service', "write namespace/name")
    check_namespace(namespace)
    wrong = _said("Service name", name, dns_label_problems(name))
    if wrong:
        raise NotationError(wrong, name_hint(name))
    return namespace, name


def _said(what: str, text: str, problems: list[str]) -> str | None:
    return f'"{text}" is no {what}: {"; ".join(problems)}' if problems else None
