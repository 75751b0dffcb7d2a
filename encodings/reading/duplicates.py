"""Objects that are written more than once: equal ones count once, different ones are an error or the last one wins.

Trusts that group, kind, namespace and name identify an object, as they do in the API.
"""

from __future__ import annotations

from typing import Any, Literal

from ..problems import Notice, Problem
from ..written import Map, Seq, WrittenObject

Identity = tuple[str, str, str | None, str]


class Distinct:
    """The distinct objects among those added, with the notices and problems that repetitions give."""

    def __init__(self, mode: Literal["error", "last"]) -> None:
        self._mode = mode
        self._named: dict[Identity, tuple[int, WrittenObject]] = {}
        self._objects: dict[int, WrittenObject] = {}
        self._added = 0
        self.notices: list[Notice] = []
        self.problems: list[Problem] = []

    @property
    def objects(self) -> list[WrittenObject]:
        """The objects that count, in reading order."""
        return list(self._objects.values())

    def add(self, written: WrittenObject) -> None:
        """Takes an object into account. One with a generated name is never the same as another."""
        self._added += 1
        if written.name.endswith("*"):
            self._objects[self._added] = written
            return
        identity = (written.group, written.kind, written.namespace, written.name)
        earlier = self._named.get(identity)
        if earlier is None:
            self._keep(identity, written)
            return
        place, first = earlier
        what = f"{written.kind} {written.reference}"
        where = f"{first.file}:{first.line}"
        if _same_object(first, written):
            self._notice(f"{what} is written twice with the same content (first in {where}); it counts once", written)
        elif self._mode == "last":
            self._notice(f"{what} replaces a different one of that name in {where}, which was read before", written)
            del self._objects[place]
            self._keep(identity, written)
        else:
            message = f"{what} is written twice with different content (first in {where})"
            hint = "remove or exclude one of the two, or use --semantics duplicateObjects=last"
            self.problems.append(Problem(written.file, written.line, "", message, hint))

    def _keep(self, identity: Identity, written: WrittenObject) -> None:
        self._named[identity] = (self._added, written)
        self._objects[self._added] = written

    def _notice(self, message: str, written: WrittenObject) -> None:
        self.notices.append(Notice(message, written.file, written.line))


def _same_object(left: WrittenObject, right: WrittenObject) -> bool:
    """Whether two objects mean the same: all fields, of metadata and status only what can decide."""
    keys = (left.fields.keys() | right.fields.keys()) - {"metadata", "status"}
    if not all(_same(left.fields.get(key, _ABSENT), right.fields.get(key, _ABSENT)) for key in keys):
        return False
    if left.kind == "Pod" and not _same_status(left.fields.get("status"), right.fields.get("status")):
        return False
    telling = ("labels", "ownerReferences") if left.kind in ("Namespace", "Pod") else ("ownerReferences",)
    mine, other = left.fields.get("metadata"), right.fields.get("metadata")
    return isinstance(mine, Map) and isinstance(other, Map) and all(_same(mine.get(k), other.get(k)) for k in telling)


def _same_status(left: Any, right: Any) -> bool:
    """Whether two reports of a pod agree on whether it runs and where; one that says nothing agrees with any."""
    if not isinstance(left, Map) or not isinstance(right, Map):
        return True
    return all(_same(left.get(key), right.get(key)) for key in ("phase", "podIP", "podIPs"))


_ABSENT = object()


def _same(left: Any, right: Any) -> bool:
    """Equality that keeps 1 and true apart."""
    if isinstance(left, Map) and isinstance(right, Map):
        return left.keys() == right.keys() and all(_same(value, right[key]) for key, value in left.items())
    if isinstance(left, Seq) and isinstance(right, Seq):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and bool(left == right)
