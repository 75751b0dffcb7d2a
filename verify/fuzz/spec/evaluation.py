"""A small specification of NetworkPolicy and of the tiers around it that runs, and any of whose rules can be broken.

It starts from manifests as plain data and decides one connection at a time, in the order in which the API's
documentation tells it. Wherever a rule of the catalogue decides, its id stands there; an evaluation that is to break
the rule then does what the catalogue says under ``otherwise``. It shares nothing with the product's evaluators, and
decides no verdict: it names the rule behind a disagreement with one. It trusts that the objects are valid.
"""

from __future__ import annotations

from ..model import Cluster, Flow, Raw
from ..readings import DEFAULT_READING, Reading
from ..rules import RULES
from .blocks import address_of
from .connection import Connection, End
from .kept import Kept
from .manifest import Manifest, Pod, Policy
from .policy import Rules
from .policy_types import governs
from .ports import is_declared
from .selectors import matches
from .tiers import ALLOW, DENY, Tier

DIRECTIONS = ("egress", "ingress")


class Spec:
    """Which flows of a cluster are allowed, with some rules broken, under one reading of what the API leaves open."""

    def __init__(
        self,
        cluster: Cluster | Manifest,
        broken: frozenset[str] = frozenset(),
        reading: Reading = DEFAULT_READING,
        asked: set[str] | None = None,
    ) -> None:
        """``asked`` gathers the rules that decide anything. Raises ValueError for a rule that the catalogue lacks."""
        unknown = sorted(broken - RULES.keys())
        if unknown:
            raise ValueError(f"no rule of the semantics: {', '.join(unknown)}")
        keeps = Kept(broken, asked)
        self.manifest = cluster if isinstance(cluster, Manifest) else Manifest.of(cluster)
        self._keeps = keeps
        self._ip_block_matches_pods = reading.ip_block_matches_pods is keeps("reading-ip-block-matches-pods")
        self._host_pods_are_pods = (reading.host_network_pods == "ordinary") is keeps("reading-host-network-pods")
        self._hidden_by = reading.baseline_hidden_by
        self._admin, self._baseline = (
            Tier(policies, self.manifest, reading.order, keeps) if policies else None
            for policies in (self.manifest.of_tier("Admin", keeps), self.manifest.of_tier("Baseline", keeps))
        )
        self._policies = self.manifest.policies_that_count(keeps)
        self._pods = self.manifest.pods_that_count(keeps)
        self._named = {f"{pod.namespace}/{pod.name}": pod for pod in self._pods}

    def allowed(self, flow: Flow) -> bool:
        """Whether the flow is allowed. KeyError for a pod that the cluster does not have."""
        ends = self._end(flow.source), self._end(flow.destination)
        connection = Connection(*ends, flow.protocol, flow.port, flow.family)
        if self._decide(connection):
            return True
        return not self._keeps("one-way-is-not-both-ways") and self._decide(connection.reversed())

    def _end(self, text: str) -> End:
        pod = self._named.get(text)
        if pod is None:
            if "/" in text:
                raise KeyError(f"no pod {text}")
            address = address_of(text)
            pod = next((each for each in self._pods if address in each.addresses.values()), None)
            if pod is None:
                return End({f"IPv{address.version}": address})
        return End(pod.addresses, pod if self._host_pods_are_pods or not pod.host_network else None)

    def _decide(self, connection: Connection) -> bool:
        keeps = self._keeps
        if not keeps("ports-need-no-declaration") and not is_declared(connection):
            return False
        if self._is_let_out(connection) and not keeps("egress-allow-does-not-bypass-ingress"):
            return True
        egress, ingress = (self._side(direction, connection) for direction in DIRECTIONS)
        egress = egress or not keeps("egress-of-the-source-counts")
        ingress = ingress or not keeps("ingress-of-the-destination-counts")
        if not keeps("both-ends-must-allow") and connection.source.pod and connection.destination.pod:
            return egress or ingress
        return egress and ingress

    def _side(self, direction: str, connection: Connection) -> bool:
        """What the policies of one end say."""
        keeps, pod = self._keeps, connection.subject(direction).pod
        if pod is None:
            return keeps("outside-source-is-free" if direction == "egress" else "outside-destination-is-free")
        if self._admin is not None and (decided := self._by_admin(self._admin, direction, connection, pod)) is not None:
            return decided
        if self._baseline is not None:
            decided = self._by_baseline(self._baseline, direction, connection, pod)
            if decided is not None:
                return decided
        return self._by_network_policies(direction, connection, pod)

    def _is_let_out(self, connection: Connection) -> bool:
        """Whether the Admin tier allows the connection to leave."""
        return self._admin is not None and self._first(self._admin, "egress", connection) in ALLOW

    def _by_admin(self, tier: Tier, direction: str, connection: Connection, pod: Pod) -> bool | None:
        """What the Admin tier says; None where it leaves the decision to what follows."""
        keeps = self._keeps
        if not keeps("admin-tier-counts"):
            return None
        if not keeps("admin-before-network-policies") and self._governing(direction, pod):
            return None
        action = self._first(tier, direction, connection)
        if action == "Pass" and not keeps("pass-is-no-allow"):
            return True
        if action in ALLOW:
            return True if keeps("admin-allow-ends-the-decision") else None
        return False if action == DENY else None

    def _by_baseline(self, tier: Tier, direction: str, connection: Connection, pod: Pod) -> bool | None:
        """What the Baseline tier says; None where NetworkPolicies decide, or nothing forbids anything."""
        keeps = self._keeps
        if not keeps("baseline-tier-counts"):
            return None
        if self._governing(direction, pod) and keeps("baseline-after-network-policies"):
            return None
        other = "ingress" if direction == "egress" else "egress"
        if self._hidden_by == "pod" and self._governing(other, pod):
            return None
        action = self._first(tier, direction, connection)
        if action == "Pass" and not keeps("baseline-pass-allows"):
            return False
        return None if action in (None, "Pass") else action in ALLOW

    def _first(self, tier: Tier, direction: str, connection: Connection) -> str | None:
        """The action that decides; None where no rule matches."""
        keeps, actions = self._keeps, tier.actions(direction, connection)
        if not actions:
            return None
        if DENY in actions and not keeps("deny-does-not-override-an-earlier-rule"):
            return DENY
        if not keeps("allow-does-not-override-an-earlier-rule"):
            actions = [*(each for each in actions if each in ALLOW), *actions]
        if actions[0] == "Pass" and not keeps("pass-leaves-the-tier"):
            return next((each for each in actions if each != "Pass"), None)
        return actions[0]

    def _governing(self, direction: str, pod: Pod) -> list[Policy]:
        return [policy for policy in self._candidates(pod) if self._governs(policy, pod, direction)]

    def _by_network_policies(self, direction: str, connection: Connection, pod: Pod) -> bool:
        keeps = self._keeps
        if connection.family == "IPv6" and not keeps("isolation-covers-every-family"):
            return True
        if connection.protocol != "TCP" and not keeps("isolation-covers-every-protocol"):
            return True
        if connection.protocol == "SCTP" and not keeps("isolation-covers-sctp"):
            return True
        governing = self._governing(direction, pod)
        if not governing:
            return keeps("unselected-pod-is-open")
        if not keeps("later-policies-count"):
            governing = governing[:1]
        deciding = [Rules(policy, direction, self.manifest, self._ip_block_matches_pods, keeps) for policy in governing]
        if not keeps("except-limits-only-its-own-block") and any(each.except_it(connection) for each in deciding):
            return False
        answers = [each.allow(connection, self._pods) for each in deciding]
        return any(answers) if keeps("policies-add-up") else all(answers)

    def _candidates(self, pod: Pod) -> list[Policy]:
        if self._keeps("policy-selects-in-its-own-namespace"):
            return self._policies.get(pod.namespace, [])
        return [policy for policies in self._policies.values() for policy in policies]

    def _governs(self, policy: Policy, pod: Pod, direction: str) -> bool:
        keeps, spec = self._keeps, policy.spec
        if not spec and not keeps("absent-spec-isolates-ingress"):
            return False
        if not policy.rules(direction) and not keeps("direction-without-rules-is-closed"):
            return False
        return governs(spec, direction, keeps) and self._selects(spec, pod)

    def _selects(self, spec: Raw, pod: Pod) -> bool:
        keeps, selector = self._keeps, spec.get("podSelector")
        if not pod.labels and not keeps("pod-without-labels-is-a-pod"):
            return False
        if selector is None:
            return keeps("absent-pod-selector-selects-every-pod")
        if not selector:
            return keeps("empty-pod-selector-selects-every-pod")
        return matches(selector, pod.labels, keeps) or not keeps("policy-selects-by-its-pod-selector")
