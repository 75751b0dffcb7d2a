"""Documents of a YAML text, built from libyaml's events on a stack of its own (never by recursion).

Scalars are what kubectl hands to the API server (``scalars``); anchors, aliases and merge keys are those of go-yaml v2
(``kubernetes-sigs/yaml:goyaml.v2/decode.go``). Work and memory are bounded: nesting is limited, and so is what aliases
expand to. Trusts libyaml to split text into events, and nothing about the text.
"""

from __future__ import annotations

from typing import Any, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..written import Map, Seq
from .jsontext import duplicate_key
from .mistakes import DEPTH_LIMIT, NO_MANIFEST, Mistake, UnreadableError, syntax_mistake
from .scalars import CORE_TAG, BadScalarError, Scalar, json_value, key_text, plain, shown_tag, tagged

ALIAS_LIMIT = 1_000_000
"""How many values all aliases of a file together may stand for."""

_TAG_HINT = "remove the tag"
_COLLECTION_TAGS: dict[type[CollectionStartEvent], str] = {
    MappingStartEvent: CORE_TAG + "map",
    SequenceStartEvent: CORE_TAG + "seq",
}


class _Frame:
    """A collection being filled: the key that waits for its value, and the keys that only merges brought in."""

    __slots__ = ("inherited", "is_map", "items", "key", "key_line", "merging")

    def __init__(self, items: Map | Seq) -> None:
        self.items: Any = items
        self.is_map = type(items) is Map
        self.key: str | None = None
        self.key_line = 0
        self.merging = False
        self.inherited: set[str] = set()

    @property
    def wants_key(self) -> bool:
        return self.is_map and self.key is None and not self.merging


def read_yaml(text: str) -> tuple[list[tuple[Any, int]], list[Mistake]]:
    """The documents of a YAML text with their lines, and the mistakes that do not stop the reading.

    Empty documents are left out. Raises UnreadableError where the text stops making sense.
    """
    return _Reader().read(text)


class _Reader:
    def __init__(self) -> None:
        self._mistakes: list[Mistake] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, Any] = {}
        self._alias_budget = ALIAS_LIMIT
        self._root: tuple[Any, int] = (None, 0)

    def read(self, text: str) -> tuple[list[tuple[Any, int]], list[Mistake]]:
        documents: list[tuple[Any, int]] = []
        loader = yaml.CLoader if yaml.__with_libyaml__ else yaml.Loader
        events = yaml.parse(text, Loader=loader)
        try:
            for event in events:
                kind = type(event)
                if kind is ScalarEvent:
                    self._scalar(cast("ScalarEvent", event))
                elif kind is MappingStartEvent or kind is SequenceStartEvent:
                    self._start(cast("CollectionStartEvent", event))
                elif kind is MappingEndEvent or kind is SequenceEndEvent:
                    self._end()
                elif kind is AliasEvent:
                    self._alias(cast("AliasEvent", event))
                elif kind is DocumentStartEvent:
                    self._anchors = {}
                elif kind is DocumentEndEvent and self._root[0] is not None:
                    documents.append(self._root)
        except yaml.YAMLError as error:
            raise syntax_mistake(error, text) from None
        return documents, self._mistakes

    def _scalar(self, event: ScalarEvent) -> None:
        line = _line(event)
        stack = self._stack
        frame = stack[-1] if stack else None
        if frame is not None and frame.wants_key:
            if event.value == "<<" and _may_merge(event):
                frame.merging, frame.key_line = True, line
                return
            value = self._resolve(event, line)
            self._key(frame, value, line)
        else:
            value = self._resolve(event, line)
            key = frame.key if frame is not None else None
            self._put(frame, self._checked(value, line), line)
            if frame is not None and type(value) is not str and value is not None:
                _keep_spelling(frame.items, key, value, event.value)
        if event.anchor is not None:
            self._anchors[event.anchor] = value

    def _resolve(self, event: ScalarEvent, line: int) -> Scalar:
        if event.tag is None:
            return plain(event.value) if event.implicit[0] else event.value
        if event.tag == "!":
            return event.value
        try:
            return tagged(event.tag, event.value)
        except BadScalarError as error:
            self._mistakes.append(Mistake(line, str(error), _TAG_HINT, NO_MANIFEST))
            return event.value

    def _checked(self, value: Any, line: int) -> Any:
        """A scalar in the place of a value; as a key, a float is still written in Go's own way."""
        if type(value) is not float:
            return value
        try:
            return json_value(value)
        except BadScalarError as error:
            self._mistakes.append(Mistake(line, str(error), "put the value in quotes if it is meant as text"))
            return None

    def _key(self, frame: _Frame, value: Scalar, line: int) -> None:
        try:
            key = key_text(value)
        except BadScalarError as error:
            raise UnreadableError(line, str(error)) from None
        if key in frame.items and key not in frame.inherited:
            self._mistakes.append(duplicate_key(key, frame.items.lines[key], line))
        frame.inherited.discard(key)
        frame.key, frame.key_line = key, line

    def _put(self, frame: _Frame | None, value: Any, line: int) -> None:
        """Puts a value where it belongs: at a list's end, under the waiting key, or as the document itself.

        What << merges is taken up when it is complete (``_end``, ``_alias``).
        """
        if frame is None:
            self._root = (value, line)
        elif not frame.is_map:
            frame.items.append(value)
            frame.items.lines.append(line)
        elif frame.key is not None:
            frame.items[frame.key] = value
            frame.items.lines[frame.key] = frame.key_line
            frame.key = None
        elif not frame.merging:
            message = "a mapping or list stands where a key is expected"
            raise UnreadableError(line, message, "put quotes around a value that begins with { or [")
        elif not isinstance(value, Map | Seq):
            raise UnreadableError(line, _MERGE_MESSAGE)

    def _start(self, event: CollectionStartEvent) -> None:
        line = _line(event)
        kind = type(event)
        if len(self._stack) >= DEPTH_LIMIT:
            raise UnreadableError(line, f"the text is nested deeper than {DEPTH_LIMIT} levels")
        if event.tag is not None and event.tag not in (_COLLECTION_TAGS[kind], "!"):
            message = f"the tag {shown_tag(event.tag)} has no meaning here"
            self._mistakes.append(Mistake(line, message, _TAG_HINT, NO_MANIFEST))
        items = Map(line) if kind is MappingStartEvent else Seq(line)
        self._put(self._stack[-1] if self._stack else None, items, line)
        self._stack.append(_Frame(items))
        if event.anchor is not None:
            self._anchors[event.anchor] = items

    def _end(self) -> None:
        done = self._stack.pop().items
        if self._stack and self._stack[-1].merging:
            _merge(self._stack[-1], done if isinstance(done, Seq) else [done])

    def _alias(self, event: AliasEvent) -> None:
        line = _line(event)
        frame = self._stack[-1] if self._stack else None
        name = event.anchor or ""
        if name not in self._anchors:
            raise UnreadableError(line, f"the alias *{name} refers to no anchor (&{name}) before it")
        value = self._anchors[name]
        if isinstance(value, Map | Seq):
            if any(outer.items is value for outer in self._stack):
                raise UnreadableError(line, f"the alias *{name} refers to the value it stands in")
            self._spend(value, line)
        elif frame is not None and frame.wants_key:
            self._key(frame, value, line)
            return
        self._put(frame, self._checked(value, line), line)
        if frame is not None and frame.merging:
            _merge(frame, [value])

    def _spend(self, value: Map | Seq, line: int) -> None:
        """Counts every value that an alias stands for, aliases inside it expanded, against the file's budget."""
        pending: list[tuple[Any, int]] = [(value, len(self._stack) + 1)]
        while pending:
            item, depth = pending.pop()
            children = item.values() if isinstance(item, Map) else item
            self._alias_budget -= 1 + len(children)
            if self._alias_budget < 0:
                raise UnreadableError(line, f"the aliases of this file stand for more than {ALIAS_LIMIT:,} values")
            if depth > DEPTH_LIMIT:
                raise UnreadableError(line, f"with its aliases, the text is nested deeper than {DEPTH_LIMIT} levels")
            pending.extend((child, depth + 1) for child in children if isinstance(child, Map | Seq))


_MERGE_MESSAGE = "what << merges must be a mapping or a list of mappings"


def _merge(frame: _Frame, sources: list[Any]) -> None:
    """Merges mappings as go-yaml v2 does: at the place of <<, over what stands before it, the first source last."""
    frame.merging = False
    items: Map = frame.items
    for source in reversed(sources):
        if not isinstance(source, Map):
            raise UnreadableError(frame.key_line, _MERGE_MESSAGE)
        for key, value in source.items():
            if key not in items:
                frame.inherited.add(key)
            items[key] = value
            items.lines[key] = source.lines[key]


def _keep_spelling(items: Map | Seq, key: str | None, value: Scalar, text: str) -> None:
    """Keeps how a number or boolean was written, where its value does not tell: quoted, it would be that text."""
    usual = ("false", "true")[value] if isinstance(value, bool) else repr(value)
    if text == usual:
        return
    if isinstance(items, Map) and key is not None:
        items.spellings = items.spellings or {}
        items.spellings[key] = text
    elif isinstance(items, Seq):
        items.spellings = items.spellings or {}
        items.spellings[len(items) - 1] = text


def _may_merge(event: ScalarEvent) -> bool:
    return event.implicit[0] if event.tag is None else event.tag == CORE_TAG + "merge"


def _line(event: Event) -> int:
    mark = event.start_mark
    assert mark is not None
    return mark.line + 1
