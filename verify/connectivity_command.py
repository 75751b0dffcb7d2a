"""The command ``connectivity``: options in, output in one of six formats.

As in ``commands``, there is no logic here, and what is called loads what it needs when it runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from . import cli_options as options
from .cli_options import check_choice, check_timeout, named_sources
from .guard import guard
from .output import Terminal, complain_of, parse_outputs
from .run import ManifestsRequest
from .run_connectivity import ConnectivityRequest, run_connectivity
from .stream import write_pieces

if TYPE_CHECKING:
    from .connectivity.reach import Connectivity
    from .reports.lines import Look

FORMATS = ("text", "json", "csv", "markdown", "dot", "mermaid")
BY = ("workload", "class")

CONNECTIVITY_EXAMPLES = """\b
Examples:
  netpol-verify connectivity -f k8s/
  netpol-verify connectivity -f k8s/ --to shop/db
  netpol-verify connectivity -f k8s/ --from shop: --to 0.0.0.0/0 --port 443
  netpol-verify connectivity -f k8s/ --by class -o json:connectivity.json
  netpol-verify connectivity -f k8s/ -o dot | dot -Tsvg > connectivity.svg

\b
Filters: namespace/name or namespace/kind/name (a declared workload),
namespace:app=web,tier!=front (declared workloads with these labels), namespace:
(all of it), an IP address, a CIDR. Ports: 5432, UDP/53, TCP/8000-8010, TCP/http.

\b
Exit codes: 0 answered, 2 bad input or usage (also: a filter that matches
nothing), 4 an internal error.
"""


def connectivity(
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="FILTER",
            envvar="NETPOL_VERIFY_FROM",
            help="Only connections from these workloads or outside addresses. Repeatable.",
        ),
    ] = None,
    destination: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="FILTER",
            envvar="NETPOL_VERIFY_TO",
            help="Only connections to these workloads or outside addresses. Repeatable.",
        ),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", metavar="PORT", envvar="NETPOL_VERIFY_PORT", help="Only this port, such as TCP/5432."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="workload|class",
            envvar="NETPOL_VERIFY_BY",
            help="One line for each pair of workloads, or of classes of workloads with equal reach. "
            "dot and mermaid are always by class.",
        ),
    ] = "workload",
    manifests: options.Manifests = None,
    live: options.Live = False,
    context: options.Context = None,
    exclude: options.Exclude = None,
    namespace: options.Namespace = "default",
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT[:FILE]",
            envvar="NETPOL_VERIFY_OUTPUT",
            help="text (default), json, csv, markdown, dot or mermaid, to standard output or a file. Repeatable.",
        ),
    ] = None,
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
    """Which declared workloads and address ranges can talk, on which ports?"""
    del effort, version, config, no_config
    with guard(verbose):
        check_timeout(timeout)
        check_choice("--by", by, BY)
        outputs = parse_outputs(output or (), FORMATS)
        request = ConnectivityRequest(
            manifests=ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace),
            sources=tuple(source or ()),
            destinations=tuple(destination or ()),
            port=port,
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
        )
        answer = run_connectivity(request)
        if not quiet:
            complain_of(answer.notices)
        terminal = Terminal(quiet=quiet, verbose=verbose, no_color=no_color, env=os.environ)
        for each in outputs:
            write_pieces(each, pieces_of(answer.found, each.format, terminal.look(each), by_class=by == "class"))


def pieces_of(found: Connectivity, format_: str, look: Look, *, by_class: bool) -> Iterator[str]:
    """The output in this format, piece by piece."""
    from .connectivity.entries import Entries  # noqa: PLC0415
    from .connectivity.graph import graph_of  # noqa: PLC0415
    from .connectivity.nodes import by_reach, by_workload  # noqa: PLC0415
    from .reports import connectivity_lines as lines  # noqa: PLC0415
    from .reports.connectivity_graphs import GRAPHS  # noqa: PLC0415

    if format_ in GRAPHS:
        return GRAPHS[format_](graph_of(found))
    nodes = by_reach(found) if by_class else by_workload(found)
    entries, legend = Entries(found, nodes), nodes if by_class else None
    if format_ == "json":
        return lines.json_pieces(entries, legend)
    if format_ == "csv":
        return lines.csv_pieces(entries)
    if format_ == "markdown":
        return lines.markdown_pieces(entries)
    return lines.text_pieces(entries, look, legend)
