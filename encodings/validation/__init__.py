"""Validation of manifests as the Kubernetes API server does it.

Nothing is proved about an object that no cluster would accept.

NetworkPolicies, cluster-wide policies and Namespaces are checked in full, unknown fields included; of pods and
workloads exactly the fields that proofs read, and of Services those that a property reads which names one. It
trusts the reader for types: values are what kubectl would send to
the API server.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..problems import Notice, Problem
from ..written import WrittenObject
from .admin_dialects import DIALECTS
from .adminpolicy import check_admin_policy
from .cidrs import Cidr, parse_cidr
from .fields import Field, Findings
from .names import dns_label_problems, label_key_problems, label_value_problems
from .namespace import check_namespace
from .networkpolicy import check_network_policy
from .service import check_service
from .workload import check_pod, check_workload

__all__ = [
    "Cidr",
    "dns_label_problems",
    "label_key_problems",
    "label_value_problems",
    "parse_cidr",
    "validate",
]

_CHECKS = {
    ("networking.k8s.io", "NetworkPolicy"): check_network_policy,
    ("", "Namespace"): check_namespace,
    ("", "Pod"): check_pod,
    ("", "Service"): check_service,
    **dict.fromkeys(DIALECTS, check_admin_policy),
}


def validate(objects: Sequence[WrittenObject]) -> tuple[tuple[Problem, ...], tuple[Notice, ...]]:
    """The problems of all objects, and what the API server only warns about, in the order of the objects.

    Policies, Namespace, Pod and Service are known by group and kind; everything else is checked as a workload.
    """
    findings = Findings()
    for subject in objects:
        check = _CHECKS.get((subject.group, subject.kind), check_workload)
        check(Field.root(subject, findings))
    return tuple(dict.fromkeys(findings.problems)), tuple(dict.fromkeys(findings.notices))
