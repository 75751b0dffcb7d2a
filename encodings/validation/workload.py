"""Pods and workloads: exactly the fields that proofs read (labels, container ports, host network, addresses).

A pod has far more fields than are modelled, so unknown ones are not refused here. Sources of the rules:
kubernetes/kubernetes:pkg/apis/core/validation/validation.go and pkg/apis/apps/validation/validation.go.
It trusts ``selectors``, ``ports`` and ``metadata``.
"""

from __future__ import annotations

from .cidrs import parse_address
from .fields import Field, shown
from .labels import read_labels
from .metadata import check_metadata
from .names import dns_subdomain_problems
from .ports import check_container_ports
from .selectors import Requirement, read_selector

TEMPLATE_OF = {
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("", "ReplicationController"): ("spec", "template"),
}
"""Where the built-in workloads keep their pod template; the API requires one of each of them."""

_JOBS = (("batch", "Job"), ("batch", "CronJob"))
POD_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")


def check_pod(pod: Field) -> None:
    """Report the mistakes of a Pod."""
    check_metadata(pod.child("metadata"), dns_subdomain_problems, namespaced=True, strict=False)
    _check_pod_spec(pod.child("spec"))
    status = pod.child("status")
    if status.mapping() is None:
        return
    phase = status.child("phase")
    if phase.string() and phase.value not in POD_PHASES:
        phase.unsupported(POD_PHASES)
    _check_addresses(status)


def check_workload(workload: Field) -> None:
    """Report the mistakes of a workload: a built-in kind, or another with a pod template at spec.template."""
    subject = workload.subject
    kind = (subject.group, subject.kind)
    check_metadata(workload.child("metadata"), dns_subdomain_problems, namespaced=True, strict=False)
    path = TEMPLATE_OF.get(kind, ("spec", "template"))
    if any(workload.child(*path[:length]).mapping() is None for length in range(1, len(path) + 1)):
        return
    template = workload.child(*path)
    if kind in TEMPLATE_OF and not template.written:
        template.required("a workload needs a pod template")
        return
    if template.child("metadata").mapping() is None:
        return
    labels = read_labels(template.child("metadata", "labels"))
    _check_pod_spec(template.child("spec"))
    _check_counts(workload.child("spec"), kind)
    selector = workload.child("spec", "selector")
    if subject.group == "apps" and kind in TEMPLATE_OF:
        _check_selector(selector, template, labels)
    elif kind == ("", "ReplicationController"):
        _check_map_selector(selector, template, labels)


def _check_counts(spec: Field, kind: tuple[str, str]) -> None:
    """What labels that controllers add are made from (apps/v1 StatefulSet, batch/v1 Job)."""
    fields: tuple[Field, ...] = ()
    if kind == ("apps", "StatefulSet") and spec.child("ordinals").mapping() is not None:
        fields = (spec.child("ordinals", "start"),)
    elif kind in _JOBS:
        job = spec if kind == ("batch", "Job") else spec.child("jobTemplate", "spec")
        job.child("manualSelector").boolean()
        job.child("completionMode").string()
        fields = (job.child("completions"),)
    for field in fields:
        number = field.integer()
        if number is not None and number < 0:
            field.invalid("must be greater than or equal to 0")


def _check_pod_spec(spec: Field) -> None:
    if spec.mapping() is None:
        return
    spec.child("hostNetwork").boolean()
    spec.child("nodeName").string()
    for container in spec.child("containers").sequence() or []:
        if not container.written:
            container.required("a container cannot be null")
        elif container.mapping() is not None:
            check_container_ports(container.child("ports"))


def _check_addresses(status: Field) -> None:
    _ip_version(status.child("podIP"))
    versions: set[int] = set()
    for entry in status.child("podIPs").sequence() or []:
        if not entry.written:
            entry.required("an address cannot be null")
        version = _ip_version(entry.child("ip")) if entry.mapping() is not None else None
        if version in versions:
            entry.child("ip").invalid("may specify no more than one IP for each IP family")
        versions.update({version} if version else ())


def _ip_version(field: Field) -> int | None:
    """4 or 6 for a legal address, None for none and for an illegal one, which is reported."""
    text = field.string()
    if not text:
        return None
    try:
        return parse_address(text).version
    except ValueError:
        return field.invalid("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def _check_selector(selector: Field, template: Field, labels: dict[str, str] | None) -> None:
    if not selector.written:
        hint = f"repeat the template's labels: selector: {{matchLabels: {shown(labels)}}}" if labels else ""
        selector.required(hint=hint)
        return
    requirements = read_selector(selector)
    if requirements == ():
        selector.invalid(f"empty selector is invalid for {selector.subject.kind.lower()}")
    elif requirements is not None:
        _check_match(requirements, template, labels)


def _check_map_selector(selector: Field, template: Field, labels: dict[str, str] | None) -> None:
    wanted = read_labels(selector)
    if wanted:  # an absent one is the template's labels
        _check_match(tuple(Requirement(key, "In", (value,)) for key, value in wanted.items()), template, labels)


def _check_match(requirements: tuple[Requirement, ...], template: Field, labels: dict[str, str] | None) -> None:
    if labels is None:
        return
    missed = [requirement for requirement in requirements if not requirement.matches(labels)]
    if missed:
        keys = ", ".join(dict.fromkeys(requirement.key for requirement in missed))
        field = template.child("metadata", "labels")
        hint = f"the template's labels and the selector differ in: {keys}"
        field.invalid("`selector` does not match template `labels`", hint, labels)
