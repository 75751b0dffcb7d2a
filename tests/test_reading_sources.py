"""Which files are read and which are left out."""

import io
from pathlib import Path

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.reading.sources import Glob, find_files


def pod(name: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: ns}}\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("k/b.yaml", "k/a.yml", "k/c.json", "k/in/d.yaml", "k/in/deep/e.yaml", "k/.git/f.yaml", "k/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pod(path.stem))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*entries: Entry, excludes: tuple[str, ...] = ()) -> list[str]:
    return [file.shown for of_entry in find_files(entries, excludes).files for file in of_entry]


ALL = ["k/a.yml", "k/b.yaml", "k/c.json", "k/in/d.yaml", "k/in/deep/e.yaml"]


def test_a_folder_stands_for_its_manifests_sorted_without_hidden_folders(tree: Path):
    assert files(Entry("k")) == files(Entry("./k/")) == files(Entry(str(tree / "k"))) == ALL
    assert files(Entry("k/.git")) == ["k/.git/f.yaml"]


def test_paths_outside_the_working_directory_are_shown_as_given(tree: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tree / "k" / "in")
    assert files(Entry("../b.yaml")) == ["../b.yaml"]
    assert files(Entry(str(tree / "k/b.yaml"))) == [(tree / "k/b.yaml").as_posix()]


def test_a_named_file_is_read_whatever_its_name(tree: Path):
    assert files(Entry("k/notes.txt")) == ["k/notes.txt"]
    assert read_manifests([Entry("k/notes.txt")]).counts == {"Pod": 1}


def test_a_file_of_two_entries_is_read_once(tree: Path):
    manifests = read_manifests([Entry("k"), Entry("k/b.yaml"), Entry("k/in")])
    assert (manifests.files, manifests.counts, manifests.notices) == (5, {"Pod": 5}, ())


def test_links_to_folders_are_followed_once(tree: Path):
    (tree / "other").mkdir()
    (tree / "other/x.yaml").write_text(pod("x"))
    (tree / "k/link").symlink_to(tree / "other")
    (tree / "other/loop").symlink_to(tree / "k")
    assert files(Entry("k")) == [*ALL, "k/link/x.yaml"]


@pytest.mark.parametrize(
    ("glob", "left_out"),
    [
        ("*.json", ["k/c.json"]),
        ("in", ["k/in/d.yaml", "k/in/deep/e.yaml"]),
        ("in/", ["k/in/d.yaml", "k/in/deep/e.yaml"]),
        ("b.yaml/", []),
        ("deep", ["k/in/deep/e.yaml"]),
        ("in/deep", ["k/in/deep/e.yaml"]),
        ("/deep", []),
        ("/b.yaml", ["k/b.yaml"]),
        ("./b.yaml", ["k/b.yaml"]),
        ("k/b.yaml", ["k/b.yaml"]),
        ("**/e.yaml", ["k/in/deep/e.yaml"]),
        ("in/**", ["k/in/d.yaml", "k/in/deep/e.yaml"]),
        ("in/*.yaml", ["k/in/d.yaml"]),
        ("?.yml", ["k/a.yml"]),
        ("[ab].*", ["k/a.yml", "k/b.yaml"]),
        ("[!ab].json", ["k/c.json"]),
        ("B.yaml", []),
    ],
)
def test_exclude_globs_match_as_in_gitignore(tree: Path, glob: str, left_out: list[str]):
    for found in (find_files([Entry("k", (glob,))]), find_files([Entry("k")], (glob,))):
        assert found.excluded == left_out
        assert [file.shown for file in found.files[0]] == [name for name in ALL if name not in left_out]


def test_double_star_crosses_folders_and_star_does_not():
    assert Glob("a/**/b").matches("a/b", False) and Glob("a/**/b").matches("a/x/y/b", False)
    assert not Glob("a/*/b").matches("a/x/y/b", False)
    assert not Glob("a.yaml").matches("xayaml", False)


def test_excluded_files_are_listed_and_not_read(tree: Path):
    (tree / "k/bad.yaml").write_text("{{ x")
    manifests = read_manifests([Entry("k", ("bad.*",))], excludes=["*.json"])
    assert manifests.excluded == ("k/bad.yaml", "k/c.json")
    assert manifests.files == 4


def failure(*entries: Entry) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read_manifests(entries)
    return [f"{problem.file}: {problem.message}" for problem in caught.value.problems]


def test_each_path_must_exist_and_hold_an_object(tree: Path):
    (tree / "empty").mkdir()
    (tree / "values.yaml").write_text("a: b\n")
    (tree / "nothing.yaml").write_text("# nothing\n")
    assert failure(Entry("k"), Entry("empty"), Entry("gone"), Entry("nothing.yaml"), Entry("values.yaml")) == [
        "empty: contains no Kubernetes object",
        "gone: no such file or folder",
        "nothing.yaml: contains no Kubernetes object",
        "values.yaml: contains no Kubernetes object",
    ]
    assert failure(Entry("k", ("*",))) == ["k: contains no Kubernetes object"]
    assert failure(Entry("a\0b")) == ["a\0b: no such file or folder"]


def test_a_broken_link_and_negated_globs_are_problems(tree: Path):
    (tree / "k/z.yaml").symlink_to(tree / "gone")
    assert failure(Entry("k")) == ["k/z.yaml: not a regular file (a broken link?)"]
    for glob in ("!a", "", "/", "[z-a]"):
        assert failure(Entry("k", (glob, "z.yaml"))) == [f"k: the exclude glob {glob!r} is not supported"]


def test_problems_of_all_files_are_told_at_once(tree: Path):
    (tree / "k/x.yaml").write_text("a: b: c")
    (tree / "k/y.yaml").write_text("kind: Pod")
    assert [line.partition(":")[0] for line in failure(Entry("k"))] == ["k/x.yaml", "k/y.yaml"]


def test_standard_input_is_a_file_of_its_own():
    manifests = read_manifests([Entry("-")], stdin=io.StringIO(pod("x")))
    assert [(obj.file, obj.line, obj.name) for obj in manifests.modelled] == [("<stdin>", 1, "x")]
    binary = io.TextIOWrapper(io.BytesIO(pod("é").encode()), encoding="ascii")
    assert read_manifests([Entry("-")], stdin=binary).modelled[0].name == "é"
    with pytest.raises(InputErrors, match="-: contains no Kubernetes object"):
        read_manifests([Entry("-")], stdin=io.StringIO(""))
