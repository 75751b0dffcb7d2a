"""Names for the groups of a suite: those that a reader would give them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ...encodings.cluster import NAME_LABEL
from ...properties.suite import Group, LabelSelector
from .spelling import DNS, text_of

_BUILTINS = {"internet": "internet", "cloud-metadata": "metadata"}
_INLINE_NAMES = 3


class Names:
    """One name for each group that deserves one: the same group has the same name wherever it stands."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups: dict[str, Group] = {}
        distinct = {text_of(group): group for group in groups}
        bases = {text: base for text, group in distinct.items() if (base := _base(group))}
        counted = Counter(bases.values())
        self._names: dict[str, str] = {}
        for text, base in bases.items():
            group = distinct[text]
            qualified = f"{group.namespace}-{base}" if counted[base] > 1 and group.pods is not None else base
            name = next(each for each in _numbered(qualified) if each not in self.groups)
            self._names[text] = name
            self.groups[name] = group

    def name(self, group: Group) -> str | None:
        """The group's name; None for a group that is written where it is used."""
        return self._names.get(text_of(group))

    def word(self, group: Group) -> str:
        """The group's name, or a word for it, to be part of an id."""
        return self.name(group) or slug(_described(group)) or "pods"


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _base(group: Group) -> str:
    """What to call a group; "" if it is best written out."""
    if group.builtin is not None:
        return _BUILTINS[group.builtin]
    if group == DNS:
        return "dns"
    if group.workload is not None:
        return slug(group.workload.rpartition("/")[2])
    if isinstance(group.namespace, list):
        return f"{len(group.namespace)}-namespaces" if len(group.namespace) > _INLINE_NAMES else ""
    if group.namespace is not None:
        return group.namespace if group.pods is None else _of_selector(group.pods)
    if isinstance(group.namespaces, str):
        words = _of_selector(group.namespaces, keys=True)
        return words if group.pods is None else f"{words}-{_of_selector(group.pods)}"
    if isinstance(group.namespaces, LabelSelector):
        return _of_mapping(group.namespaces)
    return ""


def _of_mapping(selector: LabelSelector) -> str:
    """Namespaces by a mapping: usually all but a few."""
    expressions = selector.match_expressions or []
    if len(expressions) == 1 and (expressions[0].key, expressions[0].operator) == (NAME_LABEL, "NotIn"):
        return f"all-but-{len(expressions[0].values or ())}-namespaces"
    return "namespaces"


def _of_selector(selector: object, *, keys: bool = False) -> str:
    """The values that a selector asks for, before each its key if wanted."""
    if not isinstance(selector, str):
        return "pods"
    parts = re.findall(r"([^,=!() ]+)(?:=| in \()([^,)]+(?:,[^,)=]+)*)", selector)
    words = [f"{key.rpartition('/')[2]}-{value}" if keys else value for key, value in parts]
    return slug("-".join(words)) or slug(selector) or "pods"


def _described(group: Group) -> str:
    if isinstance(group.namespace, list):
        return "-".join(group.namespace[:_INLINE_NAMES])
    return group.cidr or ("anyone" if group.any else "pods")


def slug(text: str) -> str:
    """Letters, digits and single dashes, as an id may hold them, at most 50 of them."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text)[:50].strip("-.")
