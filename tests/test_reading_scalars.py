"""Unquoted scalars mean what kubectl makes of them (expected values checked with sigs.k8s.io/yaml 1.4)."""

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import parse_documents

TABLE = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **{text: text for text in ("yEs", "oN", "tRue", "nUll", "=", "<<", "1:20", "10.0.0.1", "1.2.3", "a", "_1", ".")},
    **{text: text for text in ("2021-01-01", "2021-01-01T00:00:00Z", "0b12", "0xg", "0o8", ".e3", "1e", "0x", "+")},
    **{text: text for text in ("1e400", "-1e400", "-0b-1", ".1__5", ".1_", "._5", "Infinity", "nan", "0x1p3")},
    "010": 8, "-010": -8, "0o10": 8, "0O10": 8, "0_10": 8, "08": 8, "09.5": 9.5, "0x1F": 31, "0X1f": 31, "0x_1f": 31,
    "-0x1f": -31, "0b11": 3, "-0B11": -3, "0b-1": -1, "1_000": 1000, "1__0": 10, "1_": 1, "+5": 5, "-0": 0,
    "1e3": 1000, "1E+3": 1000, "1.5e3": 1500, "1e-3": 0.001, "80.0": 80, "5.": 5, ".5": 0.5, ".1_5": 0.15, "-.5": -0.5,
    "18446744073709551615": 18446744073709551615, "1e21": 1e21, "1e20": 10**20, "99999999999999999999": 10**20,
}  # fmt: skip


def value(text: str) -> object:
    return parse_documents(f"key: {text}\n", "f.yaml")[0].value["key"]


@pytest.mark.parametrize("text", TABLE)
def test_a_plain_scalar_is_what_kubectl_sends(text: str):
    result = value(text)
    assert (result, type(result)) == (TABLE[text], type(TABLE[text]))


@pytest.mark.parametrize("text", ["yes", "010", "1:20", "~", "", "1e3", ".nan", "0x1F", "<<"])
def test_quoted_and_block_scalars_are_always_strings(text: str):
    assert value(f"'{text}'") == text
    assert value(f'"{text}"') == text
    assert value(f"! {text}") == text
    if text:
        assert value(f"|-\n  {text}") == text
        assert value(f">-\n  {text}") == text


@pytest.mark.parametrize("text", [".nan", ".inf", "-.inf", "+.INF", "!!float .inf"])
def test_what_json_cannot_say_is_a_problem(text: str):
    with pytest.raises(InputErrors, match="infinities and NaN"):
        value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!str yes", "yes"),
        ("!!str", ""),
        ("!!str 010", "010"),
        ("!!int 010", 8),
        ('!!int "5"', 5),
        ('!!bool "yes"', True),
        ("!!float 1", 1),
        ("!!float 1.5", 1.5),
        ("!!null ''", None),
        ("!!binary aGk=", "hi"),
        ("!!timestamp 2021-01-01", "2021-01-01"),
        ("!<tag:yaml.org,2002:str> 5", "5"),
        ("!!map {}", {}),
        ("!!seq []", []),
    ],
)
def test_core_tags_are_honoured(text: str, expected: object):
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["!!int x", "!!bool 1", "!!binary '*'", "!!timestamp x", "!!null x", "!Ref x", "!!set {a}", "!Sub [a]", "!!seq {}"],
)
def test_tags_that_mean_nothing_here_are_refused_with_their_line(text: str):
    with pytest.raises(InputErrors) as caught:
        value(text)
    assert [problem.line for problem in caught.value.problems] == [1]
    assert "tag" in caught.value.problems[0].render()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("yes", "true"),
        ("off", "false"),
        ("010", "8"),
        ("1e3", "1000"),
        ("1.5", "1.5"),
        ("0.00001", "1e-05"),
        ("1e20", "1e+20"),
        ("123456789.5", "1.2345679e+08"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("-1e300", "-.inf"),
        ("2021-01-01", "2021-01-01"),
    ],
)
def test_mapping_keys_become_strings_as_kubectl_makes_them(key: str, expected: str):
    assert list(parse_documents(f"{key}: 1", "f")[0].value) == [expected]


@pytest.mark.parametrize("text", ["~: 1", "null: 1", "? \n: 1", "? [a]\n: 1", "? {a: b}\n: 1"])
def test_keys_that_json_does_not_have_are_problems(text: str):
    with pytest.raises(InputErrors, match="key"):
        parse_documents(text, "f")
