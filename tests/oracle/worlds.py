"""Random worlds of a property: what may exist beside the manifests, and where its addresses lie."""

from __future__ import annotations

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests

from .addresses import Block, Family, parse_span, regions
from .clusters import NAMESPACE_VALUES, NOTHING, POD_VALUES, labels, some, weighted
from .raw import Raw, mapping


@st.composite
def worlds(draw: st.DrawFn, manifests: Manifests) -> Raw:
    """A whole world: every key has a value, as after loading."""
    declared = {item.name for item in manifests.modelled if item.kind == "Namespace"}
    external: list[Raw] = []
    for name in draw(some(("c", "d", "kube-system"), 0, 2)):
        if name in declared:
            continue
        space: Raw = {"name": name}
        if draw(st.booleans()):
            space["labels"] = draw(labels(("n1",), NAMESPACE_VALUES))
        if name == "kube-system" and draw(st.booleans()):
            ports = draw(weighted((1, {"dns": "UDP/53", "dns-tcp": "TCP/53"}), (1, {"dns": "UDP/53"}), (1, NOTHING)))
            space["pods"] = [{"labels": {"k8s-app": "kube-dns"}, "ports": ports}]
        elif draw(st.booleans()):
            names = draw(st.sampled_from((NOTHING, {"p": "TCP/80"}, {"p": "UDP/80", "dns": "UDP/80"})))
            space["pods"] = [{"labels": draw(labels(("k1", "k2"), POD_VALUES)), "ports": names}]
        external.append(space)
    has_known = any(mapping(item.fields, "status").get("podIP") for item in manifests.modelled)
    v4, v6 = "10.244.0.0/16", "fd00:10:244::/48"
    choices: list[list[str]] = [[], [], [v4], [v4, v6], ["10.244.0.0/24"]] + ([] if has_known else [[v6]])
    return {
        "pods": draw(weighted((4, "open"), (3, "closed"), (1, "mixed"))),
        "namespaces": draw(weighted((3, "open"), (2, "closed"))),
        "external": external,
        "podCIDRs": draw(st.sampled_from(choices)),
        "nodeCIDRs": draw(st.sampled_from(([], [], ["10.1.0.0/16"], ["10.1.0.0/16", "fd00:1::/64"]))),
        "serviceCIDRs": [],
    }


def reaches_outside(block: Block, world: Raw) -> bool:
    """Whether some address of the block is neither a pod's nor a node's."""
    cluster = [parse_span(cidr) for cidr in (*world["podCIDRs"], *world["nodeCIDRs"])]

    def outside(family: Family, address: int) -> bool:
        return block.contains(family, address) and not any(span.contains(family, address) for span in cluster)

    found = regions(block.span.family, [*block.spans, *cluster], outside)
    return any(outside(region.family, region.first) for region in found)
