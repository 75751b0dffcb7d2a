"""Worlds and semantics in layers: defaults, the suite, the property, and over all the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..encodings.problems import InputErrors, Problem
from ..encodings.written import Map, written
from .places import Place
from .shapes import known_keys, near, shaped
from .suite import Semantics, World
from .world_checks import check_world

DEFAULT_WORLD = World(
    pods="open", namespaces="open", external=[], pod_cidrs=[], node_cidrs=[], service_cidrs=[], nodes=[], domains={}
)
DEFAULT_SEMANTICS = Semantics(
    ip_block_matches_pods="either",
    host_network_pods="excluded",
    baseline_hidden_by="direction",
    duplicate_objects="error",
)
_IN_FILES_ONLY = ("external", "nodes", "domains")
_LISTS = ("podCIDRs", "nodeCIDRs", "serviceCIDRs")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What ``--world`` and ``--semantics`` say; keys they leave out are None."""

    world: World = field(default_factory=World)
    semantics: Semantics = field(default_factory=Semantics)


def parse_overrides(world: Sequence[str] = (), semantics: Sequence[str] = ()) -> Overrides:
    """The overrides that repeated ``KEY=VALUE`` options write; lists of CIDRs are comma separated.

    Raises InputErrors for an unknown key, a value that is not allowed, and a key given twice.
    """
    world_keys = [key for key in known_keys(World, ()) if key not in _IN_FILES_ONLY]
    values, problems = _values("--world", world, world_keys)
    place = Place("--world", values)
    parsed_world, found = shaped(World, values, place)
    problems += found
    if parsed_world is not None:
        problems += check_world(place, parsed_world)
    values, found = _values("--semantics", semantics, known_keys(Semantics, ()))
    problems += found
    parsed_semantics, found = shaped(Semantics, values, Place("--semantics", values))
    problems += found
    if problems or parsed_world is None or parsed_semantics is None:
        raise InputErrors(problems)
    return Overrides(parsed_world, parsed_semantics)


def _values(option: str, texts: Sequence[str], keys: Sequence[str]) -> tuple[Map, list[Problem]]:
    """The options' values as a suite would write them, and what is wrong with the options' form."""
    values, problems = Map(), list[Problem]()
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            problems.append(Problem(option, 0, "", f'"{text}" is not KEY=VALUE', f"keys are {', '.join(keys)}"))
        elif key not in keys:
            hint = near(key, keys) or f"keys are {', '.join(keys)}"
            problems.append(Problem(option, 0, key, f'unknown key "{key}"', hint))
        elif key in values:
            problems.append(Problem(option, 0, key, "is given twice", "give it once"))
        else:
            values[key], values.lines[key] = _value(key, value), 0
    return values, problems


def _value(key: str, text: str) -> object:
    if key in _LISTS:
        return written([part.strip() for part in text.split(",")] if text else [])
    return _BOOLEANS.get(text, text) if key == "ipBlockMatchesPods" else text


def merged_world(*layers: World | None) -> World:
    """The world in which every key has the value of the last layer that gives it one, or the default."""
    values = DEFAULT_WORLD
    for layer in layers:
        values = values.model_copy(update=_given(layer))
    return values


def merged_semantics(*layers: Semantics | None) -> Semantics:
    """As ``merged_world``."""
    values = DEFAULT_SEMANTICS
    for layer in layers:
        values = values.model_copy(update=_given(layer))
    return values


def _given(layer: World | Semantics | None) -> dict[str, object]:
    names = type(layer).model_fields if layer is not None else ()
    return {name: value for name in names if (value := getattr(layer, name)) is not None}
