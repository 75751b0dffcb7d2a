"""The property suite as users write it: pydantic models of ``properties.yaml``, unknown keys refused.

The models hold what is written (``contract``: *The property suite*); groups are resolved and verbs given meaning
elsewhere. ``loading`` fills them from files and reports mistakes with file and line.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Model(BaseModel):
    """Base of every model of the suite: frozen, strict about types, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


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

    match_labels: dict[str, str] | None = Field(None, alias="matchLabels")
    match_expressions: list[SelectorRequirement] | None = Field(None, alias="matchExpressions")


Selector = str | LabelSelector
"""A LabelSelector map, or a string as ``kubectl -l`` takes it."""


class Group(Model):
    """A set of endpoints: pods by namespace and labels, one workload, addresses, nodes, or any of these."""

    namespace: str | list[str] | None = None
    namespaces: Selector | None = None
    pods: Selector | None = None
    workload: str | None = None
    cidr: str | None = None
    except_: list[str] | None = Field(None, alias="except")
    builtin: Literal["internet", "cloud-metadata"] | None = None
    clouds: list[Literal["alibaba", "azure", "eks"]] | None = None
    node: Literal[True] | None = None
    any: Literal[True] | None = None


GroupRef = str | Group
Endpoints = GroupRef | list[GroupRef]
"""What ``from``, ``to`` and ``for`` take: a group's name, a group, or a list of these."""
Ports = list[str | int]
"""``5432`` (TCP), ``TCP/5432``, ``TCP/8000-8010``, ``UDP/dns`` (a named port of the destination)."""


class Exception_(Model):
    """One carve-out: a connection that matches every part given is left out of the property."""

    from_: Endpoints | None = Field(None, alias="from")
    to: Endpoints | None = None
    ports: Ports | None = None


class Never(Model):
    """Every connection of from × to × ports is refused."""

    from_: Endpoints = Field(alias="from")
    to: Endpoints
    ports: Ports | None = None


class Always(Model):
    """Every connection of from × to × ports is allowed."""

    from_: Endpoints = Field(alias="from")
    to: Endpoints
    ports: Ports


class Can(Model):
    """Some connection of from × to × ports is allowed, under every reading."""

    from_: Endpoints = Field(alias="from")
    to: Endpoints
    ports: Ports | None = None


class OnlyEntry(Model):
    """One permitted peer of ``only``, on the ports given or on all."""

    who: Endpoints
    ports: Ports | None = None


class Only(Model):
    """Each allowed connection to ``to`` (or from ``from``) has an entry on the other side.

    One side is a group (the protected side), the other a list of entries; ``loading`` checks that it is so.
    """

    from_: Endpoints | list[OnlyEntry] = Field(alias="from")
    to: Endpoints | list[OnlyEntry]


class IsolateBy(Model):
    """The namespace label whose values separate tenants."""

    namespace_label: str = Field(alias="namespaceLabel")


class Isolate(Model):
    """Different groups, or pods of namespaces with different values of a label, never talk."""

    groups: list[GroupRef] | None = None
    by: IsolateBy | None = None
    except_: list[Exception_] | None = Field(None, alias="except")


Direction = Literal["ingress", "egress"]


class DefaultDeny(Model):
    """No connection of a pod in ``for`` gets through at its own end unless a policy's rule admits it."""

    for_: Endpoints = Field(alias="for")
    directions: list[Direction] | None = None
    strict: bool = False
    except_: list[Exception_] | None = Field(None, alias="except")


class Dns(Model):
    """Each pod in ``for`` reaches every DNS server pod over UDP and TCP."""

    for_: Endpoints = Field(alias="for")
    servers: Endpoints | None = None


class ExternalPod(Model):
    """A real pod declared elsewhere; ``ports`` maps names to ``PROTOCOL/NUMBER``."""

    labels: dict[str, str] = {}
    ports: dict[str, str] = {}


class ExternalNamespace(Model):
    """A real namespace declared elsewhere; without ``labels`` its labels are unknown."""

    name: str
    labels: dict[str, str] | None = None
    pods: list[ExternalPod] = []


class World(Model):
    """What may exist beside the manifests. Unset keys take the suite's value, then the default."""

    pods: Literal["open", "closed", "mixed"] | None = None
    namespaces: Literal["open", "closed"] | None = None
    external: list[ExternalNamespace] | None = None
    pod_cidrs: list[str] | None = Field(None, alias="podCIDRs")
    node_cidrs: list[str] | None = Field(None, alias="nodeCIDRs")
    service_cidrs: list[str] | None = Field(None, alias="serviceCIDRs")


class Semantics(Model):
    """What the API leaves open; ``either`` means that a property must hold under both readings."""

    ip_block_matches_pods: bool | Literal["either"] | None = Field(None, alias="ipBlockMatchesPods")
    host_network_pods: Literal["excluded"] | None = Field(None, alias="hostNetworkPods")
    duplicate_objects: Literal["error", "last"] | None = Field(None, alias="duplicateObjects")


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
    allow_vacuous: bool = Field(False, alias="allowVacuous")
    never: Never | None = None
    always: Always | None = None
    can: Can | None = None
    only: Only | None = None
    isolate: Isolate | None = None
    default_deny: DefaultDeny | None = Field(None, alias="defaultDeny")
    dns: Dns | None = None


VERBS = ("never", "always", "can", "only", "isolate", "default_deny", "dns")


class Defaults(Model):
    """What every property of the suite has unless it says otherwise."""

    severity: Severity = "high"
    owner: str | None = None
    tags: list[str] = []


class ManifestEntry(Model):
    """A path to read manifests from, with globs (relative to it) to leave out."""

    path: str
    exclude: list[str] = []


class PropertySuite(Model):
    """A whole suite file."""

    api_version: Literal["netpol-verify/v1"] = Field(alias="apiVersion")
    kind: Literal["PropertySuite"]
    include: list[str] = []
    manifests: list[str | ManifestEntry] = []
    defaults: Defaults = Defaults()
    world: World = World()
    semantics: Semantics = Semantics()
    groups: dict[str, Group] = {}
    properties: list[Property] = []
