"""The text of an object as it was read: all of it, nothing of its neighbours, under the numbers that reports use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given, settings
from netpol_verify.encodings.manifests import Manifests
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.reading.excerpts import LONGEST, Excerpt, Excerpts
from netpol_verify.encodings.written import Map, WrittenObject

TWO = """\
# Of the file, not of the object.

# Above the first.
apiVersion: v1
kind: Namespace
metadata:
  name: one
  annotations:
    note: |
      several

      lines

---
# Above the second.
apiVersion: v1
kind: Namespace
metadata: {name: two}
# Behind the second.
"""
LISTED = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata:
    name: one
- apiVersion: v1
  kind: Namespace
  metadata:
    name: two
    labels:
      a: b
"""
JSON = """\
{"apiVersion": "v1", "kind": "List", "items": [
  {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
      "name": "one"
    }
  },
  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "two"}}
]}
"""


def read(text: str | bytes, tmp_path: Path) -> Manifests:
    file = tmp_path / "manifests.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_manifests([Entry(str(file))])


def excerpt_of(manifests: Manifests, name: str) -> Excerpt:
    found = Excerpts().of(next(each for each in manifests.modelled if each.name == name))
    assert found is not None
    return found


def part(text: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(text.split("\n")[first - 1 : last])


@pytest.mark.parametrize(
    ("text", "name", "first", "last"),
    [
        (TWO, "one", 3, 12),
        (TWO, "two", 15, 18),
        (LISTED, "one", 4, 7),
        (LISTED, "two", 8, 13),
        (JSON, "one", 2, 8),
        (JSON, "two", 9, 9),
    ],
)
def test_an_excerpt_is_the_object_with_the_comment_above_it(
    text: str, name: str, first: int, last: int, tmp_path: Path
) -> None:
    found = excerpt_of(read(text, tmp_path), name)
    assert (found.first, found.lines) == (first, part(text, first, last))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028"])
def test_lines_are_counted_as_reading_counts_them(end: str, encoding: str, tmp_path: Path) -> None:
    found = excerpt_of(read(TWO.replace("\n", end).encode(encoding), tmp_path), "two")
    assert found.lines == part(TWO, 15, 18)
    assert found.holds(16)


def test_an_object_that_is_shown_elsewhere_has_the_numbers_of_that_place(tmp_path: Path) -> None:
    """As the objects of a live cluster have: the first of its lines is line 1."""
    manifests = read(JSON, tmp_path)
    one = next(each for each in manifests.modelled if each.name == "one")
    fields = Map(1)
    fields.update(one.fields)
    fields.lines.update({key: line - 1 for key, line in one.fields.lines.items()})
    fields["metadata"] = Map(4)
    found = Excerpts().of(replace(one, file="live:test Namespace one", line=1, fields=fields))
    assert found == Excerpt("live:test Namespace one", 1, part(JSON, 2, 8))


def test_an_object_made_in_code_has_no_text() -> None:
    assert Excerpts().of(WrittenObject("-", 1, "v1", "Namespace", None, "made", Map(1))) is None


def test_a_text_that_is_too_long_is_not_shown(tmp_path: Path) -> None:
    long = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, annotations: {n: " + "x" * LONGEST + "}}\n"
    assert Excerpts().of(read(long, tmp_path).modelled[0]) is None


NAMES = st.lists(st.from_regex(r"\Aname-[a-z]{1,4}\Z"), min_size=1, max_size=4, unique=True)
NOTES = st.text(alphabet="ab \n#-:'\"{}[]é\t", max_size=20)


@settings(deadline=None, max_examples=60)
@given(names=NAMES, note=NOTES, listed=st.booleans(), flow=st.booleans())
def test_excerpts_of_a_file_are_its_objects_and_do_not_overlap(
    names: list[str], note: str, listed: bool, flow: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each, read by itself, is the object it is of."""
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": {"note": note}}}
        for name in names
    ]
    whole = [{"apiVersion": "v1", "kind": "List", "items": objects}] if listed else objects
    text = yaml.safe_dump_all(whole, default_flow_style=flow, allow_unicode=True, width=40)
    manifests = read(text, tmp_path_factory.mktemp("read"))
    excerpts = [excerpt_of(manifests, name) for name in names]
    for each, expected in zip(excerpts, objects, strict=True):
        if not flow:
            (found,) = as_list(yaml.safe_load("\n".join(each.lines)))
            assert found == expected
    if not flow:
        taken = [number for each in excerpts for number in range(each.first, each.first + len(each.lines))]
        assert len(taken) == len(set(taken))


def as_list(value: object) -> list[object]:
    """An item of a block list is a list of one, read by itself."""
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
