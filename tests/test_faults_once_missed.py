"""One test for each fault that mutation testing planted and that no assertion noticed at first (docs/assurance.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from netpol_verify.encodings.concrete.selectors import Labels
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.solver import Solver
from netpol_verify.encodings.terms import Terms
from netpol_verify.encodings.world import LabelDomain
from netpol_verify.verify import commands
from netpol_verify.verify.guard import guarded
from support import result_of

NAMED_PORT = """
properties:
- id: it
  never: {from: {namespace: shop}, to: {namespace: shop}, ports: [TCP/http]}
"""
LABELLED = """
world: {namespaces: closed, external: [{name: shop, labels: {env: prod}}, {name: dev, labels: {env: dev}}]}
properties:
- id: it
  never: {from: {namespaces: env=dev}, to: {namespaces: env=prod}}
"""
SEVERAL = """
world: {namespaces: closed, external: [{name: a, labels: {}}, {name: b, labels: {}}, {name: c, labels: {}}]}
properties:
- id: it
  isolate: {groups: [{namespace: a}, {namespace: [b, c]}]}
"""
MANIFESTS = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: a}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-c, namespace: a}
spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: b}
spec: {podSelector: {}, policyTypes: [Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: c}
spec: {podSelector: {}, policyTypes: [Egress]}
"""


def ended(folder: Path, suite: str, manifests: str) -> int:
    """The exit code of ``prove`` over a suite and manifests."""
    (folder / "properties.yaml").write_text(
        f"apiVersion: netpol-verify/v1\nkind: PropertySuite\nmanifests: [k.yaml]\n{suite}"
    )
    (folder / "k.yaml").write_text(manifests)
    arguments = ["prove", str(folder / "properties.yaml"), "-q"]
    return guarded(lambda: commands.app(arguments, standalone_mode=True))


@pytest.mark.parametrize("suite", [NAMED_PORT, LABELLED])
def test_what_only_the_suite_mentions_is_part_of_the_world(tmp_path: Path, suite: str) -> None:
    """A port's name, or labels of an external namespace, that no policy mentions: refuted, and the replay agrees."""
    assert ended(tmp_path, suite, MANIFESTS) == 1


def test_a_list_of_namespaces_is_encoded_whole(tmp_path: Path) -> None:
    """Slicing keeps the policies of every namespace of a list: those of b and c are what closes them."""
    assert ended(tmp_path, SEVERAL, MANIFESTS) == 0


def test_a_label_is_in_no_empty_set_of_values() -> None:
    assert Labels({}, "a pod", frozenset({"k"})).value_in("k", frozenset()).value is False


def test_a_model_says_nothing_of_variables_that_came_later() -> None:
    """The least counterexample may take a term for possible only if the model at hand was made with its variables."""
    terms = Terms()
    first, second = terms.variable("first"), terms.variable("second")
    solver = Solver(terms)
    assert solver.witness([first]) == "sat"
    assert solver.decides(first)
    assert not solver.decides(second)
    assert not solver.decides(terms.all_of((first, -second)))


def test_a_kustomization_file_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [k.yaml]\n")
    (tmp_path / "k.yaml").write_text(MANIFESTS)
    read = read_manifests([Entry(str(tmp_path))])
    assert len(read.modelled) == 4
    assert ["kustomization" in notice.message.lower() for notice in read.notices] == [True]


def namespace(name: str) -> str:
    """A Namespace without labels."""
    return f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n"


def pod(name: str, ports: str = "[]", **metadata: str) -> str:
    """A Pod of namespace a with one container; ``metadata`` and ``ports`` in flow style."""
    more = "".join(f", {key}: {value}" for key, value in metadata.items())
    return (
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: a{more}}}\n"
        f"spec: {{containers: [{{name: c, image: i, ports: {ports}}}]}}\n"
    )


def owner(kind: str, labels: str) -> str:
    """An object of namespace a called it that makes pods with these labels."""
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: it, namespace: a}}\nspec:\n"
        f"  selector: {{matchLabels: {labels}}}\n"
        f"  template: {{metadata: {{labels: {labels}}}, spec: {{containers: [{{name: c, image: i}}]}}}}\n"
    )


def policy(spec: str) -> str:
    """A NetworkPolicy of namespace a."""
    head = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\n"
    return f"{head}spec: {{{spec}}}\n"


def one(expected: str, verb: str, world: str = "{}") -> str:
    """A suite of one property and the verdict it must have."""
    return f"world: {world}\nproperties:\n- {{id: it, expect: {expected}, {verb}}}\n"


SHUT = policy("podSelector: {}, policyTypes: [Ingress, Egress]")
DECLARED_ONLY = "{pods: closed, namespaces: closed}"


@pytest.mark.parametrize("protocol", ["null", '""', "TCP"])
def test_a_container_port_without_a_protocol_is_tcp(tmp_path: Path, protocol: str) -> None:
    ports = f"[{{name: http, containerPort: 80, protocol: {protocol}}}]"
    suite = one("proved", "can: {from: {any: true}, to: {namespace: a}, ports: [TCP/http]}", DECLARED_ONLY)
    assert ended(tmp_path, suite, pod("server", ports)) == 0


def test_the_mapped_range_of_all_of_ipv4_is_all_of_ipv4(tmp_path: Path) -> None:
    """``::ffff:0:0/96`` is 0.0.0.0/0, so an address of IPv4 gets in."""
    rule = policy('podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "::ffff:0:0/96"}}]}]')
    assert ended(tmp_path, one("refuted", "never: {from: {cidr: 9.0.0.0/8}, to: {namespace: a}}"), rule) == 0


def test_no_ipv6_address_is_a_mapped_one(tmp_path: Path) -> None:
    """A range of IPv6 in which only IPv4-mapped addresses are left is empty: vacuous."""
    verb = 'never: {from: {cidr: "::fffe:0:0/95", except: ["::fffe:0:0/96"]}, to: {namespace: a}}'
    assert ended(tmp_path, one("vacuous", verb), SHUT) == 0


def test_two_namespaces_that_nobody_mentions_may_talk(tmp_path: Path) -> None:
    """Pods of the only declared namespace are shut off; what refutes is between two others."""
    suite = one("refuted", "isolate: {by: {namespaceLabel: kubernetes.io/metadata.name}}")
    assert ended(tmp_path, suite, namespace("a") + SHUT) == 0


def test_two_values_of_a_compared_label_that_nobody_mentions_may_talk(tmp_path: Path) -> None:
    """All namespaces without the label are excepted or shut off, and no value of it is mentioned."""
    others = '{namespaces: "!team,kubernetes.io/metadata.name!=a"}'
    suite = one("refuted", f"isolate: {{by: {{namespaceLabel: team}}, except: [{{from: {others}}}, {{to: {others}}}]}}")
    assert ended(tmp_path, suite, namespace("a") + SHUT) == 0


def test_ends_in_one_namespace_agree_on_labels_that_nobody_knows(tmp_path: Path) -> None:
    """Namespace a, of unknown labels, cannot have env=prod for one end and not for the other: vacuous."""
    verb = "never: {from: {namespace: a, namespaces: env=prod}, to: {namespace: a, namespaces: env!=prod}}"
    assert ended(tmp_path, one("vacuous", verb), SHUT) == 0


def test_a_fresh_value_is_called_like_no_mentioned_one(tmp_path: Path) -> None:
    """``other`` is the usual name of a fresh value; here a policy mentions it."""
    assert "other" not in LabelDomain(("other",), 1).texts()[1:]
    chosen = "{matchExpressions: [{key: app, operator: In, values: [other]}]}"
    suite = one("refuted", 'never: {from: {any: true}, to: {namespace: a, pods: "app,app!=none"}}')
    assert ended(tmp_path, suite, policy(f"podSelector: {chosen}")) == 0


def test_the_open_world_beside_a_mixed_one_keeps_namespaces_closed() -> None:
    """Hypothetical pods are in declared namespaces only, so nobody is outside of a."""
    verb = {"never": {"from": {"namespaces": "kubernetes.io/metadata.name!=a"}, "to": {"namespace": "a"}}}
    result = result_of(namespace("a") + pod("p") + SHUT, verb, world={"pods": "mixed", "namespaces": "closed"})
    assert result.open_world is not None
    assert result.open_world.verdict == "vacuous"


def test_one_inhabited_group_is_said_not_to_be_enough_to_isolate() -> None:
    verb = {"isolate": {"groups": [{"namespace": "a"}, {"namespace": "b"}]}}
    result = result_of(namespace("b") + pod("p"), verb, world={"pods": "closed", "namespaces": "closed"})
    assert (result.verdict, (result.reason or "").partition(":")[0]) == (
        "vacuous",
        "fewer than two groups match anything",
    )


def test_a_named_port_is_of_one_protocol_also_where_another_pod_has_it_for_another(tmp_path: Path) -> None:
    """The first pod names 53 ``dns`` for UDP only: that TCP/dns is let in does not open its TCP/53."""
    pods = (
        pod(name, f"[{{name: dns, containerPort: 53, protocol: {p}}}]") for name, p in (("one", "UDP"), ("two", "TCP"))
    )
    rule = policy("podSelector: {}, ingress: [{ports: [{port: dns}]}]")
    suite = one("refuted", "always: {from: {any: true}, to: {workload: a/one}, ports: [TCP/53]}", DECLARED_ONLY)
    assert ended(tmp_path, suite, "".join((*pods, rule))) == 0


def test_a_pod_of_a_daemon_set_has_a_template_generation(tmp_path: Path) -> None:
    """A policy for pods without that label does not select it."""
    rule = policy("podSelector: {matchExpressions: [{key: pod-template-generation, operator: DoesNotExist}]}")
    suite = one("refuted", "never: {from: {any: true}, to: {namespace: a}}", DECLARED_ONLY)
    assert ended(tmp_path, suite, owner("DaemonSet", "{app: web}") + rule) == 0


def test_a_relabelled_pod_does_not_fold_into_its_owner(tmp_path: Path) -> None:
    """Somebody gave one pod another label, and the policy that shuts off the rest does not select it."""
    owned = "[{apiVersion: apps/v1, kind: ReplicaSet, name: it, uid: u, controller: true}]"
    relabelled = pod("it-1", labels="{app: web, debug: on-call}", ownerReferences=owned)
    rule = policy("podSelector: {matchExpressions: [{key: debug, operator: DoesNotExist}]}")
    suite = one("refuted", "never: {from: {any: true}, to: {namespace: a}}", DECLARED_ONLY)
    assert ended(tmp_path, suite, owner("ReplicaSet", "{app: web}") + relabelled + rule) == 0


def test_a_failed_pod_does_not_exist(tmp_path: Path) -> None:
    """So nothing is there to be reached."""
    failed = pod("job-1", labels="{app: job}") + "status: {phase: Failed}\n"
    suite = one("vacuous", "never: {from: {any: true}, to: {namespace: a}}", DECLARED_ONLY)
    assert ended(tmp_path, suite, failed) == 0
