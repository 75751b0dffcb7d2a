"""What a rule of the semantics is, and where rules come from."""

from __future__ import annotations

from dataclasses import dataclass

TYPES = "kubernetes/kubernetes:staging/src/k8s.io/api/networking/v1/types.go"
DEFAULTS = "kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go"
SELECTOR = "kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/labels/selector.go (Requirement.Matches)"
HELPERS = "kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector)"
DECODER = "kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json/json.go"
VISITOR = "kubernetes/kubernetes:staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go"
NAMESPACE = "kubernetes/kubernetes:pkg/apis/core/v1/defaults.go (SetDefaults_Namespace)"
CORE = "kubernetes/kubernetes:staging/src/k8s.io/api/core/v1/types.go"
E2E = "kubernetes/kubernetes:test/e2e/network/netpol/network_policy.go"
CONTAINS = "golang/go:src/net/ip.go (ParseCIDR, IPNet.Contains)"
ADMIN = "kubernetes-sigs/network-policy-api:apis/v1alpha1/shared_types.go"
CLUSTER = "kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go"
PAGE = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it says, its ``source``, and what an evaluator does that has it ``otherwise``."""

    id: str
    statement: str
    source: str
    otherwise: str
