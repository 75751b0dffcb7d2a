"""A counterexample as the lines of a shell script that tries its connection on a live cluster, with a stock image.

The script needs a POSIX shell, ``kubectl`` and its usual rights. It creates what nobody declared under generated names
and ends by removing that; of what exists it changes nothing, save that a declared source gets a debug container.
Trusts the counterexample; quotes all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..encodings.concrete.inventory import Inventory
from ..properties.loading import LoadedProperty
from .reports.json_report import counterexample_object
from .reports.words import labels, reading, sentence
from .reproduce_ends import (
    FROM,
    TO,
    Known,
    created_namespaces,
    creating,
    deleting,
    finding,
    namespace_of,
)
from .reproduce_manifests import FIRST_CONTAINER, IMAGE
from .reproduce_outcomes import Probe
from .reproduce_words import comment, quote
from .results import Counterexample

_EXEC = '"$@" 2>&1; echo "npv $?"'
"""Runs its arguments and says how they ended, in words that no message of kubectl has."""
_DEBUG = f"sleep 2; {_EXEC}"
"""The same once kubectl had time to attach: what a container says before is lost."""


def reproduce(example: Counterexample, loaded: LoadedProperty, inventory: Inventory) -> tuple[str, ...]:
    """The lines of a script for the counterexample to a property, to be run as shown."""
    external = {each.name for each in loaded.world.external or () if each.labels is not None}
    return reproduction(example, loaded.written.id, Known.of(inventory, external))


def reproduction(example: Counterexample, identity: str, known: Known) -> tuple[str, ...]:
    """The script for a counterexample to the property ``identity``, by what is ``known`` of the cluster."""
    text = "\n".join(_Script(example, identity, known).lines())
    return tuple(text.split("\n"))


@dataclass(frozen=True, slots=True)
class _Script:
    example: Counterexample
    identity: str
    known: Known

    def lines(self) -> Iterator[str]:
        """Every command (some of several lines) and comment, in order."""
        yield from self._head()
        yield from self._assumed()
        ends = (self.example.source, self.example.destination)
        yield from created_namespaces(*ends)
        yield from finding(*ends, self.known)
        yield from creating(self.example, self._suffix())
        yield from self._address()
        yield from self._try()
        yield from self._end()

    def _suffix(self) -> str:
        """The same for the same counterexample, and hardly for another: runs of two properties do not collide."""
        shown = {key: value for key, value in counterexample_object(self.example).items() if key != "override"}
        stated = json.dumps([self.identity, shown], sort_keys=True)
        return hashlib.sha256(stated.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    def _head(self) -> Iterator[str]:
        yield comment(f"{self.identity}: {sentence(self.example)}")
        yield comment("This runs containers in the cluster that kubectl points to: let it be one for tests.")
        if not self.example.reading.usual:
            yield comment(f"It takes a network plugin that reads {reading(self.example.reading)}.")
        if self.example.depends_on:
            yield comment(f"It depends on {', '.join(self.example.depends_on)}.")
        if self.example.direction is not None and not self.example.allowed:
            end = self.example.source if self.example.subject == "source" else self.example.destination
            yield comment(
                f"The {self.example.subject} lets this connection through and the other end refuses it, so the outcome"
            )
            yield comment(f"says nothing about the {self.example.subject}: look at its policies.")
            yield f"kubectl get networkpolicies -n {quote(end.namespace or 'default')}"

    def _assumed(self) -> Iterator[str]:
        """What the cluster must have that this script does not give it."""
        for end in (self.example.source, self.example.destination):
            if end.kind == "pod" and end.namespace_declared is not False and end.namespace not in self.known.namespaces:
                carried = labels(end.namespace_labels) or "none that a policy asks about"
                yield comment(f"No manifest gives the labels of namespace {end.namespace}. They must be: {carried}.")
                yield f"kubectl get namespace {quote(end.namespace or 'default')} --show-labels"
        yield from self._addresses()

    def _addresses(self) -> Iterator[str]:
        """The addresses that the counterexample gives to pods are its own; a property may turn on them."""
        ends = (("source", self.example.source), ("destination", self.example.destination))
        given = [
            f"the {role} at {', '.join(end.ips)}"
            for role, end in ends
            if end.kind == "pod" and end.ips and end.workload not in self.known.addressed
        ]
        if given:
            yield comment(f"The counterexample has {' and '.join(given)}; the cluster chooses other addresses.")
            yield comment("That makes no difference, unless an ipBlock decides.")

    def _address(self) -> Iterator[str]:
        """Sets ``npv_ip`` to where the connection goes."""
        end = self.example.destination
        family = "grep -F :" if self.example.family == "IPv6" else "grep -vF :"
        if end.kind == "external":
            yield f"npv_ip={quote(end.ips[0] if end.ips else '')}"
        elif end.kind == "node":
            path = 'jsonpath={range .status.addresses[?(@.type=="InternalIP")]}{.address}{"\\n"}{end}'
            yield f'npv_ip=$(kubectl get "$npv_node" -o {quote(path)} | {family} | head -n 1)'
        else:
            path = 'jsonpath={range .status.podIPs[*]}{.ip}{"\\n"}{end}'
            namespace = quote(namespace_of(end))
            yield f'npv_ip=$(kubectl get pod "${TO}" -n {namespace} -o {quote(path)} | {family} | head -n 1)'

    def _try(self) -> Iterator[str]:
        source = self.example.source
        probe = Probe.of(self.example)
        if source.kind == "external":
            yield from probe.from_outside(source.ips[0] if source.ips else "")
            return
        namespace = quote(namespace_of(source))
        if source.workload is None:
            run = f'kubectl exec "${FROM}" -n {namespace} -c {FIRST_CONTAINER} -- sh -c {quote(_EXEC)}'
        else:
            options = f"--image={IMAGE} --profile=baseline --attach -q"
            run = f'kubectl debug "pod/${FROM}" -n {namespace} {options} -- sh -c {quote(_DEBUG)}'
        yield f"npv_said=$({run} sh {probe.client()} 2>&1)"
        yield from probe.verdict()

    def _end(self) -> Iterator[str]:
        commands = list(deleting(self.example, self._suffix()))
        if self.example.source.workload is not None:
            yield comment("The debug container has ended. It cannot be removed: it stays listed until its pod goes.")
        elif not commands:
            yield comment("Nothing was created, so there is nothing to remove.")
        yield from commands
