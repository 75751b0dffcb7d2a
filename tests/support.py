"""Suites and manifests made in code, for tests that are about verdicts and not about files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Term
from netpol_verify.properties.loading import LoadedSuite, load_suite
from netpol_verify.verify.engine import Options, prove
from netpol_verify.verify.results import PropertyResult


def suite_of(properties: Sequence[Mapping[str, Any]], **rest: Any) -> LoadedSuite:
    """A suite of these properties, loaded as from a file; ``rest`` are further keys of the suite."""
    suite = {"apiVersion": "netpol-verify/v1", "kind": "PropertySuite", **rest, "properties": [*properties]}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "properties.yaml"
        path.write_text(yaml.safe_dump(suite, sort_keys=False))
        return load_suite(str(path))


def manifests_of(text: str) -> Manifests:
    """Manifests from YAML text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "manifests.yaml"
        path.write_text(text)
        return read_manifests([Entry(str(path))])


def result_of(text: str, verb: Mapping[str, Any], *, options: Options | None = None, **rest: Any) -> PropertyResult:
    """The result of one property over manifests given as YAML text."""
    return prove([suite_of([{"id": "it", **verb}], **rest)], manifests_of(text), options=options).results[0]


def possible_together(solver: Solver, facts: Iterable[Term]) -> list[Term]:
    """Those of ``facts`` that can hold together with the ones kept before them; the solver's model is one of all."""
    kept: list[Term] = []
    for fact in facts:
        # A model of what is kept that happens to hold the fact spares a question.
        if (kept and solver.decides(fact) and solver.value(fact)) or solver.witness((*kept, fact)) == "sat":
            kept.append(fact)
    assert solver.witness(kept) == "sat"
    return kept
