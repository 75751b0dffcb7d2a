"""What a proof in a cluster with cluster-wide policies says it rests on is enough to repeat it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import hypothesis.strategies as st
from effort import COUNTED, scaled
from netpol_verify.encodings.adminpolicy import reference_of
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject
from oracle.admin import is_admin
from oracle.admin_clusters import admin_clusters
from oracle.admin_properties import admin_properties
from oracle.draws import each_drawn
from test_proof_sets import GUARDED, result

CLUSTERS = 150


def reference(written: WrittenObject) -> str | None:
    """A policy's reference, as evidence has it; None for other objects."""
    if is_admin(written):
        return reference_of(written)
    return written.reference if written.kind == "NetworkPolicy" else None


def given_only(manifests: Manifests, references: Collection[str]) -> Manifests:
    """The manifests with no policy but these."""
    kept = [each for each in manifests.modelled if reference(each) is None or reference(each) in references]
    return replace(manifests, modelled=tuple(kept))


def test_a_proof_repeats_with_the_policies_that_it_names_alone() -> None:
    """Of verbs that refuse; and one whose proof names a cluster-wide policy needs one."""
    seen: Counter[str] = Counter()

    def check(data: st.DataObject) -> None:
        manifests = data.draw(admin_clusters())
        (prop,) = data.draw(admin_properties(manifests))
        found = result(manifests, prop)
        if found.verdict != "proved" or prop.verb not in GUARDED:
            return
        named = {line.policy for line in found.because if line.policy is not None}
        again = result(given_only(manifests, named), prop)
        assert again.verdict == "proved", (prop.verb, found.because, again.verdict)
        everywhere = {name for name in named if name.partition("/")[0].endswith("NetworkPolicy")}
        seen.update({"proved": 1, "by cluster-wide policies": bool(everywhere), "by none": not named})

    each_drawn(check, scaled(CLUSTERS), seed=7)
    if COUNTED:
        assert seen["proved"] >= 10, seen
        assert seen["by cluster-wide policies"] >= 3, seen
