"""Files become documents with lines, or problems in plain words; never a crash, never a guess."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.problems import InputErrors, Problem
from netpol_verify.encodings.reading import parse_documents
from netpol_verify.encodings.reading.jsontext import read_json
from netpol_verify.encodings.reading.yamltext import read_yaml
from netpol_verify.encodings.written import line_of


def values(text: str | bytes, file: str = "f.yaml") -> list[object]:
    return [document.value for document in parse_documents(text, file)]


def problems(text: str | bytes, file: str = "f.yaml") -> tuple[Problem, ...]:
    with pytest.raises(InputErrors) as caught:
        parse_documents(text, file)
    return caught.value.problems


POLICY = """# a comment
kind: NetworkPolicy
spec:
  ingress:
  - from:
    - podSelector: {}
  -
    ports: [{port: 1},
            {port: 2}]
  - {}
---
kind: Second
"""


def test_every_key_and_list_item_knows_its_line():
    first, second = parse_documents(POLICY, "f.yaml")
    assert (first.line, second.line) == (2, 12)
    ingress = first.value["spec"]["ingress"]
    assert (first.value.line, first.value["spec"].line, ingress.line) == (2, 4, 5)
    assert ingress.lines == [5, 8, 10]
    assert ingress[1]["ports"].lines == [8, 9]
    assert line_of(first.value, ("spec", "ingress", 0, "from", 0, "podSelector")) == 6
    assert line_of(first.value, ("spec", "ingress", 1, "ports", 1, "port")) == 9
    assert line_of(second.value, ("kind",)) == 12


def test_json_has_lines_too():
    (document,) = parse_documents('{\n "a": [\n\t1,\n  {"b":\n 2}],\n\n"c": null}', "f.json")
    assert document.value == {"a": [1, {"b": 2}], "c": None}
    assert document.value.lines == {"a": 2, "c": 7}
    assert document.value["a"].lines == [3, 4]
    assert document.value["a"][1].lines == {"b": 4}


def test_several_documents_in_yaml_and_json():
    assert values("a: 1\n---\n# nothing\n---\n---\nb: 2\n...\n") == [{"a": 1}, {"b": 2}]
    assert values('{"a": 1} {"b": 2}\n[3] null') == [{"a": 1}, {"b": 2}, [3]]
    assert values('{"a": 1}\n---\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert values("") == values("# only a comment\n") == values("---\n") == []


def test_what_begins_like_json_and_is_none_is_read_as_yaml():
    assert values("{a: yes, b: [1,],}") == [{"a": True, "b": [1]}]


def test_json_takes_tabs_and_surrogate_pairs_which_yaml_does_not():
    assert values('{"a":\t"\\ud83d\\ude00\\u00e9\\/"}') == [{"a": "😀é/"}]
    assert values('{"a": "\\ud800"}') == [{"a": "\ufffd"}]


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", '{"a": 1,\n"b": 2,\n"a": 3}', '{"a": 1,\nb: 2,\n"a": 3}'])
def test_a_duplicate_key_is_a_problem_naming_both_lines(text: str):
    (problem,) = problems(text)
    assert (problem.line, problem.message) == (3, 'duplicate key "a" (first written on line 1)')


def test_keys_that_become_the_same_string_are_duplicates():
    assert problems("1: a\n'1': b")[0].line == 2
    assert [problem.line for problem in problems("a: 1\na: 2\nb: {c: 1, c: 2}")] == [2, 3]


def test_merge_keys_act_where_they_stand_as_in_go_yaml():
    (value,) = parse_documents(
        "x: &x {a: 1, b: 2}\nl: {<<: *x, a: 9}\nf: {a: 0, <<: *x}\ns: {<<: [*x, {a: 7, c: 3}]}", "f"
    )
    merged = value.value
    assert (merged["l"], merged["f"]) == ({"a": 9, "b": 2}, {"a": 1, "b": 2})
    assert merged["s"] == {"a": 1, "b": 2, "c": 3}
    assert merged["l"].lines == {"a": 2, "b": 1}
    assert values('{"<<": {a: 1}, b: <<}') == [{"<<": {"a": 1}, "b": "<<"}]


@pytest.mark.parametrize("text", ["a: {<<: 1}", "a: {<<: [1]}", "b: &b [{a: 1}]\na: {<<: [*b]}", "<<: ~"])
def test_merging_anything_but_mappings_is_a_problem(text: str):
    assert "merges" in problems(text)[0].message


def test_aliases_stand_for_their_anchors_within_one_document():
    assert values("a: &a [1]\nb: *a\nc: &a yes\nd: *a\n*a : e") == [
        {"a": [1], "b": [1], "c": True, "d": True, "true": "e"}
    ]
    assert "*a" in problems("a: &a 1\n---\nb: *a")[0].message
    for text in ("a: &a [*a]", "a: &a {b: {c: *a}}", "&a {<<: *a}"):
        assert "stands in" in problems(text)[0].message


def quickly(text: str, file: str = "f.yaml") -> Problem:
    start = time.perf_counter()
    (problem,) = problems(text, file)
    assert time.perf_counter() - start < 5
    return problem


def test_an_alias_bomb_is_refused_quickly():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    assert "aliases" in quickly("\n".join(lines)).message


def test_aliases_cannot_nest_deeper_than_text_may():
    deep = "[" * 150 + "*a0" + "]" * 150
    assert "deeper" in quickly("a0: &a0 " + "[" * 150 + "]" * 150 + "\nb: " + deep).message


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "- " * 100_000, "{" * 100_000, "[" * 300 + "]" * 300]
)
@pytest.mark.parametrize("file", ["f.yaml", "f.json"])
def test_bottomless_nesting_is_refused_quickly(text: str, file: str):
    quickly(text, file)


def test_nesting_up_to_the_limit_is_read():
    text = "[" * 200 + "]" * 200
    assert values(text) == [v for v, _ in read_yaml(text)[0]]


def test_byte_order_marks_and_utf_16_are_read():
    assert values("\ufeffa: é".encode()) == values("\ufeffa: é") == [{"a": "é"}]
    assert values("a: é".encode("utf-16")) == values("\ufeffa: é".encode("utf-16-be")) == [{"a": "é"}]
    assert values("\ufeffa: é".encode("utf-32-le")) == [{"a": "é"}]


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"\0GITCRYPT\0\x8f\xff\x01", "git-crypt", "unlock the repository"),
        (b"a: b\nc: \0", "NUL", "exclude"),
        ("a: b".encode("utf-16-le"), "NUL", "exclude"),
        (b"a: b\nc: \xff", "UTF-8", "UTF-8"),
        ("\ufeffa".encode("utf-16-le")[:-1], "UTF-8", "UTF-8"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n61\n", "ansible-vault", "decrypt"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "LFS", "git lfs pull"),
        (b"a: {{ .Values.a }}\n", "key", "helm template"),
        (b"{{- if .x }}\na: b\n{{- end }}\n", "key", "helm template"),
        (b"a:\n{{ toYaml . }}\n  b: c", "", "helm template"),
        (b"a: b\n\tc: d", "tab", "correct the file"),
        (b"a: b: c", '": "', "correct the file"),
        (b'a: "x', "quoted", "correct the file"),
        (b"a: \x01", "control character", "correct the file"),
        ("a: \ud800", "UTF-8", "UTF-8"),
    ],
)
def test_unreadable_content_is_a_problem_with_the_fitting_hint(content: bytes | str, message: str, hint: str):
    (problem,) = problems(content)
    assert message in problem.message and hint in problem.hint
    assert "libyaml" not in problem.render() and "Error" not in problem.render()


def test_a_file_is_not_skipped_because_it_contains_braces():
    assert values("a: '{{ .Values.a }}'") == [{"a": "{{ .Values.a }}"}]


@pytest.mark.parametrize(
    ("content", "line"), [("a: b\nc: \0", 2), ("a: b\n\nc: \x01", 3), ("a: b\n  c: d", 2), ('{"a":\n1', 2)]
)
def test_problems_name_the_line(content: str, line: int):
    assert problems(content, "f.json")[0].line == line


@pytest.mark.parametrize("text", ['{"a": 01}', '{"a": tru}', '{"a": "\\x"}', '{"a" 1}', '{"a": 1 "b": 2}', "[1 2]"])
def test_json_that_is_none_is_not_read_by_the_json_reader(text: str):
    with pytest.raises(Exception, match=r"JSON|range"):
        read_json(text)


TEXT = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\ufffe\uffff"
    ),
    max_size=20,
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXT
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_json_is_read_the_same_as_json_and_as_yaml(value: object):
    expected = [] if value is None else [json.loads(json.dumps(value))]
    assert [read for read, _ in read_json(json.dumps(value, indent="\t"))[0]] == expected
    printable = json.dumps(value, ensure_ascii=False, indent=1)
    from_yaml, mistakes = read_yaml(printable)
    assert ([read for read, _ in from_yaml], mistakes) == (expected, [])
    assert repr(from_yaml) == repr(read_json(printable)[0])


def test_without_libyaml_the_same_is_read(monkeypatch: pytest.MonkeyPatch):
    texts = [POLICY, "a: &a [yes, 010]\nb: {<<: {c: *a}}", "a: ! 5\nb: !!str 5\nc: '5'", "- |\n  x\n- >-\n  y"]
    with_libyaml = [read_yaml(text) for text in texts]
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    assert repr([read_yaml(text) for text in texts]) == repr(with_libyaml)
    for text in ("a: b: c", "a: \x01", "[" * 100_000):
        quickly(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(number: float):
    assert values(f"[{number!r}]") == values(f"- {number!r}") == [[number]]


@given(
    st.binary(max_size=60) | st.text("ab{}[]:,-&*!|>'\"%@`?#\t\n \\\0<=~.0123_\ufeff\x85é", max_size=60).map(str.encode)
)
@settings(max_examples=800, deadline=None)
def test_any_bytes_give_documents_or_problems(content: bytes):
    for file in ("f.yaml", "f.json"):
        try:
            parse_documents(content, file)
        except InputErrors as errors:
            assert all(problem.file == file and problem.message for problem in errors.problems)
