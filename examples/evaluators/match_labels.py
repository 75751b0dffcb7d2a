#!/usr/bin/env python3
"""Knows matchLabels and ports by number. Given a folder it answers and ends; without one it serves."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

Raw = dict[str, Any]
FEATURES = {"ipBlock": "ip-block", "endPort": "end-port", "matchExpressions": "match-expressions"}
UNSUPPORTED = [*FEATURES.values(), "named-port", "null-rule", "null-list", "host-network", "list-kind"]


class UnsupportedError(Exception):
    """Something that this evaluator does not know: a feature by its name, or anything else in words."""


def only(written: Any, *known: str) -> Raw:
    """A mapping without other keys and without nulls: better no answer than a guess."""
    if written is None or None in written.values():
        raise UnsupportedError("null-rule" if written is None else "null-list")
    for key in sorted(written.keys() - set(known)):
        raise UnsupportedError(FEATURES.get(key, key))
    return written


def matches(selector: Any, labels: Raw) -> bool:
    """Whether a selector matches labels."""
    return only(selector, "matchLabels").get("matchLabels", {}).items() <= labels.items()


def is_port(entry: Any, protocol: str, number: int) -> bool:
    """Whether an entry of a rule's ports matches."""
    if isinstance(only(entry, "protocol", "port").get("port"), str):
        raise UnsupportedError("named-port")
    return entry.get("port", number) == number and entry.get("protocol", "TCP") == protocol


def is_peer(peer: Any, other: Raw | None, namespace: str) -> bool:
    """Whether a peer of a policy in this namespace matches; an address (None) is never selected."""
    only(peer, "podSelector", "namespaceSelector")
    if other is None or ("namespaceSelector" not in peer and other["namespace"] != namespace):
        return False
    inside = matches(peer.get("namespaceSelector", {}), other["namespaceLabels"])
    return matches(peer.get("podSelector", {}), other["labels"]) and inside


def lets(pod: Raw | None, other: Raw | None, direction: str, peers: str, port: tuple[str, int]) -> bool:
    """Whether an end lets a flow through: no policy isolates it in the direction, or some rule matches."""
    if pod is None:
        return True
    isolated = False
    for policy in pod["policies"]:
        spec = only(policy.get("spec", {}), "podSelector", "policyTypes", "ingress", "egress")
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
        if direction in types and matches(spec.get("podSelector", {}), pod["labels"]):
            isolated = True
            for rule in spec.get(direction.lower(), []):
                listed = only(rule, peers, "ports")
                whom = [is_peer(each, other, pod["namespace"]) for each in listed.get(peers, [])] or [True]
                which = [is_port(each, *port) for each in listed.get("ports", [])] or [True]
                if any(whom) and any(which):
                    return True
    return not isolated


def read(folder: str) -> dict[str, Raw]:
    """The Pods by ``namespace/name``, each with its labels, those of its namespace, and the policies in there."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir())]
    objects: list[Raw] = [each for text in texts for each in yaml.safe_load_all(text) if each]
    for kind in sorted({each["kind"] for each in objects} - {"Namespace", "Pod", "NetworkPolicy"}):
        raise UnsupportedError("list-kind" if kind.endswith("List") else kind)
    for each in objects:
        meta = each["metadata"]
        each |= {
            "name": meta["name"],
            "namespace": meta.get("namespace") or "default",
            "labels": meta.get("labels") or {},
        }
    spaces = {each["name"]: each["labels"] for each in objects if each["kind"] == "Namespace"}
    for pod in objects:
        name = pod["namespace"]
        pod["policies"] = [each for each in objects if each["kind"] == "NetworkPolicy" and each["namespace"] == name]
        pod["namespaceLabels"] = {**spaces.get(name, {}), "kubernetes.io/metadata.name": name}
    return {f"{each['namespace']}/{each['name']}": each for each in objects if each["kind"] == "Pod"}


def answer(pods: dict[str, Raw], flow: Raw) -> Raw:
    """The answer to one flow."""
    protocol, _, number = flow["port"].partition("/")
    source, target, port = pods.get(flow["from"]), pods.get(flow["to"]), (protocol, int(number))
    try:
        if any(pod is not None and pod["spec"].get("hostNetwork") for pod in (source, target)):
            raise UnsupportedError("host-network")
        allowed = lets(source, target, "Egress", "to", port) and lets(target, source, "Ingress", "from", port)
    except UnsupportedError as error:
        return {"id": flow["id"], "unsupported": str(error)}
    return {"id": flow["id"], "allowed": allowed}


def answers(folder: str, flows: list[Raw]) -> list[Raw]:
    """An answer to each flow, or one for the whole cluster."""
    try:
        pods = read(folder)
    except UnsupportedError as error:
        return [{"unsupported": str(error)}]
    return [answer(pods, flow) for flow in flows]


if len(sys.argv) > 1:
    for each in answers(sys.argv[1], [json.loads(line) for line in sys.stdin]):
        print(json.dumps(each))
else:
    greeting = {"protocol": "netpol-verify-evaluator/v1", "name": "match_labels", "unsupported": UNSUPPORTED}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        reply = {"request": request["request"], "answers": answers(request["manifests"], request["flows"])}
        print(json.dumps(reply), flush=True)
