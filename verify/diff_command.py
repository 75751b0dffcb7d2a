"""The command ``diff``: options in, what changed in text, JSON or Markdown, an exit code.

As in ``commands``, there is no logic here, and what is called loads what it needs when it runs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from . import cli_options as options
from .cli_options import check_choice, check_timeout
from .exit_codes import FAIL_ON_CHANGE, exit_code_of_diff
from .guard import guard
from .output import Terminal, complain_of, parse_outputs, write_output
from .run import ManifestsRequest
from .run_diff import DiffRequest, run_diff

if TYPE_CHECKING:
    from .changes.results import DiffReport
    from .reports.lines import Look

FORMATS = ("text", "json", "markdown")

DIFF_EXAMPLES = """\b
Examples:
  netpol-verify diff --base git:main:k8s
  netpol-verify diff --base git:origin/main:k8s --head k8s -o markdown:comment.md
  netpol-verify diff --base overlays/staging --head overlays/prod
  netpol-verify diff --base k8s --head live: --fail-on-change none

\b
Sources: a file or folder, - for standard input, git:REF[:PATH], a folder with a
kustomization or a chart, live:[CONTEXT]. Without --head, the working tree's state
of a git: base.

\b
Exit codes: 0 nothing changed (of what --fail-on-change names), 1 something did,
2 bad input or usage, 3 something may have changed and nobody can know,
4 an internal error.
"""


def diff(
    *,
    base: Annotated[
        list[str] | None,
        typer.Option(
            "--base",
            metavar="SOURCE",
            envvar="NETPOL_VERIFY_BASE",
            help="The manifests before the change. Repeatable: all are merged into one cluster.",
        ),
    ] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head", metavar="SOURCE", envvar="NETPOL_VERIFY_HEAD", help="The manifests after it. Repeatable."
        ),
    ] = None,
    fail_on_change: Annotated[
        str,
        typer.Option(
            "--fail-on-change",
            metavar="added|removed|any|none",
            envvar="NETPOL_VERIFY_FAIL_ON_CHANGE",
            help="Which changes exit with 1.",
        ),
    ] = "any",
    max_classes: Annotated[
        int,
        typer.Option(
            "--max-classes",
            metavar="N",
            min=0,
            envvar="NETPOL_VERIFY_MAX_CLASSES",
            help="Most classes in one list; 0 lists all.",
        ),
    ] = 50,
    exclude: options.Exclude = None,
    namespace: options.Namespace = "default",
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT[:FILE]",
            envvar="NETPOL_VERIFY_OUTPUT",
            help="text (default), json or markdown, to standard output or a file. Repeatable.",
        ),
    ] = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    semantics: options.Semantics = None,
    world: options.World = None,
    effort: options.Effort = None,
    timeout: options.Timeout = None,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """What does a change add to what is allowed, or take from it, and which line did it?"""
    del version, config, no_config
    with guard(verbose):
        check_choice("--fail-on-change", fail_on_change, FAIL_ON_CHANGE)
        outputs = parse_outputs(output or (), FORMATS)
        request = DiffRequest(
            base=tuple(base or ()),
            head=tuple(head or ()),
            reading=ManifestsRequest((), tuple(exclude or ()), namespace),
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
            max_classes=max_classes,
            effort=effort,
            timeout=check_timeout(timeout),
        )
        report = run_diff(request)
        if not quiet:
            complain_of(report.notices)
        terminal = Terminal(quiet=quiet, verbose=verbose, no_color=no_color, env=os.environ)
        for each in outputs:
            write_output(each, _rendered(report, each.format, terminal.look(each)))
        raise typer.Exit(exit_code_of_diff(report, fail_on_change))


def _rendered(report: DiffReport, format_: str, look: Look) -> str:
    from .reports.diff_json import render_diff_json  # noqa: PLC0415
    from .reports.diff_text import render_diff_markdown, render_diff_text  # noqa: PLC0415

    if format_ == "json":
        return render_diff_json(report)
    return render_diff_markdown(report) if format_ == "markdown" else render_diff_text(report, look)
