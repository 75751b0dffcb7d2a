"""What a schema of a custom resource asks of fields: bounded lists, exactly one field, numbers in a range.

The API server checks custom resources by a schema and not by code of its own, in other words and with another reading
of null than for built-in kinds: a null field is dropped, as if it were not written, and a null list element is refused
(kubernetes/apiextensions-apiserver:pkg/apiserver/schema/defaulting/prunenulls.go). Messages are those of
kubernetes/kube-openapi:pkg/validation/errors/schema.go and apiextensions-apiserver:pkg/apiserver/validation.

It trusts ``fields.Field`` for types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ..problems import Problem
from ..written import Map, render_path
from .fields import Field, Findings

UNDECIDED = "(the API server accepts this, and each implementation decides what it means)"


def report(field: Field, message: str, hint: str, at: Field | None = None) -> None:
    """Record a problem of ``field``; ``at``: the field below whose line is meant."""
    origin = field.subject.origin((at or field).path)
    field.findings.problems.append(Problem(origin.file, origin.line, render_path(field.path), message, hint))


def undecided(field: Field, check: Callable[[Field], object]) -> None:
    """Report what ``check`` finds as what no schema checks: nothing can be proved where implementations differ."""
    aside = Findings()
    check(replace(field, findings=aside))
    for problem in aside.problems:
        hint = problem.hint or "write what a NetworkPolicy may have here"
        field.findings.problems.append(replace(problem, message=f"{problem.message} {UNDECIDED}", hint=hint))
    field.findings.notices += aside.notices


def entries(field: Field, most: int | None = None, least: int = 0, *, few: str = "", many: str = "") -> list[Field]:
    """The elements of a list that are not null; none if it is absent.

    Problems: another type, fewer than ``least`` elements (hint ``few``), more than ``most`` (hint ``many``),
    and each null element.
    """
    elements = field.sequence()
    if elements is None or not field.written:
        return []
    count = len(elements)
    if count < least:
        report(field, f"Invalid value: {count}: should have at least {least} items", few)
    if most is not None and count > most:
        report(field, f"Too many: {count}: must have at most {most} items", many)
    for element in elements:
        if not element.written:
            report(element, "Invalid value: null: an element of a list cannot be null", "remove the empty `- `")
    return [element for element in elements if element.written]


def refuse_duplicates(elements: Iterable[Field], hint: str) -> None:
    """Report the second appearance of each text, as lists of type set do
    (apiextensions-apiserver:pkg/apiserver/schema/listtype/validation.go)."""
    times: dict[str, int] = {}
    for element in elements:
        if isinstance(element.value, str):
            times[element.value] = times.get(element.value, 0) + 1
            if times[element.value] == 2:
                element.duplicate(hint)


def one_of(
    field: Field, known: Sequence[str], elsewhere: Mapping[str, str], *, hint: str = "", none: str, several: str
) -> list[Field]:
    """The fields that are written of a map that must have exactly one of ``known``.

    Problems: another type (``hint``), each unknown field (hints in ``elsewhere``), no field at all (hint ``none``) and
    more than one (hint ``several``). Null fields do not count: the API server drops them.
    """
    if field.mapping(hint) is None:
        return []
    all_known = field.only(known, elsewhere)
    given = [child for child in map(field.child, known) if child.written]
    if not given and all_known:
        nulls = [str(child.path[-1]) for child in field.children()]
        emptied = f"`{nulls[0]}:` with nothing after it is no field; " if nulls else ""
        report(field, "Invalid value: 0: should have at least 1 properties", emptied + none)
    elif len(given) > 1:
        report(field, f"Too many: {len(given)}: must have at most 1 item", several)
    return given


def whole_number(field: Field, least: int, most: int, hint: str = "", missing: str = "") -> int | None:
    """The required integer, if it lies from ``least`` to ``most``; ``missing``: the hint if it is absent."""
    if not field.written:
        return field.required(hint=missing)
    number = field.integer()
    if number is None:
        return None
    if number < least:
        return field.invalid(f"should be greater than or equal to {least}", hint)
    if number > most:
        return field.invalid(f"should be less than or equal to {most}", hint)
    return number


def choice(field: Field, supported: Sequence[str], hints: Mapping[str, str], missing: str) -> str | None:
    """The required text of an enumeration, if it is one; ``hints`` by lower-case text that people write instead."""
    if not field.written:
        return field.required(hint=missing)
    text = field.string()
    if text is None or text in supported:
        return text
    likely = next((word for word in supported if word.lower() == text.strip().lower()), "")
    return field.unsupported(supported, f"write {likely}" if likely else hints.get(text.strip().lower(), ""))


def note_dropped(parent: Field, name: str, meaning: str) -> None:
    """Say what follows if the field ``name`` of a map is written and null."""
    if isinstance(parent.value, Map) and name in parent.value and parent.value[name] is None:
        parent.child(name).note(f"null is dropped by the API server, as if the field were not written: {meaning}")
