"""Label keys and values, DNS names and port names are judged as the API server judges them, in its words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.validation import (
    dns_label_problems,
    label_key_problems,
    label_value_problems,
)
from netpol_verify.encodings.validation.names import (
    dns_subdomain_problems,
    name_hint,
    port_name_problems,
    port_number_problems,
    template_hint,
)

NAME = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
CHARACTERS = "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
LETTER = "must contain at least one letter (a-z)"


@pytest.mark.parametrize("key", ["app", "a", "A.b_c-d", "x" * 63, "example.com/app", f"{'a' * 253}/b", "1", "a/B"])
def test_a_legal_label_key_has_no_problem(key: str) -> None:
    assert label_key_problems(key) == []


@pytest.mark.parametrize(
    ("key", "problems"),
    [
        ("", ["name part must be non-empty", NAME]),
        ("-a", [NAME]),
        ("a-", [NAME]),
        ("a\n", [NAME]),
        ("ä", [NAME]),
        ("app=web", [NAME]),
        ("x" * 64, ["name part must be no more than 63 characters"]),
        ("ä" * 32, ["name part must be no more than 63 characters", NAME]),
        ("/a", ["prefix part must be non-empty"]),
        ("a/", ["name part must be non-empty", NAME]),
        ("A/b", [f"prefix part {SUBDOMAIN}"]),
        (f"{'a' * 254}/b", ["prefix part must be no more than 253 characters"]),
        (
            "a/b/c",
            [
                NAME.replace("name part", "a qualified name")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ],
        ),
    ],
)
def test_an_illegal_label_key_is_told_as_the_api_tells_it(key: str, problems: list[str]) -> None:
    assert label_key_problems(key) == problems


@pytest.mark.parametrize("value", ["", "a", "My.value_1-x", "1" * 63])
def test_a_legal_label_value_has_no_problem(value: str) -> None:
    assert label_value_problems(value) == []


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ("-a", [VALUE]),
        ("a b", [VALUE]),
        ("a/b", [VALUE]),
        ("web\n", [VALUE]),
        ("a" * 64, ["must be no more than 63 characters"]),
        ("_" * 64, ["must be no more than 63 characters", VALUE]),
        ("\ud800", [VALUE]),
    ],
)
def test_an_illegal_label_value_is_told_as_the_api_tells_it(value: str, problems: list[str]) -> None:
    assert label_value_problems(value) == problems


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("a", []),
        ("1-a", []),
        ("a" * 63, []),
        ("a" * 64, ["must be no more than 63 characters"]),
        ("a.b", ["must not contain dots"]),
        ("", [LABEL]),
        ("A", [LABEL]),
        ("a_b", [LABEL]),
        ("a\n", [LABEL]),
    ],
)
def test_dns_labels_are_judged_as_the_api_judges_them(name: str, problems: list[str]) -> None:
    assert dns_label_problems(name) == problems


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("a.b-c.1", []),
        ("a" * 253, []),
        ("a" * 254, ["must be no more than 253 characters"]),
        ("a..b", [SUBDOMAIN]),
        ("My_Policy", [SUBDOMAIN]),
    ],
)
def test_dns_subdomains_are_judged_as_the_api_judges_them(name: str, problems: list[str]) -> None:
    assert dns_subdomain_problems(name) == problems


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("http", []),
        ("a" * 15, []),
        ("8080-tcp", []),
        ("a" * 16, ["must be no more than 15 characters"]),
        ("HTTP", [CHARACTERS, LETTER]),
        ("a_b", [CHARACTERS]),
        ("80", [LETTER]),
        ("a--b", ["must not contain consecutive hyphens"]),
        ("-a", ["must not begin or end with a hyphen"]),
        ("a-", ["must not begin or end with a hyphen"]),
        ("", [CHARACTERS, LETTER]),
        ("a\n", [CHARACTERS]),
    ],
)
def test_a_port_name_has_each_problem_that_applies(name: str, problems: list[str]) -> None:
    assert port_name_problems(name) == problems


def test_port_numbers_run_from_1_to_65535() -> None:
    assert [port_number_problems(number) for number in (1, 65535)] == [[], []]
    assert {*port_number_problems(0), *port_number_problems(65536), *port_number_problems(-1)} == {
        "must be between 1 and 65535, inclusive"
    }


@settings(deadline=None)
@given(st.text())
def test_a_suggested_name_is_always_legal_and_never_the_name_itself(name: str) -> None:
    hint = name_hint(name)
    if template_hint(name):
        assert hint == template_hint(name)
    elif hint:
        suggestion = hint.split('"')[-2]
        assert suggestion != name
        assert dns_subdomain_problems(suggestion) == []
