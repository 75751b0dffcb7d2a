"""A flow and a report as ``evaluate`` reads them, and values of the command line."""

from __future__ import annotations

from typing import Any

from .trees import either, unread

POD: dict[str, Any] = {
    "kind": "pod",
    "namespace": "shop",
    "labels": {"app": "web"},
    "namespaceLabels": {"tenant": "a"},
    "namespaceDeclared": unread(True),
    "workload": "shop/Deployment/web",
    "ports": [{"name": "http", "protocol": "TCP", "containerPort": 80}],
    "ips": ["10.0.0.1"],
    "hostNetwork": False,
    "node": either(None, "null", "string"),
}
EXTERNAL: dict[str, Any] = {
    **{key: unread(None) for key in POD},
    "kind": "external",
    "ips": ["8.8.8.8"],
}
EXAMPLE: dict[str, Any] = {
    "source": POD,
    "destination": EXTERNAL,
    "protocol": "TCP",
    "port": 443,
    "portName": unread(None),
    "family": "IPv4",
    "allowed": False,
    "reading": {"ipBlockMatchesPods": True, "order": either([], "list")},
    "dependsOn": unread([]),
    "subject": unread(None),
    "direction": unread(None),
}
REPORT: dict[str, Any] = {
    "report": "netpol-verify/v1",
    "tool": unread({"version": "1"}),
    "results": [{"id": "a", "verb": unread("never"), "verdict": unread("refuted"), "counterexample": EXAMPLE}],
}
ENDS = ("map", "string")
FLOWS: dict[str, dict[str, Any]] = {
    "objects": {
        "from": either(POD, *ENDS),
        "to": either(EXTERNAL, *ENDS),
        "port": either("TCP/443", "string", "integer"),
        "family": "IPv4",
        "id": unread(1),
        "comment": unread("x"),
    },
    "texts": {
        "from": either("shop/web", *ENDS),
        "to": either("8.8.8.8", *ENDS),
        "port": either(443, "string", "integer"),
    },
}
VALUES = (
    *("", " ", "a", "-", "=", "a=", "=a", "a=b=c", "pods=closed", "pods=", "podCIDRs=", "podCIDRs=,", "podCIDRs=x"),
    *("podCIDRs=10.0.0.1/8", "nodeCIDRs=::/0", "external=[]", "ipBlockMatchesPods=yes", "duplicateObjects=first"),
    *(
        "*",
        "[",
        "[!]",
        "[z-a]",
        "!a",
        "a/b",
        "a/b/c/d",
        "shop/web",
        "shop/deployment/web",
        "shop:",
        "shop:=",
        "shop:a=b,",
    ),
    *(":app=web", "shop[a=b]:", "new[a=b]:c=d", "[a=b]:", "8.8.8.8", "8.8.8.8/32", "256.1.1.1", "::g", "fe80::1%eth0"),
    *("08.8.8.8", "0", "65536", "-1", "+80", "8e1", "TCP/", "TCP/80-", "TCP/90-80", "TCP/http", "ICMP/1", "TCP/\u0663"),
    *(
        "9" * 5000,
        f"TCP/{'9' * 5000}",
        "x" * 100_000,
        "\x1b[31m",
        "a\nb: c",
        "\u202e",
        "\U0001f600",
        "{{ .x }}",
        "$(id)",
    ),
    *("NaN", "inf", "1e400", "json:", "json:/nope/x", "json:.", "yaml", "m.yaml", "nope.yaml", "..", "/dev/null"),
    *("r.json#a", "r.json#", "#a", "nope#a", "tag=x", "id=a", "A", "a" * 64, "\ufeff", "a\tb", "'; id", "null"),
)
"""Whatever somebody may write behind an option."""
