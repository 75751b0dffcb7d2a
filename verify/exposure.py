"""Ways by which a client outside the cluster arrives under the address of a node instead of its own.

Read from Services, Ingresses and host ports; used for notices only, never for a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ..encodings.manifests import Manifests
from ..encodings.selectors import Selector, matches
from ..encodings.workloads import pod_template
from ..encodings.written import WrittenObject


@dataclass(frozen=True, slots=True)
class Exposure:
    """``text`` names what exposes the pods of ``namespace`` that carry ``labels``."""

    text: str
    namespace: str
    labels: tuple[tuple[str, str], ...]

    def may_reach(self, selector: Selector) -> bool:
        """May a pod that ``selector`` selects be among the exposed? True unless the two contradict each other."""
        labels = dict(self.labels)
        return matches(tuple(requirement for requirement in selector if requirement.key in labels), labels)


def exposures_of(manifests: Manifests) -> tuple[Exposure, ...]:
    """All exposures that the manifests declare, in reading order."""
    services = {
        (written.namespace, written.name): written for written in manifests.exposing if written.kind == "Service"
    }
    found: list[Exposure] = []
    for written in manifests.exposing:
        if written.kind == "Service":
            found.extend(_service(written))
        else:
            for name in sorted(set(_backends(written.fields.get("spec")))):
                service = services.get((written.namespace, name))
                found.append(_exposure(f"Ingress {written.reference}", written.namespace, service))
    for written in manifests.modelled:
        found.extend(_host_port(written))
    return tuple(dict.fromkeys(found))


def _spec(written: WrittenObject) -> dict[str, Any]:
    spec = written.fields.get("spec")
    return spec if isinstance(spec, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _exposure(text: str, namespace: str | None, service: WrittenObject | None) -> Exposure:
    """The pods that a Service selects; any of the namespace where it is not read or selects none itself."""
    selector: object = None if service is None else _spec(service).get("selector")
    chosen = cast(dict[str, Any], selector) if isinstance(selector, dict) else {}
    labels = tuple(sorted((str(key), str(value)) for key, value in chosen.items()))
    return Exposure(text, namespace or "default", labels)


def _service(written: WrittenObject) -> Iterator[Exposure]:
    spec = _spec(written)
    kind = spec.get("type")
    if kind in ("NodePort", "LoadBalancer") and spec.get("externalTrafficPolicy") != "Local":
        yield _exposure(f"Service {written.reference} ({kind})", written.namespace, written)
    elif spec.get("externalIPs"):
        yield _exposure(f"Service {written.reference} (externalIPs)", written.namespace, written)


def _backends(value: Any) -> Iterator[str]:
    """The names of Services anywhere in an Ingress, in its present form and in the older one (``serviceName``)."""
    if isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "service" and isinstance(item, dict) and isinstance(item.get("name"), str):  # pyright: ignore[reportUnknownMemberType]
                yield item["name"]
            elif key == "serviceName" and isinstance(item, str):
                yield item
            yield from _backends(item)
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _backends(item)


def _opens_host_port(container: dict[str, Any]) -> bool:
    ports: list[dict[str, Any]] = container.get("ports") or []
    return any(port.get("hostPort") for port in ports)


def _host_port(written: WrittenObject) -> Iterator[Exposure]:
    if written.kind in ("Namespace", "NetworkPolicy"):
        return
    metadata, spec = pod_template(written)
    containers: list[dict[str, Any]] = spec.get("containers") or []
    if any(_opens_host_port(container) for container in containers):
        labels: dict[str, Any] = metadata.get("labels") or {}
        chosen = tuple(sorted((key, value or "") for key, value in labels.items()))
        text = f"a hostPort of {written.namespace}/{written.kind}/{written.name}"
        yield Exposure(text, written.namespace or "default", chosen)
