"""What the page draws of a property once it is opened: the two ends, the policies between them, and the evidence.

Everything is data for the page's script, which sets it as text. Texts are cleaned here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...results import Because, Cause, Counterexample, Endpoint, PropertyResult
from ..findings import notice_text, printable, waiver_text
from ..json_report import Json
from ..lines import clean
from ..override_words import change_sentences, undecided
from ..words import cause, labels, place, port, proof, reading, reason, sentence
from .texts import Texts

_CLOSING = ("denies", "isolates")


class Evidence:
    """Lines of evidence by number, each once: hundreds of properties may rest on the same policies."""

    def __init__(self, texts: Texts) -> None:
        self.shown: list[Json] = []
        self._texts = texts
        self._numbers: dict[object, int] = {}

    def of(self, lines: Iterable[Because], *, proves: bool) -> list[Json]:
        """The numbers of these lines, worded as those below a proof or below a refutation."""
        return list[Json](dict.fromkeys(self._number(self._line(line, proves)) for line in lines))

    def of_cause(self, found: Cause) -> int:
        """The number of a changed line."""
        return self._number(self._entry(cause(found).rpartition(" (")[0], found.change, found.file, found.line))

    def _number(self, entry: list[Json]) -> int:
        number = self._numbers.setdefault(tuple(entry), len(self.shown))
        if number == len(self.shown):
            self.shown.append(list(entry))
        return number

    def _line(self, line: Because, proves: bool) -> list[Json]:
        unplaced = replace(line, file=None, line=None)
        text = proof(unplaced) if proves else reason(unplaced)
        side = "" if line.side is None else f"{line.side}: "
        return self._entry(side + text, line.effect, line.file, line.line)

    def _entry(self, text: str, note: str, file: str | None, line: int | None) -> list[Json]:
        """``[text, note, place, text's number, first line, last line]``, the last three null without a text."""
        found = self._texts.place(file, line) or (None, None, None)
        return [text, clean(note), place(file, line), *found]


def drawing(result: PropertyResult, evidence: Evidence) -> dict[str, Json]:
    """All that is drawn of a property."""
    example = result.counterexample
    proves = result.verdict == "proved"
    return {
        "leads": _leads(result),
        "example": None if example is None else _example(result, example, evidence),
        "proves": proves,
        "because": evidence.of(result.because, proves=proves),
        "causes": [evidence.of_cause(each) for each in result.causes],
        "class": clean(result.class_) if result.class_ else None,
        "classes": [each.text for each in result.classes or ()],
        "complete": result.classes_complete,
        "openWorld": _open_world(result),
        "facts": _facts(result),
        "notices": [notice_text(notice) for notice in result.notices],
        "reproduce": [clean(line) for line in result.reproduce],
    }


def _leads(result: PropertyResult) -> list[Json]:
    """What to know first: how far a refutation reaches, or why there is no other answer."""
    if result.verdict != "refuted":
        return []
    if result.holds_for_declared_namespaces:
        return [
            "Only namespaces that nobody declared refute this: if there are none, say world: {namespaces: closed}, "
            "else close them with a cluster-wide baseline policy."
        ]
    if result.holds_for_declared:
        return ["Every declared pod keeps this; only a pod that nobody declared refutes it."]
    return []


def _example(result: PropertyResult, example: Counterexample, evidence: Evidence) -> Json:
    own = [line for line in result.because if line.side != "base"]
    notes = [f"depends on {clean(each)}" for each in example.depends_on]
    if not example.reading.usual:
        notes.append(f"under the reading {reading(example.reading)}")
    if example.in_base is not None:
        notes.append(f"base {'allows' if example.in_base.allowed else 'refuses'} this connection")
    if example.direction is not None:
        notes.append(f"the question is about {example.direction}: whether the pod starts closed there")
    notes += [*undecided(example), *change_sentences(example)]
    return {
        "sentence": sentence(example),
        "allowed": example.allowed,
        "port": port(example),
        "source": _end(example.source),
        "destination": _end(example.destination),
        "egress": _gate(example, [line for line in own if line.direction == "egress"], evidence),
        "ingress": _gate(example, [line for line in own if line.direction == "ingress"], evidence),
        "notes": list[Json](notes),
    }


def _gate(example: Counterexample, lines: list[Because], evidence: Evidence) -> Json:
    """What stands at one end: ``open`` null where the evidence says nothing of it."""
    closed = any(line.effect in _CLOSING for line in lines)
    known = bool(lines) or (example.allowed and example.override is None)
    return {"open": not closed if known else None, "lines": evidence.of(lines, proves=False)}


def _end(end: Endpoint) -> Json:
    """One end as a card: what it is, its namespace and what it carries."""
    if end.kind != "pod":
        what = "address outside the cluster" if end.kind == "external" else "node (not the pod's own)"
        return {"title": ", ".join(map(clean, end.ips)) or "any address", "what": what, "declared": True, "rows": []}
    declared = end.workload is not None
    undeclared_space = end.namespace_declared is False
    rows: list[Json] = [
        ["namespace", clean(end.namespace or "") + (" (nobody declared it)" if undeclared_space else "")],
        ["its labels", _each(end.namespace_labels)],
        ["labels", _each(end.labels)],
    ]
    if end.ports:
        named = (f"{clean(each.name)}={clean(each.protocol)}/{each.container_port}" for each in end.ports)
        rows.append(["named ports", ", ".join(named)])
    if end.ips:
        rows.append(["address", ", ".join(map(clean, end.ips))])
    if end.host_network:
        rows.append(["network", "the host's"])
    title = clean(end.workload) if end.workload is not None else labels(end.labels) or "a pod without labels"
    what = "declared workload" if declared else "pod that nobody declared; it could exist"
    return {"title": title, "what": what, "declared": declared, "rows": rows}


def _each(pairs: Mapping[str, str]) -> str:
    """Labels, one a line."""
    return "\n".join(labels({key: value}) for key, value in sorted(pairs.items())) or "none"


def _open_world(result: PropertyResult) -> Json:
    if result.open_world is None:
        return None
    example = result.open_world.counterexample
    return result.open_world.verdict + (f": {sentence(example)}" if example is not None else "")


def _facts(result: PropertyResult) -> list[Json]:
    """Names and values."""
    settings = {**result.world, **result.semantics}
    shown = ", ".join(f"{clean(key)}={_setting(value)}" for key, value in sorted(settings.items()))
    declared = ", ".join(f"{clean(side)} {number}" for side, number in result.members.items())
    facts = {
        "verb": result.verb,
        "where": place(result.suite, result.line),
        "owner": result.owner or "",
        "tags": ", ".join(result.tags),
        "declared workloads": declared,
        "settings": shown,
        "waivers": "; ".join(map(waiver_text, result.waivers)),
        "baseline": result.baseline or "",
    }
    return [[name, printable(value)] for name, value in facts.items() if value]


def _setting(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else clean(str(value))
