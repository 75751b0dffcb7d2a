"""The command ``schema``: the JSON Schema of what this program reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import cli_options as options
from .cli_options import check_choice
from .guard import guard
from .init_command import STDOUT, check_target
from .output import Output, write_output

if TYPE_CHECKING:
    from ..properties.json_schema import Schema

SCHEMAS = ("suite", "waivers", "report", "diff")

SCHEMA_EXAMPLES = """\b
Examples:
  netpol-verify schema -o netpol-verify.schema.json
  netpol-verify schema waivers
  netpol-verify schema report | check-jsonschema --schemafile /dev/stdin report.json

\b
Exit codes: 0 printed, 2 bad usage, 4 an internal error.
"""


def schema(
    *,
    what: Annotated[
        str,
        typer.Argument(
            metavar="suite|waivers|report|diff",
            envvar="NETPOL_VERIFY_SCHEMA",
            help="Of a suite, a file of waivers, the JSON report of prove, or that of diff.",
        ),
    ] = "suite",
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            envvar="NETPOL_VERIFY_OUT",
            help="The file to write, also over an older one; - for standard output.",
        ),
    ] = STDOUT,
    verbose: options.Verbose = False,
    version: options.Version = False,
) -> None:
    """The JSON Schema of suites, waivers and reports, for editors and other programs."""
    del version
    with guard(verbose):
        check_choice("SCHEMA", what, SCHEMAS)
        file = None if output == STDOUT else output
        if file is not None:
            check_target(file, force=True)
        from .reports.json_report import dump_json  # noqa: PLC0415

        write_output(Output("json", file), dump_json(_schema(what)))


def _schema(what: str) -> Schema:
    from ..properties.json_schema import suite_schema, waivers_schema  # noqa: PLC0415
    from .reports.report_schema import diff_schema, report_schema  # noqa: PLC0415

    return {"suite": suite_schema, "waivers": waivers_schema, "report": report_schema, "diff": diff_schema}[what]()
