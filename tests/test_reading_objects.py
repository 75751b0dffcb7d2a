"""Documents become objects of four classes, each counted once; nothing that matters is passed over."""

import io
from pathlib import Path

import pytest
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.problems import InputErrors, Problem
from netpol_verify.encodings.reading import Entry, Scope, read_manifests, scope_of


def read(text: str, **options: str) -> Manifests:
    return read_manifests([Entry("-")], stdin=io.StringIO(text), **options)  # pyright: ignore[reportArgumentType]


def problems(text: str, **options: str) -> list[Problem]:
    with pytest.raises(InputErrors) as caught:
        read(text, **options)
    return list(caught.value.problems)


def obj(api_version: str, kind: str, rest: str = "", meta: str = "name: x, namespace: ns") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{{meta}}}\n{rest}\n---\n"


NETPOL = ("networking.k8s.io/v1", "NetworkPolicy")


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        NETPOL,
        ("v1", "Pod"),
        ("v1", "ReplicationController"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
    ],
)
def test_modelled_kinds_are_read_in_their_api_version(api_version: str, kind: str):
    (written,) = read(obj(api_version, kind)).modelled
    assert (written.api_version, written.kind, written.reference, written.line) == (api_version, kind, "ns/x", 1)


def test_a_namespace_has_no_namespace():
    manifests = read(obj("v1", "Namespace", meta="name: x"))
    assert manifests.modelled[0].namespace is None
    assert (manifests.named_namespaces, manifests.notices) == ((), ())


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "Node"),
        ("v1", "Namespace"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
    ],
)
def test_objects_of_the_whole_cluster_have_no_namespace(api_version: str, kind: str):
    manifests = read(obj(api_version, kind, meta="name: x") + obj(api_version, kind, meta="name: z, namespace: ns"))
    assert [(written.name, written.namespace) for written in manifests.modelled] == [("x", None), ("z", None)]
    assert (manifests.unmodelled, manifests.notices) == ((), ())


@pytest.mark.parametrize(
    ("api_version", "kind", "hint"),
    [
        ("extensions/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("v1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("networking.k8s.io", "NetworkPolicy", "networking.k8s.io/v1"),
        ("networking.k8s.io/v1beta1", "NetworkPolicy", "networking.k8s.io/v1"),
        ("networking.k8s.io/v1", "networkpolicy", "kind: NetworkPolicy"),
        ("networking.k8s.io/v1", "'NetworkPolicy '", "kind: NetworkPolicy"),
        ("networking.k8s.io/v1", "NetworkPolcy", "kind: NetworkPolicy"),
        ("apps/v1beta1", "Deployment", "apps/v1"),
        ("extensions/v1beta1", "DaemonSet", "apps/v1"),
        ("batch/v1beta1", "CronJob", "batch/v1"),
        ("v2", "Pod", "v1"),
        ("v1beta1", "Node", "v1"),
        ("policy.networking.k8s.io/v1beta1", "AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1"),
        ("policy.networking.k8s.io/v1alpha2", "BaselineAdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1"),
        ("policy.networking.k8s.io/v1alpha1", "ClusterNetworkPolicy", "policy.networking.k8s.io/v1alpha2"),
    ],
)
def test_a_modelled_kind_in_another_api_version_is_an_error(api_version: str, kind: str, hint: str):
    (problem,) = problems(obj(api_version, kind))
    assert problem.path == "apiVersion" and problem.hint.endswith(hint)


POLICY_LIKE = [
    ("projectcalico.org/v3", "NetworkPolicy"),
    ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
    ("projectcalico.org/v3", "HostEndpoint"),
    ("projectcalico.org/v3", "Unheard"),
    ("cilium.io/v2", "CiliumNetworkPolicy"),
    ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
    ("policy.networking.k8s.io/v1alpha1", "ExternalNetworkSet"),
    ("security.istio.io/v1", "AuthorizationPolicy"),
    ("networking.istio.io/v1", "Sidecar"),
    ("policy.linkerd.io/v1beta3", "Server"),
    ("crd.antrea.io/v1beta1", "NetworkPolicy"),
    ("k8s.ovn.org/v1", "EgressFirewall"),
    ("network.openshift.io/v1", "EgressNetworkPolicy"),
    ("networking.gke.io/v1alpha1", "FQDNNetworkPolicy"),
    ("kuma.io/v1alpha1", "MeshTrafficPermission"),
    ("consul.hashicorp.com/v1alpha1", "ServiceIntentions"),
    ("unheard.example/v1", "FancyNetworkPolicy"),
]
HARMLESS = [
    ("projectcalico.org/v3", "IPPool"),
    ("projectcalico.org/v3", "StagedNetworkPolicy"),
    ("crd.projectcalico.org/v1", "BGPPeer"),
    ("cilium.io/v2", "CiliumNode"),
    ("networking.istio.io/v1", "VirtualService"),
    ("policy/v1", "PodDisruptionBudget"),
    ("policy/v1beta1", "PodSecurityPolicy"),
    ("cert-manager.io/v1", "Certificate"),
    ("v1", "Secret"),
]


@pytest.mark.parametrize(("api_version", "kind"), POLICY_LIKE)
def test_policies_of_other_kinds_are_kept_as_unmodelled(api_version: str, kind: str):
    manifests = read(obj(api_version, kind))
    assert [written.kind for written in manifests.unmodelled] == [kind]
    assert (manifests.modelled, manifests.counts, manifests.ignored) == ((), {}, {})


@pytest.mark.parametrize(("api_version", "kind"), HARMLESS)
def test_other_kinds_are_counted(api_version: str, kind: str):
    manifests = read(obj(api_version, kind) * 2)
    assert (manifests.ignored, manifests.unmodelled, manifests.modelled) == ({kind: 2}, (), ())


@pytest.mark.parametrize("kind", ["IngressClass", "IPAddress", "ServiceCIDR"])
def test_other_kinds_of_the_networking_group_are_counted(kind: str):
    assert read(obj("networking.k8s.io/v1", kind)).ignored == {kind: 1}


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("argoproj.io/v1alpha1", "Rollout"),
        ("serving.knative.dev/v1", "Service"),
        ("apps.openshift.io/v1", "DeploymentConfig"),
        ("apps.kruise.io/v1", "StatefulSet"),
        ("unheard.example/v1", "Thing"),
    ],
)
def test_an_unlisted_kind_with_a_pod_template_is_a_workload(api_version: str, kind: str):
    manifests = read(obj(api_version, kind, "spec: {template: {spec: {containers: []}}}", "name: x"))
    assert manifests.counts == {kind: 1}
    assert manifests.modelled[0].namespace == "default"
    assert read(obj(api_version, kind, "spec: {template: {spec: {}}}")).ignored == {kind: 1}


def test_services_and_ingresses_are_counted_and_kept():
    manifests = read(obj("v1", "Service") + obj("networking.k8s.io/v1", "Ingress", meta="name: i"), namespace="shop")
    assert manifests.ignored == {"Ingress": 1, "Service": 1}
    assert [written.reference for written in manifests.exposing] == ["ns/x", "shop/i"]


def test_generators_get_one_notice_a_kind():
    text = obj("argoproj.io/v1alpha1", "Application") * 3 + obj("kyverno.io/v1", "ClusterPolicy")
    notices = read(text).notices
    assert [(n.message.partition(";")[0], n.line) for n in notices] == [
        ("not rendered: 3 objects of kind Application.argoproj.io", 1),
        ("not rendered: 1 object of kind ClusterPolicy.kyverno.io", 16),
    ]
    assert read(text).ignored == {"Application": 3, "ClusterPolicy": 1}


def test_a_kustomization_file_needs_no_kind(tmp_path: Path):
    (tmp_path / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    (tmp_path / "a.yaml").write_text(obj(*NETPOL))
    manifests = read_manifests([Entry(str(tmp_path))])
    assert manifests.ignored == {"(no kind)": 1}
    assert "not rendered" in manifests.notices[0].message


@pytest.mark.parametrize(
    "text", ["a: b", "just text", "- a\n- b", "[1]", "apiVersion: v2\nname: chart", "kind: Unheard", "5"]
)
def test_documents_without_api_version_and_kind_are_counted(text: str):
    assert read(f"{text}\n---\n{obj(*NETPOL)}").ignored == {"(no kind)": 1}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("kind: NetworkPolicy\n", "apiVersion"),
        ("kind: CiliumNetworkPolicy\n", "apiVersion"),
        ("apiVersion: networking.k8s.io/v1\n", "kind"),
        ("apiVersion: cilium.io/v2\n", "kind"),
        ("apiVersion: 1\nkind: Pod\n", "apiVersion"),
        ("apiVersion: v1\nkind: [Pod]\n", "kind"),
        ("apiVersion: v1\nkind:\n", "kind"),
        ("apiVersion: v1\nkind: Pod\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: ''}\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: x\n", "metadata"),
        ("apiVersion: v1\nkind: Secret\nmetadata: []\n", "metadata"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: yes}\n", "metadata.generateName"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: 1}\n", "metadata.namespace"),
        ("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {}\n", "metadata.name"),
        ("apiVersion: v1\nkind: List\nitems: {}\n", "items"),
        ("apiVersion: v1\nkind: List\nitems: [1]\n", "items[0]"),
        ("- {apiVersion: v1, kind: Pod}\n", ""),
    ],
)
def test_half_written_objects_are_problems(text: str, path: str):
    assert [problem.path for problem in problems(text)] == [path]


def test_names_and_generated_names():
    manifests = read(obj("v1", "Pod", meta="generateName: x-") * 2)
    assert [written.name for written in manifests.modelled] == ["x-*", "x-*"]


LIST = """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: a}
-
  apiVersion: networking.k8s.io/v1
  kind: NetworkPolicyList
  items:
  - metadata: {name: b, namespace: ns}
  - {kind: NetworkPolicy, metadata: {name: c, namespace: ns}}
- {a: b}
"""


def test_lists_are_expanded_and_items_keep_their_lines():
    manifests = read(LIST)
    assert [(w.kind, w.name, w.line, w.api_version) for w in manifests.modelled] == [
        ("Pod", "a", 4, "v1"),
        ("NetworkPolicy", "b", 11, "networking.k8s.io/v1"),
        ("NetworkPolicy", "c", 12, "networking.k8s.io/v1"),
    ]
    assert manifests.modelled[1].fields["kind"] == "NetworkPolicy"
    assert manifests.modelled[1].origin(["metadata", "name"]).line == 11
    assert manifests.ignored == {"(no kind)": 1}
    assert read(obj(*NETPOL) + "apiVersion: v1\nkind: List\nitems:\n").counts == {"NetworkPolicy": 1}


def test_the_namespace_for_objects_without_one_is_told_once():
    manifests = read(
        obj("v1", "Pod", meta="name: a") + obj("v1", "Pod", meta="name: b, namespace: ''"), namespace="shop"
    )
    assert [written.namespace for written in manifests.modelled] == ["shop", "shop"]
    assert [notice.message for notice in manifests.notices] == [
        '2 objects without metadata.namespace, read as in namespace "shop" (the first: Pod a)'
    ]
    assert manifests.named_namespaces == ("shop",)


def test_every_namespace_written_anywhere_is_named():
    text = obj("v1", "Secret", meta="name: x, namespace: b") + obj("v1", "ConfigMap", meta="namespace: a")
    assert read(text + obj("v1", "ConfigMap", meta="name: x")).named_namespaces == ("a", "b")


def test_equal_objects_count_once_with_a_notice():
    text = obj(*NETPOL, "spec: {podSelector: {}}\nstatus: {a: 1}") + obj(
        *NETPOL, "spec: {podSelector: {}}", "name: x, namespace: ns, uid: u, labels: {a: b}"
    )
    for mode in ("error", "last"):
        manifests = read(text, duplicate_objects=mode)
        assert manifests.counts == {"NetworkPolicy": 1}
        assert "first in <stdin>:1" in manifests.notices[0].message
        assert manifests.modelled[0].line == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (obj(*NETPOL, "spec: {a: 1}"), obj(*NETPOL, "spec: {a: 2}")),
        (obj(*NETPOL, "spec: {a: 1}"), obj(*NETPOL, "spec: {a: true}")),
        (obj(*NETPOL, "spec: {}"), obj(*NETPOL)),
        (obj(*NETPOL, "spec: [1]"), obj(*NETPOL, "spec: [1, 1]")),
        (obj("v1", "Namespace", meta="name: x, labels: {a: b}"), obj("v1", "Namespace", meta="name: x")),
        (obj("v1", "Pod", meta="name: x, labels: {a: b}"), obj("v1", "Pod", meta="name: x")),
        (
            obj("cilium.io/v2", "CiliumNetworkPolicy", "spec: {}"),
            obj("cilium.io/v2", "CiliumNetworkPolicy", "spec: []"),
        ),
    ],
)
def test_different_objects_of_one_name_are_an_error_or_the_last_one_wins(first: str, second: str):
    (problem,) = problems(first + second)
    line = first.count("\n") + 1
    assert problem.line == line and "first in <stdin>:1" in problem.message
    manifests = read(first + second, duplicate_objects="last")
    assert [written.line for written in (*manifests.modelled, *manifests.unmodelled)] == [line]
    assert any("replaces" in notice.message for notice in manifests.notices)


def test_names_are_distinct_by_group_kind_and_namespace():
    text = (
        obj(*NETPOL)
        + obj(*NETPOL, meta="name: x, namespace: m")
        + obj("v1", "Pod")
        + obj("projectcalico.org/v3", "NetworkPolicy")
    )
    assert read(text).notices == ()


SOPS = "sops: {mac: 'ENC[AES256_GCM,data:x]', version: 3.8.1}\n"


@pytest.mark.parametrize(
    "text",
    [
        obj(*NETPOL, "spec: {podSelector: 'ENC[AES256_GCM,data:x,type:str]'}"),
        obj("v1", "Namespace", SOPS),
        obj("cilium.io/v2", "CiliumNetworkPolicy", SOPS),
        obj("v1", "'ENC[AES256_GCM,data:x,type:str]'"),
        '{"data": "ENC[AES256_GCM,data:x]", "sops": {"mac": "x"}}',
    ],
)
def test_what_sops_encrypted_is_refused_where_it_may_matter(text: str):
    (problem,) = problems(text)
    assert "SOPS" in problem.message and "sops decrypt" in problem.hint


def test_a_secret_encrypted_with_sops_is_counted():
    assert read(obj("v1", "Secret", "data: {a: 'ENC[AES256_GCM,data:x]'}\n" + SOPS)).ignored == {"Secret": 1}


CALICO = "projectcalico.org/v3"
BOTH = ("ingress", "egress")


@pytest.mark.parametrize(
    ("api_version", "kind", "rest", "directions"),
    [
        (CALICO, "NetworkPolicy", "spec: {types: [Egress]}", ("egress",)),
        (CALICO, "NetworkPolicy", "spec: {types: [Ingress], egress: [{}]}", ("ingress",)),
        (CALICO, "NetworkPolicy", "spec: {types: [Egress, Ingress]}", BOTH),
        (CALICO, "NetworkPolicy", "spec: {types: [egress]}", BOTH),
        (CALICO, "NetworkPolicy", "spec: {types: Egress}", BOTH),
        (CALICO, "NetworkPolicy", "spec: {types: []}", BOTH),
        (CALICO, "NetworkPolicy", "spec: {}", ("ingress",)),
        (CALICO, "NetworkPolicy", "spec: {egress: [{}]}", ("egress",)),
        (CALICO, "NetworkPolicy", "spec: {egress: [{}], ingress: [{}]}", BOTH),
        (CALICO, "NetworkPolicy", "spec: {egress: {}}", BOTH),
        (CALICO, "NetworkPolicy", "", BOTH),
        ("crd.projectcalico.org/v1", "NetworkPolicy", "spec: {egress: [{}]}", BOTH),
        ("crd.projectcalico.org/v1", "NetworkPolicy", "spec: {types: [Egress]}", ("egress",)),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {ingress: []}", ("ingress",)),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {egressDeny: [{}]}", ("egress",)),
        ("cilium.io/v2", "CiliumNetworkPolicy", "specs: [{egress: [{}]}, {ingressDeny: [{}]}]", BOTH),
        ("cilium.io/v2", "CiliumNetworkPolicy", "specs: [{egress: [{}]}]", ("egress",)),
        ("cilium.io/v2", "CiliumNetworkPolicy", "specs: {egress: [{}]}", BOTH),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {egress: [], unheard: 1}", BOTH),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {egress: [], enableDefaultDeny: {ingress: true}}", BOTH),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {egress: [], enableDefaultDeny: x}", BOTH),
        ("cilium.io/v2", "CiliumNetworkPolicy", "spec: {endpointSelector: {}}", BOTH),
        ("k8s.ovn.org/v1", "EgressFirewall", "spec: {egress: []}", BOTH),
    ],
)
def test_the_directions_of_an_unmodelled_policy(api_version: str, kind: str, rest: str, directions: tuple[str, ...]):
    (written,) = read(obj(api_version, kind, rest)).unmodelled
    assert scope_of(written) == Scope("ns", directions)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("api_version", "kind", "meta", "own", "decides_in"),
    [
        (CALICO, "NetworkPolicy", "name: x", "default", "default"),
        (CALICO, "GlobalNetworkPolicy", "name: x, namespace: ns", None, None),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "name: x", None, None),
        ("security.istio.io/v1", "AuthorizationPolicy", "name: x, namespace: ns", "ns", "ns"),
        ("security.istio.io/v1", "AuthorizationPolicy", "name: x, namespace: istio-system", "istio-system", None),
        ("cilium.io/v2", "CiliumLocalRedirectPolicy", "name: x, namespace: ns", "ns", None),
        ("kuma.io/v1alpha1", "MeshTrafficPermission", "name: x, namespace: ns", "ns", None),
        ("unheard.example/v1", "NetworkPolicy", "name: x, namespace: ns", "ns", "ns"),
        ("unheard.example/v1", "NetworkPolicy", "name: x", None, None),
    ],
)
def test_the_namespace_an_unmodelled_policy_decides_in(
    api_version: str, kind: str, meta: str, own: str | None, decides_in: str | None
):
    (written,) = read(obj(api_version, kind, meta=meta)).unmodelled
    assert (written.namespace, scope_of(written).namespace) == (own, decides_in)
