"""A real platform's manifests: verdicts over 1,458 namespaces equal a count made by other code.

The counts come with the corpus; nothing here was fitted to them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from corpus import live_manifests
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.results import PropertyResult
from support import suite_of

NAMESPACES = 1458


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    folder = live_manifests(tmp_path_factory.mktemp("live"))
    read = read_manifests([Entry(str(folder))], duplicate_objects="last")
    problems, _ = validate(read.modelled)
    assert not problems, "a real API server accepted these"
    return read


def results(
    manifests: Manifests, properties: dict[str, dict[str, Any]], *, explained: bool = False
) -> tuple[PropertyResult, ...]:
    """What is compared are verdicts, so only one of the tests has them explained as a user would."""
    written = [{"id": name, **verb} for name, verb in properties.items()]
    return prove([suite_of(written)], manifests, options=Options(explained=explained)).results


def namespaces(manifests: Manifests) -> list[str]:
    names = [each.name for each in manifests.modelled if each.kind == "Namespace"]
    assert len(names) == NAMESPACES
    return names


def test_default_deny_of_ingress(manifests: Manifests) -> None:
    """All but four namespaces start closed, whatever pod is created in them."""
    verb = {"directions": ["ingress"]}
    found = results(
        manifests,
        {name: {"defaultDeny": {"for": {"namespace": name}} | verb} for name in namespaces(manifests)},
        explained=True,
    )
    assert Counter(each.verdict for each in found) == {"proved": 1454, "refuted": 4}
    assert [each.id for each in found if each.verdict == "refuted"] == [
        "formbuilder-monitoring",
        "formbuilder-repos",
        "hmpps-github-actions-runners",
        "prisoner-content-hub-db-backups",
    ]


def test_default_deny_of_egress(manifests: Manifests) -> None:
    """Seven namespaces start closed; in eight Calico policies decide, which are not modelled and are named."""
    verb = {"directions": ["egress"]}
    found = results(
        manifests, {name: {"defaultDeny": {"for": {"namespace": name}} | verb} for name in namespaces(manifests)}
    )
    assert Counter(each.verdict for each in found) == {"proved": 7, "unknown": 8, "refuted": 1443}
    assert all("projectcalico.org" in (each.reason or "") for each in found if each.verdict == "unknown")


def test_only_the_own_namespace_and_shared_ones_reach_a_namespace(manifests: Manifests) -> None:
    """162 namespaces are reached from elsewhere."""
    shared = {"who": {"namespaces": "component in (ingress-controllers, monitoring)"}}
    found = results(
        manifests,
        {
            name: {"only": {"to": {"namespace": name}, "from": [{"who": {"namespace": name}}, shared]}}
            for name in namespaces(manifests)
        },
    )
    assert Counter(each.verdict for each in found) == {"proved": 1296, "refuted": 162}
