"""Object metadata: name, namespace, labels, annotations and owners.

Source of the rules: kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
It trusts ``names`` and ``labels``.
"""

from __future__ import annotations

from collections.abc import Callable

from .fields import Field
from .labels import read_labels
from .names import dns_label_problems, label_key_problems, name_hint

METADATA_FIELDS = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)
OWNER_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
LARGEST_ANNOTATIONS = 256 * 1024

MANAGED_FIELDS = ("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource")

_TEXTS = ("selfLink", "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp")
_METADATA_HINTS = {
    "clusterName": "this field was removed from the API",
    "initializers": "this field was removed from the API",
    "spec": "`spec` stands beside `metadata`, not inside it",
    "podSelector": "podSelector stands under `spec`",
}


def check_metadata(metadata: Field, name_rule: Callable[[str], list[str]], namespaced: bool, strict: bool) -> None:
    """Report the mistakes of an object's metadata.

    ``strict`` also refuses unknown fields and checks those that no proof reads, as the API server does;
    without it only the fields that are read are checked. An absent namespace is filled in by the client.
    """
    if metadata.mapping() is None:
        return
    _check_name(metadata, name_rule)
    namespace = metadata.child("namespace")
    text = namespace.string()
    if text and namespaced:
        for problem in dns_label_problems(text):
            namespace.invalid(problem, name_hint(text))
    read_labels(metadata.child("labels"))
    for owner in metadata.child("ownerReferences").sequence() or []:
        _check_owner(owner, strict)
    if strict:
        metadata.only(METADATA_FIELDS, _METADATA_HINTS)
        check_annotations(metadata.child("annotations"))
        _check_unread(metadata)


def check_annotations(annotations: Field) -> None:
    """Report illegal keys, values that are no text, and annotations that are too long together."""
    if annotations.mapping() is None:
        return
    size = 0
    for annotation in annotations.children():
        key, value = str(annotation.path[-1]), annotation.string()
        for problem in label_key_problems(key.lower()):
            annotations.invalid(problem, value=key, at=annotation)
        size += sum(len(text.encode("utf-8", errors="surrogatepass")) for text in (key, value or ""))
    if size > LARGEST_ANNOTATIONS:
        annotations.too_long(LARGEST_ANNOTATIONS, f"they take {size} bytes together")


def _check_name(metadata: Field, name_rule: Callable[[str], list[str]]) -> None:
    name, generate = metadata.child("name"), metadata.child("generateName")
    text, prefix = name.string(), generate.string()
    if text == "" and prefix == "":
        name.required("name or generateName is required")
    if prefix:
        # The API server appends letters to generateName, so it may end with a hyphen.
        example = f"{prefix[:-1]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix
        for problem in name_rule(example):
            generate.invalid(problem, name_hint(prefix))
    if text:
        for problem in name_rule(text):
            name.invalid(problem, name_hint(text))


def _check_owner(owner: Field, strict: bool) -> None:
    if owner.mapping() is None:
        return
    if strict:
        owner.only(OWNER_FIELDS)
    version = owner.child("apiVersion")
    if version.string() == "":
        version.invalid("version must not be empty")
    for key in ("kind", "name", "uid") if strict else ("kind", "name"):
        if owner.child(key).string() == "":
            owner.child(key).invalid("must not be empty")
    owner.child("controller").boolean()
    owner.child("blockOwnerDeletion").boolean()


def _check_unread(metadata: Field) -> None:
    for key in _TEXTS:
        metadata.child(key).string()
    metadata.child("generation").integer(bits=64)
    metadata.child("deletionGracePeriodSeconds").integer(bits=64)
    for finalizer in metadata.child("finalizers").sequence() or []:
        text = finalizer.string()
        for problem in label_key_problems(text) if text is not None else []:
            finalizer.invalid(problem)
    for entry in metadata.child("managedFields").sequence() or []:
        if entry.mapping() is not None:
            entry.only(MANAGED_FIELDS)
