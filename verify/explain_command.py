"""The command ``explain``: options in, an explanation out, as ``commands`` has it for the others."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from . import cli_options as options
from .cli_options import check_timeout, named_sources
from .guard import guard
from .output import Terminal, complain_of, parse_outputs, write_output
from .run import ManifestsRequest
from .run_explain import ExplainRequest, run_explain

EXPLAIN_FORMATS = ("text", "json", "markdown")
EXPLAIN_EXAMPLES = """\b
Examples:
  netpol-verify explain -f k8s/ --from shop/web --to shop/db --port TCP/5432
  netpol-verify explain -f k8s/ --from shop:app=web --to 8.8.8.8 --port 443 -q
  netpol-verify explain -f k8s/ --counterexample report.json#web-never-reaches-db
  netpol-verify explain -f k8s/ --from a/x --to b/y --port 80 -o markdown:comment.md

\b
Endpoints: namespace/name or namespace/kind/name (declared), an IP address,
namespace:app=web,tier=front (a pod nobody declared), namespace[env=prod]:app=web
(in a namespace nobody declared). Ports: 5432, UDP/53, TCP/8000-8010, TCP/http.

\b
Exit codes: 0 answered, 2 bad input or usage, 4 an internal error.
"""

_Output = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FORMAT[:FILE]",
        envvar="NETPOL_VERIFY_OUTPUT",
        help="text (default), json or markdown, to standard output or a file. Repeatable: one run, several outputs.",
    ),
]
_Quiet = Annotated[
    bool,
    typer.Option("-q", "--quiet", envvar="NETPOL_VERIFY_QUIET", help="Only the answer and what comes nearest."),
]
_Verbose = Annotated[
    bool,
    typer.Option("-v", "--verbose", envvar="NETPOL_VERIFY_VERBOSE", help="Also what matches, and lists in full."),
]


def explain(
    *,
    source: options.FlowSource = None,
    destination: options.FlowDestination = None,
    port: options.FlowPort = None,
    counterexample: options.FlowCounterexample = None,
    manifests: options.Manifests = None,
    live: options.Live = False,
    context: options.Context = None,
    exclude: options.Exclude = None,
    namespace: options.Namespace = "default",
    output: _Output = None,
    quiet: _Quiet = False,
    verbose: _Verbose = False,
    no_color: options.NoColor = False,
    semantics: options.Semantics = None,
    world: options.World = None,
    effort: options.UnusedEffort = None,
    timeout: options.UnusedTimeout = None,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """Why is this one connection allowed or blocked?"""
    del effort, version, config, no_config
    with guard(verbose):
        check_timeout(timeout)
        outputs = parse_outputs(output or (), EXPLAIN_FORMATS)
        request = ExplainRequest(
            manifests=ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace),
            source=source,
            destination=destination,
            port=port,
            counterexample=counterexample,
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
        )
        from .reports.explain import render_explanation  # noqa: PLC0415

        explanation, notices = run_explain(request)
        if not quiet:
            complain_of(notices)
        terminal = Terminal(quiet=quiet, verbose=verbose, no_color=no_color, env=os.environ)
        for each in outputs:
            write_output(each, render_explanation(explanation, each.format, terminal.look(each)))
