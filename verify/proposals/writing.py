"""A draft as the text of a suite: properties that hold, and as comments those that one would expect and that do not.

The text depends on nothing but the draft, so that two runs over the same manifests write the same file.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from ...properties.suite import Group, Model, Semantics, World
from ..reports.lines import clean
from ..reports.words import sentence
from .claims import Draft, Proposal, Width
from .flow import WIDTH, flow, scalar, text
from .naming import Names, slug

_CLASS_TEXT = 300
_INTRODUCTION = (
    "Proposed by `netpol-verify init`: what the manifests guarantee today, because of their policies. Nobody has said "
    "yet that it is meant so: read each property as a question, keep what must stay true, and remove the rest. What is "
    "commented out is usually expected and does not hold; what refutes it stands above it."
)
_SEVERITY = "high"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a suite says besides groups and properties. ``schema``: the file that editors are to check it with;
    ``sources`` as the suite takes them; ``remarks``: lines about what it cannot say."""

    schema: str
    sources: tuple[object, ...]
    world: World
    semantics: Semantics
    remarks: tuple[str, ...] = ()


def suite_text(draft: Draft, frame: Frame) -> str:
    """The suite as YAML, ending in a newline."""
    names = Names(_groups_of(draft))
    lines = [
        f"# yaml-language-server: $schema={frame.schema}",
        *_comment(_INTRODUCTION),
        *(line for remark in frame.remarks for line in _comment(remark)),
    ]
    lines += ["apiVersion: netpol-verify/v1", "kind: PropertySuite"]
    if frame.sources:
        lines.append(f"manifests: {flow(list(frame.sources), 2, 11)}")
    lines += [f"defaults: {{severity: {_SEVERITY}}}", f"world: {flow(_dumped(frame.world), 2, 7)}"]
    semantics = _dumped(frame.semantics)
    if semantics:
        lines.append(f"semantics: {flow(semantics, 2, 11)}")
    if names.groups:
        lines.append("groups:")
        for name, group in names.groups.items():
            key = f"  {scalar(name)}: "
            lines.append(key + flow(_dumped(group), 4, len(key)))
    lines.append("properties:")
    lines += _properties(draft, _Writer(names, Width.of(frame.world)))
    return "\n".join(lines) + "\n"


def _dumped(model: Group | World | Semantics) -> dict[str, object]:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def _groups_of(draft: Draft) -> Iterator[Group]:
    """Every group that a verb names, in order."""
    for proposal in draft.proposals:
        yield from _groups_in(proposal.claim.verb)


def _groups_in(value: object) -> Iterator[Group]:
    if isinstance(value, Group):
        yield value
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _groups_in(item)
    elif isinstance(value, Model):
        for field in type(value).model_fields:
            yield from _groups_in(getattr(value, field))


def _properties(draft: Draft, writer: _Writer) -> Iterator[str]:
    sections = list(dict.fromkeys((*(each.section for each in draft.proposals), *draft.left_out)))
    for section in sections:
        yield from ("", f"# {section}")
        mine = [each for each in draft.proposals if each.section == section]
        for proposal in mine:
            if proposal.width is not None:
                yield ""
                yield from writer.written(proposal)
        for proposal in mine:
            if proposal.width is None:
                yield ""
                yield from writer.commented(proposal)
        for remark in draft.left_out.get(section, ()):
            yield ""
            yield from _comment(remark)


class _Writer:
    """Writes properties; ids are unique within one suite."""

    def __init__(self, names: Names, width: Width) -> None:
        self._names = names
        self._width = width
        self._ids: set[str] = set()

    def written(self, proposal: Proposal) -> Iterator[str]:
        """The lines of a property that holds."""
        result = proposal.outcome.result
        for remark in proposal.remarks:
            yield from _comment(remark)
        if proposal.expect is None and result.verdict == "refuted" and result.counterexample is not None:
            yield from _comment(f"In a wider world not so: {sentence(result.counterexample)}.")
        yield from self._lines(proposal, proposal.width or self._width)

    def commented(self, proposal: Proposal) -> Iterator[str]:
        """The lines of one that does not, with what refutes it."""
        result = proposal.outcome.result
        yield from _comment(_refutation(proposal))
        if result.class_ is not None:
            whole = result.class_ if len(result.class_) <= _CLASS_TEXT else f"{result.class_[:_CLASS_TEXT]} …"
            yield from _comment(f"This stands for {whole}.")
        for remark in proposal.remarks:
            yield from _comment(remark)
        for line in self._lines(proposal, self._width):
            yield f"# {line}"

    def _lines(self, proposal: Proposal, width: Width) -> Iterator[str]:
        words = [self._names.word(group) for group in proposal.about]
        yield f"- id: {scalar(self._id(proposal.name.format(*words)))}"
        described = textwrap.wrap(text(proposal.description.format(*words)), WIDTH - 16, break_on_hyphens=False)
        yield from (f"  {'description: ' if number == 0 else '  '}{line}" for number, line in enumerate(described))
        if proposal.severity != _SEVERITY:
            yield f"  severity: {proposal.severity}"
        if proposal.expect is not None:
            yield f"  expect: {proposal.expect}"
        world = self._world(width)
        if world:
            yield f"  world: {flow(world, 4, 9)}"
        if proposal.claim.blocks_match_pods is not None:
            yield f"  semantics: {{ipBlockMatchesPods: {str(proposal.claim.blocks_match_pods).lower()}}}"
        claim = proposal.claim
        key = f"  {claim.name}: "
        yield key + flow(self._verb(claim.verb.model_dump(mode="json", by_alias=True, exclude_none=True)), 4, len(key))

    def _id(self, name: str) -> str:
        base = slug_of_id(name)
        number, found = 1, base
        while found in self._ids:
            number += 1
            found = f"{base}-{number}"
        self._ids.add(found)
        return found

    def _world(self, width: Width) -> dict[str, object]:
        differing: dict[str, object] = {}
        if width.pods != self._width.pods:
            differing["pods"] = width.pods
        if width.namespaces != self._width.namespaces:
            differing["namespaces"] = width.namespaces
        return differing

    def _verb(self, verb: Mapping[str, object]) -> dict[str, object]:
        """The verb's mapping with named groups by their names; what is as by default is left out."""
        written = {
            key: value if key in ("ports", "by", "directions", "strict") else self._named(value)
            for key, value in verb.items()
            if value is not False
        }
        # An `only` begins with the side that it protects.
        return dict(sorted(written.items(), key=lambda item: _is_entries(item[1]))) if "who" not in written else written

    def _named(self, value: object) -> object:
        if isinstance(value, list):
            return [self._named(item) for item in cast("list[object]", value)]
        if not isinstance(value, dict):
            return value
        mapping = cast("dict[str, object]", value)
        if mapping.keys() & {"who", "from", "to"} or mapping.keys() == {"ports"}:
            return self._verb(mapping)
        group = Group.model_validate(mapping, by_alias=True, by_name=False)
        return self._names.name(group) or mapping


def _is_entries(value: object) -> bool:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return any(isinstance(item, dict) and "who" in item for item in items)


def slug_of_id(name: str) -> str:
    """An id made from a name, at most 90 characters of it."""
    parts = (slug(part) for part in name.split("-"))
    return "-".join(part for part in parts if part)[:90].strip("-._")


def _refutation(proposal: Proposal) -> str:
    result = proposal.outcome.result
    if result.counterexample is not None:
        return f"Not so today: {sentence(result.counterexample)}."
    said = {"unknown": "Unknown today", "vacuous": "Says nothing today"}.get(result.verdict, "Not so today")
    return f"{said}: {clean(result.reason or 'no connection that it asks for is allowed')}."


def _comment(said: str) -> Iterable[str]:
    lines = textwrap.wrap(clean(said), WIDTH - 2, break_on_hyphens=False)
    return [f"# {line}" for line in lines]
