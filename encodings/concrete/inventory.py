"""What the manifests declare: namespaces with their labels, and workloads as the pods they stand for.

Pods carry their template's labels and what controllers add (``contract``: *Reading manifests*). Values that
only a running controller knows are kept as unknown. Owned objects fold into their top owner. Trusts the
reader for objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..manifests import Manifests
from ..written import WrittenObject
from .addresses import Address, parse_address
from .adminpolicy import is_admin_policy
from .controllers import CONTROLLERS_ADD, controller_labels
from .endpoints import NAMESPACE_NAME_LABEL, ConcreteEndpoint, NamedPort
from .fields import Field, root
from .nodes import Nodes, is_node, read_nodes

NOT_WORKLOADS = ("Namespace", "NetworkPolicy")
OVER = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Workload:
    """A declared Pod or an object with a pod template, as the pods it stands for.

    ``reference`` is ``namespace/kind/name``; ``owner`` that of the top owner it folds into (itself if none); ``node``
    the node that it is bound to.
    """

    reference: str
    namespace: str
    kind: str
    name: str
    owner: str
    labels: Mapping[str, str]
    unknown_labels: frozenset[str]
    ports: tuple[NamedPort, ...]
    ips: tuple[str, ...]
    host_network: bool
    file: str
    line: int
    bare: bool = True
    node: str | None = None

    @property
    def is_pod(self) -> bool:
        """Whether this is one pod; any other workload stands for at least two. A kind called Pod of another API group
        is no pod: ``bare`` is false for it."""
        return self.kind == "Pod" and self.bare


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything the manifests declare.

    ``namespaces``: declared ones with their labels; ``named``: those only named by some object, whose labels
    nobody knows. ``workloads``: in reading order, folded ones included (their ``owner`` says where they
    belong). ``nodes``: declared nodes.
    """

    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    named: frozenset[str] = frozenset()
    workloads: tuple[Workload, ...] = ()
    nodes: Nodes = field(default_factory=Nodes)

    def labels_of_namespace(self, namespace: str) -> Mapping[str, str] | None:
        """A namespace's labels; None if nobody knows them."""
        return self.namespaces.get(namespace)

    def endpoint(self, workload: Workload) -> ConcreteEndpoint:
        """One pod of the workload."""
        return ConcreteEndpoint(
            "pod",
            namespace=workload.namespace,
            labels=workload.labels,
            namespace_labels=self.labels_of_namespace(workload.namespace),
            ports=workload.ports,
            ips=workload.ips,
            host_network=workload.host_network,
            workload=workload.owner,
            unknown_labels=workload.unknown_labels,
            title=f"{workload.namespace}/{workload.name}",
            node=workload.node,
        )

    def pods_at(self, address: Address) -> tuple[Workload, ...]:
        """The declared pods with this address; pods in the host's network have their node's, and do not
        count."""
        return tuple(
            workload
            for workload in self.workloads
            if not workload.host_network and address in map(parse_address, workload.ips)
        )


def read_inventory(manifests: Manifests) -> Inventory:
    """What the manifests declare. InputErrors for fields of the wrong type."""
    namespaces: dict[str, Mapping[str, str]] = {}
    objects: list[WrittenObject] = []
    for item in manifests.modelled:
        if item.kind == "Namespace" and item.group == "":
            labels = root(item).child("metadata").child("labels").strings()
            namespaces[item.name] = {**labels, NAMESPACE_NAME_LABEL: item.name}
        elif not _makes_no_pods(item) and not _is_over(item):
            objects.append(item)
    objects = _of_the_present(objects)
    owners = _top_owners(objects)
    workloads = tuple(_workload(item, owner) for item, owner in zip(objects, owners, strict=True))
    named = {*manifests.named_namespaces, *(item.namespace for item in objects if item.namespace is not None)}
    return Inventory(namespaces, frozenset(named - namespaces.keys()), workloads, Nodes(read_nodes(manifests)))


def _makes_no_pods(item: WrittenObject) -> bool:
    return item.kind in NOT_WORKLOADS or is_admin_policy(item) or is_node(item)


def _is_over(item: WrittenObject) -> bool:
    """Succeeded and Failed pods do not exist."""
    return item.kind == "Pod" and root(item).child("status").child("phase").text() in OVER


def _of_the_present(objects: Iterable[WrittenObject]) -> list[WrittenObject]:
    """The objects without the ReplicaSets, scaled to nothing, of Deployments among them: the revisions that these are
    kept for have no pods."""
    listed = list(objects)
    deployments = {(item.namespace, item.name) for item in listed if (item.group, item.kind) == ("apps", "Deployment")}

    def is_kept_for_the_past(item: WrittenObject) -> bool:
        replicas = root(item).child("spec").child("replicas").value
        if item.kind != "ReplicaSet" or item.group != "apps" or isinstance(replicas, bool) or replicas != 0:
            return False
        return any(
            reference.child("kind").text() == "Deployment"
            and reference.child("apiVersion").text().rpartition("/")[0] == "apps"
            and (item.namespace, reference.child("name").text()) in deployments
            for reference in root(item).child("metadata").child("ownerReferences").items()
        )

    return [item for item in listed if not is_kept_for_the_past(item)]


def _reference(item: WrittenObject) -> str:
    return f"{item.namespace}/{item.kind}/{item.name}"


MAKERS: dict[str, frozenset[tuple[str, str]]] = {
    "ReplicaSet": frozenset({("apps", "Deployment")}),
    "Job": frozenset({("batch", "CronJob")}),
    "Pod": frozenset(
        {("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("batch", "Job")}
        | {("", "ReplicationController")}
    ),
}
"""Who makes objects of a kind from a template; controllers of kinds that Kubernetes does not have may, too."""
BUILT_IN = frozenset({"", "apps", "batch"})


def _made(item: WrittenObject, owner: WrittenObject) -> bool:
    """Whether the owner's template is what the object was made from: an owner may also only want it collected."""
    if item.kind not in MAKERS or (owner.group in BUILT_IN and (owner.group, owner.kind) not in MAKERS[item.kind]):
        return False
    labels, template = (_template(each).child("metadata").child("labels").strings() for each in (item, owner))
    # A label that neither the template nor a controller gave was put there by hand: the pod speaks for itself.
    by_hand = labels.keys() - template.keys() - CONTROLLERS_ADD
    return not by_hand and all(labels.get(key) == value for key, value in template.items())


def _top_owners(objects: Iterable[WrittenObject]) -> list[str]:
    """For each object the reference of its top owner among the objects."""
    listed = list(objects)
    keys = {(item.group, item.kind, item.namespace, item.name): item for item in listed}

    def owner_of(item: WrittenObject) -> WrittenObject | None:
        for reference in root(item).child("metadata").child("ownerReferences").items():
            group = reference.child("apiVersion").text().rpartition("/")[0]
            kind, name = reference.child("kind").text(), reference.child("name").text()
            owner = keys.get((group, kind, item.namespace, name))
            if owner is not None and _made(item, owner):
                return owner
        return None

    tops: list[str] = []
    for item in listed:
        top, seen = item, {_reference(item)}
        while (owner := owner_of(top)) is not None and _reference(owner) not in seen:
            top = owner
            seen.add(_reference(top))
        tops.append(_reference(top))
    return tops


def _template(item: WrittenObject) -> Field:
    """The pod, or the template of pods, inside an object."""
    whole = root(item)
    if item.kind == "Pod" and item.group == "":
        return whole
    spec = whole.child("spec")
    if item.kind == "CronJob" and item.group == "batch":
        spec = spec.child("jobTemplate").child("spec")
    template = spec.child("template")
    if template.value is None:
        raise template.mistake(f"a {item.kind} needs a pod template here")
    return template


def _workload(item: WrittenObject, owner: str) -> Workload:
    template = _template(item)
    spec, is_pod = template.child("spec"), template.path == ()
    labels = template.child("metadata").child("labels").strings()
    known, unknown = (labels, frozenset[str]()) if is_pod else controller_labels(item, labels)
    return Workload(
        reference=_reference(item),
        namespace=item.namespace or "default",
        kind=item.kind,
        name=item.name,
        owner=owner,
        labels=known,
        unknown_labels=unknown,
        ports=tuple(_named_ports(spec)),
        ips=_addresses(template) if is_pod else (),
        host_network=spec.child("hostNetwork").flag(),
        file=item.file,
        line=item.line,
        bare=is_pod,
        node=spec.child("nodeName").text() or None,
    )


def _named_ports(spec: Field) -> Iterable[NamedPort]:
    """Named ports of the containers; those of init containers do not count, as nothing says that they
    should."""
    for container in spec.child("containers").items():
        for port in container.child("ports").items():
            name, number = port.child("name").text(), port.child("containerPort").whole()
            if name and number is not None:
                yield NamedPort(name, port.child("protocol").text() or "TCP", number)


def _addresses(pod: Field) -> tuple[str, ...]:
    """``status.podIPs``, or else ``status.podIP``."""
    status = pod.child("status")
    written = [item.child("ip") for item in status.child("podIPs").items()] or [status.child("podIP")]
    addresses: list[str] = []
    for item in written:
        if item.text():
            try:
                addresses.append(str(parse_address(item.text())))
            except ValueError:
                raise item.mistake("must be an IP address") from None
    return tuple(addresses)
