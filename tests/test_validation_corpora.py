"""Validation of manifests from files: places are right, and what real API servers accepted is accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus import live_manifests, truth_cases
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.encodings.written import WrittenObject, written

MISTAKEN = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
      canary: yes
  ingress:
    - from:
        - podSelector:
        - ipBlock:
            cidr: 10.0.0.1
      ports:
        - port: "80"
          protocol: tcp
"""


def test_problems_of_a_file_stand_at_its_lines(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(MISTAKEN)
    problems, _ = validate(read_manifests([Entry(str(tmp_path / "web.yaml"))]).modelled)
    assert [(problem.line, problem.path, problem.hint) for problem in problems] == [
        (
            9,
            "spec.podSelector.matchLabels.canary",
            'quote it: "yes" (unquoted y, n, yes, no, on, off, true and false are booleans)',
        ),
        (17, "spec.ingress[0].ports[0].protocol", "protocols are upper case: TCP"),
        (16, "spec.ingress[0].ports[0].port", "write the number without quotes: port: 80"),
        (
            12,
            "spec.ingress[0].from[0]",
            "`podSelector:` with nothing after it is no field; to match everything write `podSelector: {}`",
        ),
        (14, "spec.ingress[0].from[1].ipBlock.cidr", "add the prefix length: 10.0.0.1/32"),
    ]


def test_a_real_platforms_manifests_have_no_problem(tmp_path: Path) -> None:
    manifests = read_manifests([Entry(str(live_manifests(tmp_path)))], duplicate_objects="last")
    assert manifests.counts["NetworkPolicy"] > 3000
    problems, _ = validate(manifests.modelled)
    assert [problem.render() for problem in problems] == []


def test_every_policy_of_the_cyclonus_cases_is_legal() -> None:
    policies = [
        as_read(policy) for case in truth_cases() for step in case["steps"] for policy in step["policies"] or ()
    ]
    assert len(policies) > 200
    assert validate(policies)[0] == ()


def as_read(policy: dict[str, Any]) -> WrittenObject:
    version, kind = "networking.k8s.io/v1", "NetworkPolicy"
    fields = written({**policy, "apiVersion": version, "kind": kind}, 1)
    return WrittenObject("case.json", 1, version, kind, "x", policy["metadata"]["name"], fields)
