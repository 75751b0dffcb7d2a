"""Which directions a policy governs: ``policyTypes``, and what stands in for it where it is not written."""

from __future__ import annotations

from ..model import Raw
from .kept import Kept, is_null_list, items

TYPES = {"ingress": "Ingress", "egress": "Egress"}


def governs(spec: Raw, direction: str, keeps: Kept) -> bool:
    """Whether a policy with this spec isolates the pods it selects in the direction."""
    written = items(spec.get("policyTypes"))
    if written:
        return _by_types(spec, written, direction, keeps)
    if is_null_list(spec, "policyTypes") and not keeps("null-list-is-absent"):
        return False
    if spec.get("policyTypes") is not None and not keeps("empty-policy-types-are-absent"):
        return False
    return _by_default(spec, direction, keeps)


def _by_types(spec: Raw, written: list[str], direction: str, keeps: Kept) -> bool:
    if len(written) > 1 and written[0] == written[1] and not keeps("repeated-policy-type-counts-once"):
        return True
    if not keeps("every-policy-type-counts"):
        written = written[:1]
    if TYPES[direction] in written:
        return True
    if direction == "ingress":
        if not keeps("egress-alone-leaves-ingress-open"):
            return True
        return bool(items(spec.get("ingress"))) and not keeps("ingress-rules-need-their-type")
    if not keeps("ingress-alone-leaves-egress-open"):
        return True
    return bool(items(spec.get("egress"))) and not keeps("egress-rules-need-their-type")


def _by_default(spec: Raw, direction: str, keeps: Kept) -> bool:
    if direction == "ingress":
        return bool(items(spec.get("ingress"))) or keeps("ingress-is-governed-by-default")
    if items(spec.get("egress")):
        return keeps("egress-rules-govern-egress-by-default")
    if spec.get("egress") is not None and not keeps("empty-egress-list-leaves-egress-open"):
        return True
    return not keeps("egress-without-rules-is-open-by-default")
