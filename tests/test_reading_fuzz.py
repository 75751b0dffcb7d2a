"""Twenty thousand broken inputs through the front door: the right exit code, and messages that have a place.

What they are made of is in ``fuzzing``. They are the same on every run; in parts, so that workers can share it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing.cases import GENERATORS, every
from fuzzing.door import Case, Outcome, complaint, run, write

NUMBERS: dict[str, int] = {
    "types-policy": 1840,
    "types-namespace": 592,
    "types-pod": 912,
    "types-deployment": 944,
    "types-statefulset": 992,
    "types-replicationcontroller": 928,
    "types-job": 944,
    "types-cronjob": 944,
    "types-unlisted": 880,
    "types-service": 288,
    "types-ingress": 240,
    "types-cilium": 224,
    "types-calico": 160,
    "types-list": 368,
    "types-typedlist": 160,
    "keys-policy": 132,
    "keys-namespace": 32,
    "keys-list": 24,
    "pairs": 1500,
    "accepted": 400,
    "text-random_bytes": 300,
    "text-not_utf8": 300,
    "text-other_encodings": 300,
    "text-control_characters": 300,
    "text-truncated": 300,
    "text-spliced": 300,
    "fixed-aliases": 35,
    "fixed-nesting": 126,
    "fixed-scalars": 111,
    "fixed-many": 16,
    "fixed-traps": 169,
    "fixed-tags": 79,
    "fixed-duplicates": 16,
    "suite-head": 1392,
    "suite-flows": 720,
    "suite-peers": 848,
    "suite-pods": 848,
    "suite-included": 96,
    "suitekeys-head": 88,
    "suitekeys-flows": 60,
    "suitekeys-peers": 72,
    "suitekeys-pods": 80,
    "suite-texts": 400,
    "flow-objects": 544,
    "flow-texts": 300,
    "flow-report": 800,
    "command-lines": 1909,
}
"""How many inputs each generator gives."""
PARTS = 4
SHARED = 600
"""From this number on, the inputs of a generator are run in parts."""
MOST_SHOWN = 5


def parts() -> list[tuple[str, int, int]]:
    return [
        (name, part, PARTS if number >= SHARED else 1)
        for name, number in NUMBERS.items()
        for part in range(PARTS if number >= SHARED else 1)
    ]


def test_every_generator_is_counted_and_they_give_more_than_twenty_thousand_inputs() -> None:
    assert list(NUMBERS) == list(GENERATORS)
    assert sum(NUMBERS.values()) >= 20_000


@pytest.fixture(name="workdir")
def work_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "alone" / "work"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("NETPOL_VERIFY_")]:
        monkeypatch.delenv(name)
    return folder


@pytest.mark.usefixtures("workdir")
@pytest.mark.parametrize(("name", "part", "of"), parts())
def test_broken_input_ends_with_its_code_and_a_message_that_has_a_place(name: str, part: int, of: int) -> None:
    cases = every(name)
    assert len(cases) == NUMBERS[name]
    wrong: list[str] = []
    for number, case in list(enumerate(cases))[part::of]:
        write(case)
        outcome = run(case.arguments, case.stdin)
        said = complaint(case, outcome)
        if said is not None:
            shown = {file: content[:300] for file, content in case.files.items()}
            wrong.append(f"{name}[{number}]: {said}\n{case.arguments}\n{shown}\n{outcome.err[:500]}")
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n\n".join(wrong[:MOST_SHOWN])


def as_a_process(case: Case, folder: Path, *, memory: int | None = None) -> Outcome:
    """The same as a program of its own, with a limit on its address space."""

    def limit() -> None:
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    environment = {key: value for key, value in os.environ.items() if not key.startswith("NETPOL_VERIFY_")}
    done = subprocess.run(
        [sys.executable, "-m", "netpol_verify", *case.arguments],
        input=case.stdin,
        capture_output=True,
        check=False,
        cwd=folder,
        env={**environment, "PYTHONUTF8": "1"},
        preexec_fn=limit,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


SAMPLED = tuple(name for name in ("types-policy", "text-spliced", "fixed-traps", "suite-head", "flow-report", "pairs"))


@pytest.mark.parametrize("name", SAMPLED)
def test_the_program_itself_says_the_same(name: str, workdir: Path) -> None:
    cases = [case for case in every(name) if not any("\0" in argument for argument in case.arguments)]
    for case in cases[3 :: len(cases) // 4]:
        write(case)
        assert as_a_process(case, workdir) == run(case.arguments, case.stdin)


BOUND = 1 << 30
"""Bytes of address space, most of them taken by libraries that are mapped and hardly used."""


@pytest.mark.parametrize("name", ["fixed-aliases", "fixed-nesting", "fixed-scalars", "fixed-many"])
def test_what_is_small_to_write_and_large_to_read_stays_within_bounds(name: str, workdir: Path) -> None:
    """The three largest of each and the first, such as the deepest of aliases, in little memory."""
    cases = every(name)
    largest = sorted(cases, key=lambda case: len(case.files["m.yaml"]))[-3:]
    for case in [cases[0], *largest]:
        write(case)
        outcome = as_a_process(case, workdir, memory=BOUND)
        assert complaint(case, outcome) is None, (case.files["m.yaml"][:200], outcome.err[:300])
