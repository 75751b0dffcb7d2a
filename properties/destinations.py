"""Where a property lets connections arrive, with the ports that stand beside: the only places for a Service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from .elements import ServiceElement, resolve
from .loading import LoadedProperty
from .mentions import is_entries
from .suite import Endpoints, Exception_, Only, OnlyEntry, Ports


@dataclass(frozen=True, slots=True)
class Destination:
    """The groups written at ``path`` below a property, and the ports that count there (None: all)."""

    path: str
    endpoints: Endpoints
    ports: Ports | None


def destinations_of(loaded: LoadedProperty) -> Iterator[Destination]:
    """Every place of the property at which connections arrive, those of exceptions and waivers included."""
    written = loaded.written
    for flow in (written.never, written.always, written.can, written.cannot_override):
        if flow is not None:
            yield Destination(f"{loaded.verb}.to", flow.to, flow.ports)
    if written.only is not None:
        yield from _of_only(written.only)
    change = written.no_new_access or written.no_lost_access or written.equivalent
    if change is not None and change.scope is not None:
        yield from _of_parts(f"{loaded.verb}.scope", (change.scope,), single=True)
    for verb in (written.isolate, written.default_deny, change):
        if verb is not None:
            yield from _of_parts(f"{loaded.verb}.except", verb.except_ or ())
    yield from _of_parts("waiver.allow", loaded.carved)


def _of_only(only: Only) -> Iterator[Destination]:
    if is_entries(only.to):
        for index, entry in enumerate(cast("list[OnlyEntry]", only.to)):
            yield Destination(f"only.to[{index}].who", entry.who, entry.ports)
        return
    protected = cast("Endpoints", only.to)
    yield Destination("only.to", protected, None)
    for entry in cast("list[OnlyEntry]", only.from_):
        if entry.ports is not None:
            yield Destination("only.to", protected, entry.ports)


def _of_parts(path: str, parts: Sequence[Exception_], *, single: bool = False) -> Iterator[Destination]:
    for index, part in enumerate(parts):
        if part.to is not None:
            yield Destination(f"{path}.to" if single else f"{path}[{index}].to", part.to, part.ports)


def services_of(loaded: LoadedProperty) -> Iterable[tuple[Destination, ServiceElement]]:
    """Every Service that the property names, with where it does."""
    for destination in destinations_of(loaded):
        for element in resolve(destination.endpoints, loaded.groups):
            if isinstance(element, ServiceElement):
                yield destination, element
