"""The command ``fuzz``: options in, findings out.

As in ``commands``, there is no logic here, and what is called loads what it needs when it runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from . import cli_options as options
from .cli_options import check_choice, check_timeout, named_sources
from .exit_codes import exit_code_of_fuzz
from .guard import guard
from .output import Output, Terminal, complain_of, parse_outputs, usage_error, write_output
from .progress import progress_shown
from .run import ManifestsRequest
from .run_emit import EmitRequest, run_emit
from .run_fuzz import PROFILES, FuzzRequest, run_fuzz

FORMATS = ("text", "json")

FUZZ_EXAMPLES = """\b
Examples:
  netpol-verify fuzz --evaluator ./my-evaluator
  netpol-verify fuzz --evaluator 'serve:python my_evaluator.py' --examples 1000
  netpol-verify fuzz --evaluator network-config-analyzer --max-time 600
  netpol-verify fuzz --evaluator ./my-evaluator --known known.yaml -o json
  netpol-verify fuzz --evaluator ./my-evaluator --replay fuzz-findings/01-…
  netpol-verify fuzz --emit suite -f k8s/

\b
An evaluator is a program that reads a folder of manifests and answers flows, as
docs/fuzz-protocol.md says, or one that netpol-verify knows by name.
With --emit nothing is asked: a test suite for your own cluster is written.

\b
Exit codes: 0 no new finding, 1 a finding that is not declared known, 2 bad
input or usage, 3 no answer could be compared, 4 an internal error.
"""


_OF_HUNTS = ("evaluator", "examples", "seed", "max_time", "limit", "profile", "blind", "known", "folder", "replay")
_OF_SUITES = ("manifests", "live", "context", "exclude", "namespace")


def fuzz(
    ctx: typer.Context,
    *,
    evaluator: Annotated[
        str | None,
        typer.Option(
            "--evaluator",
            metavar="NAME|COMMAND",
            envvar="NETPOL_VERIFY_EVALUATOR",
            help="Who is put to the test: a known name, a command, or serve:COMMAND for one that stays.",
        ),
    ] = None,
    examples: Annotated[
        int,
        typer.Option("--examples", metavar="N", min=1, envvar="NETPOL_VERIFY_EXAMPLES", help="Clusters to draw."),
    ] = 100,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", envvar="NETPOL_VERIFY_SEED", help="Another seed, other clusters."),
    ] = 0,
    max_time: Annotated[
        float | None,
        typer.Option(
            "--max-time",
            metavar="SECONDS",
            envvar="NETPOL_VERIFY_MAX_TIME",
            help="Stop after so long; what was found until then may differ from run to run.",
        ),
    ] = None,
    limit: Annotated[
        float,
        typer.Option(
            "--evaluator-timeout",
            metavar="SECONDS",
            envvar="NETPOL_VERIFY_EVALUATOR_TIMEOUT",
            help="An evaluator that takes longer for one cluster hangs.",
        ),
    ] = 60.0,
    profile: Annotated[
        str,
        typer.Option(
            "--profile", metavar="|".join(PROFILES), envvar="NETPOL_VERIFY_PROFILE", help="What clusters are made of."
        ),
    ] = "np",
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="FEATURE",
            envvar="NETPOL_VERIFY_WITHOUT",
            help="Draw nothing that uses this, such as ipv6. Repeatable.",
        ),
    ] = None,
    blind: Annotated[
        bool,
        typer.Option("--blind", envvar="NETPOL_VERIFY_BLIND", help="Draw flows, rather than let the solver propose."),
    ] = False,
    known: Annotated[
        str | None,
        typer.Option(
            "--known", metavar="FILE", envvar="NETPOL_VERIFY_KNOWN", help="Divergences that do not fail the run."
        ),
    ] = None,
    folder: Annotated[
        str,
        typer.Option("--out", metavar="DIR", envvar="NETPOL_VERIFY_OUT", help="Where findings are written."),
    ] = "fuzz-findings",
    replay: Annotated[
        str | None,
        typer.Option(
            "--replay", metavar="DIR", envvar="NETPOL_VERIFY_REPLAY", help="Ask about one finding's folder again."
        ),
    ] = None,
    emit: Annotated[
        str | None,
        typer.Option(
            "--emit",
            metavar="DIR",
            envvar="NETPOL_VERIFY_EMIT",
            help="Ask nobody: write a test suite for the policies that -f names, for clusters and other tools.",
        ),
    ] = None,
    manifests: options.Manifests = None,
    live: options.Live = False,
    context: options.Context = None,
    exclude: options.Exclude = None,
    namespace: options.Namespace = "default",
    output: options.OutputFormats = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    semantics: options.Semantics = None,
    effort: options.UnusedEffort = None,
    timeout: options.UnusedTimeout = None,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """Does another evaluator agree with the semantics? Random clusters, and flows that tell readings apart."""
    del version, effort, timeout, config, no_config
    with guard(verbose):
        outputs = parse_outputs(output or (), FORMATS)
        terminal = Terminal(quiet, verbose, no_color, os.environ)
        if emit is not None:
            _refuse(ctx, _OF_HUNTS, "is for putting an evaluator to the test, and --emit asks none")
            read = ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace)
            _emit(EmitRequest(emit, read, tuple(without or ()), tuple(semantics or ())), outputs, terminal)
            return
        _refuse(ctx, _OF_SUITES, "names manifests, and only --emit DIR reads any: clusters are drawn")
        if evaluator is None:
            raise usage_error("--evaluator", "is missing", "name a program that answers flows, or a known evaluator")
        check_choice("--profile", profile, PROFILES)
        request = FuzzRequest(
            evaluator=evaluator,
            examples=examples,
            seed=seed,
            max_time=check_timeout(max_time, "--max-time"),
            limit=check_timeout(limit, "--evaluator-timeout") or limit,
            profile=profile,
            blind=blind,
            without=tuple(without or ()),
            known=known,
            replay=replay,
            folder=folder,
            semantics=tuple(semantics or ()),
        )
        with progress_shown(wanted=not quiet) as progress:
            fuzzed = run_fuzz(request, progress)
        from .reports.fuzz_json import render_fuzz_json  # noqa: PLC0415
        from .reports.fuzz_text import render_fuzz_text  # noqa: PLC0415

        for each in outputs:
            text = each.format == "text"
            write_output(each, render_fuzz_text(fuzzed, terminal.look(each)) if text else render_fuzz_json(fuzzed))
        raise typer.Exit(exit_code_of_fuzz(fuzzed.tally))


def _refuse(ctx: typer.Context, names: Sequence[str], why: str) -> None:
    """Raises InputErrors for an option that does nothing here, if the command line has it; elsewhere it may stand for
    other runs."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if parameter.name in names and source is not None and source.name == "COMMANDLINE":
            raise usage_error(max(parameter.opts, key=len), why, "leave one of them out")


def _emit(request: EmitRequest, outputs: Sequence[Output], terminal: Terminal) -> None:
    """Write a suite and say what it holds."""
    emitted = run_emit(request)
    from .fuzz.emit.report import render_emit_json, render_emit_text  # noqa: PLC0415

    if not terminal.quiet:
        complain_of(emitted.notices)
    for each in outputs:
        text = each.format == "text"
        write_output(each, render_emit_text(emitted, terminal.look(each)) if text else render_emit_json(emitted))
