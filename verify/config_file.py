"""``.netpol-verify.yaml``: options of the command line in a file, for every command in one place.

A key is the name of an option without its dashes, as the command line (``fail-on``) or in camel case (``failOn``). Keys
at the top are for every command that has the option, those under a command's name for it alone. Flags are above
environment variables, and those above the file: the command line's parser, which gets the file's values as its
defaults, sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .. import __version__
from ..encodings.problems import InputErrors, Problem

if TYPE_CHECKING:
    import typer

    from ..properties.places import Place

DEFAULT_CONFIG = ".netpol-verify.yaml"
_REQUIRES = "requires"
_NEVER = frozenset({"config", "no-config", "version", "help"})
"""Options that a file cannot give: they are about the file, or end the program."""

Value = bool | str | list[str]


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter of a command: its ``name`` for the parser; ``several``: it takes a list of values."""

    name: str
    flag: bool
    several: bool


Keys = Mapping[str, Option]
"""The parameters of a command by the key that a file uses."""


def keys_of(command: object) -> Keys:
    """An option's key is its long name; that of an argument is its environment variable's (``suite``).

    ``command`` is one of the parser's, of which only what all its versions have is used.
    """
    found: dict[str, Option] = {}
    for each in cast("list[object]", vars(command)["params"]):
        fields = vars(each)
        names = [name.removeprefix("--") for name in fields["opts"] if name.startswith("--")]
        if not names and isinstance(fields["envvar"], str):
            names = [fields["envvar"].removeprefix("NETPOL_VERIFY_").lower().replace("_", "-")]
        several = fields["nargs"] == -1 or bool(fields.get("multiple"))
        option = Option(str(fields["name"]), flag=bool(fields.get("is_flag")), several=several)
        found.update((name, option) for name in names if name not in _NEVER)
    return found


def apply_config(context: typer.Context, file: str | None) -> None:
    """Make the values of a file (None: that of the working directory, if there is one) the command's defaults.

    Raises InputErrors for a file that cannot be read, an unknown key, a value that an option cannot have, and a version
    of this program that the file does not want.
    """
    if file is None and not Path(DEFAULT_CONFIG).is_file():
        return
    commands = cast("Mapping[str, object]", getattr(context.find_root().command, "commands", {}))
    known = {name: keys_of(each) for name, each in commands.items()}
    values = _values(file or DEFAULT_CONFIG, context.info_name or "", known)
    context.default_map = {**(context.default_map or {}), **values}


def _values(file: str, command: str, known: Mapping[str, Keys]) -> dict[str, Value]:
    """The values for one command, by the parameters' names."""
    from ..properties.files import read_mapping, relative  # noqa: PLC0415

    root = read_mapping(relative(file), "a configuration", "an option's name, such as fail-on: high")
    _check_version(root)
    problems: list[Problem] = []
    every = {key: each for keys in known.values() for key, each in keys.items()}
    own = known.get(command, {})
    places = {key: at for key, at in _options(root, every, [*known, _REQUIRES], problems).items() if key in own}
    for name in (name for name in known if name in root.document):
        found = _options(root.at(name), known[name], (), problems)
        places |= found if name == command else {}
    values = {own[key].name: _value(at, own[key], problems) for key, at in places.items()}
    if problems:
        raise InputErrors(problems)
    return {name: value for name, value in values.items() if value is not None}


def _check_version(root: Place) -> None:
    """Refuse a file for other versions before its keys are looked at: they may be those of another version."""
    if _REQUIRES not in root.document:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415

    place, wanted = root.at(_REQUIRES), root.document[_REQUIRES]
    try:
        fits = isinstance(wanted, str) and SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        fits = None
    if fits is None or not isinstance(wanted, str):
        hint = 'write it in quotes, such as ">=0.1" or "~=0.1.0"'
        raise InputErrors([place.problem("is no version specifier", hint)])
    if not fits:
        hint = "install a version that does, or change the file"
        raise InputErrors([place.problem(f"this is netpol-verify {__version__}, which {wanted} leaves out", hint)])


def _options(place: Place, keys: Keys, others: Sequence[str], problems: list[Problem]) -> dict[str, Place]:
    """The options written in a mapping, by key; what is no option and none of ``others`` is a problem."""
    from ..encodings.written import Map  # noqa: PLC0415
    from ..properties.shapes import describe, near  # noqa: PLC0415

    written = _written(place)
    if not isinstance(written, Map):
        problems.append(place.problem(f"expected a mapping of options, got {describe(written)}"))
        return {}
    found: dict[str, Place] = {}
    for key in (key for key in written if key not in others):
        dashed = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", key).lower()
        if dashed not in keys:
            problems.append(place.at(key).problem(f'unknown key "{key}"', near(dashed, [*keys, *others])))
        elif dashed in found:
            problems.append(place.at(key).problem(f'"{dashed}" is given twice', "keep one of them"))
        else:
            found[dashed] = place.at(key)
    return found


def _written(place: Place) -> object:
    """What stands at ``place``."""
    found: object = place.document
    for step in place.path:
        found = cast("Mapping[str | int, object]", found)[step]
    return found


def _value(place: Place, option: Option, problems: list[Problem]) -> Value | None:
    """The value written at ``place``, as the command line would give it."""
    from ..encodings.written import Seq  # noqa: PLC0415
    from ..properties.shapes import describe  # noqa: PLC0415

    written = _written(place)
    if option.flag:
        if isinstance(written, bool):
            return written
        problems.append(place.problem(f"expected true or false, got {describe(written)}"))
        return None
    if option.several and isinstance(written, Seq):
        texts = [_text(place.at(index), item, "a text", problems) for index, item in enumerate(written)]
        return [text for text in texts if text is not None]
    text = _text(place, written, "a text or a list of texts" if option.several else "a text or a number", problems)
    return [text] if option.several and text is not None else text


def _text(place: Place, written: object, expected: str, problems: list[Problem]) -> str | None:
    from ..properties.shapes import describe  # noqa: PLC0415

    if isinstance(written, str):
        return written
    if isinstance(written, int | float) and not isinstance(written, bool):
        return place.spelling or str(written)
    problems.append(place.problem(f"expected {expected}, got {describe(written)}"))
    return None
