"""``--world`` and ``--semantics``: what they take and what they refuse."""

from __future__ import annotations

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.overrides import Overrides, merged_semantics, merged_world, parse_overrides
from netpol_verify.properties.suite import Semantics, World


def test_nothing_given_overrides_nothing() -> None:
    assert parse_overrides() == Overrides(World(), Semantics())


def test_every_key_is_taken() -> None:
    world = [
        "pods=closed",
        "namespaces=closed",
        "podCIDRs=10.0.0.0/8, fd00::/8",
        "nodeCIDRs=",
        "serviceCIDRs=1.0.0.0/8",
    ]
    semantics = ["ipBlockMatchesPods=false", "hostNetworkPods=excluded", "duplicateObjects=last"]
    assert parse_overrides(world, semantics) == Overrides(
        World(
            pods="closed",
            namespaces="closed",
            pod_cidrs=["10.0.0.0/8", "fd00::/8"],
            node_cidrs=[],
            service_cidrs=["1.0.0.0/8"],
        ),
        Semantics(ip_block_matches_pods=False, host_network_pods="excluded", duplicate_objects="last"),
    )


@pytest.mark.parametrize(
    ("world", "semantics", "rendered"),
    [
        (["pod=open"], [], '--world: pod: unknown key "pod"\n    hint: did you mean "pods"?'),
        (["external=[]"], [], "keys are namespaces, nodeCIDRs, podCIDRs, pods, serviceCIDRs"),
        (["pods"], [], '"pods" is not KEY=VALUE'),
        (
            ["pods=opn"],
            [],
            '--world: pods: expected one of open, closed, mixed, got "opn"\n    hint: did you mean "open"?',
        ),
        (["pods=true"], [], 'expected one of open, closed, mixed, got "true"'),
        (["pods=open", "pods=closed"], [], "--world: pods: is given twice"),
        (["podCIDRs=10.0.0.0/8,10.0.0.1/8"], [], "--world: podCIDRs[1]:"),
        ([], ["ipBlockMatchesPods=maybe"], "--semantics: ipBlockMatchesPods: expected one of true, false, either"),
        ([], ["duplicateObjects=firs"], "expected one of error, last"),
        ([], ["hostnetworkpods=excluded"], 'did you mean "hostNetworkPods"?'),
    ],
)
def test_what_is_not_allowed_is_refused(world: list[str], semantics: list[str], rendered: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_overrides(world, semantics)
    assert len(caught.value.problems) == 1
    assert rendered in str(caught.value)


def test_all_problems_of_both_options_come_at_once() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_overrides(["pods=x", "y"], ["z=1", "duplicateObjects=x"])
    assert len(caught.value.problems) == 4


def test_later_layers_win_key_by_key() -> None:
    world = merged_world(World(pods="closed", pod_cidrs=["1.0.0.0/8"]), None, World(pods="mixed", pod_cidrs=[]))
    assert (world.pods, world.namespaces, world.pod_cidrs) == ("mixed", "open", [])
    assert merged_semantics(Semantics(ip_block_matches_pods=False), Semantics()).ip_block_matches_pods is False
