"""The list of faults for mutation testing does not rot: each still applies, to one line, and it is as it says."""

from __future__ import annotations

import ast

import pytest
from mutation.faults import ROOT, TIERS, Fault, read_faults
from mutation.run import read_sets

FAULTS = read_faults()
COUNTED = [fault for fault in FAULTS if not fault.invalid]
OF_TIERS = read_faults(TIERS)


@pytest.mark.parametrize("fault", [*FAULTS, *OF_TIERS], ids=lambda fault: fault.id)
def test_a_fault_changes_one_line_of_code(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text("utf-8")
    changed = fault.applied(text)
    pairs = zip(text.splitlines(), changed.splitlines(), strict=True)
    assert [number for number, (old, new) in enumerate(pairs, 1) if old != new] == [fault.line(text)]
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
    assert fault.file.startswith(("encodings/", "properties/", "verify/"))


def test_the_list_is_as_large_and_as_mixed_as_the_documentation_says() -> None:
    assert len({fault.id for fault in (*FAULTS, *OF_TIERS)}) == len(FAULTS) + len(OF_TIERS)
    assert len(COUNTED) >= 64
    assert sum(fault.origin == "tool" for fault in COUNTED) * 2 >= len(COUNTED)
    assert sum(fault.area == "reading" for fault in COUNTED) * 3 >= len(COUNTED)
    assert len(OF_TIERS) >= 60
    concrete = sum(fault.file.startswith("encodings/concrete/") for fault in OF_TIERS)
    assert 2 * len(OF_TIERS) <= 5 * min(concrete, len(OF_TIERS) - concrete)


def test_the_classified_tests_exist_and_have_one_place() -> None:
    sets = read_sets()
    named = [each["test"] for each in sets["differential"]] + sets["golden"] + sets["neither"]
    assert len(set(named)) == len(named)
    tiers = sets["tiers"]
    for name in (*named, *tiers["added"], *tiers["golden"], *(each["test"] for each in tiers["differential"])):
        file, _, test = name.partition("::")
        text = (ROOT / file).read_text("utf-8")
        assert not test or f"def {test.partition('[')[0]}(" in text, name
