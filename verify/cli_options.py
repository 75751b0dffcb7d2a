"""The options that commands share: names, environment variables and help, declared once.

An environment variable of a repeatable option holds several values parted by spaces.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from .. import __version__
from ..encodings.problems import did_you_mean
from .config_file import apply_config
from .exit_codes import FAIL_ON_LEVELS, FailOn
from .guard import guard
from .output import usage_error


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        solver = version("z3-solver")
    except PackageNotFoundError:
        solver = "missing"
    typer.echo(f"netpol-verify {__version__} (z3 {solver})")
    raise typer.Exit()


Manifests = Annotated[
    list[str] | None,
    typer.Option(
        "-f",
        "--manifests",
        metavar="PATH",
        envvar="NETPOL_VERIFY_MANIFESTS",
        help="File, folder, - for standard input, git:REF[:PATH], or a folder with a kustomization or a chart. "
        "Repeatable: all are merged into one cluster.",
    ),
]
Live = Annotated[
    bool,
    typer.Option("--live", envvar="NETPOL_VERIFY_LIVE", help="Read what a cluster reports, as -f live: does."),
]
Context = Annotated[
    str | None,
    typer.Option(
        "--context",
        metavar="NAME",
        envvar="NETPOL_VERIFY_CONTEXT",
        help="With --live: the kubeconfig's context, if not the current one.",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="GLOB",
        envvar="NETPOL_VERIFY_EXCLUDE",
        help="Leave out manifest files that match. Repeatable; the report lists them.",
    ),
]
Namespace = Annotated[
    str,
    typer.Option(
        "-n",
        "--namespace",
        metavar="NAME",
        envvar="NETPOL_VERIFY_NAMESPACE",
        help="Namespace of objects that name none.",
    ),
]
OutputFormats = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FORMAT[:FILE]",
        envvar="NETPOL_VERIFY_OUTPUT",
        help="text (default) or json, to standard output or a file. Repeatable: one run, several outputs.",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("-q", "--quiet", envvar="NETPOL_VERIFY_QUIET", help="Only what does not pass, and the summary."),
]
Verbose = Annotated[
    bool,
    typer.Option("-v", "--verbose", envvar="NETPOL_VERIFY_VERBOSE", help="Every detail that is known."),
]
NoColor = Annotated[
    bool,
    typer.Option("--no-color", envvar="NETPOL_VERIFY_NO_COLOR", help="No colours (as NO_COLOR does)."),
]
Semantics = Annotated[
    list[str] | None,
    typer.Option(
        "--semantics",
        metavar="KEY=VALUE",
        envvar="NETPOL_VERIFY_SEMANTICS",
        help="How to read what the API leaves open: ipBlockMatchesPods=false. Overrides the suite. Repeatable.",
    ),
]
World = Annotated[
    list[str] | None,
    typer.Option(
        "--world",
        metavar="KEY=VALUE",
        envvar="NETPOL_VERIFY_WORLD",
        help="What may exist: pods=closed, podCIDRs=10.244.0.0/16. Overrides the suite. Repeatable.",
    ),
]
Effort = Annotated[
    int | None,
    typer.Option(
        "--effort",
        metavar="N",
        min=1,
        envvar="NETPOL_VERIFY_EFFORT",
        help="Solver resources for a property: a limit that gives the same result on every machine.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        envvar="NETPOL_VERIFY_TIMEOUT",
        help="Wall clock for the solver, off by default: what it cuts short is unknown, on one run or another.",
    ),
]
# The one connection that ``evaluate`` and ``explain`` ask about.
FlowSource = Annotated[
    str | None,
    typer.Option("--from", metavar="ENDPOINT", envvar="NETPOL_VERIFY_FROM", help="Who opens the connection."),
]
FlowDestination = Annotated[
    str | None,
    typer.Option("--to", metavar="ENDPOINT", envvar="NETPOL_VERIFY_TO", help="Who receives it."),
]
FlowPort = Annotated[
    str | None,
    typer.Option("--port", metavar="PORT", envvar="NETPOL_VERIFY_PORT", help="Destination port, such as TCP/5432."),
]
FlowCounterexample = Annotated[
    str | None,
    typer.Option(
        "--counterexample",
        metavar="REPORT.json#ID",
        envvar="NETPOL_VERIFY_COUNTEREXAMPLE",
        help="The counterexample of a property in a JSON report.",
    ),
]
# Every command takes the solver's limits, so that scripts can pass one set of options; some have no solver to limit.
UnusedEffort = Annotated[int | None, typer.Option("--effort", envvar="NETPOL_VERIFY_EFFORT", min=1, hidden=True)]
UnusedTimeout = Annotated[float | None, typer.Option("--timeout", envvar="NETPOL_VERIFY_TIMEOUT", hidden=True)]
Waivers = Annotated[
    list[str] | None,
    typer.Option(
        "--waivers",
        metavar="FILE",
        envvar="NETPOL_VERIFY_WAIVERS",
        help="Waivers beside those of the suite: traffic that a property lets be until a day. Repeatable.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="YYYY-MM-DD",
        envvar="NETPOL_VERIFY_NOW",
        help="The day on which waivers are looked at, if not today (UTC).",
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        envvar="NETPOL_VERIFY_BASELINE",
        help="What is known to fail: only what is new or worse fails the run.",
    ),
]
CreateBaseline = Annotated[
    str | None,
    typer.Option(
        "--create-baseline",
        metavar="FILE",
        envvar="NETPOL_VERIFY_CREATE_BASELINE",
        help="Write what fails now to FILE, print no report, and exit 0.",
    ),
]
UpdateBaseline = Annotated[
    bool,
    typer.Option(
        "--update-baseline",
        envvar="NETPOL_VERIFY_UPDATE_BASELINE",
        help="Remove from the baseline what does not fail any more; nothing is added.",
    ),
]


def _configure(context: typer.Context, parameter: typer.CallbackParam, value: object) -> object:
    """Apply the configuration once both options about it are known, before any other option is looked at."""
    chosen: dict[str, object] = context.meta.setdefault(__name__, {})
    chosen[parameter.name or ""] = value
    if len(chosen) == 2 and not chosen["no_config"] and not context.resilient_parsing:
        with guard():
            file = chosen["config"]
            apply_config(context, file if isinstance(file, str) else None)
    return value


# Every command takes these two, which act by themselves.
Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="NETPOL_VERIFY_CONFIG",
        is_eager=True,
        callback=_configure,
        help="A file of options. [default: .netpol-verify.yaml in the working directory]",
    ),
]
NoConfig = Annotated[
    bool,
    typer.Option(
        "--no-config",
        envvar="NETPOL_VERIFY_NO_CONFIG",
        is_eager=True,
        callback=_configure,
        help="Look at no file of options.",
    ),
]
Version = Annotated[
    bool,
    typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
]


def check_timeout(seconds: float | None, option: str = "--timeout") -> float | None:
    """A wall-clock limit that is one. Raises InputErrors for zero, negative or infinite seconds."""
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        raise usage_error(option, f"{seconds:g} is not a positive number of seconds")
    return seconds


def named_sources(manifests: Sequence[str] | None, live: bool, context: str | None) -> tuple[str, ...]:
    """What ``-f``, ``--live`` and ``--context`` name. Raises InputErrors for a context that nothing is read from."""
    if context is not None and not live:
        raise usage_error("--context", "says which cluster --live reads", "add --live, or write -f live:CONTEXT")
    return (*(manifests or ()), *((f"live:{context or ''}",) if live else ()))


def parse_fail_on(text: str) -> FailOn:
    """The level of ``--fail-on``. Raises InputErrors for a word that is none."""
    check_choice("--fail-on", text, FAIL_ON_LEVELS)
    return next(level for level in FAIL_ON_LEVELS if level == text)


def parse_expect(text: str | None) -> bool | None:
    """Whether ``--expect`` wants the connection allowed; None without it. Raises InputErrors for another word."""
    if text is None:
        return None
    check_choice("--expect", text, ("allowed", "blocked"))
    return text == "allowed"


def check_choice(option: str, value: str, choices: Collection[str]) -> None:
    """Raises InputErrors, with the nearest choice, if the value is none of the choices."""
    if value not in choices:
        hint = f"{did_you_mean(value, tuple(choices))} choose from {', '.join(choices)}".strip()
        raise usage_error(option, f'"{value}" is not a choice', hint)
