"""What ``fuzz --emit`` wrote, for a person and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...reports.lines import Line, Look, clean, render_lines
from .cyclonus import why_not_cyclonus
from .live import why_not_live
from .netassert import why_not_netassert

if TYPE_CHECKING:
    from ...run_emit import Emitted


def render_emit_text(emitted: Emitted, look: Look) -> str:
    """A few lines; nothing if it is to be quiet."""
    if look.quiet:
        return ""
    found = counts(emitted)
    whole = f"{found['boundaries']} boundaries, {found['connections']} connections, {found['pods']} pods"
    parts = f"{found['cluster']} on a cluster, {found['netassert']} by NetAssert, {found['cyclonus']} by cyclonus"
    lines: list[Line] = [
        [(whole, "bold")],
        [(f"can be tried: {parts}, all by evaluators", "")],
        [(clean(f"{emitted.folder}/README.md says how"), "dim")],
    ]
    for each in emitted.suite.left_out:
        lines.append([(f"left out: {clean(each)}, which is no NetworkPolicy", "yellow")])
    return render_lines(lines, look)


def render_emit_json(emitted: Emitted) -> str:
    """One object."""
    whole = {"emit": "netpol-verify/v1", "folder": emitted.folder, **counts(emitted)}
    return json.dumps(whole | {"leftOut": list(emitted.suite.left_out)}, indent=2, ensure_ascii=False) + "\n"


def counts(emitted: Emitted) -> dict[str, int]:
    """How much there is of everything."""
    suite = emitted.suite
    return {
        "policies": len(suite.cluster.of_kind("NetworkPolicy")),
        "boundaries": len(suite.boundaries),
        "pods": len(suite.cluster.pods()),
        "connections": len(suite.probes),
        "cluster": sum(why_not_live(each) is None for each in suite.probes),
        "netassert": sum(why_not_netassert(each) is None for each in suite.probes),
        "cyclonus": sum(why_not_cyclonus(suite, each) is None for each in suite.probes),
    }
