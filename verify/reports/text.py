"""The text report: what a person reads in a terminal or a CI log, in suite order, the run's summary last.

One headline a property; below a failing one what refutes it, where to look and what it says about the world.
The summary stands last: that is where the eye and a CI log's view are. Nothing is decided here: status,
verdict and the exit code's rule come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...encodings.problems import Notice
from ..exit_codes import FAILED, OK, UNKNOWN, FailOn, counts, exit_code
from ..results import Counterexample, PropertyResult, Report, Status
from .lines import Line, Look, Span, StyleName, clean, clean_lines, render_lines
from .override_words import change_lines, evidence
from .words import cause, endpoint, labels, place, port, proof, reading, sentence

_UNSAID = (("baselineHiddenBy", "direction"),)
"""Settings that go without saying, since few clusters have anything that depends on them."""
_PROOF_LINES = 3
_NO_CHANGE = {
    "noNewAccess": "every connection allowed now was allowed before",
    "noLostAccess": "every connection allowed before still is",
    "equivalent": "both sides allow the same connections",
}
_MARKS: dict[Status, tuple[str, str, StyleName]] = {
    "pass": ("✓", "ok  ", "green"),
    "fail": ("✗", "FAIL", "bold red"),
    "unknown": ("?", "??  ", "bold yellow"),
    "waived": ("~", "~   ", "yellow"),
}
_OUTCOMES: dict[int, tuple[str, StyleName]] = {
    OK: ("PASS", "bold green"),
    FAILED: ("FAIL", "bold red"),
    UNKNOWN: ("UNKNOWN", "bold yellow"),
}
_ONLY_UNDECLARED = (
    "only namespaces that nobody declared refute this: if there are none, say `world: {namespaces: closed}`,",
    "else close them with a cluster-wide baseline policy",
)


def render_text(report: Report, look: Look, fail_on: FailOn = "low") -> str:
    """The whole report. ``fail_on`` only shapes the summary's word, which agrees with the exit code."""
    shown = [result for result in report.results if not look.quiet or result.status in ("fail", "unknown")]
    lines: list[Line] = []
    for result in shown:
        lines.extend(_property(result, look))
    if not look.quiet:
        lines.extend(_heading("Notices", [_notice(notice) for notice in report.notices]))
        lines.extend(_heading("Assumptions", [clean(text) for text in report.assumptions]))
        lines.extend(_heading("Input", input_words(report), shown=look.verbose))
    if lines:
        lines.append([])
    lines.append(_summary(report, fail_on))
    return render_lines(lines, look)


def _property(result: PropertyResult, look: Look) -> Iterator[Line]:
    yield _headline(result, look)
    for text, style in _details(result, look):
        yield [("    ", ""), (text, style)]


def _headline(result: PropertyResult, look: Look) -> Line:
    mark, plain_mark, style = _MARKS[result.status]
    failing = result.status == "fail"
    name = result.id if result.variant is None else f"{result.id} [{result.variant}]"
    line: Line = [(mark if look.unicode else plain_mark, style), (f" {clean(name)}", "bold"), ("  ", "")]
    line.append((verdict_words(result), style))
    if failing:
        line.append((f"  {clean(result.severity)}", "red"))
    line.append((f"  {place(result.suite, result.line)}", "dim"))
    return line


def verdict_words(result: PropertyResult) -> str:
    """The verdict, and why the status differs from what it would be by itself."""
    if result.status == "waived":
        return f"{result.verdict} (waived)"
    if result.expected is not None:
        wanted = "as expected" if result.expected == result.verdict else f"{result.expected} was expected"
        return f"{result.verdict} ({wanted})"
    if result.status == "pass" and result.verdict == "vacuous":
        return "vacuous (allowed)"
    return result.verdict


def _details(result: PropertyResult, look: Look) -> Iterator[Span]:
    passing = result.status == "pass"
    if result.verdict == "proved":
        yield from _proof(result, look)
    if not passing or look.verbose:
        yield from _explanation(result, look)
    yield from _open_world(result)
    if look.verbose:
        yield from _everything(result)
    for notice in result.notices:
        yield f"notice: {_notice(notice)}", "yellow"


def _explanation(result: PropertyResult, look: Look) -> Iterator[Span]:
    yield from _accepted(result)
    if result.verdict == "refuted":
        yield from _refutation(result, look)
    elif result.reason:
        yield from _paragraph(result.reason, "")
    if result.description:
        yield from _paragraph(result.description, "dim")


def _accepted(result: PropertyResult) -> Iterator[Span]:
    """Who lets what fail, and whether that was enough."""
    word = "waived" if result.status == "waived" else "waived in part"
    for each in result.waivers:
        where = place(each.file, each.line)
        yield f"{word} by {clean(each.owner)} until {each.expires}: {clean(each.reason)} ({where})", "yellow"
    if result.status == "waived" and result.baseline is not None:
        yield f"no worse than {clean(result.baseline)} records", "yellow"
    judged_again = bool(result.waivers) or result.baseline is not None
    if judged_again and result.verdict == "refuted" and result.status != "waived" and result.reason:
        yield from _paragraph(result.reason, "bold")


def _proof(result: PropertyResult, look: Look) -> Iterator[Span]:
    """What a proof rests on, the first of it unless everything is wanted."""
    lines = list(dict.fromkeys(proof(line) for line in result.because))
    shown = lines if look.verbose or len(lines) <= _PROOF_LINES else lines[: _PROOF_LINES - 1]
    for number, text in enumerate(shown):
        yield f"{'because' if number == 0 else '    and'} {text}", "dim"
    if len(shown) < len(lines):
        yield f"    and {len(lines) - len(shown)} more (-v)", "dim"
    if not lines:
        yield _NO_CHANGE.get(result.verb, "without the help of any policy"), "dim"


def _paragraph(text: str, style: StyleName) -> Iterator[Span]:
    """A text of the user's or the engine's, which may have several lines."""
    for line in clean_lines(text):
        yield line, style


def _refutation(result: PropertyResult, look: Look) -> Iterator[Span]:
    if result.holds_for_declared_namespaces:
        for text in _ONLY_UNDECLARED:
            yield text, "bold"
    elif result.holds_for_declared:
        yield "every declared pod keeps this; only a pod that nobody declared refutes it", "bold"
    example = result.counterexample
    if example is not None:
        yield sentence(example), "red"
    elif result.reason:
        yield from _paragraph(result.reason, "red")
    else:
        yield "no connection that it asks for is allowed", "red"
    yield from _changed(result)
    for text in evidence(result):
        yield f"  {text}", ""
    for text in () if example is None else change_lines(example):
        yield text, ""
    if example is not None and not example.reading.usual:
        yield f"  under the reading {reading(example.reading)}", ""
    if example is not None and example.depends_on and not look.verbose:
        yield f"  depends on {', '.join(map(clean, example.depends_on))}", ""
    if result.class_ and result.classes is None:
        yield f"  stands for {clean(result.class_)}", "dim"
    yield from _classes(result)


def _changed(result: PropertyResult) -> Iterator[Span]:
    """What a comparison found: on which side the connection is allowed, and the lines that made it so."""
    example = result.counterexample
    if example is None or example.in_base is None:
        return
    yield ("  new: base refuses this connection" if example.allowed else "  lost: base allows this connection"), ""
    for found in result.causes:
        yield f"  changed: {cause(found)}", "bold"


def _classes(result: PropertyResult) -> Iterator[Span]:
    """Every class of counterexamples, if they were wanted."""
    if result.classes is None:
        return
    there = "no counterexample is outside them" if result.classes_complete else "there are more"
    yield f"  all classes of counterexamples ({len(result.classes)}; {there}):", ""
    for each in result.classes:
        yield f"    - {each.text}", ""


def _open_world(result: PropertyResult) -> Iterator[Span]:
    """What a mixed world adds: the verdict if any pod could exist, beside the one that counts."""
    if result.open_world is None:
        return
    example = result.open_world.counterexample
    shown = f": {sentence(example)}" if example is not None else ""
    yield f"in the open world: {result.open_world.verdict}{shown}", "yellow"


def _everything(result: PropertyResult) -> Iterator[Span]:
    """What ``-v`` adds to a property."""
    if result.counterexample is not None:
        yield from _counterexample(result.counterexample)
    for side, number in result.members.items():
        yield f"{clean(side)}: {number} declared workload{'' if number == 1 else 's'}", "dim"
    shown = {key: _setting(value) for key, value in result.semantics.items() if (key, value) not in _UNSAID}
    settings = {**result.world, **shown}
    if settings:
        yield f"settings: {labels(settings)}", "dim"
    if result.owner:
        yield f"owner: {clean(result.owner)}", "dim"
    if result.tags:
        yield f"tags: {', '.join(map(clean, result.tags))}", "dim"
    if result.reproduce:
        yield "reproduce:", "dim"
    for command in result.reproduce:
        yield f"  {clean(command)}", ""


def _setting(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _counterexample(example: Counterexample) -> Iterator[Span]:
    yield "counterexample:", "dim"
    yield (
        f"  connection: {port(example)}, {example.family}, {'allowed' if example.allowed else 'blocked'}",
        "",
    )
    for name, end in (("source", example.source), ("destination", example.destination)):
        hypothetical = end.kind == "pod" and end.workload is None
        yield f"  {name}: {'a pod that nobody declared' if hypothetical else endpoint(end)}", ""
        if end.kind != "pod":
            continue
        yield f"    labels: {labels(end.labels) or 'none'}", ""
        yield (
            f"    namespace: {clean(end.namespace or '')}, labels: {labels(end.namespace_labels) or 'none'}",
            "",
        )
        ports = [f"{clean(port.name)}={clean(port.protocol)}/{port.container_port}" for port in end.ports]
        yield f"    named ports: {', '.join(ports) or 'none'}", ""
        yield f"    addresses: {', '.join(map(clean, end.ips)) or 'none'}", ""
    yield f"  reading: {reading(example.reading)}", ""
    if example.depends_on:
        yield f"  depends on: {', '.join(map(clean, example.depends_on))}", ""


def _notice(notice: Notice) -> str:
    where = place(notice.file, notice.line)
    return (f"{where}: " if where else "") + clean(notice.message)


def _heading(title: str, texts: Iterable[str], shown: bool = True) -> Iterator[Line]:
    items = list(texts) if shown else []
    if not items:
        return
    yield []
    yield [(f"{title}:", "bold")]
    for text in items:
        yield [(f"  - {text}", "dim")]


def input_words(report: Report) -> list[str]:
    """What was read, as sentences."""
    read = report.input
    texts = [f"{read.files} file{'' if read.files == 1 else 's'}: {_numbers(read.objects) or 'no policy, no pod'}"]
    if read.ignored:
        texts.append(f"not about network policy: {_numbers(read.ignored)}")
    if read.unmodelled:
        texts.append(f"not understood, so anything may follow from them: {', '.join(map(clean, read.unmodelled))}")
    if read.excluded:
        texts.append(f"excluded: {', '.join(map(clean, read.excluded))}")
    return texts


def _numbers(kinds: dict[str, int]) -> str:
    return ", ".join(f"{number} {clean(kind)}" for kind, number in kinds.items())


def _summary(report: Report, fail_on: FailOn) -> Line:
    """``3 proved, 2 refuted (1 waived) — FAIL``: verdicts, and the word that agrees with the exit code."""
    parts = [part for verdict in ("proved", "refuted", "vacuous", "unknown") if (part := _count(report, verdict))]
    word, style = _OUTCOMES[exit_code(report, fail_on)]
    line: Line = [(f"{', '.join(parts) or 'no property'} — ", ""), (word, style)]
    spared = sum(result.status == "fail" and not counts(result, fail_on) for result in report.results)
    if spared:
        line.append((f" ({spared} failing, not counted: --fail-on {fail_on})", "yellow"))
    return line


def _count(report: Report, verdict: str) -> str:
    of_it = [result for result in report.results if result.verdict == verdict]
    if not of_it:
        return ""
    notes = _notes(of_it)
    return f"{len(of_it)} {verdict}" + (f" ({', '.join(notes)})" if notes else "")


def _notes(results: Sequence[PropertyResult]) -> list[str]:
    """How many of these properties have a status other than their verdict's own."""
    waived = sum(result.status == "waived" for result in results)
    expected = sum(result.status == "pass" and result.verdict in ("refuted", "unknown") for result in results)
    allowed = sum(result.status == "pass" and result.verdict == "vacuous" for result in results)
    unexpected = sum(result.status == "fail" and result.verdict in ("proved", "unknown") for result in results)
    named = (
        (waived, "waived"),
        (expected, "as expected"),
        (allowed, "allowed"),
        (unexpected, "not expected"),
    )
    return [f"{number} {word}" for number, word in named if number]
