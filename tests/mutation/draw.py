"""Draws faults with cosmic-ray, so that nobody chooses the convenient ones.

``python tests/mutation/draw.py --tool VENV/bin/cosmic-ray --seed 1`` prints entries for ``faults.toml``. The tool lists
every mutation of the files below; its *sites* (a place in a file) are shuffled with the seed, within each area, and
taken in that order, one mutation of each site, until an area has enough. Left out, by rule and before drawing:

* mutations that are nonsense rather than mistakes: only the operators in ``OPERATORS`` count;
* sites that decide nothing: annotations, decorators, ``assert``, ``strict=`` of ``zip``, functions that word a hint;
* a second site in one function;
* what changes more than one line, does not compile, or is refused by the type checker.

With ``--tiers`` for ``tier_faults.toml``: only the files that are about cluster-wide policies and what came with them.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mutation.copying import copy_of_the_repository
from mutation.faults import ROOT

READING = (
    "encodings/reading",
    "encodings/validation",
    "encodings/networkpolicy.py",
    "encodings/adminpolicy.py",
    "encodings/concrete/networkpolicy.py",
    "encodings/concrete/adminpolicy.py",
    "encodings/concrete/adminpeers.py",
    "encodings/concrete/printed.py",
    "encodings/workloads.py",
    "verify/witness.py",
)
TIERS = (
    *(f"encodings/{name}.py" for name in ("adminpolicy", "choices", "domains", "evaluation", "node_end", "nodes")),
    *(f"encodings/{name}.py" for name in ("ordering", "services", "settled", "tiers")),
    *(f"encodings/concrete/{name}.py" for name in ("adminpeers", "adminpolicy", "domains", "evaluator", "networktier")),
    *(f"encodings/concrete/{name}.py" for name in ("nodes", "reading", "services", "settled", "tiers", "ties")),
    *("encodings/validation/admin", "encodings/validation/service.py"),
    *(f"properties/{name}.py" for name in ("arrivals", "concrete_arrivals", "concrete_override", "destinations")),
    *(f"verify/{name}.py" for name in ("overriding", "owner_policies", "readings", "settling")),
)
VERIFY = ("judge", "least", "witness", "replay", "answer", "engine", "settings", "conflicts")
ROOMS = ("encodings", "properties", "verify")
HINTS = ("encodings/reading/mistakes.py",)
_OPPOSITES = ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")
_IDENTITIES = ("Is_IsNot", "IsNot_Is")
_ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "LShift_RShift", "RShift_LShift")
_BITWISE = ("BitAnd_BitOr", "BitOr_BitAnd")
OPERATORS = frozenset(
    (
        *(f"core/ReplaceComparisonOperator_{name}" for name in (*_OPPOSITES, *_IDENTITIES)),
        *(f"core/ReplaceBinaryOperator_{name}" for name in (*_ARITHMETIC, *_BITWISE)),
        *(f"core/ReplaceUnaryOperator_Delete_{name}" for name in ("USub", "Not")),
        *("core/AddNot", "core/ReplaceTrueWithFalse", "core/ReplaceFalseWithTrue", "core/ReplaceAndWithOr"),
        *("core/ReplaceOrWithAnd", "core/ReplaceBreakWithContinue", "core/ReplaceContinueWithBreak"),
        *("core/NumberReplacer", "core/ZeroIterationForLoop"),
    )
)


Drawn = tuple[str, ...]
"""Area, file, operator, old line, new line, occurrence and number of the line."""


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A place in a file."""

    file: str
    line: int
    column: int
    function: str


Found = dict[Site, list[tuple[str, int]]]
"""The mutations of each site: operators with the occurrence in the file."""


def area_of(file: str) -> str:
    return "reading" if file.startswith(READING) else "deciding"


def files(*, tiers: bool) -> list[str]:
    """The files whose faults could change a verdict; with ``tiers`` those about cluster-wide policies."""
    if tiers:
        every = (path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py"))
        return sorted(name for name in every if name.startswith(TIERS))
    found = [*(ROOT / "encodings").rglob("*.py"), *(ROOT / "properties").rglob("*.py")]
    found += [ROOT / "verify" / f"{name}.py" for name in VERIFY]
    return sorted(name for name in (path.relative_to(ROOT).as_posix() for path in found) if name not in HINTS)


def inert(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Spans of lines, from and to, that decide nothing when they change."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.FunctionDef():
                parts = [*node.decorator_list, node.returns]
            case ast.ClassDef():
                parts = [*node.decorator_list]
            case ast.Assert():
                parts = [node]
            case ast.arg() | ast.AnnAssign():
                parts = [node.annotation]
            case ast.keyword(arg="strict"):
                parts = [node.value]
            case _:
                pass
        for part in parts:
            if isinstance(part, ast.expr | ast.stmt):
                yield _place(part.lineno, part.col_offset), _place(part.end_lineno or 0, part.end_col_offset or 0)


def _place(line: int, column: int) -> int:
    return line * 1000 + column


def sites(tool: str, copy: Path, modules: list[str]) -> Found:
    """Every site of the modules with the mutations (operator, occurrence) that the tool has for it."""
    config = copy / "cosmic-ray.toml"
    listed = json.dumps(modules)
    config.write_text(
        f'[cosmic-ray]\nmodule-path = {listed}\ntimeout = 10.0\nexcluded-modules = []\ntest-command = "true"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    session = str(copy / "session.sqlite")
    subprocess.run([tool, "init", str(config), session], cwd=copy, check=True, capture_output=True)
    dump = subprocess.run([tool, "dump", session], cwd=copy, check=True, capture_output=True, text=True).stdout
    spans = {file: list(inert(ast.parse((copy / file).read_text("utf-8")))) for file in modules}
    found: Found = {}
    for line in dump.splitlines():
        work: dict[str, Any] = json.loads(line)[0]["mutations"][0]
        file, function = str(work["module_path"]), str(work.get("definition_name") or "")
        start = _place(*work["start_pos"])
        if work["operator_name"] not in OPERATORS or "hint" in function:
            continue
        if any(first <= start < last for first, last in spans[file]):
            continue
        site = Site(file, work["start_pos"][0], work["start_pos"][1], function)
        found.setdefault(site, []).append((work["operator_name"], work["occurrence"]))
    return found


def changed_line(before: str, after: str) -> tuple[str, str] | None:
    """The one line that differs, as it was and as it is; None if more than one does."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) != len(new):
        return None
    pairs = [(a.strip(), b.strip()) for a, b in zip(old, new, strict=True) if a != b]
    return pairs[0] if len(pairs) == 1 else None


def accepted(file: Path, checker: str) -> bool:
    """Does the file compile, and does the type checker accept it?"""
    try:
        compile(file.read_text("utf-8"), str(file), "exec")
    except SyntaxError:
        return False
    path = os.pathsep.join((str(Path(checker).parent), os.environ["PATH"]))  # the checker looks for Python there
    command = [checker, str(file)]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, check=False)
    return ran.returncode == 0


def drawn(tools: tuple[str, str], copy: Path, found: Found, seed: int, wanted: dict[str, int]) -> Iterator[Drawn]:
    """Of the sites found, as many of each area as are wanted, in the order drawn. ``tools``: cosmic-ray and the type
    checker."""
    tool, checker = tools
    print(f"# {len(found)} sites, {sum(map(len, found.values()))} mutations, seed {seed}", file=sys.stderr)
    for area, number in wanted.items():
        chance, functions = random.Random(f"{seed} {area}"), set[tuple[str, str]]()
        order = sorted(site for site in found if area_of(site.file) == area)
        print(f"# {area}: {len(order)} sites", file=sys.stderr)
        chance.shuffle(order)
        for site in order:
            operator, occurrence = chance.choice(sorted(found[site]))
            if len(functions) == number:
                break
            if (site.file, site.function) in functions:
                continue
            path = copy / site.file
            before = path.read_text("utf-8")
            subprocess.run([tool, "apply", site.file, operator, str(occurrence)], cwd=copy, check=True)
            after = path.read_text("utf-8")
            change = changed_line(before, after)
            good = change is not None and accepted(path, checker)
            path.write_text(before, "utf-8")
            if change is None or not good:
                print(f"# refused: {site} {operator}: {change}", file=sys.stderr)
                continue
            functions.add((site.file, site.function))
            lines = [number for number, line in enumerate(before.splitlines(), 1) if line.strip() == change[0]]
            at = next(
                n for n, (a, b) in enumerate(zip(before.splitlines(), after.splitlines(), strict=True), 1) if a != b
            )
            yield area, site.file, operator, *change, str(lines.index(at) + 1), str(len(lines))


def entries(faults: Iterable[Drawn], letter: str) -> Iterator[str]:
    """Faults as entries of the list."""
    for index, (area, file, operator, old, new, occurrence, of) in enumerate(faults, 1):
        place = f"occurrence = {occurrence}\nof = {of}\n" if of != "1" else ""
        yield (
            f'[[fault]]\nid = "{letter}{index:02}"\nfile = "{file}"\n'
            f"old = {json.dumps(old, ensure_ascii=False)}\nnew = {json.dumps(new, ensure_ascii=False)}\n{place}"
            f'origin = "tool"\narea = "{area}"\nwhat = "{operator.removeprefix("core/")}"\n'
        )


def program(name: str) -> str:
    """The whole path of a program, named by its path or found on the PATH."""
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    return str(next((folder / name for folder in folders if (folder / name).is_file()), Path(name)).absolute())


def main() -> None:
    """Draw and print."""
    parser = argparse.ArgumentParser(description="Draw faults with cosmic-ray.")
    parser.add_argument("--tool", required=True, help="the cosmic-ray program")
    parser.add_argument("--checker", default="basedpyright", help="the type checker")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--reading", type=int, default=18, help="how many in reading, defaulting and decoding")
    parser.add_argument("--deciding", type=int, default=20, help="how many elsewhere")
    parser.add_argument("--tiers", action="store_true", help="from the files about cluster-wide policies")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_the_repository(Path(folder))
        wanted = {"reading": asked.reading, "deciding": asked.deciding}
        tools = (program(asked.tool), program(asked.checker))
        found = sites(tools[0], copy, files(tiers=asked.tiers))
        for entry in entries(drawn(tools, copy, found, asked.seed, wanted), "U" if asked.tiers else "T"):
            print(entry, flush=True)


if __name__ == "__main__":
    main()
