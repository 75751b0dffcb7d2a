"""Every case of the fuzz, by generator: the same ones on every run."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from . import bombs, flows, legal, suites, texts
from .door import Case
from .trees import CORE, WRONG, Path, Spot, Wrong, bare, block, dump, rendered, replaced, spots, with_key

PROBE = ("--from", "probe:", "--to", "8.8.8.8", "--port", "1")
EVALUATE = ("evaluate", "-f", "m.yaml", *PROBE)
AS_JSON = ("evaluate", "-f", "m.json", *PROBE)
PROVE = ("prove", "p.yaml")
ANY_VERDICT = (0, 1, 3)
READ, REFUSED, EITHER = (0,), (2,), (0, 2)
CHEAP = b"""\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [m.yaml]
world: {pods: closed, namespaces: closed}
properties:
- {id: a, never: {from: {any: true}, to: {namespace: shop}, ports: [80]}}
"""


def manifest(content: str | bytes, codes: Sequence[int], *named: str) -> Case:
    """A manifest file that ``evaluate`` reads."""
    data = content.encode() if isinstance(content, str) else content
    return Case({"m.yaml": data}, EVALUATE, tuple(codes), named)


def names_of(path: Path) -> tuple[str, ...]:
    """How messages may write the place: in full, or inside an item of a List."""
    rest = path
    while len(rest) > 2 and rest[0] == "items":
        rest = rest[2:]
    return tuple(dict.fromkeys(rendered(each) for each in (path, rest)))


def codes_of(spot: Spot, wrong: Wrong) -> tuple[int, ...]:
    """What putting something at a place of a manifest may end with."""
    if wrong.type == "none":
        return REFUSED
    if spot.is_unread:
        return READ
    return EITHER if wrong.type == "null" or wrong.type in spot.types else REFUSED


def wrong_types(kind: str) -> Iterator[Case]:
    """Something of every type at every place of a complete manifest."""
    tree = legal.MANIFESTS[kind]
    whole = bare(tree)
    for spot in spots(tree):
        for wrong in CORE:
            codes = codes_of(spot, wrong)
            is_structure = kind == "unlisted" and spot.path[:1] == ("spec",) and len(spot.path) < 5
            if is_structure and codes == REFUSED and wrong.type != "none":
                codes = EITHER  # without a pod template such an object is none of ours
            named = names_of(spot.path) if codes == REFUSED and wrong.type != "none" else ()
            yield manifest(dump(replaced(whole, spot.path, wrong.text)), codes, *named)


def unknown_keys(kind: str) -> Iterator[Case]:
    """A key too many in every map of a policy or Namespace: named, unless it is a label or annotation."""
    tree = legal.MANIFESTS[kind]
    whole = bare(tree)
    maps: list[Path] = [(), *(spot.path for spot in spots(tree) if spot.is_map and not spot.is_unread)]
    for path in maps:
        if kind == "list" and not {"metadata", "spec"} & set(names_of(path)[-1].split(".")):
            continue  # what a List itself holds besides its items is nobody's
        free = path[-1:] in (("labels",), ("matchLabels",), ("annotations",)) or (kind, path) == ("policy", ("status",))
        for key in ("zzz", "Spec", "podselector", "matchlabels"):
            codes = READ if free else REFUSED
            named = () if free else tuple(f'"{name}"' for name in names_of((*path, key)))
            yield manifest(dump(with_key(whole, path, key, '"v"')), codes, *named)


def drawn(chance: random.Random, number: int) -> Iterator[Case]:
    """Two places of a manifest changed at once, in block style, with anything there is."""
    for _ in range(number):
        kind = chance.choice(sorted(legal.MANIFESTS))
        tree = legal.MANIFESTS[kind]
        value = bare(tree)
        places = [spot for spot in spots(tree) if spot.path[-1] not in ("kind", "apiVersion", "items")]
        first, second = chance.sample(places, 2)
        refused, chosen = False, chance.choices(WRONG, k=2)
        for spot, wrong in zip((first, second), chosen, strict=True):
            if spot.path[: len(first.path)] == first.path and spot is second:
                continue  # the first one has taken its place
            value = replaced(value, spot.path, wrong.text)
            inside = second.path == spot.path[: len(second.path)]
            refused = refused or (codes_of(spot, wrong) == REFUSED and (not inside or spot is second))
        inert = kind in ("unlisted", "typedlist", "list")
        yield manifest(block(value).lstrip("\n"), REFUSED if refused and not inert else EITHER)


def accepted(chance: random.Random, number: int) -> Iterator[Case]:
    """What validation may let pass, proved about: nothing behind validation may stumble."""
    kinds = sorted(set(legal.MANIFESTS) - {"typedlist"})
    for _ in range(number):
        tree = legal.MANIFESTS[chance.choice(kinds)]
        spot = chance.choice(list(spots(tree)))
        wrong = chance.choice([each for each in WRONG if codes_of(spot, each) != REFUSED])
        content = dump(replaced(bare(tree), spot.path, wrong.text)).encode()
        yield Case({"m.yaml": content, "p.yaml": CHEAP}, PROVE, (*ANY_VERDICT, 2))


def random_texts(generator: Callable[[random.Random, int], Iterator[texts.Case]], number: int) -> Iterator[Case]:
    """Broken texts as YAML files and as JSON files."""
    chance = random.Random(generator.__name__)
    for index, (content, codes) in enumerate(generator(chance, number)):
        is_json = index % 2 == 1
        yield Case({"m.json" if is_json else "m.yaml": content}, AS_JSON if is_json else EVALUATE, codes)


def fixed_texts(generator: Callable[[], Iterator[texts.Case]]) -> Iterator[Case]:
    """Each of a fixed list of texts."""
    for content, codes in generator():
        yield manifest(content, codes)


def suite_files(name: str, content: str | bytes, *, included: bool = False) -> dict[str, bytes]:
    """The files of a suite of which one has this content."""
    data = content.encode() if isinstance(content, str) else content
    files = {"m.yaml": suites.MANIFESTS.encode(), "g.yaml": dump(bare(suites.INCLUDED)).encode()}
    files["p.yaml"] = dump(bare(suites.SUITES[name])).encode()
    return {**files, "g.yaml" if included else "p.yaml": data}


def wrong_suites(name: str) -> Iterator[Case]:
    """Something of every type at every place of a complete suite, or of a file that it includes."""
    included = name == "included"
    tree = suites.INCLUDED if included else suites.SUITES[name]
    whole = bare(tree)
    for spot in spots(tree):
        for wrong in CORE:
            fits = wrong.type in spot.types
            verb = (
                (rendered(spot.path[:3]),) if "only" in spot.path else ()
            )  # its sides are told apart by their entries
            named = () if fits or wrong.type == "none" else (*names_of(spot.path), *verb)
            files = suite_files(
                "head" if included else name, dump(replaced(whole, spot.path, wrong.text)), included=included
            )
            yield Case(files, PROVE, (*ANY_VERDICT, 2) if fits else REFUSED, named)


def unknown_in_suites(name: str) -> Iterator[Case]:
    """A key too many in every map of a suite."""
    tree = suites.SUITES[name]
    whole = bare(tree)
    maps: list[Path] = [(), *(spot.path for spot in spots(tree) if spot.is_map)]
    for path in maps:
        free = bool(path) and path[-1] in suites.FREE_MAPS
        for key in ("zzz", "Pods", "from_", "<map>"):
            named = () if free else names_of((*path, key))
            files = suite_files(name, dump(with_key(whole, path, key, '"v"')))
            yield Case(files, PROVE, (*ANY_VERDICT, 2) if free else REFUSED, named)


def suite_texts(number: int) -> Iterator[Case]:
    """Suites as broken texts: no suite comes of what is no YAML, and no hint speaks of excluding it."""
    chance = random.Random("suites")
    legal_suites = [dump(bare(each)).encode() for each in suites.SUITES.values()]
    for index in range(number):
        data = chance.choice(legal_suites)
        place = chance.randrange(len(data))
        insert = chance.choice(
            (b"\0", b"\xff", b"\x01", b"\t", b"{", b"]", b"*", b"&", b"!x ", b"{{", b": ", b"'", b'"')
        )
        content = data[:place] if index % 3 == 0 else data[:place] + insert + data[place + index % 2 :]
        codes = (*ANY_VERDICT, 2) if texts.readable(content) else REFUSED
        yield Case(suite_files("head", content), PROVE, codes)


def wrong_flows(name: str) -> Iterator[Case]:
    """Something of every type at every place of a flow, or of a report's counterexample."""
    is_report = name == "report"
    tree = flows.REPORT if is_report else flows.FLOWS[name]
    asked = ("--counterexample", "r.json#a") if is_report else ("--flows", "r.json", "-o", "json")
    whole = bare(tree)
    for spot in spots(tree):
        for wrong in CORE:
            text = dump(replaced(whole, spot.path, wrong.text)).replace("\n", " ")
            codes = codes_of(spot, wrong) if is_json(text) else REFUSED
            files = {"m.yaml": suites.MANIFESTS.encode(), "r.json": text.encode()}
            yield Case(files, ("evaluate", "-f", "m.yaml", *asked), codes)


def is_json(text: str) -> bool:
    """Whether another reader takes the text for JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def flow_texts(number: int) -> Iterator[Case]:
    """Flows files as broken texts: each line is judged by itself."""
    chance = random.Random("flows")
    line = json.dumps(bare(flows.FLOWS["texts"])).encode()
    for index in range(number):
        place = chance.randrange(len(line))
        insert = chance.choice(
            (b"\0", b"\xff", b"\n", b"\r", b"{", b"}", b",", b'"', b"\xe2\x80\xa8", b"NaN", b"1e999")
        )
        broken = line[:place] if index % 3 == 0 else line[:place] + insert + line[place + index % 2 :]
        content = line + b"\n" + broken + b"\n" + line
        good = all(is_json(each.decode(errors="replace")) for each in content.split(b"\n") if each.strip())
        files = {"m.yaml": suites.MANIFESTS.encode(), "r.json": content}
        yield Case(files, ("evaluate", "-f", "m.yaml", "--flows", "r.json", "-o", "json"), EITHER if good else REFUSED)


EVALUATE_OPTIONS = (
    *("--from", "--to", "--port", "--world", "--semantics", "-n", "--exclude", "--expect", "-o", "-f", "--effort"),
    *("--timeout", "--flows", "--counterexample"),
)
PROVE_OPTIONS = ("--only", "--fail-on", "--world", "--semantics", "-n", "--exclude", "-o", "-f", "")


def command_lines() -> Iterator[Case]:
    """Every value behind every option; and none ends a run with anything but its own message."""
    files = {"m.yaml": suites.MANIFESTS.encode(), "p.yaml": CHEAP, "r.json": b"{}"}
    for value in flows.VALUES:
        for option in EVALUATE_OPTIONS:
            base = ["evaluate", "-f", "m.yaml", *PROBE]
            if option in ("--flows", "--counterexample"):
                base = ["evaluate", "-f", "m.yaml"]
            elif option in base:
                at = base.index(option)
                del base[at : at + 2]
            yield Case(files, (*base, option, value), (0, 1, 2, 3))
        for option in PROVE_OPTIONS:
            arguments = ("prove", "p.yaml", option, value) if option else ("prove", value)
            yield Case(files, arguments, (*ANY_VERDICT, 2))


GENERATORS: Mapping[str, Callable[[], Iterator[Case]]] = {
    **{f"types-{kind}": partial(wrong_types, kind) for kind in legal.MANIFESTS},
    **{f"keys-{kind}": partial(unknown_keys, kind) for kind in ("policy", "namespace", "list")},
    "pairs": lambda: drawn(random.Random("pairs"), 1500),
    "accepted": lambda: accepted(random.Random("accepted"), 400),
    **{f"text-{each.__name__}": partial(random_texts, each, 300) for each in texts.RANDOM},
    **{f"fixed-{each.__name__}": partial(fixed_texts, each) for each in bombs.FIXED},
    **{f"suite-{name}": partial(wrong_suites, name) for name in (*suites.SUITES, "included")},
    **{f"suitekeys-{name}": partial(unknown_in_suites, name) for name in suites.SUITES},
    "suite-texts": lambda: suite_texts(400),
    **{f"flow-{name}": partial(wrong_flows, name) for name in (*flows.FLOWS, "report")},
    "flow-texts": lambda: flow_texts(300),
    "command-lines": command_lines,
}


def every(name: str) -> list[Any]:
    """All cases of one generator."""
    return list(GENERATORS[name]())
