"""Reading manifests: files and folders to Kubernetes objects as written, by class (see ``read_manifests``)."""

from .documents import Document, parse_documents
from .kinds import MODELLED, Class, classify, has_pod_template, is_namespaced
from .objects import NO_KIND, read_manifests
from .scopes import Scope, scope_of
from .sources import SHOWN_STDIN, STDIN, Entry

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
    "has_pod_template",
    "is_namespaced",
    "parse_documents",
    "read_manifests",
    "scope_of",
]
