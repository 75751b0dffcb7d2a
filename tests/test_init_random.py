"""First suites of random clusters: everything written is proved as it is read back, and needed policies are missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from init_support import needed_policies
from netpol_verify.encodings.cluster import build_cluster
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.properties.loading import LoadedSuite, load_suite
from netpol_verify.properties.overrides import merged_semantics, merged_world
from netpol_verify.properties.suite import Semantics, World
from netpol_verify.verify.engine import DEFAULT_EFFORT, Options, prove
from netpol_verify.verify.proposals.asking import Asker
from netpol_verify.verify.proposals.census import Census
from netpol_verify.verify.proposals.drafting import draft_of
from netpol_verify.verify.proposals.writing import Frame, suite_text
from oracle.clusters import clusters

EXAMPLES = 25
WORLD = World(pods="open", namespaces="open")


def suite_for(manifests: Manifests) -> LoadedSuite | None:
    """The suite that is proposed, read back from its text; None where there is nothing to say."""
    asker = Asker(manifests, merged_world(), merged_semantics(), Options(effort=DEFAULT_EFFORT))
    draft = draft_of(asker, Census(build_cluster(manifests)))
    if not draft.proposals:
        return None
    text = suite_text(draft, Frame("schema.json", ("k8s",), WORLD, Semantics()))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "properties.yaml"
        path.write_text(text, encoding="utf-8")
        return load_suite(str(path))


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_a_first_suite_of_a_random_cluster_holds_and_rests_on_its_policies(manifests: Manifests) -> None:
    suite = suite_for(manifests)
    if suite is None:
        assert not manifests.named_namespaces
        return
    results = prove([suite], manifests).results
    assert [each.id for each in results if each.status != "pass"] == []
    proved = [each for each in results if each.expected is None]
    assert all(any(line.policy for line in each.because) for each in proved)
    for policy in needed_policies(proved)[:2]:
        namespace, _, name = policy.partition("/")
        rest = tuple(
            each
            for each in manifests.modelled
            if (each.kind, each.namespace or "default", each.name) != ("NetworkPolicy", namespace, name)
        )
        assert len(rest) < len(manifests.modelled)
        again = prove([suite], replace(manifests, modelled=rest)).results
        assert any(each.status != "pass" for each in again), policy
