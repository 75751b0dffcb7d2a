"""The suite as tests of NetAssert v2 (``controlplaneio/netassert:internal/data/types.go``).

NetAssert opens connections from pods, over TCP and UDP, to the first address of a pod, or over TCP to a host.
"""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from ..model import Raw
from .live import why_not_live
from .suite import Probe

_SECONDS = 60
"""Enough for three attempts of which none is answered, with five seconds between them."""
_ATTEMPTS = 3


def why_not_netassert(probe: Probe) -> str | None:
    """Why a probe is no test for NetAssert; None if it is."""
    if why_not_live(probe) is not None:
        return why_not_live(probe)
    if probe.flow.protocol == "SCTP":
        return "NetAssert has no SCTP"
    if probe.flow.family == "IPv6":
        return "NetAssert tries a pod's first address, which is IPv4 on most clusters"
    if probe.to_outside and probe.flow.protocol == "UDP":
        return "NetAssert tries UDP between pods only"
    return None


def netassert_tests(probes: Iterable[Probe]) -> str:
    """The file of tests."""
    tests = [_test(probe) for probe in probes if why_not_netassert(probe) is None]
    return yaml.safe_dump(tests, sort_keys=False, width=1000)


def _test(probe: Probe) -> Raw:
    flow = probe.flow
    return {
        "name": f"{probe.number}: {probe.text} is {probe.word}",
        "type": "k8s",
        "protocol": flow.protocol.lower(),
        "targetPort": flow.port,
        "timeoutSeconds": _SECONDS,
        "attempts": _ATTEMPTS,
        "exitCode": 0 if probe.allowed else 1,
        "src": {"k8sResource": _pod(flow.source)},
        "dst": {"host": {"name": flow.destination}} if probe.to_outside else {"k8sResource": _pod(flow.destination)},
    }


def _pod(reference: str) -> Raw:
    namespace, _, name = reference.partition("/")
    return {"kind": "pod", "name": name, "namespace": namespace}
