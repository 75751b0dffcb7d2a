"""What reading a set of manifests gives: objects by class, and what a report says about the input."""

from __future__ import annotations

from dataclasses import dataclass, field

from .problems import Notice
from .written import WrittenObject


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything read, merged into one cluster, in reading order.

    ``modelled``: Namespace, NetworkPolicy, Pod and workload objects (kinds of class a, and unlisted kinds with a pod
    template, class c). ``unmodelled``: policies that are not understood and so decide freely in their scope (class b).
    ``exposing``: Service and Ingress objects, read only for notices. ``named_namespaces``: every
    ``metadata.namespace`` of any object read, sorted. ``files``: number of files read. ``counts``: modelled objects by
    kind. ``ignored``: the rest by kind (documents without apiVersion and kind under "(no kind)").
    ``excluded``: files left out on request.
    """

    modelled: tuple[WrittenObject, ...]
    unmodelled: tuple[WrittenObject, ...] = ()
    exposing: tuple[WrittenObject, ...] = ()
    named_namespaces: tuple[str, ...] = ()
    files: int = 0
    counts: dict[str, int] = field(default_factory=dict[str, int])
    ignored: dict[str, int] = field(default_factory=dict[str, int])
    excluded: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
