"""Known divergences: what a project has decided to live with, so that its CI fails only for what is new.

A file of its own: the rules of the semantics that an evaluator is known to break, and the ways in which it is known to
fail. Trusts ``rules`` for the rules that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...encodings.problems import InputErrors, Problem, did_you_mean
from ...properties.files import read_mapping, relative
from ...properties.places import Place
from ...properties.shapes import shaped
from ...properties.suite import Model
from .rules import RULES

_BEGINS = "apiVersion: netpol-verify/v1"


class KnownDivergence(Model):
    """One entry: a ``rule`` that is broken (``theirs``: only where the evaluator says so), or a ``trouble`` whose
    detail contains ``matching``. ``evaluator``: only of the one with this name."""

    rule: str | None = None
    theirs: Literal["allowed", "blocked"] | None = None
    trouble: Literal["crash", "hang", "silent", "garbled", "refused", "unstable"] | None = None
    matching: str | None = None
    evaluator: str | None = None
    reason: str
    references: list[str] | None = None


class KnownFile(Model):
    """The file: ``known`` may be empty."""

    api_version: Literal["netpol-verify/v1"]
    kind: Literal["KnownDivergences"]
    known: list[KnownDivergence]


@dataclass(frozen=True, slots=True)
class Known:
    """The divergences that are known of one evaluator."""

    entries: tuple[KnownDivergence, ...] = ()

    def rules(self, theirs: bool) -> tuple[str, ...]:
        """The rules that it is known to break where it says ``theirs``."""
        said = "allowed" if theirs else "blocked"
        return tuple(each.rule for each in self.entries if each.rule is not None and each.theirs in (None, said))

    def covers_trouble(self, kind: str, detail: str) -> bool:
        """Is it known to fail like this?"""
        return any(each.trouble == kind and (each.matching or "") in detail for each in self.entries)


def read_known(path: str | None, evaluator: str) -> Known:
    """The file's entries that concern the evaluator. Raises InputErrors with everything that is wrong with the file."""
    if path is None:
        return Known()
    root = read_mapping(relative(path), "a file of known divergences", _BEGINS)
    file, problems = shaped(KnownFile, root.document, root)
    entries: Sequence[KnownDivergence] = () if file is None else file.known
    for index, entry in enumerate(entries):
        problems += _wrong(entry, root.at("known", index))
    if problems:
        raise InputErrors(problems)
    return Known(tuple(each for each in entries if each.evaluator in (None, evaluator)))


def _wrong(entry: KnownDivergence, place: Place) -> Iterator[Problem]:
    if (entry.rule is None) == (entry.trouble is None):
        yield place.problem("needs a rule or a trouble, and not both", "such as rule: not-in-holds-on-absent-key")
    if entry.rule is not None and entry.rule not in RULES:
        hint = did_you_mean(entry.rule, tuple(RULES)) or "a finding's folder names its rule"
        yield place.at("rule").problem(f'"{entry.rule}" is no rule of the semantics', hint)
    if entry.matching is not None and entry.trouble is None:
        yield place.at("matching").problem("belongs to a trouble, whose detail it looks for")
    if entry.theirs is not None and entry.rule is None:
        yield place.at("theirs").problem("belongs to a rule")
    if not entry.reason.strip():
        yield place.at("reason").problem("says nothing", "why is it known, and who is told?")
