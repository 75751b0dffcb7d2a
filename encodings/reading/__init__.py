"""Reading manifests: whatever holds them (``entry_of``) to Kubernetes objects as written (``read_manifests``)."""

from .documents import Document, parse_documents
from .entries import SHOWN_STDIN, STDIN, Entry, entry_of, variants_of
from .kinds import MODELLED, Class, classify, has_pod_template, is_namespaced
from .objects import NO_KIND, read_manifests
from .scopes import Scope, scope_of

__all__ = [
    "MODELLED",
    "NO_KIND",
    "SHOWN_STDIN",
    "STDIN",
    "Class",
    "Document",
    "Entry",
    "Scope",
    "classify",
    "entry_of",
    "has_pod_template",
    "is_namespaced",
    "parse_documents",
    "read_manifests",
    "scope_of",
    "variants_of",
]
