"""What an unquoted YAML scalar means: the rules by which kubectl turns it into JSON for the API server.

kubectl reads YAML with ``sigs.k8s.io/yaml``, which is go-yaml v2 followed by a conversion to JSON. The table is that of
``kubernetes-sigs/yaml:goyaml.v2/resolve.go`` (not YAML 1.2's, and not PyYAML's). Trusts nothing but its argument.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct

Scalar = None | bool | int | float | str

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_SPECIAL_STARTS = frozenset("+-0123456789.yYnNtTfFoO~")
"""Only a scalar that begins with one of these (or is empty) can be anything but a string."""

_INTEGER = re.compile(
    r"([-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|(?<![-+])0b(?P<signed>[-+][01]+)"
    r"|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT_FLOAT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2}))"
    r"| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?"
)
_LONGEST_NUMBER = 1000
"""More characters than any number the API accepts has; bounds the work on hostile digits."""

CORE_TAG = "tag:yaml.org,2002:"


class BadScalarError(ValueError):
    """A scalar that has no JSON value; the message says why, for people."""


def plain(text: str) -> Scalar:
    """The value of a plain (unquoted, untagged) scalar.

    May be ``inf`` or ``nan``, which JSON does not have: ``json_value`` refuses them where they would be a value.
    """
    if text and text[0] not in _SPECIAL_STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-0123456789":
        return _number(text.replace("_", ""), text)
    if _POINT_FLOAT.fullmatch(text):
        return _float(text.replace("_", ""), text)
    return text


def _number(digits: str, text: str) -> Scalar:
    """An integer or float as Go's ParseInt (base 0), ParseUint and ParseFloat read it, else the text itself."""
    if len(digits) > _LONGEST_NUMBER:
        return text
    match = _INTEGER.fullmatch(digits)
    if match:
        value = _integer(match)
        if -(2**63) <= value < (2**63 if digits[0] in "+-" else 2**64) or match["dec"] is None:
            # Numbers beyond 64 bits in another base than ten stay integers, as go-yaml makes big ones of them.
            return value
    return _float(digits, text) if _FLOAT.fullmatch(digits) else text


def _integer(match: re.Match[str]) -> int:
    for group, base in (("hex", 16), ("bin", 2), ("signed", 2), ("oct", 8), ("dec", 10)):
        digits = match[group]
        if digits is not None:
            return -int(digits, base) if match[1] == "-" else int(digits, base)
    raise AssertionError("every alternative of the pattern has a group")


def _float(digits: str, text: str) -> Scalar:
    value = float(digits)
    # Go's ParseFloat reports a number out of range as an error, and the scalar stays a string.
    return value if math.isfinite(value) else text


def json_value(value: Scalar) -> Scalar:
    """The value as it is after the way through JSON: ``1e3`` and ``80.0`` are written as ``1000`` and ``80``.

    Go's ``encoding/json`` writes floats without exponent below 1e21, so whole ones arrive as integers.
    Raises BadScalarError for infinities and NaN, which ``encoding/json`` refuses.
    """
    if type(value) is not float:
        return value
    if not math.isfinite(value):
        raise BadScalarError("infinities and NaN cannot be sent to the API server")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def json_number(text: str) -> int | float:
    """A number of a JSON file, as the API server decodes it. Raises BadScalarError if it is out of range."""
    if text.lstrip("-").isdigit() and len(text) < 25:
        value = int(text)
        if -(2**63) <= value < 2**64:
            return value
    number = json_value(float(text))
    assert isinstance(number, int | float)
    return number


def key_text(value: Scalar) -> str:
    """A mapping's key as a string (``kubernetes-sigs/yaml:yaml.go``, convertToJSONableObject): true is ``"true"``.

    Raises BadScalarError for null, which is no key in JSON.
    """
    if isinstance(value, str):
        return value
    if value is None:
        raise BadScalarError("a mapping key is empty (null); write the key, in quotes if need be")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _float_key(value)


def _float_key(value: float) -> str:
    """A float as Go's ``FormatFloat(value, 'g', -1, 32)`` writes it: the fewest digits that give the same float32."""
    if math.isnan(value):
        return ".nan"
    try:
        single = _as_single(value)
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    places = next(p for p in range(9) if _as_single(float(f"{single:.{p}e}")) == single)
    scientific = f"{single:.{places}e}"
    exponent = int(scientific.partition("e")[2])
    return scientific if not -4 <= exponent < 6 else f"{single:.{max(places - exponent, 0)}f}"


def _as_single(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag (``!!int`` is given as ``tag:yaml.org,2002:int``).

    Raises BadScalarError for a tag outside the core set, and for text that the tag does not fit.
    """
    name = tag.removeprefix(CORE_TAG) if tag.startswith(CORE_TAG) else ""
    if name == "str":
        return text
    if name == "binary":
        return _binary(text)
    if name == "timestamp" and _TIMESTAMP.fullmatch(text):
        return text
    if name not in ("null", "bool", "int", "float", "timestamp"):
        raise BadScalarError(f"the tag {shown_tag(tag)} has no meaning here")
    value = plain(text)
    if name == "float" and type(value) is int:
        return float(value)
    if _NAMES.get(type(value)) != name:
        raise BadScalarError(f"{text!r} does not fit the tag {shown_tag(tag)}")
    return value


_NAMES: dict[type, str] = {type(None): "null", bool: "bool", int: "int", float: "float"}


def shown_tag(tag: str) -> str:
    """A tag as people write it: ``!!int``."""
    return "!!" + tag.removeprefix(CORE_TAG) if tag.startswith(CORE_TAG) else tag


def _binary(text: str) -> str:
    try:
        data = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise BadScalarError("the !!binary value is not valid base64") from None
    # encoding/json writes bytes that are not UTF-8 as the replacement character.
    return data.decode("utf-8", errors="replace")
