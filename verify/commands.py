"""The commands: options in, an exit code out. No logic: each makes a request, calls one function and prints.

What they call imports the solver and the models when it runs, so that ``--help`` and mistakes answer at once.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from . import cli_options as options
from .baseline_command import check_baseline, make_baseline, trim_baseline
from .cli_options import check_timeout, named_sources, parse_expect, parse_fail_on
from .connectivity_command import CONNECTIVITY_EXAMPLES, connectivity
from .diff_command import DIFF_EXAMPLES, diff
from .exit_codes import exit_code, expectation_code
from .explain_command import EXPLAIN_EXAMPLES, explain
from .fuzz_command import FUZZ_EXAMPLES, fuzz
from .guard import guard
from .init_command import INIT_EXAMPLES, init
from .output import Terminal, complain_of, parse_outputs, write_output, write_stdout
from .progress import progress_shown
from .reports import FORMATS
from .reports.answers import ANSWER_FORMATS, render_answers
from .reports.listing import LIST_FORMATS, render_listing
from .run import ManifestsRequest, ProveRequest, list_properties, run_prove
from .run_evaluate import EvaluateRequest, run_evaluate
from .schema_command import SCHEMA_EXAMPLES, schema
from .step_summary import append_step_summary

app = typer.Typer(
    name="netpol-verify",
    help="Prove or refute what a Kubernetes cluster's network policies allow, for every pod that could ever exist.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all pass, 1 a property fails, 2 bad input or usage, 3 unknown, 4 internal error.",
)

_PROVE_EXAMPLES = """\b
Examples:
  netpol-verify prove
  netpol-verify prove properties.yaml -f k8s/
  netpol-verify prove properties.yaml -f git:main:k8s
  netpol-verify prove properties.yaml -f overlays/prod
  netpol-verify prove properties.yaml --live --context prod
  helm template chart/ | netpol-verify prove properties.yaml -f -
  netpol-verify prove --only web-never-reaches-db --only tag=pci -v
  netpol-verify prove -o text -o json:report.json --fail-on high
  netpol-verify prove -o github -o sarif:report.sarif -o markdown:comment.md
  netpol-verify prove --create-baseline baseline.json
  netpol-verify prove --baseline baseline.json
  netpol-verify prove --list

\b
Formats (-o): text, json, sarif, junit, github (annotations, and Markdown to
$GITHUB_STEP_SUMMARY), gitlab (Code Quality), markdown, tap, html. Several in
one run: each but one names a file.

\b
Sources: a folder with a kustomization or a chart is rendered; plain:PATH reads
its files as they are, kustomize:PATH and helm:PATH say how; git:REF:PATH reads
a commit without checking it out; live:CONTEXT is --live.

\b
Exit codes: 0 all pass, 1 a property at or above --fail-on fails, 2 bad input
or usage, 3 nothing fails but something is unknown, 4 an internal error.
"""


_EVALUATE_EXAMPLES = """\b
Examples:
  netpol-verify evaluate -f k8s/ --from shop/web --to shop/db --port TCP/5432
  netpol-verify evaluate -f k8s/ --from shop:app=web --to 8.8.8.8 --port 443
  netpol-verify evaluate -f k8s/ --flows flows.jsonl --expect allowed
  netpol-verify evaluate -f k8s/ --counterexample report.json#web-never-reaches-db

\b
Endpoints: namespace/name or namespace/kind/name (declared), an IP address,
namespace:app=web,tier=front (a pod nobody declared), namespace[env=prod]:app=web
(in a namespace nobody declared). Ports: 5432, UDP/53, TCP/8000-8010, TCP/http.

\b
Exit codes: 0 answered, 1 not as --expect says, 2 bad input or usage,
3 undetermined (with --expect), 4 an internal error.
"""


@app.callback()
def root(version: options.Version = False) -> None:
    """Options of the program as a whole; ``--version`` acts by itself."""
    del version


@app.command(epilog=_PROVE_EXAMPLES)
def prove(
    *,
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SUITE",
            envvar="NETPOL_VERIFY_SUITE",
            help="Property suites. [default: properties.yaml in the working directory]",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="ID|tag=TAG",
            envvar="NETPOL_VERIFY_ONLY",
            help="Only these properties. Repeatable.",
        ),
    ] = None,
    list_: Annotated[
        bool,
        typer.Option("--list", envvar="NETPOL_VERIFY_LIST", help="List the properties without proving them."),
    ] = False,
    all_classes: Annotated[
        bool,
        typer.Option(
            "--all-classes",
            envvar="NETPOL_VERIFY_ALL_CLASSES",
            help="List every class of counterexamples of each refuted property, not only one.",
        ),
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="LEVEL",
            envvar="NETPOL_VERIFY_FAIL_ON",
            help="The lowest severity whose failure counts: critical, high, medium, low or none.",
        ),
    ] = "low",
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
    world: options.World = None,
    effort: options.Effort = None,
    timeout: options.Timeout = None,
    waivers: options.Waivers = None,
    now: options.Now = None,
    baseline: options.Baseline = None,
    create_baseline: options.CreateBaseline = None,
    update_baseline: options.UpdateBaseline = False,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """Does every property hold, for every pod that could ever exist?"""
    del version, config, no_config
    with guard(verbose):
        level = parse_fail_on(fail_on)
        outputs = parse_outputs(output or (), LIST_FORMATS if list_ else FORMATS)
        request = ProveRequest(
            suites=tuple(suites or ()),
            manifests=ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace),
            only=tuple(only or ()),
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
            all_classes=all_classes,
            effort=effort,
            timeout=check_timeout(timeout),
            waivers=tuple(waivers or ()),
            now=now,
            baseline=baseline,
        )
        check_baseline(create_baseline, baseline, update_baseline)
        terminal = Terminal(quiet=quiet, verbose=verbose, no_color=no_color, env=os.environ)
        if list_:
            listed = list_properties(request)
            for each in outputs:
                write_output(each, render_listing(listed, each.format, terminal.look(each)))
            return
        with progress_shown(wanted=not quiet) as progress:
            if create_baseline is not None:
                text = make_baseline(request, create_baseline, progress)
                write_stdout(text)
                return
            report = run_prove(request, progress)
        if baseline is not None and update_baseline:
            trim_baseline(report, baseline)
        for each in outputs:
            write_output(each, FORMATS[each.format](report, terminal.look(each), level))
        for each in outputs:
            if each.format == "github":
                append_step_summary(report, terminal.look(each), level, os.environ)
        raise typer.Exit(exit_code(report, level))


@app.command(epilog=_EVALUATE_EXAMPLES)
def evaluate(
    *,
    source: options.FlowSource = None,
    destination: options.FlowDestination = None,
    port: options.FlowPort = None,
    flows: Annotated[
        str | None,
        typer.Option(
            "--flows",
            metavar="FILE",
            envvar="NETPOL_VERIFY_FLOWS",
            help='Many connections, one JSON object a line: {"from": …, "to": …, "port": …}. - for standard input.',
        ),
    ] = None,
    counterexample: options.FlowCounterexample = None,
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect",
            metavar="allowed|blocked",
            envvar="NETPOL_VERIFY_EXPECT",
            help="Exit 1 if a connection is otherwise, 3 if it is undetermined.",
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
    world: options.World = None,
    effort: options.UnusedEffort = None,
    timeout: options.UnusedTimeout = None,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """Is this one concrete connection allowed, and why?"""
    del effort, version, config, no_config
    with guard(verbose):
        check_timeout(timeout)
        expected = parse_expect(expect)
        outputs = parse_outputs(output or (), ANSWER_FORMATS)
        request = EvaluateRequest(
            manifests=ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace),
            source=source,
            destination=destination,
            port=port,
            flows=flows,
            counterexample=counterexample,
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
        )
        found = run_evaluate(request)
        if not quiet:
            complain_of(found.notices)
        terminal = Terminal(quiet=quiet, verbose=verbose, no_color=no_color, env=os.environ)
        for each in outputs:
            look = terminal.look(each)
            write_output(each, render_answers(found.answers, each.format, look, one_a_line=flows is not None))
        if expected is not None:
            raise typer.Exit(expectation_code((answer.allowed for answer in found.answers), expected))


app.command(epilog=EXPLAIN_EXAMPLES)(explain)
app.command(epilog=CONNECTIVITY_EXAMPLES)(connectivity)
app.command(epilog=DIFF_EXAMPLES)(diff)
app.command(epilog=INIT_EXAMPLES)(init)
app.command(epilog=FUZZ_EXAMPLES)(fuzz)
app.command(epilog=SCHEMA_EXAMPLES)(schema)
