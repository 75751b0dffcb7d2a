"""The property suite as users write it: pydantic models of ``properties.yaml``, unknown keys refused.

The models hold what is written (``contract``: *The property suite*); groups are resolved and verbs given
meaning elsewhere. ``loading`` fills them from files and reports mistakes with file and line.
"""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Discriminator, StringConstraints, Tag

from .unions import BOOL_OR_EITHER, Text, shapes


def _written_name(field: str) -> str:
    """The key that files use for a field: ``from_`` is ``from``, ``pod_cidrs`` is ``podCIDRs``."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join("CIDRs" if word == "cidrs" else word.capitalize() for word in rest)


class Model(BaseModel):
    """Base of every model of the suite: frozen, strict about types, unknown keys refused.

    Code may construct a model by field name (``from_=…``); files may use the written key (``from``) only.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=_written_name, populate_by_name=True
    )


Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", max_length=100)]
Severity = Literal["critical", "high", "medium", "low"]
Verdict = Literal["proved", "refuted", "vacuous", "unknown"]


class SelectorRequirement(Model):
    """One entry of ``matchExpressions``."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] | None = None


class LabelSelector(Model):
    """A Kubernetes LabelSelector: every requirement must hold; ``{}`` selects everything."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[SelectorRequirement] | None = None


Selector = Annotated[
    Text | Annotated[LabelSelector, Tag("<map>")],
    shapes("a selector: a LabelSelector mapping, or a text such as app=web"),
]
"""A LabelSelector map, or a string as ``kubectl -l`` takes it."""


OneOrMore = Annotated[Text | Annotated[list[str], Tag("<list>")], shapes("a name or a list of names")]


class Group(Model):
    """A set of endpoints: pods by namespace and labels, one workload, what is behind a Service, addresses, nodes, or
    any of these."""

    namespace: OneOrMore | None = None
    namespaces: Selector | None = None
    pods: Selector | None = None
    workload: str | None = None
    service: str | None = None
    cidr: str | None = None
    except_: list[str] | None = None
    builtin: Literal["internet", "cloud-metadata"] | None = None
    clouds: list[Literal["alibaba", "azure", "eks"]] | None = None
    node: Literal[True] | None = None
    any: Literal[True] | None = None


_GroupTags = Text | Annotated[Group, Tag("<map>")]
GroupRef = Annotated[_GroupTags, shapes("a group: a group's name or a mapping")]
Endpoints = Annotated[
    _GroupTags | Annotated[list[GroupRef], Tag("<list>")],
    shapes("a group's name, a group, or a list of these"),
]
"""What ``from``, ``to`` and ``for`` take: a group's name, a group, or a list of these."""
Port = Annotated[Text | Annotated[int, Tag("<number>")], shapes("a port such as 5432, TCP/8000-8010 or UDP/dns")]
Ports = list[Port]
"""``5432`` (TCP), ``TCP/5432``, ``TCP/8000-8010``, ``UDP/dns`` (a named port of the destination)."""


class Exception_(Model):  # noqa: N801 - the built-in name is taken
    """One carve-out: a connection that matches every part given is left out of the property."""

    from_: Endpoints | None = None
    to: Endpoints | None = None
    ports: Ports | None = None


class Never(Model):
    """Every connection of from × to × ports is refused."""

    from_: Endpoints
    to: Endpoints
    ports: Ports | None = None


class Always(Model):
    """Every connection of from × to × ports is allowed."""

    from_: Endpoints
    to: Endpoints
    ports: Ports


class Can(Model):
    """Some connection of from × to × ports is allowed, under every reading."""

    from_: Endpoints
    to: Endpoints
    ports: Ports | None = None


class OnlyEntry(Model):
    """One permitted peer of ``only``, on the ports given or on all."""

    who: Endpoints
    ports: Ports | None = None


def _side(value: object) -> str:
    """Which of its two forms a side of ``only`` has: a list with ``who`` in it is a list of entries."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return "<entries>" if any(isinstance(item, OnlyEntry) or _has_who(item) for item in items) else "<endpoints>"


def _has_who(item: object) -> bool:
    return isinstance(item, dict) and "who" in item


OnlySide = Annotated[
    Annotated[Endpoints, Tag("<endpoints>")] | Annotated[list[OnlyEntry], Tag("<entries>")],
    Discriminator(_side),
]
"""A group (the protected side), or the list of permitted entries."""


class Only(Model):
    """Each allowed connection to ``to`` (or from ``from``) has an entry on the other side.

    One side is a group (the protected side), the other a list of entries; ``loading`` checks that it is so.
    """

    from_: OnlySide
    to: OnlySide


class IsolateBy(Model):
    """The namespace label whose values separate tenants."""

    namespace_label: str


class Isolate(Model):
    """Different groups, or pods of namespaces with different values of a label, never talk."""

    groups: list[GroupRef] | None = None
    by: IsolateBy | None = None
    except_: list[Exception_] | None = None


Direction = Literal["ingress", "egress"]


class DefaultDeny(Model):
    """No connection of a pod in ``for`` gets through at its own end unless a policy's rule admits it."""

    for_: Endpoints
    directions: list[Direction] | None = None
    strict: bool = False
    except_: list[Exception_] | None = None


class Dns(Model):
    """Each pod in ``for`` reaches every DNS server pod over UDP and TCP."""

    for_: Endpoints
    servers: Endpoints | None = None


class CannotOverride(Model):
    """Whatever NetworkPolicies exist, also none, Admin rules decide the connections of from × to × ports: they refuse
    them (``closed``), let them through (``open``), or each one or the other (``any``)."""

    from_: Endpoints
    to: Endpoints
    ports: Ports | None = None
    outcome: Literal["closed", "open", "any"]


class _Change(Model):
    """Two clusters are compared over the connections of ``scope``, save those of ``except``."""

    scope: Exception_ | None = None
    except_: list[Exception_] | None = None


class NoNewAccess(_Change):
    """Every connection that the manifests allow is allowed by ``base`` too."""

    base: Sources


class NoLostAccess(_Change):
    """Every connection that ``base`` allows is allowed by the manifests too."""

    base: Sources


class Rename(Model):
    """What is called differently on the left and means the same: old to new names of namespaces; by key of a label,
    old to new values, on pods and namespaces and in selectors."""

    namespaces: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}


class Equivalent(_Change):
    """``left``, with its names changed as ``rename`` says, and ``right`` allow the same connections."""

    left: Sources
    right: Sources
    rename: Rename | None = None


class Waiver(Model):
    """Traffic that a property lets be until ``expires`` (``YYYY-MM-DD``): why, and who answers for it."""

    property: str
    allow: Allowed
    reason: str
    owner: str
    expires: str


Allowed = Annotated[
    Annotated[Exception_, Tag("<map>")] | Annotated[list[Exception_], Tag("<list>")],
    shapes("a mapping of from, to and ports, or a list of these"),
]
"""What a waiver allows: one carve-out, or several."""


class ExternalPod(Model):
    """A real pod declared elsewhere; ``ports`` maps names to ``PROTOCOL/NUMBER``."""

    labels: dict[str, str] = {}
    ports: dict[str, str] = {}


class ExternalNamespace(Model):
    """A real namespace declared elsewhere; without ``labels`` its labels are unknown."""

    name: str
    labels: dict[str, str] | None = None
    pods: list[ExternalPod] = []


class WorldNode(Model):
    """A real node, with exactly these labels. Its addresses of a family that ``addresses`` lacks are unknown."""

    name: str
    labels: dict[str, str] = {}
    addresses: list[str] = []


class World(Model):
    """What may exist beside the manifests. Unset keys take the suite's value, then the default.

    ``domains`` says for names of domains which outside addresses they stand for.
    """

    pods: Literal["open", "closed", "mixed"] | None = None
    namespaces: Literal["open", "closed"] | None = None
    external: list[ExternalNamespace] | None = None
    pod_cidrs: list[str] | None = None
    node_cidrs: list[str] | None = None
    service_cidrs: list[str] | None = None
    nodes: list[WorldNode] | None = None
    domains: dict[str, list[str]] | None = None


EitherBool = Annotated[Annotated[bool, Tag("<bool>")] | Annotated[Literal["either"], Tag("<text>")], BOOL_OR_EITHER]


class Semantics(Model):
    """What the API leaves open; ``either`` means that a property must hold under both readings."""

    ip_block_matches_pods: EitherBool | None = None
    host_network_pods: Literal["excluded", "ordinary", "either"] | None = None
    baseline_hidden_by: Literal["direction", "pod", "either"] | None = None
    duplicate_objects: Literal["error", "last"] | None = None


class Property(Model):
    """One statement: an id, exactly one verb, and what the gate should do with its verdict."""

    id: Slug
    description: str | None = None
    severity: Severity | None = None
    owner: str | None = None
    tags: list[str] = []
    references: list[str] = []
    world: World | None = None
    semantics: Semantics | None = None
    expect: Verdict | None = None
    allow_vacuous: bool = False
    never: Never | None = None
    always: Always | None = None
    can: Can | None = None
    only: Only | None = None
    isolate: Isolate | None = None
    default_deny: DefaultDeny | None = None
    dns: Dns | None = None
    cannot_override: CannotOverride | None = None
    no_new_access: NoNewAccess | None = None
    no_lost_access: NoLostAccess | None = None
    equivalent: Equivalent | None = None


ChangeVerb = NoNewAccess | NoLostAccess | Equivalent
Verb = Never | Always | Can | Only | Isolate | DefaultDeny | Dns | CannotOverride | ChangeVerb
VERBS = (
    *("never", "always", "can", "only", "isolate", "default_deny", "dns", "cannot_override"),
    *("no_new_access", "no_lost_access", "equivalent"),
)


class Defaults(Model):
    """What every property of the suite has unless it says otherwise."""

    severity: Severity = "high"
    owner: str | None = None
    tags: list[str] = []


class ManifestEntry(Model):
    """One source of manifests: a path; the tree of a git ref, or a path in it; a folder to render with kustomize or
    Helm; a live cluster (``live`` None: the kubeconfig's current context). ``exclude`` are globs relative to the path.

    ``manifests`` checks that it is exactly one of them.
    """

    path: str | None = None
    exclude: list[str] = []
    git: str | None = None
    kustomize: str | None = None
    helm: str | None = None
    values: list[str] = []
    release: str | None = None
    namespace: str | None = None
    matrix: dict[str, list[str]] | None = None
    live: str | None = None


Manifest = Annotated[
    Text | Annotated[ManifestEntry, Tag("<map>")],
    shapes("a path or another source, or a mapping such as {path, exclude} or {git, path}"),
]


Sources = Annotated[
    Text | Annotated[ManifestEntry, Tag("<map>")] | Annotated[list[Manifest], Tag("<list>")],
    shapes("what `manifests` takes: a path or another source, a mapping such as {git, path}, or a list of these"),
]
"""Manifests to compare with: one entry such as those of ``manifests``, or a list of them."""


class PropertySuite(Model):
    """A whole suite file."""

    api_version: Literal["netpol-verify/v1"]
    kind: Literal["PropertySuite"]
    include: list[str] = []
    manifests: list[Manifest] = []
    defaults: Defaults = Defaults()
    world: World = World()
    semantics: Semantics = Semantics()
    groups: dict[str, Group] = {}
    properties: list[Property] = []
    waivers: list[Waiver] = []


class WaiverFile(Model):
    """A file of waivers, for properties of any suite of a run."""

    api_version: Literal["netpol-verify/v1"]
    kind: Literal["Waivers"]
    waivers: list[Waiver]


class GroupFile(Model):
    """A file named in ``include``: groups, and further files of groups."""

    api_version: Literal["netpol-verify/v1"] | None = None
    kind: Literal["PropertySuite"] | None = None
    include: list[str] = []
    groups: dict[str, Group] = {}
