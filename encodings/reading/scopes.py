"""What an unmodelled policy may decide about: which namespace, and which directions.

Read from as little of the object as possible, and only where it is written as its API defines it: whenever anything is
odd, the scope is the wider one. Trusts the table of kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..written import Map, Seq, WrittenObject
from .kinds import reaches_beyond

Direction = Literal["ingress", "egress"]
BOTH: tuple[Direction, ...] = ("ingress", "egress")


@dataclass(frozen=True, slots=True)
class Scope:
    """Pods of ``namespace`` (None: of every namespace), in ``directions`` (never empty, ingress first)."""

    namespace: str | None
    directions: tuple[Direction, ...]


_CILIUM_SECTIONS = ("ingress", "ingressDeny", "egress", "egressDeny")
_CILIUM_OTHER_KEYS = ("endpointSelector", "nodeSelector", "enableDefaultDeny", "labels", "description", "log")
_CILIUM_RULE_KEYS = frozenset((*_CILIUM_SECTIONS, *_CILIUM_OTHER_KEYS))


def scope_of(written: WrittenObject) -> Scope:
    """The scope of an unmodelled policy; sound: the policy decides about nothing outside it."""
    group, kind = written.group, written.kind
    beyond = reaches_beyond(group, kind, written.namespace)
    directions = BOTH
    if group in ("projectcalico.org", "crd.projectcalico.org"):
        if kind in ("NetworkPolicy", "GlobalNetworkPolicy"):
            directions = _calico(written.fields.get("spec"), stored=group.startswith("crd."))
    elif group == "cilium.io" and kind in ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"):
        directions = _cilium(written.fields)
    return Scope(None if beyond else written.namespace, directions)


def _ordered(ingress: bool, egress: bool) -> tuple[Direction, ...]:
    """The directions asked for, or both if there are none: a policy that seems to do nothing is not understood."""
    if ingress == egress:
        return BOTH
    return ("ingress",) if ingress else ("egress",)


def _calico(spec: Any, stored: bool) -> tuple[Direction, ...]:
    """``types``, or its default (``projectcalico/calico:api/pkg/defaults/networkpolicy.go``).

    The stored form (``crd.projectcalico.org``) gets no defaults on its way, and Felix reads no types as both.
    """
    if not isinstance(spec, Map):
        return BOTH
    types = spec.get("types")
    if types is not None:
        known = isinstance(types, Seq) and all(item in ("Ingress", "Egress") for item in types)
        return _ordered("Ingress" in types, "Egress" in types) if known else BOTH
    if stored or not all(isinstance(spec.get(key), Seq | None) for key in ("ingress", "egress")):
        return BOTH
    egress = bool(spec.get("egress"))
    return _ordered(bool(spec.get("ingress")) or not egress, egress)


def _cilium(fields: Map) -> tuple[Direction, ...]:
    """The sections that any rule has (``cilium/cilium:pkg/policy/api/rule.go``)."""
    rules: list[Any] = [] if fields.get("spec") is None else [fields["spec"]]
    more = fields.get("specs")
    if isinstance(more, Seq):
        rules.extend(more)
    elif more is not None:
        return BOTH
    ingress = egress = False
    for rule in rules:
        if not isinstance(rule, Map) or not _CILIUM_RULE_KEYS.issuperset(rule):
            return BOTH
        deny = rule.get("enableDefaultDeny")
        if not isinstance(deny, Map | None):
            return BOTH
        ingress = ingress or "ingress" in rule or "ingressDeny" in rule or "ingress" in (deny or ())
        egress = egress or "egress" in rule or "egressDeny" in rule or "egress" in (deny or ())
    return _ordered(ingress, egress)
