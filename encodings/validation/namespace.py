"""Namespace of ``v1``: strict decoding, its name and its labels.

Source of the rules: kubernetes/kubernetes:pkg/apis/core/validation/validation.go (ValidateNamespace) and
kubernetes/kubernetes:pkg/apis/core/v1/defaults.go (SetDefaults_Namespace).
"""

from __future__ import annotations

from .fields import Field, shown
from .metadata import check_metadata
from .names import dns_label_problems

OBJECT_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")
NAME_LABEL = "kubernetes.io/metadata.name"

_UNDER_METADATA = {name: f"{name} stands under `metadata`" for name in ("name", "labels", "annotations")}


def check_namespace(namespace: Field) -> None:
    """Report everything that keeps the API server from accepting this Namespace as written."""
    namespace.only(OBJECT_FIELDS, _UNDER_METADATA)
    metadata, spec, status = (namespace.child(key) for key in ("metadata", "spec", "status"))
    check_metadata(metadata, dns_label_problems, namespaced=False, strict=True)
    _check_name_label(metadata)
    if spec.mapping() is not None:
        spec.only(("finalizers",))
        for finalizer in spec.child("finalizers").sequence() or []:
            finalizer.string()
    if status.mapping() is not None:
        status.only(("phase", "conditions"))
        status.child("phase").string()
        status.child("conditions").sequence()


def _check_name_label(metadata: Field) -> None:
    name, label = metadata.child("name").value, metadata.child("labels", NAME_LABEL)
    if isinstance(name, str) and isinstance(label.value, str) and label.value != name:
        detail = f"must be the namespace's name {shown(name)}, which the API server puts here itself"
        label.invalid(detail, "remove the label, or select namespaces by another one")
