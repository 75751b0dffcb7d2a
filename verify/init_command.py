"""The command ``init``: options in, a suite as a file or on standard output.

As in ``commands``, there is no logic here, and what is called loads what it needs when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import cli_options as options
from .cli_options import check_timeout, named_sources
from .guard import guard
from .output import Output, complain, complain_of, usage_error, write_output
from .progress import progress_shown
from .run import DEFAULT_SUITE, ManifestsRequest
from .run_init import SCHEMA_FILE, InitRequest, run_init

STDOUT = "-"

INIT_EXAMPLES = """\b
Examples:
  netpol-verify init -f k8s/
  netpol-verify init -f k8s/ -o netpol/properties.yaml
  netpol-verify init --live -o -
  helm template chart/ | netpol-verify init -f - -o properties.yaml --force

\b
What holds today because of the policies is written down as properties; what one
would expect and does not hold, as comments with a counterexample.

\b
Exit codes: 0 written, 2 bad input or usage (also: the file exists, and there is
no --force), 4 an internal error.
"""


def init(
    *,
    manifests: options.Manifests = None,
    live: options.Live = False,
    context: options.Context = None,
    exclude: options.Exclude = None,
    namespace: options.Namespace = "default",
    output: Annotated[
        str,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            envvar="NETPOL_VERIFY_OUT",
            help="The suite to write; - for standard output. Paths in it are relative to it.",
        ),
    ] = DEFAULT_SUITE,
    force: Annotated[
        bool,
        typer.Option("--force", envvar="NETPOL_VERIFY_FORCE", help="Overwrite the file if it exists."),
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    semantics: options.Semantics = None,
    world: options.World = None,
    effort: options.Effort = None,
    timeout: options.Timeout = None,
    config: options.Config = None,
    no_config: options.NoConfig = False,
    version: options.Version = False,
) -> None:
    """What do these manifests guarantee today? A first suite, to be read and pruned."""
    del version, config, no_config
    with guard(verbose):
        file = None if output == STDOUT else output
        if file is not None:
            check_target(file, force=force)
        request = InitRequest(
            manifests=ManifestsRequest(named_sources(manifests, live, context), tuple(exclude or ()), namespace),
            file=file,
            world=tuple(world or ()),
            semantics=tuple(semantics or ()),
            effort=effort,
            timeout=check_timeout(timeout),
        )
        with progress_shown(wanted=not quiet) as progress:
            found = run_init(request, progress)
        if not quiet:
            complain_of(found.notices)
        write_output(Output("yaml", file), found.text)
        if file is not None and not quiet:
            missing = f"; {found.missing} more, which do not hold, as comments" if found.missing else ""
            complain(f"{file}: {found.holding} propert{'y' if found.holding == 1 else 'ies'}{missing}")
            _name_schema(Path(file).parent / SCHEMA_FILE)


def _name_schema(beside: Path) -> None:
    """Say how to get the schema that the suite's first line names, if it is not there."""
    if not beside.exists():
        complain(f"for completion in an editor: netpol-verify schema -o {beside.as_posix()}")


def check_target(file: str, *, force: bool) -> None:
    """Raises InputErrors for a file that cannot be written, or exists and is not to be overwritten."""
    path = Path(file)
    if path.is_dir():
        raise usage_error("--out", f'"{file}" is a folder, not a file')
    if not path.absolute().parent.is_dir():
        raise usage_error("--out", f'the folder of "{file}" does not exist')
    if path.exists() and not force:
        raise usage_error("--out", f'"{file}" exists already', "name another file, or overwrite it with --force")
