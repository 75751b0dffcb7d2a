"""Of the flows proposed for a cluster, those are chosen that try what few have tried before."""

from __future__ import annotations

from netpol_verify.verify.fuzz.guided import Claim, Guided, Proposed
from netpol_verify.verify.fuzz.model import Cluster, Flow, Raw
from netpol_verify.verify.fuzz.novelty import Novelty

PLACE = "shop/db ingress"
OTHER = "shop/web ingress"


def policy(name: str, spec: Raw) -> Raw:
    """A NetworkPolicy."""
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def proposed(port: int, *boundaries: str, deciding: bool = True) -> Proposed:
    """A flow that lies inside of these boundaries."""
    flow = Flow("shop/web", "shop/db", "TCP", port)
    return Proposed(flow, True, tuple(Claim(each, "inside", deciding) for each in boundaries))


def found(*flows: Proposed, policies: tuple[Raw, ...] = ()) -> Guided:
    """What is proposed for a cluster."""
    return Guided(Cluster.of(policies), flows, ())


def ports(flows: tuple[Flow, ...]) -> list[int]:
    """Which flows these are."""
    return [flow.port for flow in flows]


def test_the_flow_that_tries_most_comes_first_and_no_more_than_so_many() -> None:
    one, two = f"{PLACE} namespace", f"{PLACE}.podSelector app=x"
    flows = found(proposed(1, one), proposed(2, one, two), proposed(3, two))
    assert ports(Novelty(2).chosen(flows)) == [2, 1]
    assert ports(Novelty(9).chosen(flows)) == [2, 1, 3]


def test_what_was_tried_in_one_cluster_comes_later_in_the_next() -> None:
    novelty = Novelty(1)
    flows = found(proposed(1, f"{PLACE} namespace"), proposed(2, f"{PLACE} no rule"))
    assert [ports(novelty.chosen(flows)) for _ in range(4)] == [[1], [2], [1], [2]]


def test_a_boundary_of_the_same_kind_elsewhere_is_not_new() -> None:
    novelty = Novelty(1)
    novelty.chosen(found(proposed(1, f"{PLACE}[0].from[1] 10.0.0.0/8 first")))
    again = proposed(1, f"{OTHER}[2].from[0] 2001:db8::/32 first")
    assert ports(novelty.chosen(found(again, proposed(2, f"{OTHER}[2].from[0] 10.0.0.0/8 last")))) == [2]


def test_a_boundary_of_a_policy_that_is_written_otherwise_is_new() -> None:
    novelty = Novelty(1)
    plain, null = policy("web", {"policyTypes": ["Ingress"], "ingress": [{}]}), policy("db", {"ingress": [None]})
    novelty.chosen(found(proposed(1, f"{OTHER}[0]"), policies=(plain,)))
    flows = found(proposed(1, f"{OTHER}[0]"), proposed(2, f"{PLACE}[0]"), policies=(plain, null))
    assert ports(novelty.chosen(flows)) == [2]


def test_a_flow_on_which_the_answer_hangs_is_worth_more() -> None:
    flows = found(proposed(1, f"{PLACE} namespace", deciding=False), proposed(2, f"{PLACE} no rule"))
    assert ports(Novelty(2).chosen(flows)) == [2, 1]


def test_nothing_is_chosen_where_nothing_is_proposed() -> None:
    assert Novelty(3).chosen(found()) == ()
