"""The text and Markdown of ``diff``: what is gained and what is lost, class by class, with the lines that did it."""

from __future__ import annotations

from collections.abc import Iterator

from ...encodings.policy import PROTOCOLS
from ..changes.results import ChangedClass, ChangeList, Changes, DiffReport
from ..ignorance import DOMAIN
from .explain_markdown import escaped
from .lines import Line, Look, StyleName, clean, render_lines
from .words import cause, reading, reason, sentence

_SIGNS = {"gained": "+", "lost": "-"}
_STYLES: dict[str, StyleName] = {"gained": "red", "lost": "yellow"}


def render_diff_text(report: DiffReport, look: Look) -> str:
    """For a terminal: each class with one connection of it and the changed lines; ``-q``: the summary alone."""
    return render_lines(list(_lines(report, look)), look)


def _lines(report: DiffReport, look: Look) -> Iterator[Line]:
    if not look.quiet:
        for name, changes in _lists(report.changes):
            yield from _list(name, changes, look)
        yield from _declared(report.declared)
        if look.verbose:
            yield [("Assumptions:", "bold")]
            for text in report.assumptions:
                yield [(f"  - {clean(text)}", "dim")]
            yield []
    yield _summary(report)


def _lists(changes: Changes) -> tuple[tuple[str, ChangeList], ...]:
    return ("gained", changes.gained), ("lost", changes.lost)


def _list(name: str, changes: ChangeList, look: Look) -> Iterator[Line]:
    style = _STYLES[name]
    if changes.classes:
        yield [(f"{name.capitalize()} ({_extent(changes)}):", "bold")]
    for each in changes.classes:
        yield [(f"  {_SIGNS[name]} ", style), (clean(each.condition.text), style)]
        yield [(f"      for example: {sentence(each.witness)}", "")]
        for found in each.causes:
            yield [(f"      changed: {cause(found)}", "bold")]
        if look.verbose or not each.causes:
            for line in each.because:
                yield [(f"      {line.side}: {reason(line)}", "dim")]
        if not each.witness.reading.usual:
            yield [(f"      under the reading {reading(each.witness.reading)}", "")]
    doubts = _doubts(name, changes)
    for doubt in doubts:
        yield [(clean(doubt), "yellow")]
    if changes.classes or doubts:
        yield []


def _doubts(name: str, changes: ChangeList) -> list[str]:
    """Why nobody knows whether more is gained, or lost."""
    more = "More may be" if changes.classes else "Something may be"
    doubts: list[str] = []
    if changes.limited:
        doubts.append(f"{more} {name}: a limit of the solver was reached (--effort, --timeout)")
    domains = [each.removeprefix(DOMAIN) for each in changes.depends_on if each.startswith(DOMAIN)]
    policies = [each for each in changes.depends_on if not each.startswith(DOMAIN)]
    if policies:
        doubts.append(f"{more} {name}, depending on policies that are not modelled: {', '.join(policies)}")
    if domains:
        doubts.append(f"{more} {name}, depending on what domain names stand for: {', '.join(domains)}")
    return doubts


def _extent(changes: ChangeList) -> str:
    number = f"{len(changes.classes)} class{'' if len(changes.classes) == 1 else 'es'}"
    if changes.complete and not _doubts("", changes):
        return f"{number}, proved to be all"
    return (
        f"{number}; there may be more" if changes.limited or changes.complete else f"{number}; --max-classes lists more"
    )


def _declared(declared: Changes) -> Iterator[Line]:
    """Between declared workloads and addresses alone, one line a pair."""
    if not declared.gained.classes and not declared.lost.classes:
        return
    yield [("Of these, between what the manifests declare:", "bold")]
    for name, changes in _lists(declared):
        for each in changes.classes:
            for source, destination in each.pairs or ():
                yield [(f"  {_SIGNS[name]} {clean(source)} → {clean(destination)}, {_ports(each)}", "")]
            if not each.pairs_complete:
                yield [(f"  {_SIGNS[name]} and further pairs like these", "dim")]
    yield []


def _ports(each: ChangedClass) -> str:
    """The class's ports in short."""
    condition = each.condition.condition
    first, last = condition.first, condition.last
    if (first, last) == (1, 65535):
        every = len(condition.protocols) == len(PROTOCOLS)
        return "any port" if every else f"{'/'.join(condition.protocols)}, any port"
    return f"{'/'.join(condition.protocols)}/{first if first == last else f'{first}-{last}'}"


def _summary(report: DiffReport) -> Line:
    parts = [f"{_number(changes)} {name}" for name, changes in _lists(report.changes)]
    declared = [f"{_number(changes)} {name}" for name, changes in _lists(report.declared)]
    if all(_number(changes) == "0" for _, changes in _lists(report.changes)):
        return [("No connection is gained or lost.", "green")]
    return [(f"{', '.join(parts)} (declared workloads alone: {', '.join(declared)})", "bold")]


def _number(changes: ChangeList) -> str:
    """How many classes, with a plus where there are more, or may be."""
    return f"{len(changes.classes)}{'' if changes.complete and not _doubts('', changes) else '+'}"


def render_diff_markdown(report: DiffReport) -> str:
    """For a pull request: a table of classes, examples folded."""
    texts: list[str] = ["### Network policy changes", ""]
    for name, changes in _lists(report.changes):
        if not changes.classes:
            continue
        texts += [f"**{name.capitalize()}** ({_extent(changes)})", "", "| connections | changed line |", "|---|---|"]
        for each in changes.classes:
            texts.append(f"| {escaped(each.condition.text)} | {'<br>'.join(map(escaped, _why(each)))} |")
        texts += ["", "<details><summary>examples</summary>", ""]
        texts += [f"- {escaped(_example(each))}" for each in changes.classes]
        texts += ["", "</details>", ""]
    for name, changes in _lists(report.changes):
        for doubt in _doubts(name, changes):
            texts += [escaped(doubt), ""]
    summary = "".join(text for text, _ in _summary(report))
    return "\n".join([*texts, summary, ""])


def _why(each: ChangedClass) -> list[str]:
    """The changed lines, or if none were found what each side says."""
    return [cause(found) for found in each.causes] or [f"{line.side}: {reason(line)}" for line in each.because]


def _example(each: ChangedClass) -> str:
    made = each.witness.reading
    return sentence(each.witness) + ("" if made.usual else f", under the reading {reading(made)}")
