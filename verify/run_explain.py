"""A whole run of ``explain`` as one function: read manifests, resolve the connection, walk through it.

No solver is involved. Trusts ``asked`` for what is asked, and ``explanation`` for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..encodings.problems import Notice
from .run import ManifestsRequest, read_named

if TYPE_CHECKING:
    from .explanation import Explanation

# As in ``run``, the function imports what it calls.

COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """What ``explain`` is asked: one connection (``source``, ``destination``, ``port``), or the ``counterexample``
    ``REPORT.json#ID``; exactly one of the two. ``world`` and ``semantics`` are those of ``evaluate``."""

    manifests: ManifestsRequest = field(default_factory=ManifestsRequest)
    source: str | None = None
    destination: str | None = None
    port: str | None = None
    counterexample: str | None = None
    world: tuple[str, ...] = ()
    semantics: tuple[str, ...] = ()


def run_explain(request: ExplainRequest) -> tuple[Explanation, tuple[Notice, ...]]:
    """The explanation, and what is worth saying about the question and the manifests.

    Raises InputErrors for anything wrong with options, manifests or the report, with all problems of a step.
    """
    from ..encodings.concrete.evaluator import Cluster as Policies  # noqa: PLC0415
    from ..encodings.concrete.inventory import read_inventory  # noqa: PLC0415
    from ..properties.overrides import parse_overrides  # noqa: PLC0415
    from .asked import ask_again, ask_flow, check_form  # noqa: PLC0415
    from .explanation import explain  # noqa: PLC0415
    from .flow_endpoints import Place  # noqa: PLC0415

    ends = {"--from": request.source, "--to": request.destination, "--port": request.port}
    hint = "ask with --from, --to and --port, or with --counterexample REPORT.json#ID"
    check_form(ends, {"--counterexample": request.counterexample}, COMMAND_LINE, hint)
    overrides = parse_overrides(request.world, request.semantics)
    cluster = read_named(request.manifests, overrides.semantics.duplicate_objects or "error")
    if request.counterexample is not None:
        asked = ask_again(request.counterexample, overrides.semantics)
    else:
        flow = {"from": request.source, "to": request.destination, "port": request.port}
        inventory = read_inventory(cluster.manifests)
        pod_cidrs = overrides.world.pod_cidrs or ()
        asked = ask_flow(flow, inventory, overrides.semantics, pod_cidrs, Place(COMMAND_LINE))
    explanation = explain(asked, Policies.of(cluster.manifests))
    notices = (*cluster.notices, *asked.question.notices, *asked.differing(explanation.allowed))
    return explanation, tuple(dict.fromkeys(notices))
