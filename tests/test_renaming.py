"""Renaming must not make one of two things: what it would merge, a comparison could not tell apart any more."""

from __future__ import annotations

import pytest
from netpol_verify.encodings.renaming import Renaming
from support import manifests_of

LEFT = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: staging}
spec:
  podSelector: {matchExpressions: [{key: tier, operator: In, values: [db]}]}
  ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: prod, env: live}}}]}]
"""


@pytest.mark.parametrize(
    ("namespaces", "labels", "found"),
    [
        ({"staging": "prod"}, {}, ("namespace prod",)),
        ({"staging": "prod", "prod": "staging"}, {}, ()),
        ({"staging": "other"}, {"env": {"live": "on"}}, ()),
        ({}, {"env": {"test": "live"}}, ("env=live",)),
        ({}, {"tier": {"web": "db"}}, ("tier=db",)),
        ({}, {"tier": {"db": "data"}}, ()),
    ],
)
def test_a_new_name_that_is_in_use_is_found(
    namespaces: dict[str, str], labels: dict[str, dict[str, str]], found: tuple[str, ...]
) -> None:
    """Also where only a selector mentions it; names that change places are no collision."""
    assert Renaming(namespaces, labels).collisions(manifests_of(LEFT)) == found
