"""The few names, values, numbers and addresses that clusters are drawn from: so few that policies meet.

Keys and values are shared by pods and namespaces, and names by protocols, since an evaluator may mix them up.
"""

from __future__ import annotations

from ..features_of import cidr_features, holds
from .odds import Odds, Without

NAMESPACES = ("a", "b", "default")
UNDECLARED = "c"
"""A namespace that no Namespace object declares."""
POD_KEYS = ("app", "tier")
NAMESPACE_KEYS = ("team", "app")
VALUES = ("x", "z", "x", "")
"""Of labels."""

PREFIXED = "example.com/app"
SAID_FOR_KEYS: tuple[Odds[dict[str, str]], ...] = ((3, {}), (1, {"tier": PREFIXED, "team": PREFIXED}))
SAID_FOR_VALUES: tuple[Odds[dict[str, str]], ...] = (
    (16, {}),
    (4, {"z": "X"}),
    (3, {"x": "1", "z": "1.0"}, "number-like-value"),
    (3, {"x": "1e3", "z": "1E3"}, "number-like-value"),
    (1, {"x": "010", "z": "10"}, "number-like-value"),
    (1, {"x": "true", "z": "True"}, "boolean-like-value"),
    (1, {"x": "no", "z": "null"}, "boolean-like-value"),
    (1, {"x": "y", "z": "on"}, "boolean-like-value"),
)
"""What a cluster may say for the keys and values above: words that a careless evaluator takes for one another, or that
YAML takes for something else where they are not quoted."""

PORT_NAMES = ("web", "dns")
NAMED_PROTOCOLS = {"web": "TCP", "dns": "UDP"}
"""The protocol of each name, for those who cannot bear another one."""
USUAL_NUMBERS = {"web": 8000, "dns": 81}
NUMBERS = (80, 81, 8000, 8010, 1, 65535)
"""In rules."""
RANGES = (
    (80, 81),
    (8000, 8010),
    (80, 80),
    (1, 80),
    (81, 8010),
    (8001, 8009),
    (8010, 65535),
    (1, 65535),
)
CONTAINER_NUMBERS = (80, 81, 8000, 8010, 8011, 79)

ADDRESSES = {
    "IPv4": ("10.244.0.1", "10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.1.1"),
    "IPv6": ("fd00:10:244::1", "fd00:10:244::2", "fd00:10:244::3", "fd00:10:244::4", "fd00:10:244:1::1"),
}
"""Of the first pod, the second one, …"""
OUTSIDE = {
    "IPv4": ("203.0.113.9", "198.51.100.7", "10.1.2.3"),
    "IPv6": ("2001:db8::9", "2001:db8:1::7", "fd00:1::3"),
}

BLOCKS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (3, "203.0.113.0/24", ("203.0.113.128/25", "203.0.113.7/32", "203.0.113.0/25", "203.0.113.70/26")),
    (1, "198.51.100.7/32", ()),
    (3, "203.0.113.9/25", ("203.0.113.64/26", "203.0.113.9/32")),
    (5, "0.0.0.0/0", ("10.244.0.0/16", "203.0.113.0/24", "169.254.169.254/32")),
    (2, "10.0.0.0/8", ("10.244.0.0/16", "10.1.0.0/16", "10.244.0.0/31")),
    (2, "10.244.0.0/30", ("10.244.0.1/32", "10.244.0.2/31")),
    (1, "10.244.0.2/31", ()),
    (1, "10.244.0.1/32", ()),
    (2, "2001:db8::/32", ("2001:db8:1::/48", "2001:db8::9/128")),
    (1, "2001:db8::9/64", ("2001:db8::/65",)),
    (3, "::/0", ("fd00:10:244::/47", "2001:db8::/32")),
    (1, "fd00:10:244::/126", ("fd00:10:244::1/128", "fd00:10:244::2/127")),
    (1, "fd00:10:244::2/128", ()),
    (3, "::ffff:203.0.113.0/120", ()),
    (1, "::ffff:10.244.0.0/112", ()),
)
"""CIDRs, each with its weight and what may be excepted from it."""


def values(without: Without) -> tuple[str, ...]:
    """Values of labels."""
    return tuple(value for value in VALUES if value or "empty-label-value" not in without)


def port_names(without: Without) -> tuple[str, ...]:
    """Names of ports. Where a name has its protocol, that one must be drawn."""
    if "wrong-protocol-named-port" in without and "udp" in without:
        return tuple(name for name, protocol in NAMED_PROTOCOLS.items() if protocol != "UDP")
    return PORT_NAMES


def blocks(without: Without) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """CIDRs with their exceptions; with ``pod-block`` left out, those that hold no pod or can except them all."""
    usable = [
        (cidr, tuple(each for each in exceptions if _usable(each, without)) if "except" not in without else ())
        for weight, cidr, exceptions in BLOCKS
        for _ in range(weight)
        if _usable(cidr, without)
    ]
    if "pod-block" not in without:
        return tuple(usable)
    return tuple(
        (cidr, exceptions)
        for cidr, exceptions in usable
        if not holds_pod({"cidr": cidr}) or covering(cidr, exceptions) is not None
    )


def covering(cidr: str, exceptions: tuple[str, ...]) -> str | None:
    """An exception after which a block holds no pod's address."""
    return next((each for each in exceptions if not holds_pod({"cidr": cidr, "except": [each]})), None)


def holds_pod(block: dict[str, object]) -> bool:
    """Whether an ipBlock holds an address that a pod may have."""
    return holds(block, (*ADDRESSES["IPv4"], *ADDRESSES["IPv6"]))


def _usable(cidr: str, without: Without) -> bool:
    return without.isdisjoint(cidr_features(cidr))
