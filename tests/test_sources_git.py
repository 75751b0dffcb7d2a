"""Manifests of a commit: read from the object store, by the rules of folders, and never checked out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from netpol_verify.encodings.reading import entry_of, read_manifests
from sources_support import Repo, places, policy, problems, read, write

FILES = {
    "k8s/a.yaml": policy("a"),
    "k8s/b.yml": "# first\n---\n" + policy("b"),
    "k8s/in/c.json": '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}',
    "k8s/.hidden/d.yaml": "{{ no manifest",
    "k8s/notes.txt": "{{",
    "other/e.yaml": policy("e"),
}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = Repo(tmp_path / "repo")
    made.commit(FILES)
    monkeypatch.chdir(made.root)
    return made


SHOWN = [
    "main:k8s/a.yaml:1 NetworkPolicy shop/a",
    "main:k8s/b.yml:3 NetworkPolicy shop/b",
    "main:k8s/in/c.json:1 Namespace shop",
]


def test_a_commit_is_read_by_the_rules_of_folders(repo: Repo) -> None:
    """And each file is shown as ``git show`` takes it."""
    assert places(read("git:main:k8s")) == SHOWN
    assert places(read("git:main")) == [*SHOWN, "main:other/e.yaml:1 NetworkPolicy shop/e"]
    assert [line.partition(":")[2] for line in SHOWN] == places(read("k8s"))
    assert repo.git("show", "main:k8s/a.yaml") == FILES["k8s/a.yaml"]


def test_nothing_is_checked_out_and_the_working_tree_does_not_matter(repo: Repo) -> None:
    first = repo.commit()
    (repo.root / "k8s/a.yaml").write_text(policy("staged"))
    repo.git("add", "--all")
    (repo.root / "k8s/a.yaml").write_text("{{ unsaved work")
    index = (repo.root / ".git/index").read_bytes()
    status = repo.git("status", "--porcelain")
    assert places(read(f"git:{first}:k8s/a.yaml")) == [f"{first}:k8s/a.yaml:1 NetworkPolicy shop/a"]
    assert (repo.root / ".git/index").read_bytes() == index
    assert repo.git("status", "--porcelain") == status
    assert (repo.root / "k8s/a.yaml").read_text() == "{{ unsaved work"


def test_a_path_with_a_dot_is_that_of_the_folder_and_any_other_that_of_the_root(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places(read("git:main:./in", folder=repo.root / "k8s")) == SHOWN[2:]
    assert places(read("git:main:k8s/in", folder=repo.root / "k8s")) == SHOWN[2:]
    monkeypatch.chdir(repo.root / "other")
    assert places(read("git:main:../k8s/in/../a.yaml")) == SHOWN[:1]
    assert places(read("git:main:.")) == ["main:other/e.yaml:1 NetworkPolicy shop/e"]
    assert problems("git:main:../../x") == [
        "git:main:../../x: the path leads out of the repository\n    hint: it is relative to the repository's root"
    ]


def test_the_repository_is_that_of_the_folder_not_of_the_environment(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook runs with GIT_DIR and its kin set, which would name another repository or none."""
    other = Repo(tmp_path / "other")
    other.commit({"x.yaml": policy("x")})
    for name, value in (("GIT_DIR", other.root / ".git"), ("GIT_WORK_TREE", other.root), ("GIT_INDEX_FILE", "nothing")):
        monkeypatch.setenv(name, str(value))
    assert places(read("git:main:k8s/a.yaml")) == SHOWN[:1]
    assert places(read("git:main", folder=other.root)) == ["main:x.yaml:1 NetworkPolicy shop/x"]


@pytest.mark.parametrize("ref", ["HEAD", "HEAD~0", "refs/heads/main", "v1", "note", "main@{0}", "@", ":/change"])
def test_whatever_git_takes_for_a_commit_or_tree_is_a_ref(repo: Repo, ref: str) -> None:
    repo.git("tag", "v1")
    repo.git("tag", "--annotate", "note", "--message", "n")
    if ref.startswith(":"):
        assert "names no ref" in problems(f"git:{ref}:k8s/a.yaml")[0]
        ref = "HEAD^{/change: a: colon}"
        repo.git("commit", "--quiet", "--allow-empty", "--message", "change: a: colon")
    assert [place.rpartition(" ")[2] for place in places(read(f"git:{ref}:k8s/a.yaml"))] == ["shop/a"]


def test_excludes_are_those_of_folders_and_are_listed(repo: Repo) -> None:
    entry = entry_of("git:main:k8s", exclude=["in/", "/b.yml"])
    manifests = read_manifests([entry], excludes=[])
    assert [each.name for each in manifests.modelled] == ["a"]
    assert manifests.excluded == ("main:k8s/b.yml", "main:k8s/in/c.json")
    assert read_manifests([entry_of("git:main")], excludes=["k8s/**"]).counts == {"NetworkPolicy": 1}
    assert problems("git:main:k8s/notes.txt")
    with pytest.raises(Exception, match="contains no Kubernetes object"):
        read_manifests([entry_of("git:main:k8s/a.yaml")], excludes=["a.yaml"])


def test_a_ref_that_is_not_there_is_an_error_that_helps(repo: Repo) -> None:
    repo.git("update-ref", "refs/remotes/origin/release", "HEAD")
    repo.git("branch", "feature")
    assert problems("git:maim:k8s") == [
        'git:maim:k8s: "maim" names no commit of this repository\n    hint: did you mean "main"?'
    ]
    assert 'did you mean "origin/release"?' in problems("git:release")[0]
    assert "git fetch origin zzzzzz" in problems("git:zzzzzz")[0]
    assert "names no commit" in problems("git:main..feature")[0]
    assert "names no commit" in problems("git:^main")[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("git:", "names no ref"),
        ("git::k8s", "names no ref"),
        ("git:--output=x:k8s", "a ref cannot begin with -"),
        ("git:-main", "write its full name, refs/heads/-main"),
        ("git:main:/k8s", "write git:main:k8s"),
        ("git:main\n:k8s", "control character"),
    ],
)
def test_a_text_that_can_name_nothing_is_refused(text: str, says: str) -> None:
    assert [says in each for each in problems(text)] == [True]


def test_a_path_that_is_not_in_the_tree_is_an_error(repo: Repo) -> None:
    assert problems("git:main:k9s") == [
        'git:main:k9s: there is no "k9s" in the tree of main\n    hint: did you mean "k8s"?'
    ]
    assert "the path is relative to the repository's root" in problems("git:main:k8s/zzzzz/x")[0]
    repo.git("rm", "-r", "--quiet", "k8s/in")
    repo.commit()
    assert "there is no" in problems("git:main:k8s/in")[0]


def test_a_folder_without_an_object_is_an_error_not_an_empty_cluster(repo: Repo) -> None:
    repo.commit({"docs/readme.md": "no manifests\n", "values/v.yaml": "a: b\n"})
    assert problems("git:main:docs") == ["git:main:docs: contains no Kubernetes object\n    hint: check the path"]
    assert "contains no Kubernetes object" in problems("git:main:values")[0]


def test_without_a_repository_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    [said] = problems("git:main:k8s")
    assert said.startswith("git:main:k8s: git refuses: fatal: not a git repository")
    assert "the repository of the working directory" in said


def test_a_repository_that_git_does_not_trust_is_refused_in_its_words(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    [said] = problems("git:main:k8s")
    assert "dubious ownership" in said
    assert "safe.directory" in said


def test_a_shallow_clone_without_the_ref_says_how_to_get_it(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repo.git("rev-parse", "HEAD").strip()
    repo.commit({"k8s/f.yaml": policy("f")})
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.root}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    assert read("git:HEAD:k8s").counts == {"NetworkPolicy": 3, "Namespace": 1}
    for ref in (first, "HEAD~1", "release"):
        [said] = problems(f"git:{ref}:k8s")
        assert f"the clone is shallow: git fetch origin {ref}, or fetch-depth: 0" in said


def test_git_must_be_there(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert problems("git:main:k8s") == ["git:main:k8s: git is not on PATH\n    hint: install git (https://git-scm.com)"]


def link(repo: Repo, name: str, target: str) -> None:
    (repo.root / name).parent.mkdir(parents=True, exist_ok=True)
    (repo.root / name).symlink_to(target)


def test_links_inside_the_tree_are_followed_once(repo: Repo) -> None:
    link(repo, "k8s/in/same.yaml", "../a.yaml")
    link(repo, "linked/folder", "../other")
    link(repo, "linked/loop", "../linked")
    link(repo, "linked/f.yaml", "folder/e.yaml")
    repo.commit()
    assert places(read("git:main:k8s")) == [SHOWN[0], SHOWN[1], SHOWN[2]]
    assert places(read("git:main:linked")) == ["main:other/e.yaml:1 NetworkPolicy shop/e"]
    assert places(read("git:main:linked/folder")) == ["main:other/e.yaml:1 NetworkPolicy shop/e"]
    assert places(read("git:main:linked/f.yaml")) == ["main:other/e.yaml:1 NetworkPolicy shop/e"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.yaml", "self.yaml", "../k8s/../../x"])
def test_a_link_out_of_the_tree_is_refused_or_excluded_never_followed(repo: Repo, target: str) -> None:
    (repo.root.parent / "outside.yaml").write_text(policy("outside"))
    link(repo, "links/self.yaml", target)
    repo.commit()
    assert "leads out of the tree" in problems("git:main:links")[0]
    manifests = read_manifests([entry_of("git:main")], excludes=["links/"])
    assert (manifests.excluded, len(manifests.modelled)) == (("main:links/self.yaml",), 4)
    assert "leads out of the tree" in problems("git:main:links/self.yaml")[0]


def test_a_broken_link_to_a_manifest_is_refused(repo: Repo) -> None:
    link(repo, "links/gone.yaml", "nothing.yaml")
    link(repo, "links/gone", "nothing")
    link(repo, "links/odd.yaml", "../k8s/a.yaml/../b.yml")
    repo.commit()
    assert [each.partition("\n")[0] for each in problems("git:main:links")] == [
        "main:links/gone.yaml: not a regular file (a broken link?)",
        "main:links/odd.yaml: not a regular file (a broken link?)",
    ]


def test_a_submodule_is_refused_or_excluded_never_skipped(repo: Repo, tmp_path: Path) -> None:
    module = Repo(tmp_path / "module")
    module.commit({"m.yaml": policy("m")})
    repo.git("submodule", "--quiet", "add", str(module.root), "k8s/vendor")
    repo.commit()
    [said] = problems("git:main:k8s")
    assert said.startswith("main:k8s/vendor: is a submodule: its files are in another repository")
    assert "--exclude" in said
    assert "is a submodule" in problems("git:main:k8s/vendor")[0]
    for glob in ("vendor", "vendor/", "k8s/vendor"):
        manifests = read_manifests([entry_of("git:main:k8s", exclude=[glob])])
        assert (manifests.excluded, len(manifests.modelled)) == (("main:k8s/vendor",), 3)


def test_a_name_that_is_no_utf_8_and_names_with_spaces_are_read(repo: Repo) -> None:
    write(repo.root, {"odd/a b\tc.yaml": policy("spaced"), "odd/:(glob)*.yaml": policy("magic")})
    with (repo.root / os.fsdecode(b"odd/\xff.yaml")).open("w") as file:
        file.write(policy("bytes"))
    repo.commit()
    assert sorted(each.name for each in read("git:main:odd").modelled) == ["bytes", "magic", "spaced"]
    assert [each.name for each in read("git:main:odd/:(glob)*.yaml").modelled] == ["magic"]


def test_a_bare_repository_is_read_too(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    assert places(read("git:main:k8s")) == SHOWN


def test_the_same_file_of_two_sources_is_read_once(repo: Repo) -> None:
    manifests = read("git:main:k8s", "git:main:k8s/a.yaml")
    assert (manifests.files, manifests.notices) == (3, ())


def test_mistakes_are_shown_where_git_show_finds_them(repo: Repo) -> None:
    repo.commit({"bad/x.yaml": "\n\nkind: {{ x }}\nkind: b\n"})
    assert problems("git:main:bad")[0].startswith("main:bad/x.yaml:3: ")
