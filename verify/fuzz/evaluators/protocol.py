"""The lines that a program and we exchange: flows and requests out, answers and greetings back.

Strict about what decides (every flow answered, truth as truth), deaf to other keys. Trusts nothing that comes back;
docs/fuzz-protocol.md says the same to people who write evaluators.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from ....encodings.problems import did_you_mean
from ...json_input import JsonError, load_json
from ..features import FEATURES
from ..model import Answer, Flow, Raw, Trouble
from .excerpts import shown

VERSION = "netpol-verify-evaluator/v1"
"""What a serving program greets with."""
_QUOTED = 120
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first line of a serving program: its name, and the features that it cannot express."""

    name: str
    unsupported: frozenset[str]


def flow_lines(flows: Sequence[Flow]) -> bytes:
    """Flows as JSON lines, numbered from 1. The keys are always in the same order, so that simple tools can read it."""
    return b"".join(_line(each) for each in _numbered(flows))


def request_line(number: int, folder: Path, flows: Sequence[Flow]) -> bytes:
    """One request to a serving program."""
    return _line({"request": number, "manifests": str(folder), "flows": _numbered(flows)})


def read_answers(output: bytes, count: int) -> tuple[Answer, ...]:
    """The answers to ``count`` flows, in the order of the flows, from lines in any order.

    Raises Trouble: ``garbled`` for a line that is no answer, or contradicts another; ``silent`` if some are missing.
    """
    gathered = _Gathered(count)
    for number, line in enumerate(output.split(b"\n"), start=1):
        if line.strip():
            gathered.add(_loaded(line, f"line {number}"), f"line {number}", line)
    return gathered.in_order()


def read_reply(line: bytes, number: int, count: int) -> tuple[Answer, ...]:
    """The answers to a request over ``count`` flows. Raises Trouble as ``read_answers``."""
    reply = _object(_loaded(line, "the reply"), "the reply", line)
    if not _is_whole(reply.get("request")) or reply["request"] != number:
        raise _garbled(f"the reply is not to request {number}", line)
    answers, unsupported = reply.get("answers"), reply.get("unsupported")
    if (answers is None) == (unsupported is None):
        raise _garbled("the reply needs one of answers and unsupported", line)
    gathered = _Gathered(count)
    if unsupported is not None:
        gathered.add({"unsupported": unsupported}, "the reply", line)
    elif not isinstance(answers, list):
        raise _garbled("the reply's answers are no list", line)
    else:
        for position, answer in enumerate(cast("list[object]", answers), start=1):
            gathered.add(answer, f"answer {position} of the reply", json.dumps(answer).encode())
    return gathered.in_order()


def read_greeting(line: bytes) -> Greeting:
    """The first line of a serving program. Raises Trouble (``garbled``) if it is none."""
    greeting = _object(_loaded(line, "the first line"), "the first line", line)
    if greeting.get("protocol") != VERSION:
        raise _garbled(f'the first line does not say {{"protocol": "{VERSION}"}}', line)
    name, listed = greeting.get("name"), greeting.get("unsupported")
    if not isinstance(name, str) or not name.strip():
        raise _garbled("the first line gives no name", line)
    if listed is not None and not isinstance(listed, list):
        raise _garbled("the first line's unsupported is no list", line)
    return Greeting(shown(name), features_named(cast("list[object]", listed or [])))


def features_named(names: Iterable[object]) -> frozenset[str]:
    """What an evaluator says beforehand that it cannot express. Raises Trouble (``garbled``) for what is no feature."""
    found: set[str] = set()
    for name in names:
        if not isinstance(name, str) or name not in FEATURES:
            text = shown(str(name), _QUOTED)
            hint = did_you_mean(text, tuple(FEATURES))
            raise Trouble("garbled", f"unsupported names '{text}', which is no feature" + (f": {hint}" if hint else ""))
        found.add(name)
    return frozenset(found)


@dataclass(slots=True)
class _Gathered:
    """Answers as they come. ``whole``: why no flow of the cluster can be answered, if that was said."""

    count: int
    answers: dict[int, Answer] = field(default_factory=dict[int, Answer])
    whole: str | None = None

    def add(self, value: object, place: str, line: bytes) -> None:
        """One more answer. Raises Trouble if it is none, or says otherwise than another."""
        answer = _object(value, place, line)
        decided = _answer(answer, place, line)
        number = answer.get("id")
        if number is None:
            if decided.allowed is not None:
                raise _garbled(f"{place} has no id", line)
            self.whole = self.whole or decided.unsupported
        elif not _is_whole(number) or not 1 <= number <= self.count:
            raise _garbled(f"{place} has an id that was not asked about", line)
        elif self.answers.setdefault(number, decided) != decided:
            raise _garbled(f"{place} is a second, different answer to the same flow", line)

    def in_order(self) -> tuple[Answer, ...]:
        """An answer for each flow. Raises Trouble (``silent``) if some are missing."""
        if self.whole is not None:
            return (Answer(None, self.whole),) * self.count
        missing = [number for number in range(1, self.count + 1) if number not in self.answers]
        if missing:
            some = ", ".join(map(str, missing[:_LISTED])) + (", …" if len(missing) > _LISTED else "")
            raise Trouble("silent", f"{len(missing)} of {self.count} flows have no answer: {some}")
        return tuple(self.answers[number] for number in range(1, self.count + 1))


def _answer(written: Raw, place: str, line: bytes) -> Answer:
    allowed, unsupported = written.get("allowed"), written.get("unsupported")
    if (allowed is None) == (unsupported is None):
        raise _garbled(f"{place} needs one of allowed and unsupported", line)
    if unsupported is None:
        if not isinstance(allowed, bool):
            raise _garbled(f"{place}: allowed is neither true nor false", line)
        return Answer(allowed)
    if not isinstance(unsupported, str) or not unsupported.strip():
        raise _garbled(f"{place}: unsupported is no text", line)
    return Answer(None, shown(unsupported))


def _numbered(flows: Sequence[Flow]) -> list[Raw]:
    return [{"id": number, **flow.as_json()} for number, flow in enumerate(flows, start=1)]


def _line(value: Raw) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _loaded(line: bytes, place: str) -> object:
    try:
        return load_json(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _garbled(f"{place} is not UTF-8", line) from None
    except JsonError as error:
        raise _garbled(f"{place} is not JSON: {shown(str(error))}", line) from None


def _object(value: object, place: str, line: bytes) -> Raw:
    if not isinstance(value, dict):
        raise _garbled(f"{place} is no JSON object", line)
    return cast("dict[str, Any]", value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _garbled(message: str, line: bytes) -> Trouble:
    return Trouble("garbled", f"it prints: {shown(line.decode('utf-8', 'replace'), _QUOTED)}\n{message}")
