"""What is in a suite's folder, how it is used and what it exercises, as a page to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...reports.lines import clean
from .circumstances import sentence
from .cyclonus import why_not_cyclonus
from .given import EVERYWHERE
from .live import IMAGE, Live, why_not_live
from .netassert import why_not_netassert
from .suite import Probe, Suite

_SHOWN = 6
"""Connections that are named beside a boundary."""
_NOWHERE = "no connection shows it"
_READINGS = {
    None: "whether an ipBlock matches pods or not",
    True: "where an ipBlock matches pods by their addresses",
    False: "where an ipBlock matches no pods",
}


def page(suite: Suite, live: Live) -> str:
    """``README.md``."""
    parts = (_head(suite, live), _cluster(live), _others(), _not_tried(suite), _boundaries(suite), _pairs(suite))
    return "\n".join(line for part in parts for line in (*part, "")).rstrip("\n") + "\n"


def _head(suite: Suite, live: Live) -> Iterator[str]:
    counts = {name: len(suite.probes) - len(_left_out(suite, why)) for name, why in _uses(suite).items()}
    policies = suite.cluster.of_kind("NetworkPolicy")
    yield f"# {_count('connection', suite.probes)} for {_count('network policy', policies)}"
    yield ""
    yield f"They are between {_count('pod', suite.cluster.pods())}, and with addresses outside. Together they exercise"
    yield f"{_count('boundary', suite.boundaries)} of the policies, on both sides where both exist: places at which a"
    yield "network plugin, or another program, may take the policies for something else."
    yield ""
    yield f"What is expected holds {_READINGS[suite.reading]}."
    yield ""
    yield "| here | connections | what it is |"
    yield "|---|---|---|"
    yield f"| `run.sh`, `suite/` | {len(live.probes)} | a script that tries them on a cluster, with `kubectl` |"
    yield f"| `netassert.yaml` | {counts['netassert.yaml']} | tests for NetAssert v2 |"
    yield f"| `cyclonus/` | {counts['cyclonus/']} | input for cyclonus, and what it should say |"
    yield f"| `flows.jsonl`, `expected.jsonl`, `manifests/` | {len(suite.probes)} | for evaluators |"
    if suite.left_out:
        yield ""
        yield f"Left out, since this is about NetworkPolicies alone: {clean(', '.join(suite.left_out))}."


def _cluster(live: Live) -> Iterator[str]:
    used = {each["metadata"]["namespace"] for each in (*live.pods, *live.policies)}
    there = [name for name in EVERYWHERE if name in used]
    yield "## On a cluster"
    yield ""
    yield "    ./run.sh"
    yield ""
    yield "It takes a cluster for tests, that enforces network policies and in which nobody needs what is created here:"
    yield ""
    made = [each["metadata"]["name"] for each in live.namespaces]
    yield f"- {_count('namespace', made)}{': ' if made else ''}{', '.join(made)}"
    yield f"- {_count('pod', live.pods)} of the image `{IMAGE}`"
    yield f"- {_count('policy', live.policies)}"
    if there:
        yield f"- some of it in namespaces that every cluster has: {', '.join(there)}. They must have no labels that"
        yield "  the policies ask about, but for those that are given here"
    yield ""
    yield "The script stops before anything is created if one of these exists, and removes at the end what it created."
    yield "The names of real namespaces are needed, since policies tell namespaces by their names and labels."
    yield ""
    yield "Each connection is tried without the policies first. What cannot be reached then is `open`, and proves"
    yield "nothing: nobody listens at an address outside, or the cluster has no IPv6, or no SCTP (for which netshoot"
    yield "has `socat`, and the nodes must have the kernel's module). `fuzz --emit` leaves such connections out with"
    yield "`--without ipv6`, `--without sctp` or `--without outside-destination`."


def _others() -> Iterator[str]:
    yield "## With other tools"
    yield ""
    yield "NetAssert runs on the pods of the script, the others without a cluster:"
    yield ""
    yield "    NPV_KEEP=1 ./run.sh; netassert run --input-file netassert.yaml; kubectl delete -f suite"
    yield "    cyclonus analyze --mode probe --policy-path cyclonus/policies --probe-path cyclonus/probe-….json"
    yield "    netpol-verify evaluate -f manifests --flows flows.jsonl -o json"
    yield "    ./evaluator manifests < flows.jsonl | diff - expected.jsonl"
    yield ""
    yield "`cyclonus/expected.json` says which cells of the combined table to look at, file by file, and what to expect"
    yield "of the connections in `traffic.json` (`--mode query-traffic --traffic-path`), in order. Where namespaces"
    yield "enforce a Pod Security level, NetAssert's tests of UDP are refused: its sniffer needs a capability."


def _uses(suite: Suite) -> dict[str, Callable[[Probe], str | None]]:
    return {
        "run.sh": why_not_live,
        "netassert.yaml": why_not_netassert,
        "cyclonus/": lambda probe: why_not_cyclonus(suite, probe),
    }


def _left_out(suite: Suite, why_not: Callable[[Probe], str | None]) -> dict[int, str]:
    reasons = ((probe.number, why_not(probe)) for probe in suite.probes)
    return {number: reason for number, reason in reasons if reason is not None}


def _not_tried(suite: Suite) -> Iterator[str]:
    """What each use leaves out, reason by reason; and which sides of boundaries it then has nothing for."""
    yield "## What is not tried"
    yield ""
    yield "Pods' addresses are chosen by the cluster, and addresses outside can only be destinations there."
    for name, why_not in _uses(suite).items():
        left_out = _left_out(suite, why_not)
        for reason in dict.fromkeys(left_out.values()):
            numbers = [number for number, own in left_out.items() if own == reason]
            yield f"- `{name}`: {reason}: {_numbers(numbers)}."
        without = _sides_without(suite, left_out)
        if without and name == "run.sh":
            yield f"- `{name}` so has nothing for: {clean('; '.join(without))}."
        elif without:
            yield f"- `{name}` so has nothing for {_count('side', without)} of boundaries."


def _sides_without(suite: Suite, left_out: dict[int, str]) -> list[str]:
    """Sides of boundaries that only probes which are left out exercise."""
    return [
        f"{boundary}, {side}"
        for (boundary, side), numbers in _exercised(suite).items()
        if all(number in left_out for number in numbers)
    ]


def _exercised(suite: Suite) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for probe in suite.probes:
        for claim in probe.claims:
            found.setdefault((claim.boundary, claim.side), []).append(probe.number)
    return found


def _boundaries(suite: Suite) -> Iterator[str]:
    exercised = _exercised(suite)
    yield "## Boundaries"
    yield ""
    yield "Inside is what the policies include. A connection on one side has another answer, or is allowed by another"
    yield "rule, if the policies are misread there."
    yield ""
    yield "| boundary | what is tried | inside | outside |"
    yield "|---|---|---|---|"
    for boundary in suite.boundaries:
        cells = {"inside": "", "outside": ""}
        for side in boundary.sides:
            cells[side.name] = _numbers(exercised.get((boundary.id, side.name), []), _SHOWN) or _NOWHERE
        yield f"| {_cell(boundary.id)} | {_cell(boundary.text)} | {cells['inside']} | {cells['outside']} |"


def _pairs(suite: Suite) -> Iterator[str]:
    added = [probe for probe in suite.probes if probe.pairs]
    yield "## Circumstances in pairs"
    yield ""
    yield "A program may be right at each boundary and wrong where two things meet."
    for probe in added:
        shown = "; ".join(map(sentence, probe.pairs[:2]))
        rest = len(probe.pairs) - 2
        yield f"- {probe.number}: {_cell(shown)}{f'; and {rest} more' if rest > 0 else ''}"


def _cell(text: str) -> str:
    return clean(text).replace("|", "\\|")


def _numbers(numbers: Sequence[int], most: int | None = None) -> str:
    shown = ", ".join(map(str, numbers[:most]))
    rest = 0 if most is None else len(numbers) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def _count(what: str, listed: Sequence[object]) -> str:
    """``1 policy``, ``2 policies``."""
    number = len(listed)
    if number != 1:
        what = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number} {what}"
