"""A cursor over the raw fields of one object that reads typed values and records what is wrong with them.

Every check of this package goes through ``Field``, so a wrong type anywhere becomes a Problem and never an
exception. It mirrors how the API server decodes JSON into Go types: null is an absent field, a null list
element is an empty one, and a null where a string stands is the empty string.

It trusts: objects hold only ``None | bool | int | float | str | Map | Seq``, and every map key is a string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..problems import Notice, Problem, did_you_mean
from ..written import Map, Path, Seq, WrittenObject, render_path, spelling_of

LONGEST_SHOWN = 300
LONGEST_QUOTED = 40


@dataclass(slots=True)
class Findings:
    """What validation found so far, in the order of the fields."""

    problems: list[Problem] = field(default_factory=list[Problem])
    notices: list[Notice] = field(default_factory=list[Notice])


@dataclass(frozen=True, slots=True)
class Field:
    """One field of ``subject``: its ``path``, raw ``value`` (None: absent or null) and where findings go."""

    subject: WrittenObject
    findings: Findings
    path: Path
    value: Any

    @classmethod
    def root(cls, subject: WrittenObject, findings: Findings) -> Field:
        """The cursor on a whole object."""
        return cls(subject, findings, (), subject.fields)

    @property
    def written(self) -> bool:
        """Whether the field is present and not null; the API treats an absent and a null field alike."""
        return self.value is not None

    def child(self, *keys: str) -> Field:
        """The field below this one under ``keys`` (absent where a map on the way is missing or no map)."""
        value: Any = self.value
        for key in keys:
            value = value.get(key) if isinstance(value, Map) else None
        return Field(self.subject, self.findings, (*self.path, *keys), value)

    def children(self) -> list[Field]:
        """The fields of a map in the order written; none for anything else."""
        return [self.child(key) for key in self.value] if isinstance(self.value, Map) else []

    # Typed readers: None means that the value had another type, which is then reported.

    def mapping(self, hint: str = "") -> Map | None:
        """The map; an absent one is empty."""
        if self.value is None:
            return Map()
        if isinstance(self.value, Map):
            return self.value
        single = isinstance(self.value, Seq) and len(self.value) == 1
        return self._wrong_type("map", hint or ("this field takes one map: remove the `- `" if single else ""))

    def sequence(self, hint: str = "") -> list[Field] | None:
        """The elements of the list; an absent one is empty."""
        if self.value is None:
            return []
        if isinstance(self.value, Seq):
            return [
                Field(self.subject, self.findings, (*self.path, number), item) for number, item in enumerate(self.value)
            ]
        return self._wrong_type("list", hint or _list_hint(self.value))

    def string(self, hint: str = "") -> str | None:
        """The text; a null one is "" as Go decodes it."""
        if self.value is None:
            return ""
        if isinstance(self.value, str):
            return self.value
        return self._wrong_type("string", hint or quoting_hint(self.value, spelling_of(self.subject.fields, self.path)))

    def integer(self, hint: str = "", bits: int = 32) -> int | None:
        """The signed integer of ``bits`` bits; None also if the field is absent."""
        if self.value is None:
            return None
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            if fits(self.value, bits):
                return self.value
            return self.invalid(f"expected a {bits}-bit integer", hint)
        return self._wrong_type("integer", hint or _number_hint(self.value))

    def boolean(self) -> bool | None:
        """The truth value; an absent one is false."""
        if self.value is None:
            return False
        if isinstance(self.value, bool):
            return self.value
        return self._wrong_type("boolean", "write true or false without quotes")

    # Findings, in the API server's forms (kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/util/
    # validation/field/errors.go). All return None, so that a reader can end with one.

    def required(self, detail: str = "", hint: str = "") -> None:
        """Record that a value is missing."""
        self._report("Required value", detail, hint)

    def forbidden(self, detail: str, hint: str = "") -> None:
        """Record that a value may not stand here."""
        self._report("Forbidden", detail, hint)

    def too_long(self, limit: int, hint: str = "") -> None:
        """Record that a value takes more than ``limit`` bytes."""
        self._report("Too long", f"may not be more than {limit} bytes", hint)

    def duplicate(self, hint: str = "") -> None:
        """Record that a value that must be unique stands here again."""
        self._report(f"Duplicate value: {shown(self.value)}", "", hint)

    def unsupported(self, supported: Sequence[str], hint: str = "") -> None:
        """Record a value outside an enumeration (null: the empty string)."""
        choice = ", ".join(shown(value) for value in supported)
        self._report(f"Unsupported value: {self._text()}", f"supported values: {choice}", hint)

    def invalid(self, detail: str, hint: str = "", value: Any = None, at: Field | None = None) -> None:
        """Record an illegal value; ``value`` where the API shows another than the field's own, and ``at`` for
        a field below whose line is meant although the API names this one."""
        text = self._text() if value is None else shown(value)
        self._report(f"Invalid value: {text}", detail, hint, at)

    def note(self, message: str) -> None:
        """Record something that is accepted and worth saying."""
        origin = self.subject.origin(self.path)
        self.findings.notices.append(Notice(f"{origin.path}: {message}", origin.file, origin.line))

    def only(self, known: Sequence[str], elsewhere: Mapping[str, str] | None = None) -> bool:
        """Report each field of this map that is not ``known``, as strict field validation does.

        ``elsewhere`` gives the hint for fields that people put here by mistake. True if none is reported.
        """
        strangers = [child for child in self.children() if child.path[-1] not in known]
        for stranger in strangers:
            name = str(stranger.path[-1])
            hint = (elsewhere or {}).get(name) or _nearest(name, known)
            stranger._record(f'unknown field "{render_path(stranger.path)}"', hint, stranger)
        return not strangers

    def _text(self) -> str:
        return shown("" if self.value is None else self.value)

    def _wrong_type(self, expected: str, hint: str) -> None:
        value = "" if isinstance(self.value, (Map, Seq)) else f": {shown(self.value)}"
        self._report(f"Invalid value{value}", f"expected {expected}, got {type_name(self.value)}", hint)

    def _report(self, head: str, detail: str, hint: str, at: Field | None = None) -> None:
        self._record(f"{head}: {detail}" if detail else head, hint, at or self)

    def _record(self, message: str, hint: str, at: Field) -> None:
        origin = self.subject.origin(at.path)
        problem = Problem(origin.file, origin.line, render_path(self.path), message, hint)
        self.findings.problems.append(problem)


def fits(number: int, bits: int = 32) -> bool:
    """Whether a signed integer of ``bits`` bits holds ``number``."""
    return -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)


def type_name(value: Any) -> str:
    """What a JSON value other than null is called in messages."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Map():
            return "map"
        case _:
            return "list"


def shown(value: Any) -> str:
    """A value as messages show it: text quoted, maps and lists as JSON with sorted keys, long ones cut."""
    if isinstance(value, int) and value.bit_length() > 64:
        return "(an integer of more than 64 bits)"  # Python refuses to print really long ones
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):  # such an integer, or any depth, inside
        return f"({type_name(value)})"
    if not text.isprintable():
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _nearest(name: str, known: Sequence[str]) -> str:
    for candidate in known:
        if candidate.lower() == name.lower():
            return f"field names are case sensitive: {candidate}"
    return did_you_mean(name, known)


def _list_hint(value: Any) -> str:
    if isinstance(value, Map):
        return "this field takes a list: start each entry with `- `"
    return f"this field takes a list: [{value}]" if isinstance(value, str) else "this field takes a list"


def quoting_hint(value: Any, spelling: str | None) -> str:
    """How a number or boolean is written as a text; ``spelling``: as it stands in the file, if that is not usual."""
    text = spelling if spelling is not None else "" if isinstance(value, float) else shown(value)
    quoted = f'quote it: "{text}"' if 0 < len(text) <= LONGEST_QUOTED else "quote it, exactly as it is written"
    if isinstance(value, bool):
        return f"{quoted} (unquoted y, n, yes, no, on, off, true and false are booleans)"
    return quoted if isinstance(value, int | float) else ""


def _number_hint(value: Any) -> str:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return f"write the number without quotes: {value}"
    if isinstance(value, float):
        return "write a whole number, without a decimal point or exponent"
    return ""
