"""NetworkPolicies, as people write them and as no one would."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from ..model import Raw
from .odds import ABSENT, Without, fields, pick
from .places import HOMES, UNSAID
from .rules import rule_lists
from .selectors import pod_selectors


@cache
def policies_of(without: Without) -> st.SearchStrategy[Raw]:
    """A policy, not named yet, in one of ``HOMES``; where that is ``default`` it may be unsaid."""
    namespace = pick(without, *((1, home) for home in HOMES), (2, UNSAID, "default-namespace"))
    body = pick(
        without,
        (30, "written"),
        (1, ABSENT, "no-spec default-policy-types"),
        (1, {}, "no-spec default-policy-types"),
        (1, None, "no-spec default-policy-types null-list"),
    )
    spec = _specs(without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(namespace)
        written: Any = draw(body)
        if written == "written":
            written = draw(spec)
        return fields(
            apiVersion="networking.k8s.io/v1",
            kind="NetworkPolicy",
            metadata={"name": "policy", "namespace": chosen},
            spec=written,
        )

    return drawn()


@cache
def _specs(without: Without) -> st.SearchStrategy[Raw]:
    """A policy's spec, the types in all their forms, and often those whose default surprises."""
    surprise = pick(without, (24, False), (1, True, "default-policy-types"))
    subject = pick(without, (4, {}), (7, "some"), (1, ABSENT), (1, None, "null-list"))
    types = pick(
        without,
        (5, ABSENT, "default-policy-types"),
        (4, ["Ingress"]),
        (3, ["Egress"]),
        (4, ["Ingress", "Egress"]),
        (1, [], "default-policy-types"),
        (1, None, "default-policy-types null-list"),
        (1, ["Egress", "Egress"]),
    )
    selector = pod_selectors(without)
    ingress, egress = rule_lists("ingress", without), rule_lists("egress", without)

    @st.composite
    def drawn(draw: st.DrawFn) -> Raw:
        chosen = draw(subject)
        if chosen == "some":
            chosen = draw(selector)
        if draw(surprise):
            return fields(podSelector=chosen, egress=[])
        return fields(podSelector=chosen, policyTypes=draw(types), ingress=draw(ingress), egress=draw(egress))

    return drawn()
