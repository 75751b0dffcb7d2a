"""What NetworkPolicies make of a connection, in words: the lines below a refuted `cannotOverride`.

Everything that comes from users or manifests is cleaned here, so callers can print what they get.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...encodings.policy import Direction
from ..owner_policies import yaml_lines
from ..results import Counterexample, Object, PropertyResult
from .lines import clean
from .words import reason

NONE = "no NetworkPolicy at all"
_SUBJECTS: dict[Direction, str] = {"egress": "the source", "ingress": "the destination"}


def changes(example: Counterexample) -> Iterator[tuple[str, tuple[Object, ...]]]:
    """What the connection is with which NetworkPolicies in the place of all that exist."""
    found = example.override
    if found is None:
        return
    for words, policies in (("allowed with", found.opens), ("refused with", found.closes)):
        if policies is not None:
            yield words, policies


def undecided(example: Counterexample) -> Iterator[str]:
    """The ends that Admin rules leave to NetworkPolicies."""
    for direction in () if example.override is None else example.override.undecided:
        yield _left(direction)


def _left(direction: Direction) -> str:
    return f"{direction}: no Admin rule decides about {_SUBJECTS[direction]}"


def evidence(result: PropertyResult) -> Iterator[str]:
    """The lines of evidence below a refutation; where ends are left to NetworkPolicies, with a line for each of these,
    the source before the destination."""
    found = [
        (line.direction, ("" if line.side is None else f"{line.side}: ") + reason(line)) for line in result.because
    ]
    override = None if result.counterexample is None else result.counterexample.override
    if override is not None:
        found += [(direction, _left(direction)) for direction in override.undecided]
        found.sort(key=lambda line: line[0] == "ingress")
    yield from (text for _, text in found)


def change_lines(example: Counterexample) -> Iterator[str]:
    """Lines with the policies as YAML, to be applied as it stands; all are indented alike."""
    for words, policies in changes(example):
        yield f"  {words} {_these(policies)}"
        for number, policy in enumerate(policies):
            yield from ("    ---",) if number else ()
            yield from (f"    {clean(line)}" for line in yaml_lines(policy))


def change_sentences(example: Counterexample) -> Iterator[str]:
    """The same, each on one line, with the policies as JSON, which is YAML too."""
    for words, policies in changes(example):
        shown = " and ".join(clean(json.dumps(each)) for each in policies)
        yield f"{words} {_these(policies)}" + (f" {shown}" if shown else "")


def _these(policies: tuple[Object, ...]) -> str:
    if not policies:
        return NONE
    what = "this NetworkPolicy" if len(policies) == 1 else "these NetworkPolicies"
    return f"{what} in the place of all that exist:"
