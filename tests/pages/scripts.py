"""A page as a script: its blocks in order, in one folder that has the repository's docs and examples in it."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from types import ModuleType
from typing import cast

from netpol_verify.verify import commands
from typer.testing import CliRunner

from . import console, suites
from .blocks import ROOT, Block, text_of

LINKED = ("docs", "examples", "benchmarks")


@dataclass
class Script:
    """One page's run. ``folder`` must be the working directory; ``module`` is what its Python blocks share."""

    folder: Path
    module: ModuleType = field(default_factory=lambda: ModuleType("page"))

    def __post_init__(self) -> None:
        for name in LINKED:
            (self.folder / name).symlink_to(ROOT / name)
        sys.modules[self.module.__name__] = self.module  # dataclasses look their module up

    def complaints(self, block: Block) -> Iterator[str]:
        """What is wrong with the page's next block."""
        check = CHECKS.get(block.language)
        if check is None:
            yield f'no rule for the language "{block.language}": there is one for {", ".join(CHECKS)}'
            return
        yield from check(self, block)


def _unknown_words(block: Block, *known: str) -> Iterator[str]:
    words = sorted((block.words | block.options.keys()) - set(known))
    if words:
        yield f"unknown after {block.language}: {', '.join(words)}"


def _console(script: Script, block: Block) -> Iterator[str]:
    yield from _unknown_words(block, "not-run", "installs", "needs")
    needed = block.options.get("needs")
    is_run = "not-run" not in block.words and (needed is None or which(needed) is not None)
    if not block.text.startswith("$ "):
        yield "a console block begins with a command: $ …"
    for step in console.steps(block.text):
        command = step.command
        if not console.parses(command):
            yield f"bash cannot read: {command}"
        if "installs" in block.words:
            command = console.without_installing(command)
        if is_run and command:
            yield from console.complaints(console.Step(command, step.output, step.code), script.folder)


def _sh(script: Script, block: Block) -> Iterator[str]:
    yield from _unknown_words(block, "not-run")
    if not console.parses(block.text):
        yield "bash cannot read it"
    elif "not-run" not in block.words:
        done = console.shell(block.text, script.folder)
        if done.returncode:
            yield f"exits with {done.returncode}:\n{done.stdout}"


def _yaml(script: Script, block: Block) -> Iterator[str]:
    yield from suites.complaints(block, script.folder)


def _json(_: Script, block: Block) -> Iterator[str]:
    yield from _unknown_words(block, "report", "part")
    value: object = json.loads(block.text)
    if "report" in block.words:
        printed = CliRunner().invoke(commands.app, ["prove", "docs/shop/properties.yaml", "-o", "json"]).stdout
        if list(cast("dict[str, object]", value)) != list(json.loads(printed)):
            yield "its keys are not those of a report"
    elif "part" not in block.words:
        yield "say what it is: report or part"


def _python(script: Script, block: Block) -> Iterator[str]:
    yield from _unknown_words(block, "quote")
    if "quote" in block.options:
        if block.text not in text_of(ROOT / block.options["quote"]):
            yield f"it does not stand in {block.options['quote']}"
        return
    code = compile("\n" * block.line + block.text, block.page, "exec")
    try:
        exec(code, script.module.__dict__)
    except Exception:
        yield traceback.format_exc()


def _text(_: Script, block: Block) -> Iterator[str]:
    yield from _unknown_words(block)
    if any(line.startswith("$ ") for line in block.text.splitlines()):
        yield "a drawing holds no commands: that would be a console block"


CHECKS: dict[str, Callable[[Script, Block], Iterator[str]]] = {
    "console": _console,
    "sh": _sh,
    "yaml": _yaml,
    "json": _json,
    "python": _python,
    "text": _text,
}
