"""The command line as a plugin of kubectl: ``kubectl netpol-verify prove``, and its completion.

kubectl finds both programs on PATH by their names, ``kubectl-netpol_verify`` and ``kubectl_complete-netpol_verify``, in
which ``_`` stands for the ``-`` of the command (kubernetes/kubectl:pkg/cmd/plugin). Like ``cli``, this module imports
next to nothing by itself. It trusts the words that kubectl hands on.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, NoReturn

from .cli import start

if TYPE_CHECKING:
    from typer import Typer

DEFAULT_DIRECTIVE = ":0"
"""The last line of completions, by which the shell completes file names where there are no others
(spf13/cobra:completions.go, ShellCompDirectiveDefault)."""
_OF_THE_SHELL = frozenset(("install_completion", "show_completion"))


def plugin() -> NoReturn:
    """``kubectl-netpol_verify``: the command line under its name as a plugin."""
    start(_plugin)


def complete() -> NoReturn:
    """``kubectl_complete-netpol_verify``: what may stand for the last argument, a line each, and cobra's directive."""
    start(_complete)


def _plugin(app: Typer) -> None:
    from typer.main import get_command  # noqa: PLC0415

    command = get_command(app)
    # The scripts they print would take over the completion of kubectl itself.
    command.params = [param for param in command.params if param.name not in _OF_THE_SHELL]
    command(prog_name="kubectl netpol-verify")


def _complete(app: Typer) -> None:
    words = ["netpol-verify", *sys.argv[1:]]
    asked = {"_NETPOL_VERIFY_COMPLETE": "complete_bash", "COMP_WORDS": shlex.join(words)}
    os.environ.update(asked, COMP_CWORD=str(len(words) - 1))
    found = io.StringIO()
    with suppress(SystemExit), redirect_stdout(found):
        app(prog_name="netpol-verify")
    print(*filter(None, found.getvalue().splitlines()), DEFAULT_DIRECTIVE, sep="\n")
