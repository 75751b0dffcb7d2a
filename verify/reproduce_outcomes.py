"""How a reproduction tries its connection, and what each outcome means.

A refused connection was let through to a port where nobody listens, unless a server of ours listens there. No answer
means that it was blocked, unless nobody may have answered. Source of the client's words:
``kubernetes/kubernetes:test/images/agnhost/connect/connect.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .reproduce_ends import is_hypothetical, serves
from .reproduce_manifests import IMAGE
from .reproduce_words import quote
from .results import Counterexample

_DNS_NAMES = ("dns", "dns-tcp")
_ADDRESS = "${npv_ip:?no address found}"
"""Without an address the client would try its own pod, so there must be one."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One connection to try, to the address in the shell variable ``npv_ip``.

    ``asks_dns``: whoever listens there answers DNS queries and nothing else. ``served``: a server of ours answers.
    ``silent``: the destination may be reached and not answer. ``temporary``: the script removes the destination.
    """

    protocol: str
    port: int
    ipv6: bool
    asks_dns: bool
    served: bool
    silent: bool
    temporary: bool
    allowed: bool

    @classmethod
    def of(cls, example: Counterexample) -> Probe:
        """How to try the connection of a counterexample."""
        destination, port = example.destination, example.port
        served = serves(example)
        named = any(each.container_port == port and each.name in _DNS_NAMES for each in destination.ports)
        asks_dns = example.protocol == "UDP" and not served and (port == 53 or named)
        return cls(
            protocol=example.protocol,
            port=port,
            ipv6=example.family == "IPv6",
            asks_dns=asks_dns,
            served=served,
            silent=destination.kind != "pod" or (example.protocol == "UDP" and not served and not asks_dns),
            temporary=is_hypothetical(destination),
            allowed=example.allowed,
        )

    def client(self) -> str:
        """The words of a command that tries the connection from inside a container."""
        if self.asks_dns:
            return f'dig +time=3 +tries=1 -p {self.port} "@{_ADDRESS}" . NS'
        target = f"[{_ADDRESS}]:{self.port}" if self.ipv6 else f"{_ADDRESS}:{self.port}"
        return f'/agnhost connect "{target}" --timeout=3s --protocol={quote(self.protocol.lower())}'

    def verdict(self) -> Iterator[str]:
        """Commands that say what ``npv_said``, the client's output, means."""
        yield "case $npv_said in"
        yield f"*'npv 0'*) echo {self._means('reached', let_through=True)} ;;"
        yield f"*REFUSED*'npv 1'* | *'connection refused'*'npv '*) echo {self._refused()} ;;"
        yield f"*TIMEOUT*'npv 1'* | *'npv 9'*) echo {self._unanswered()} ;;"
        yield "*) printf 'nothing learnt: %s\\n' \"$npv_said\" ;;"
        yield "esac"

    def from_outside(self, address: str) -> Iterator[str]:
        """Commands that say what to run on a machine outside the cluster, and what its outcome means."""
        yield "# The source is outside the cluster, so no pod can stand for it."
        run = f"docker run --rm --network=host {IMAGE} connect %s:%s --timeout=3s --protocol={self.protocol.lower()}"
        run = "nc -vz -w 3 %s %s" if self.protocol == "TCP" else run
        host = '"[$npv_ip]"' if self.ipv6 and self.protocol != "TCP" else '"$npv_ip"'
        text = quote(f"Where connections come from the address %s, run: {run}\\n")
        yield f"printf {text} {quote(address)} {host} {self.port}"
        yield f"echo {self._means('reached', let_through=True)}"
        yield f"echo {self._refused()}"
        yield f"echo {self._unanswered()}"
        if self.temporary:
            yield "echo 'The temporary pod stays for two minutes.'"
            yield "sleep 120"

    def _refused(self) -> str:
        if self.served:
            return self._means("refused", let_through=False)
        return self._means(
            "refused", let_through=True, unless="nobody listens there, or else the plugin refuses what it blocks"
        )

    def _unanswered(self) -> str:
        if self.silent:
            return quote("no answer: blocked, or nobody there answers this; try what that end understands")
        return self._means("no answer", let_through=False)

    def _means(self, outcome: str, *, let_through: bool, unless: str = "") -> str:
        found = "allowed" if let_through else "blocked"
        agrees = "as" if let_through == self.allowed else "NOT as"
        return quote(f"{outcome}: {found}, {agrees} the counterexample says" + (f"; {unless}" if unless else ""))
