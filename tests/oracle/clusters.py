"""Random small clusters as manifests, weighted towards the corners of NetworkPolicy that decide verdicts.

The vocabulary is tiny, so that enumeration stays feasible and policies meet: namespaces a, b, c; pod labels k1, k2;
namespace label n1; named ports p, q. Everything drawn is valid for the API server.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.written import WrittenObject, written

from .raw import Raw

T = TypeVar("T")
NOTHING: Raw = {}
ABSENT = object()
"""Drawn for a field that is not written at all."""

NAMESPACES = ("a", "b", "c")
POD_VALUES = ("", "v1", "v2")
NAMESPACE_VALUES = ("", "x", "y")
PORT_NAMES = ("p", "q")
PORT_NUMBERS = (80, 81, 8000, 8005, 8010)
CONTAINER_PORTS = (80, 81, 82, 82, 8000, 8010, 8011, 8011)
PROTOCOLS = ("TCP", "UDP", "SCTP")
OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
KINDS = ("Deployment", "Deployment", "StatefulSet", "Pod", "Pod", "Job", "DaemonSet", "Rollout")
API_VERSIONS = {
    "Pod": "v1",
    "Namespace": "v1",
    "Job": "batch/v1",
    "Rollout": "argoproj.io/v1alpha1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "AdminNetworkPolicy": "policy.networking.k8s.io/v1alpha1",
    "BaselineAdminNetworkPolicy": "policy.networking.k8s.io/v1alpha1",
    "ClusterNetworkPolicy": "policy.networking.k8s.io/v1alpha2",
    "Node": "v1",
}
BLOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0.0.0.0/0", ("10.0.0.0/8", "169.254.169.254/32", "203.0.113.0/24")),
    ("0.0.0.0/0", ("10.244.0.0/16",)),
    ("10.244.0.0/16", ("10.244.0.5/32", "10.244.0.0/24")),
    ("10.244.0.5/32", ()),
    ("203.0.113.9/24", ("203.0.113.128/25", "203.0.113.7/32")),
    ("10.0.0.0/9", ("10.1.0.0/16",)),
    ("::/0", ("2001:db8::/32", "fd00:10:244::/48")),
    ("2001:db8::1/32", ("2001:db8:1::/48",)),
    ("fd00:10:244::/56", ()),
    ("::ffff:10.0.0.0/104", ()),
    ("::ffff:10.244.0.0/112", ()),
)


def weighted(*choices: tuple[int, T]) -> st.SearchStrategy[T]:
    """A value with the odds given."""
    key = tuple((weight, type(value), value) for weight, value in choices)
    if not all(kind in _PLAIN for _, kind, _ in key):
        return _weighted(choices)
    if key not in _KNOWN:
        _KNOWN[key] = _weighted(choices)
    return _KNOWN[key]


_PLAIN: tuple[type, ...] = (str, int, bool, type(None), object)
_KNOWN: dict[Hashable, st.SearchStrategy[Any]] = {}
"""Making a strategy, and drawing from it for the first time, takes longer than drawing from it again."""


def _weighted(choices: Sequence[tuple[int, T]]) -> st.SearchStrategy[T]:
    return st.sampled_from([value for weight, value in choices for _ in range(weight)])


@cache
def some(values: tuple[T, ...], least: int = 1, most: int = 2) -> st.SearchStrategy[list[T]]:
    """A few different values."""
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)


def without_absent(fields: Raw) -> Raw:
    """The fields that are written."""
    return {key: value for key, value in fields.items() if value is not ABSENT}


@cache
@st.composite
def labels(draw: st.DrawFn, keys: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """Labels in which each key is absent nearly half of the time."""
    drawn = {key: draw(weighted((3, None), *((2 if v else 1, v) for v in values))) for key in keys}
    return {key: value for key, value in drawn.items() if value is not None}


@cache
@st.composite
def requirement(draw: st.DrawFn, keys: Sequence[str], values: Sequence[str]) -> Raw:
    """One entry of matchExpressions."""
    key, operator = draw(st.sampled_from(keys)), draw(st.sampled_from(OPERATORS))
    if operator in ("In", "NotIn"):
        return {"key": key, "operator": operator, "values": draw(some(values))}
    return {"key": key, "operator": operator} | draw(weighted((3, NOTHING), (1, {"values": []}), (1, {"values": None})))


@cache
@st.composite
def selector(draw: st.DrawFn, keys: Sequence[str], values: Sequence[str]) -> Raw:
    """A LabelSelector: empty in all its forms, equalities, expressions, both, or a contradiction."""
    form = draw(weighted((2, "empty"), (4, "equal"), (4, "expressions"), (1, "both"), (1, "contradiction")))
    if form == "empty":
        empty: list[Raw] = [{}, {"matchLabels": {}}, {"matchLabels": None}, {"matchExpressions": []}]
        return dict(draw(st.sampled_from(empty)))
    if form == "contradiction":
        key, value = draw(st.sampled_from(keys)), draw(st.sampled_from(values))
        return {"matchLabels": {key: value}, "matchExpressions": [{"key": key, "operator": "NotIn", "values": [value]}]}
    result: Raw = {}
    if form in ("equal", "both"):
        result["matchLabels"] = {draw(st.sampled_from(keys)): draw(st.sampled_from(values))}
    if form in ("expressions", "both"):
        result["matchExpressions"] = draw(st.lists(requirement(keys, values), min_size=1, max_size=2))
    return result


@cache
@st.composite
def pod_selector(draw: st.DrawFn) -> Raw:
    """A selector on pod labels, now and then on one that a controller adds."""
    if draw(weighted((30, False), (1, True))):
        key, value = draw(st.sampled_from((("pod-template-hash", "h1"), ("job-name", "job-0"))))
        return draw(
            st.sampled_from(({"matchLabels": {key: value}}, {"matchExpressions": [{"key": key, "operator": "Exists"}]}))
        )
    return draw(selector(("k1", "k2"), POD_VALUES))


@cache
@st.composite
def namespace_selector(draw: st.DrawFn) -> Raw:
    """A selector on namespace labels; a third of them by the name that every namespace carries."""
    if draw(weighted((2, False), (1, True))):
        name_label = "kubernetes.io/metadata.name"
        return draw(selector((name_label,), (*NAMESPACES, "d")))
    return draw(selector(("n1",), NAMESPACE_VALUES))


@cache
@st.composite
def peer(draw: st.DrawFn) -> Raw:
    """A peer in one of its four legal shapes, unused fields absent or null."""
    shape = draw(weighted((3, "pods"), (3, "namespaces"), (3, "both"), (3, "block")))
    absent: Raw = draw(weighted((3, NOTHING), (1, {"ipBlock": None})))
    if shape == "pods":
        return (
            absent
            | {"podSelector": draw(pod_selector())}
            | draw(weighted((3, NOTHING), (1, {"namespaceSelector": None})))
        )
    if shape == "namespaces":
        return (
            absent
            | {"namespaceSelector": draw(namespace_selector())}
            | draw(weighted((3, NOTHING), (1, {"podSelector": None})))
        )
    if shape == "both":
        return absent | {"namespaceSelector": draw(namespace_selector()), "podSelector": draw(pod_selector())}
    cidr, excepts = draw(st.sampled_from(BLOCKS))
    chosen = draw(weighted((2, ABSENT), (1, None), (1, []), (3, excepts)))
    if isinstance(chosen, tuple):
        chosen = draw(some(excepts)) if excepts else []
    return {"ipBlock": without_absent({"cidr": cidr, "except": chosen})}


@cache
@st.composite
def port(draw: st.DrawFn) -> Raw | None:
    """A port entry: a number, a range, a name, a protocol alone, or nothing at all."""
    protocol = draw(weighted((2, ABSENT), (1, None), (2, "TCP"), (2, "UDP"), (1, "SCTP")))
    form = draw(weighted((3, "number"), (7, "range"), (5, "name"), (2, "protocol"), (1, "empty")))
    if form == "empty":
        return draw(st.sampled_from(({}, None)))
    if form == "protocol":
        return without_absent({"protocol": protocol})
    if form == "name":
        return without_absent({"protocol": protocol, "port": draw(st.sampled_from(PORT_NAMES))})
    if form == "number":
        end = draw(weighted((4, ABSENT), (1, None)))
        return without_absent({"protocol": protocol, "port": draw(st.sampled_from(PORT_NUMBERS)), "endPort": end})
    one, other = draw(st.sampled_from(PORT_NUMBERS)), draw(st.sampled_from((80, 81, 8009, 8010, 8010, 65535)))
    first, last = sorted((one, draw(weighted((5, other), (1, one)))))
    return without_absent({"protocol": protocol, "port": first, "endPort": last})


@cache
@st.composite
def rule(draw: st.DrawFn, side: str) -> Raw | None:
    """A rule; null and empty lists mean any, and a null rule allows everything."""
    if draw(weighted((9, False), (1, True))):
        return draw(st.sampled_from(({}, None, None)))
    nothing = st.sampled_from((ABSENT, None, []))
    peers = draw(st.lists(peer(), min_size=1, max_size=2) if draw(weighted((5, True), (2, False))) else nothing)
    ports = draw(st.lists(port(), min_size=1, max_size=2) if draw(weighted((3, True), (2, False))) else nothing)
    return without_absent({side: peers, "ports": ports})


@cache
@st.composite
def spec(draw: st.DrawFn) -> Raw:
    """A policy's spec, policyTypes in all its forms."""

    def rules(side: str) -> Any:
        if draw(weighted((1, True), (2, False))):
            return draw(st.sampled_from((ABSENT, None, [], [])))
        return draw(st.lists(rule(side), min_size=1, max_size=2))

    types = draw(
        weighted(
            (4, ABSENT),
            (2, None),
            (1, []),
            (2, ["Ingress"]),
            (3, ["Egress"]),
            (3, ["Ingress", "Egress"]),
            (1, ["Egress", "Egress"]),
        )
    )
    subject = (
        draw(pod_selector())
        if draw(weighted((3, True), (2, False)))
        else draw(st.sampled_from((ABSENT, None, NOTHING)))
    )
    return without_absent(
        {"podSelector": subject, "policyTypes": types, "ingress": rules("from"), "egress": rules("to")}
    )


def made(kind: str, namespace: str | None, name: str, fields: Raw) -> WrittenObject:
    """An object in code, as if it had been read."""
    api_version = API_VERSIONS.get(kind, "apps/v1")
    metadata = {"name": name, **({} if namespace is None else {"namespace": namespace}), **fields.pop("metadata", {})}
    whole = written({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}, line=1)
    return WrittenObject("drawn.yaml", 1, api_version, kind, namespace, name, whole)


@cache
@st.composite
def containers(draw: st.DrawFn) -> list[Raw]:
    """One or two containers; names are unique within a container only."""
    entry = st.fixed_dictionaries(
        {
            "name": st.sampled_from(PORT_NAMES),
            "containerPort": st.sampled_from(CONTAINER_PORTS),
        },
        optional={"protocol": st.sampled_from(PROTOCOLS)},
    )
    least = draw(weighted((1, 0), (3, 1)))
    ports = st.lists(entry, min_size=least, max_size=2, unique_by=lambda item: item["name"])
    return [{"name": f"c{i}", "image": "i", "ports": draw(ports)} for i in range(draw(weighted((3, 1), (1, 2))))]


@cache
@st.composite
def workload(draw: st.DrawFn, index: int) -> WrittenObject:
    """A Pod, a workload, or a kind nobody lists that has a pod template."""
    kind, namespace = draw(st.sampled_from(KINDS)), draw(st.sampled_from((*NAMESPACES, "a")))
    pod: Raw = {"containers": draw(containers())}
    if draw(weighted((9, False), (1, True))):
        pod["hostNetwork"] = True
    own = {"labels": draw(labels(("k1", "k2"), POD_VALUES))}
    name = f"{kind.lower()}-{index}"
    if kind != "Pod":
        return made(kind, namespace, name, {"spec": {"template": {"metadata": own, "spec": pod}}})
    address = f"10.244.0.{5 + index}"
    status: Raw = draw(
        weighted(
            (4, NOTHING),
            (3, {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}),
            (1, {"podIP": address, "podIPs": [{"ip": address}, {"ip": f"fd00:10:244::{5 + index}"}]}),
            (1, {"phase": "Succeeded"}),
        )
    )
    return made(kind, namespace, name, {"metadata": own, "spec": pod, "status": status})


def calico(namespace: str | None, types: Sequence[str] | None) -> WrittenObject:
    """A policy of a kind that is not modelled."""
    kind = "GlobalNetworkPolicy" if namespace is None else "NetworkPolicy"
    metadata = {"name": "calico"} if namespace is None else {"name": "calico", "namespace": namespace}
    api_version = "projectcalico.org/v3"
    fields = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": metadata,
        "spec": {} if types is None else {"types": [*types]},
    }
    return WrittenObject("drawn.yaml", 1, api_version, kind, namespace, "calico", written(fields, line=1))


@cache
@st.composite
def clusters(draw: st.DrawFn) -> Manifests:
    """A small cluster."""
    objects: list[WrittenObject] = []
    for name in draw(some(NAMESPACES, 0, 3)):
        metadata = {"labels": draw(labels(("n1",), NAMESPACE_VALUES))}
        objects.append(made("Namespace", None, name, {"metadata": metadata}))
    for index in range(draw(weighted((1, 0), (4, 1), (6, 2), (6, 3), (4, 4)))):
        namespace = draw(weighted((5, "a"), (2, "b"), (1, "c")))
        body: Raw = draw(weighted((30, {"spec": ABSENT}), (1, NOTHING), (1, {"spec": {}}), (1, {"spec": None})))
        fields = {"spec": draw(spec())} if body.get("spec") is ABSENT else dict(body)
        objects.append(made("NetworkPolicy", namespace, f"policy-{index}", fields))
    objects += [draw(workload(index)) for index in range(draw(weighted((1, 0), (4, 1), (5, 2), (4, 3), (2, 4))))]
    unmodelled: tuple[WrittenObject, ...] = ()
    if draw(weighted((5, False), (1, True))):
        scope = draw(weighted((2, "a"), (1, "b"), (1, None)))
        unmodelled = (calico(scope, draw(st.sampled_from((None, ("Ingress",), ("Ingress", "Egress"))))),)
    order = draw(st.permutations(range(len(objects))))
    return manifests([objects[i] for i in order], unmodelled, draw(weighted((6, ()), (1, ("b",)), (1, ("d",)))))


def manifests(
    objects: Sequence[WrittenObject], unmodelled: Sequence[WrittenObject] = (), named: Sequence[str] = ()
) -> Manifests:
    """What reading these objects gives; ``named`` are namespaces that only some other object names."""
    counts: dict[str, int] = {}
    for item in objects:
        counts[item.kind] = counts.get(item.kind, 0) + 1
    spaces = {item.namespace for item in (*objects, *unmodelled) if item.namespace is not None}
    return Manifests(
        modelled=tuple(objects),
        unmodelled=tuple(unmodelled),
        named_namespaces=tuple(sorted(spaces | set(named))),
        files=1,
        counts=counts,
    )
