"""The one table of kinds: what is modelled, what decides about traffic without being modelled, what generates objects.

Kinds are chosen by API group and kind. Four classes: modelled (a); policy-like and not modelled (b), which is every
kind of a policy group that is not listed as harmless, and every kind that calls itself a network policy; workloads of
unlisted kinds, told by their pod template (c); everything else (d), among it the generators, which are not rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..problems import did_you_mean
from ..written import Map, Seq

GroupKind = tuple[str, str]


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Class(Enum):
    """What is done with an object of a kind."""

    MODELLED = "modelled"
    UNMODELLED = "unmodelled"
    WORKLOAD = "workload"
    GENERATOR = "generator"
    EXPOSING = "exposing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Modelled:
    """A modelled kind: the one apiVersion that is read, and whether its objects live in namespaces."""

    api_version: str
    namespaced: bool = True


MODELLED: dict[GroupKind, Modelled] = {
    ("", "Namespace"): Modelled("v1", namespaced=False),
    ("networking.k8s.io", "NetworkPolicy"): Modelled("networking.k8s.io/v1"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"): Modelled("policy.networking.k8s.io/v1alpha1", namespaced=False),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"): Modelled(
        "policy.networking.k8s.io/v1alpha1", namespaced=False
    ),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"): Modelled(
        "policy.networking.k8s.io/v1alpha2", namespaced=False
    ),
    ("", "Node"): Modelled("v1", namespaced=False),
    ("", "Pod"): Modelled("v1"),
    ("", "ReplicationController"): Modelled("v1"),
    ("apps", "Deployment"): Modelled("apps/v1"),
    ("apps", "ReplicaSet"): Modelled("apps/v1"),
    ("apps", "StatefulSet"): Modelled("apps/v1"),
    ("apps", "DaemonSet"): Modelled("apps/v1"),
    ("batch", "Job"): Modelled("batch/v1"),
    ("batch", "CronJob"): Modelled("batch/v1"),
}
_MODELLED_KINDS = {kind: entry for (_, kind), entry in MODELLED.items()}
_MODELLED_CASELESS = {kind.lower(): kind for kind in _MODELLED_KINDS}

_BUILT_IN_GROUPS = frozenset(
    ("", "apps", "autoscaling", "batch", "extensions", "networking.k8s.io", "policy", "rbac.authorization.k8s.io")
)
"""Groups of the API server itself: a modelled kind's name in one of them is that kind, wrongly written."""

EXPOSING = frozenset((("", "Service"), ("networking.k8s.io", "Ingress")))

POLICY_GROUPS: dict[str, frozenset[str]] = {
    "projectcalico.org": _names("""
        AlertException BFDConfiguration BGPConfiguration BGPFilter BGPPeer BlockAffinity CalicoNodeStatus
        ClusterInformation FelixConfiguration GlobalAlert GlobalAlertTemplate GlobalNetworkSet GlobalReport
        GlobalReportType GlobalThreatFeed IPAMBlock IPAMConfig IPAMConfiguration IPAMHandle IPPool IPReservation
        KubeControllersConfiguration LicenseKey NetworkSet Node PacketCapture StagedGlobalNetworkPolicy
        StagedKubernetesNetworkPolicy StagedNetworkPolicy Tier UISettings UISettingsGroup WorkloadEndpoint"""),
    "cilium.io": _names("""CiliumBGPAdvertisement CiliumBGPClusterConfig CiliumBGPNodeConfig CiliumBGPNodeConfigOverride
        CiliumBGPPeerConfig CiliumBGPPeeringPolicy CiliumCIDRGroup CiliumEndpoint CiliumEndpointSlice
        CiliumExternalWorkload CiliumGatewayClassConfig CiliumIdentity CiliumL2AnnouncementPolicy
        CiliumLoadBalancerIPPool CiliumNode CiliumPodIPPool"""),
    "policy.networking.k8s.io": frozenset(),
    "security.istio.io": frozenset(),
    "policy.linkerd.io": frozenset(("MeshTLSAuthentication", "NetworkAuthentication")),
    "crd.antrea.io": _names("""
        AntreaAgentInfo AntreaControllerInfo BGPPolicy ClusterGroup ExternalEntity ExternalIPPool ExternalNode
        Group IPPool NodeLatencyMonitor PacketCapture SupportBundleCollection Tier Traceflow"""),
    "k8s.ovn.org": _names(
        """AdminPolicyBasedExternalRoute EgressIP EgressQoS EgressService NetworkQoS RouteAdvertisements"""
    ),
    "network.openshift.io": frozenset(("ClusterNetwork", "HostSubnet")),
    "kuma.io": _names("""
        Dataplane DataplaneInsight ContainerPatch MeshAccessLog MeshInsight MeshMetric MeshTrace ServiceInsight
        TrafficLog TrafficTrace Zone ZoneEgress ZoneEgressInsight ZoneIngress ZoneIngressInsight ZoneInsight"""),
    "kubeovn.io": frozenset(("IP", "IPPool", "OvnEip", "ProviderNetwork", "QoSPolicy", "Vip", "Vlan")),
    "access.smi-spec.io": frozenset(),
    "policy.openservicemesh.io": frozenset(("Telemetry", "UpstreamTrafficSetting")),
    "auth.consul.hashicorp.com": frozenset(),
    "security.policy.gloo.solo.io": frozenset(),
    "nsx.vmware.com": frozenset(),
    "security.antrea.tanzu.vmware.com": frozenset(("Tier",)),
    "controlplane.antrea.io": frozenset(),
    "multicluster.crd.antrea.io": frozenset(),
    "security.kubearmor.com": frozenset(),
    "neuvector.com": frozenset(),
    "ingressnodefirewall.openshift.io": frozenset(),
}
"""Groups whose kinds decide about traffic unless listed as harmless: addresses and routing, status, and data that only
a policy refers to. Staged policies are not enforced; a tier without policies is absent."""

POLICY_GROUPS["crd.projectcalico.org"] = POLICY_GROUPS["projectcalico.org"]
POLICY_GROUPS["legacy.nsx.vmware.com"] = POLICY_GROUPS["crd.nsx.vmware.com"] = POLICY_GROUPS["nsx.vmware.com"]

POLICY_KINDS: frozenset[GroupKind] = frozenset(
    (
        ("networking.istio.io", "Sidecar"),
        ("networking.istio.io", "EnvoyFilter"),
        ("consul.hashicorp.com", "ServiceIntentions"),
        ("vpcresources.k8s.aws", "SecurityGroupPolicy"),
        ("network.alibabacloud.com", "PodNetworking"),
    )
)
"""Policy-like kinds of groups that are about other things as well."""

_POLICY_WORDS = ("NetworkPolicy", "NetworkPolicies", "EgressFirewall")

GENERATORS: frozenset[GroupKind] = frozenset(
    (
        ("kyverno.io", "ClusterPolicy"),
        ("kyverno.io", "Policy"),
        ("policies.kyverno.io", "GeneratingPolicy"),
        ("policies.kyverno.io", "NamespacedGeneratingPolicy"),
        ("policies.kyverno.io", "MutatingPolicy"),
        ("policies.kyverno.io", "NamespacedMutatingPolicy"),
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("kustomize.config.k8s.io", "Kustomization"),
        ("kustomize.config.k8s.io", "Component"),
        ("helm.cattle.io", "HelmChart"),
        ("fleet.cattle.io", "GitRepo"),
        ("fleet.cattle.io", "Bundle"),
        ("template.openshift.io", "Template"),
        ("", "Template"),
        ("capsule.clastix.io", "Tenant"),
        ("capsule.clastix.io", "GlobalTenantResource"),
        ("capsule.clastix.io", "TenantResource"),
        ("hnc.x-k8s.io", "HierarchyConfiguration"),
        ("hnc.x-k8s.io", "SubnamespaceAnchor"),
        ("accurate.cybozu.com", "SubNamespace"),
        ("work.open-cluster-management.io", "ManifestWork"),
        ("policy.open-cluster-management.io", "Policy"),
        ("policy.open-cluster-management.io", "ConfigurationPolicy"),
        ("addons.cluster.x-k8s.io", "ClusterResourceSet"),
        ("kro.run", "ResourceGraphDefinition"),
        ("apiextensions.crossplane.io", "Composition"),
    )
)

_CLUSTER_WIDE_GROUPS = frozenset(("policy.networking.k8s.io", "ingressnodefirewall.openshift.io"))
_CLUSTER_SCOPED = _names("""GlobalNetworkPolicy HostEndpoint Profile RemoteClusterConfiguration ClusterNetworkPolicy
    CiliumClusterwideNetworkPolicy CiliumClusterwideEnvoyConfig CiliumEgressGatewayPolicy TracingPolicy
    AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterUserDefinedNetwork NetNamespace
    KubeArmorHostPolicy KubeArmorClusterPolicy NvClusterSecurityRule""")
"""Policy-like kinds whose objects have no namespace; none of these names is that of a namespaced kind elsewhere."""

_NAMESPACED: frozenset[GroupKind] = frozenset(
    (
        ("projectcalico.org", "NetworkPolicy"),
        ("crd.projectcalico.org", "NetworkPolicy"),
        ("cilium.io", "CiliumNetworkPolicy"),
        ("cilium.io", "CiliumEnvoyConfig"),
        ("cilium.io", "CiliumLocalRedirectPolicy"),
        ("cilium.io", "CiliumNodeConfig"),
        ("cilium.io", "TracingPolicyNamespaced"),
        ("security.istio.io", "AuthorizationPolicy"),
        ("security.istio.io", "PeerAuthentication"),
        ("security.istio.io", "RequestAuthentication"),
        ("networking.istio.io", "Sidecar"),
        ("networking.istio.io", "EnvoyFilter"),
        ("policy.linkerd.io", "AuthorizationPolicy"),
        ("policy.linkerd.io", "EgressNetwork"),
        ("policy.linkerd.io", "HTTPLocalRateLimitPolicy"),
        ("policy.linkerd.io", "HTTPRoute"),
        ("policy.linkerd.io", "Server"),
        ("policy.linkerd.io", "ServerAuthorization"),
        ("crd.antrea.io", "NetworkPolicy"),
        ("security.antrea.tanzu.vmware.com", "NetworkPolicy"),
        ("k8s.ovn.org", "EgressFirewall"),
        ("k8s.ovn.org", "UserDefinedNetwork"),
        ("network.openshift.io", "EgressNetworkPolicy"),
        ("networking.gke.io", "FQDNNetworkPolicy"),
        ("access.smi-spec.io", "TrafficTarget"),
        ("consul.hashicorp.com", "ServiceIntentions"),
        ("auth.consul.hashicorp.com", "TrafficPermissions"),
        ("vpcresources.k8s.aws", "SecurityGroupPolicy"),
        ("security.kubearmor.com", "KubeArmorPolicy"),
    )
)

_REACHES_BEYOND: frozenset[GroupKind] = frozenset(
    (
        ("cilium.io", "CiliumEnvoyConfig"),
        ("cilium.io", "CiliumLocalRedirectPolicy"),
        ("cilium.io", "CiliumNodeConfig"),
        ("policy.linkerd.io", "EgressNetwork"),
        ("policy.linkerd.io", "HTTPRoute"),
        ("consul.hashicorp.com", "ServiceIntentions"),
        ("auth.consul.hashicorp.com", "TrafficPermissions"),
        ("security.policy.gloo.solo.io", "AccessPolicy"),
        ("k8s.ovn.org", "UserDefinedNetwork"),
    )
)
"""Kinds that live in a namespace and still decide about pods of other namespaces."""
_REACHING_GROUPS = frozenset(("kuma.io", "kubeovn.io", "multicluster.crd.antrea.io"))
_ISTIO_GROUPS = frozenset(("security.istio.io", "networking.istio.io"))
_ISTIO_ROOT = "istio-system"
"""Istio's root namespace unless the mesh is configured otherwise; its policies are those of every namespace."""


def group_of(api_version: str) -> str:
    """The API group of an apiVersion, "" for the core group."""
    return api_version.rpartition("/")[0]


def classify(api_version: str, kind: str, fields: Map) -> Class:
    """The class of an object (see the module's description)."""
    key = (group_of(api_version), kind)
    if key in MODELLED:
        return Class.MODELLED
    if is_policy_like(*key):
        return Class.UNMODELLED
    if key in GENERATORS:
        return Class.GENERATOR
    if key in EXPOSING:
        return Class.EXPOSING
    return Class.WORKLOAD if has_pod_template(fields) else Class.OTHER


def is_policy_like(group: str, kind: str) -> bool:
    """Whether objects of an unmodelled kind may decide about traffic."""
    harmless = POLICY_GROUPS.get(group)
    if harmless is not None:
        return kind not in harmless
    if (group, kind) in POLICY_KINDS:
        return True
    return any(word in kind for word in _POLICY_WORDS)


def has_pod_template(fields: Map) -> bool:
    """Whether an object has containers at ``spec.template.spec.containers``."""
    value: Any = fields
    for step in ("spec", "template", "spec"):
        value = value.get(step) if isinstance(value, Map) else None
    return isinstance(value, Map) and isinstance(value.get("containers"), Seq)


def wrong_version(api_version: str, kind: str) -> str | None:
    """The apiVersion (and kind) to write instead, if this is a modelled kind in a form that is not read."""
    group = group_of(api_version)
    entry = MODELLED.get((group, kind))
    if entry is not None:
        return None if api_version == entry.api_version else f"apiVersion: {entry.api_version}"
    if group not in _BUILT_IN_GROUPS:
        return None
    if kind in _MODELLED_KINDS:
        return f"apiVersion: {_MODELLED_KINDS[kind].api_version}"
    right = _MODELLED_CASELESS.get(kind.strip().lower())
    if right is None and group == "networking.k8s.io" and did_you_mean(kind, ["NetworkPolicy"]):
        right = "NetworkPolicy"
    return None if right is None else f"apiVersion: {_MODELLED_KINDS[right].api_version}, kind: {right}"


def matters_alone(api_version: str | None, kind: str | None) -> bool:
    """Whether a document that has only one of apiVersion and kind looks like an object that decides about traffic."""
    if kind is not None:
        return kind in _MODELLED_KINDS or any(word in kind for word in _POLICY_WORDS)
    group = group_of(api_version or "")
    return group in POLICY_GROUPS or (group != "" and any(known == group for known, _ in MODELLED))


def is_namespaced(group: str, kind: str, written_namespace: str | None) -> bool:
    """Whether objects of a kind live in namespaces; for a kind nobody listed, whether this object says so."""
    entry = MODELLED.get((group, kind))
    if entry is not None:
        return entry.namespaced
    if (group, kind) in _NAMESPACED or (group, kind) in EXPOSING:
        return True
    if group in _CLUSTER_WIDE_GROUPS or (kind in _CLUSTER_SCOPED and is_policy_like(group, kind)):
        return False
    return written_namespace is not None


def reaches_beyond(group: str, kind: str, namespace: str | None) -> bool:
    """Whether a namespaced policy-like object may decide about pods of other namespaces than its own."""
    if (group, kind) in _REACHES_BEYOND or group in _REACHING_GROUPS:
        return True
    return group in _ISTIO_GROUPS and namespace == _ISTIO_ROOT
