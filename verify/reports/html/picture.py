"""Who talks to whom, as data for the page: ends by namespace, what each reaches, and the reasons of every pair.

Computed as ``connectivity`` computes it, under the world and the reading of the first property. Sets of ends are
written as hexadecimal numbers, one bit an end, and each set once.
"""

from __future__ import annotations

from ....encodings.cluster import build_cluster
from ....encodings.policy import DirectedPolicy
from ...connectivity.asking import scope_of
from ...connectivity.classes import host_network_workloads
from ...connectivity.outside import addresses_of
from ...connectivity.portmaps import PortMap, by_knowledge
from ...connectivity.reach import parts_of, reach
from ...connectivity.reasons import Matched, PolicyReach, Reasons, RuleReach, reasons
from ...rule_words import admitted_by_rule, selected_by
from ...sources import Source
from ..connectivity_lines import ports_words
from ..json_report import Json
from ..lines import clean
from ..words import labels, place
from .texts import Texts


def picture(source: Source, texts: Texts) -> dict[str, Json]:
    """The picture of one list of manifests."""
    cluster = build_cluster(source.manifests)
    addresses = addresses_of(source.manifests, source.world)
    parts = parts_of(cluster, scope_of(addresses, source.world, source.semantics))
    known = reasons(cluster, parts, reach(cluster, parts))
    return _Data(known, texts).object(clean(source.title), [clean(each) for each in host_network_workloads(cluster)])


class _Data:
    def __init__(self, known: Reasons, texts: Texts) -> None:
        self._known, self._texts = known, texts
        self._sets: dict[int, int] = {}

    def object(self, title: str, in_host: list[str]) -> dict[str, Json]:
        """The whole picture."""
        known = self._known
        found: dict[str, Json] = {
            "title": title,
            "ends": [
                {
                    "namespace": None if end.namespace is None else clean(end.namespace),
                    "title": clean(end.title),
                    "members": [clean(each) for each in end.members],
                    "labels": labels(end.labels),
                }
                for end in known.ends
            ],
            "maps": [_map(each) for each in known.maps],
            "reached": [[[ports, self._set(ends)] for ports, ends in row.items()] for row in known.reached],
            "policies": [self._policy(each) for each in known.policies],
            "unmodelled": [
                [clean(each.reference), list[Json](each.directions), self._set(ends)] for each, ends in known.unmodelled
            ],
            "leftOut": known.left_out,
            "inHost": list[Json](in_host),
        }
        return {**found, "sets": [f"{each:x}" for each in self._sets]}

    def _set(self, ends: int) -> int:
        return self._sets.setdefault(ends, len(self._sets))

    def _matched(self, found: Matched) -> list[Json]:
        return [self._set(found.surely), self._set(found.possibly)]

    def _policy(self, found: PolicyReach) -> Json:
        policy = found.policy
        where = self._texts.place(policy.origin.file, policy.origin.line)
        return {
            "name": clean(policy.reference),
            "direction": policy.direction,
            "tier": None if found.tier.end == "deny-if-selected" else found.tier.name,
            "priority": policy.priority if isinstance(policy.priority, int) else None,
            "place": place(policy.origin.file, policy.origin.line),
            "text": where and where[0],
            "selects": clean(selected_by(policy)),
            "subjects": self._matched(found.subjects),
            "rules": [self._rule(policy, number, each) for number, each in enumerate(found.rules)],
        }

    def _rule(self, policy: DirectedPolicy, number: int, found: RuleReach) -> Json:
        origin = found.rule.origin
        where = self._texts.place(origin.file, origin.line)
        return {
            "name": f"{policy.direction}[{number}]",
            "action": found.rule.action,
            "admits": clean(admitted_by_rule(policy, found.rule)),
            "place": place(origin.file, origin.line),
            "lines": None if where is None else list[Json](where),
            "peers": self._matched(found.peers),
        }


def _map(ports: PortMap) -> Json:
    """The open ports, and those that depend on something: ``[words, [[text, end, whether of its namespace]]]``."""
    found: list[Json] = []
    for unknowns, part in by_knowledge(ports):
        depends = sorted((each.text, each.end or "", each.of_namespace) for each in unknowns)
        found.append([ports_words(part), [[clean(text), end, of_namespace] for text, end, of_namespace in depends]])
    return found
