"""The command ``fuzz``: options in, findings out.

As in ``commands``, there is no logic here, and what is called loads what it needs when it runs.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from . import cli_options as options
from .cli_options import check_choice, check_timeout
from .exit_codes import exit_code_of_fuzz
from .guard import guard
from .output import Terminal, parse_outputs, usage_error, write_output
from .progress import progress_shown
from .run_fuzz import PROFILES, FuzzRequest, run_fuzz

FORMATS = ("text", "json")

FUZZ_EXAMPLES = """\b
Examples:
  netpol-verify fuzz --evaluator ./my-evaluator
  netpol-verify fuzz --evaluator 'serve:python my_evaluator.py' --examples 1000
  netpol-verify fuzz --evaluator network-config-analyzer --max-time 600
  netpol-verify fuzz --evaluator ./my-evaluator --known known.yaml -o json
  netpol-verify fuzz --evaluator ./my-evaluator --replay fuzz-findings/01-…

\b
An evaluator is a program that reads a folder of manifests and answers flows, as
docs/fuzz-protocol.md says, or one that netpol-verify knows by name.

\b
Exit codes: 0 no new finding, 1 a finding that is not declared known, 2 bad
input or usage, 3 no answer could be compared, 4 an internal error.
"""


def fuzz(
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
        if evaluator is None:
            raise usage_error("--evaluator", "is missing", "name a program that answers flows, or a known evaluator")
        check_choice("--profile", profile, PROFILES)
        outputs = parse_outputs(output or (), FORMATS)
        terminal = Terminal(quiet, verbose, no_color, os.environ)
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
