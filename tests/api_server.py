"""A small API server of a cluster, for kubectl to talk to: discovery, and lists of what it was given."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind that the server knows: where it is served, and whether its objects have namespaces."""

    resource: str
    api_version: str
    kind: str
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.api_version.rpartition("/")[0]

    @property
    def path(self) -> str:
        return f"/{'apis' if self.group else 'api'}/{self.api_version}"


KINDS = (
    Kind("namespaces", "v1", "Namespace", False, ("ns",)),
    Kind("pods", "v1", "Pod", short=("po",)),
    Kind("replicationcontrollers", "v1", "ReplicationController", short=("rc",)),
    Kind("services", "v1", "Service", short=("svc",)),
    Kind("secrets", "v1", "Secret"),
    Kind("configmaps", "v1", "ConfigMap", short=("cm",)),
    Kind("serviceaccounts", "v1", "ServiceAccount", short=("sa",)),
    Kind("deployments", "apps/v1", "Deployment", short=("deploy",)),
    Kind("replicasets", "apps/v1", "ReplicaSet", short=("rs",)),
    Kind("statefulsets", "apps/v1", "StatefulSet", short=("sts",)),
    Kind("daemonsets", "apps/v1", "DaemonSet", short=("ds",)),
    Kind("jobs", "batch/v1", "Job"),
    Kind("cronjobs", "batch/v1", "CronJob", short=("cj",)),
    Kind("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", short=("netpol",)),
    Kind("ingresses", "networking.k8s.io/v1", "Ingress", short=("ing",)),
)
"""What every cluster serves, as far as it matters."""
VERBS = ["create", "delete", "get", "list", "update"]


@dataclass
class Cluster:
    """What the server serves: objects by kind; ``forbidden`` are resources that nobody may list; ``aggregated``: the
    whole discovery comes in two answers, as from API servers since 1.26; ``broken`` groups answer nothing."""

    objects: Sequence[Object] = ()
    kinds: Sequence[Kind] = KINDS
    forbidden: Sequence[str] = ()
    broken: Sequence[str] = ()
    aggregated: bool = True
    asked: list[str] = field(default_factory=list[str])

    def answer(self, path: str, aggregated: bool) -> tuple[int, Object]:
        """The status and body of an answer."""
        self.asked.append(path)
        if path in ("/api", "/apis"):
            return 200, self._aggregated(path) if aggregated and self.aggregated else self._groups(path)
        for kind in self.kinds:
            if path == kind.path:
                return (503, _status(503, "broken")) if kind.group in self.broken else (200, self._resources(path))
            if path == f"{kind.path}/{kind.resource}":
                return self._list(kind)
        return 404, _status(404, f"nothing at {path}")

    def _list(self, kind: Kind) -> tuple[int, Object]:
        if kind.resource in self.forbidden:
            where = f'API group "{kind.group}" at the cluster scope'
            return 403, _status(403, f'{kind.resource} is forbidden: User "me" cannot list resource in {where}')
        items = [
            {key: value for key, value in each.items() if key not in ("apiVersion", "kind")}
            for each in self.objects
            if (each["apiVersion"], each["kind"]) == (kind.api_version, kind.kind)
        ]
        metadata = {"resourceVersion": "1"}
        return 200, {"apiVersion": kind.api_version, "kind": f"{kind.kind}List", "metadata": metadata, "items": items}

    def _resources(self, path: str) -> Object:
        resources = [
            {
                "name": kind.resource,
                "singularName": kind.kind.lower(),
                "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": VERBS,
                "shortNames": list(kind.short),
            }
            for kind in self.kinds
            if kind.path == path
        ]
        version = path.partition("/api")[2].removeprefix("s").strip("/")
        return {"apiVersion": "v1", "kind": "APIResourceList", "groupVersion": version, "resources": resources}

    def _groups(self, path: str) -> Object:
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        groups = [
            {"name": group, "versions": _versions(versions), "preferredVersion": _versions(versions)[0]}
            for group, versions in self._served().items()
            if group
        ]
        return {"apiVersion": "v1", "kind": "APIGroupList", "groups": groups}

    def _served(self) -> Mapping[str, list[str]]:
        served: dict[str, list[str]] = {}
        for kind in self.kinds:
            versions = served.setdefault(kind.group, [])
            if kind.api_version not in versions:
                versions.append(kind.api_version)
        return served

    def _aggregated(self, path: str) -> Object:
        items = [
            {
                "metadata": {"name": group},
                "versions": [self._discovered(version, group in self.broken) for version in versions],
            }
            for group, versions in self._served().items()
            if (group == "") == (path == "/api")
        ]
        return {"apiVersion": "apidiscovery.k8s.io/v2", "kind": "APIGroupDiscoveryList", "metadata": {}, "items": items}

    def _discovered(self, version: str, is_broken: bool) -> Object:
        resources = [
            {
                "resource": kind.resource,
                "responseKind": {"group": kind.group, "version": version.rpartition("/")[2], "kind": kind.kind},
                "scope": "Namespaced" if kind.namespaced else "Cluster",
                "singularResource": kind.kind.lower(),
                "verbs": VERBS,
                "shortNames": list(kind.short),
            }
            for kind in self.kinds
            if kind.api_version == version
        ]
        state = "Stale" if is_broken else "Current"
        return {
            "version": version.rpartition("/")[2],
            "resources": [] if is_broken else resources,
            "freshness": state,
        }


def _versions(versions: Sequence[str]) -> list[Object]:
    return [{"groupVersion": each, "version": each.rpartition("/")[2]} for each in versions]


def _status(code: int, message: str) -> Object:
    reason = {403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"}[code]
    return {
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


@contextmanager
def serving(cluster: Cluster, kubeconfig: Path, *contexts: str) -> Generator[str]:
    """Serves the cluster while in the context; the kubeconfig has these contexts for it, the first the current one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            aggregated = "APIGroupDiscoveryList" in self.headers.get("Accept", "")
            code, body = cluster.answer(self.path.partition("?")[0].rstrip("/"), aggregated)
            data = json.dumps(body).encode()
            self.send_response(code)
            kind = body["kind"]
            about = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" if kind == "APIGroupDiscoveryList" else ""
            self.send_header("Content-Type", f"application/json{about}")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    config: Object = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": address}}],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": each, "context": {"cluster": "here", "user": "me"}} for each in contexts],
        "current-context": contexts[0] if contexts else "",
    }
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
