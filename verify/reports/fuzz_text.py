"""What ``fuzz`` did and found, for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..fuzz.findings import Finding, word
from .lines import Line, Look, clean, render_lines

if TYPE_CHECKING:
    from ..run_fuzz import Fuzzed


def render_fuzz_text(fuzzed: Fuzzed, look: Look) -> str:
    """Each finding in a few lines, then what was asked."""
    folders = (*fuzzed.folders, *([None] * (len(fuzzed.tally.findings) - len(fuzzed.folders))))
    lines: list[Line] = []
    for finding, folder in zip(fuzzed.tally.findings, folders, strict=True):
        if not (look.quiet and finding.known):
            lines += [*_finding(finding, folder), []]
    return render_lines([*lines, *_summary(fuzzed, look)], look)


def _finding(finding: Finding, folder: str | None) -> Iterator[Line]:
    mark = ("– known  ", "yellow") if finding.known else ("✗ finding", "red")
    yield [(mark[0], mark[1]), (f"  {finding.title}", "bold")]
    if finding.kind == "disagreement":
        flow = finding.case.flows[0]
        asked = f"{flow.source} → {flow.destination}, {flow.protocol}/{flow.port}, {flow.family}"
        yield [(f"    {clean(asked)}: it says {word(finding.theirs)}, the semantics say {word(finding.ours)}", "")]
        for number, name in enumerate(finding.rules):
            lead = "rule" if number == 0 else ("and" if finding.together else "or")
            yield [(f"    {lead:<4} {name}", "dim" if number else "")]
    else:
        for text in finding.detail.strip().splitlines()[-3:]:
            yield [(f"    {clean(text)}", "dim")]
    if folder is not None:
        yield [(f"    {clean(folder)}", "dim")]


def _summary(fuzzed: Fuzzed, look: Look) -> Iterator[Line]:
    tally = fuzzed.tally
    new = sum(not each.known for each in tally.findings)
    known = sum(tally.known.values()) + len(tally.findings) - new
    parts = [
        _count(tally.clusters, "cluster"),
        f"{_count(tally.compared, 'answer')} compared",
        f"{tally.undetermined} open by the semantics",
        f"{sum(tally.unsupported.values())} unsupported",
    ]
    yield [(", ".join(parts), "")]
    if look.verbose:
        yield from _reasons("unsupported", tally.unsupported)
        yield from _reasons("known", tally.known)
    if tally.out_of_time:
        yield [("stopped by --max-time", "yellow")]
    if not tally.compared and not new:
        yield [("no answer could be compared: this says nothing about the evaluator", "yellow")]
    elif new:
        yield [(f"{_count(new, 'finding')}, {known} known", "bold red")]
    else:
        yield [(f"no new finding, {known} known", "bold green")]


def _reasons(title: str, counts: Mapping[str, int]) -> Iterator[Line]:
    for reason, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield [(f"  {title}: {clean(reason)} ({count})", "dim")]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
