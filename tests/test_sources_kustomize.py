"""Kustomizations are rendered, with kustomize or kubectl, and what is rendered says so and where it came from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from netpol_verify.encodings.reading import entry_of, read_manifests
from sources_support import Repo, hide_programs, places, policy, problems, read, stub, write

BASE = {
    "base/kustomization.yaml": "resources: [db.yaml, more/all.yaml, ns.yaml]\n",
    "base/db.yaml": "# the database\n" + policy("db"),
    "base/more/all.yaml": policy("web") + "---\n" + policy("api"),
    "base/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
}
PROD = {
    "overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\nnamespace: prod\n"
    "patches:\n- path: patch.yaml\n  target: {kind: NetworkPolicy, name: db}\n",
    "overlays/prod/patch.yaml": "- {op: add, path: /spec/egress, value: []}\n",
}
PRINTED = """\
echo "$0 $*" >> "$LOG"
cat <<'END'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: prod-db, namespace: prod}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: generated, namespace: prod}
spec: {podSelector: {}}
END
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "work"
    write(root, {**BASE, **PROD})
    monkeypatch.chdir(root)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return root


@pytest.fixture
def tools(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PATH has only what a test puts here, and what shell scripts need."""
    hide_programs(monkeypatch, tmp_path / "tools", "sh", "cat", "git")
    return tmp_path / "tools"


SHOWN = [
    "overlays/prod (kustomize, from base/db.yaml:2):1 NetworkPolicy prod/prod-db",
    "overlays/prod (kustomize):6 NetworkPolicy prod/generated",
]


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_folder_that_is_named_and_holds_a_kustomization_is_rendered(tree: Path, tools: Path, name: str) -> None:
    stub(tools, "kustomize", PRINTED)
    (tree / "overlays/prod/kustomization.yaml").rename(tree / "overlays/prod" / name)
    manifests = read("overlays/prod")
    assert places(manifests) == SHOWN
    assert (manifests.files, manifests.notices) == (1, ())
    assert places(read("./overlays/prod/")) == SHOWN


def test_kustomize_is_preferred_to_kubectl_and_either_will_do(tree: Path, tools: Path, tmp_path: Path) -> None:
    stub(tools, "kubectl", PRINTED)
    assert places(read("overlays/prod")) == SHOWN
    stub(tools, "kustomize", PRINTED)
    assert places(read("kustomize:overlays/prod")) == SHOWN
    folder = tree / "overlays/prod"
    assert (tmp_path / "log").read_text() == f"{tools}/kubectl kustomize {folder}\n{tools}/kustomize build {folder}\n"


def test_without_a_tool_the_hint_names_both_ways(tools: Path) -> None:
    assert problems("overlays/prod") == [
        "overlays/prod: kustomize is not on PATH\n"
        "    hint: install kustomize (https://kustomize.io) or kubectl, "
        "or read the files as they are: plain:overlays/prod"
    ]


def test_a_kustomization_further_inside_is_a_notice_and_its_files_are_read(tools: Path) -> None:
    manifests = read("overlays/..", "plain:base")
    assert [notice.message.partition(";")[0] for notice in manifests.notices] == [
        "not rendered: 2 objects of kind Kustomization.kustomize.config.k8s.io"
    ]
    assert manifests.counts == {"Namespace": 1, "NetworkPolicy": 3}


def test_plain_reads_the_files_as_they_are(tools: Path) -> None:
    manifests = read("plain:base")
    assert manifests.modelled[0].file == "base/db.yaml"
    assert "not rendered" in manifests.notices[0].message


def test_kustomize_in_front_of_a_path_forces_rendering(tree: Path, tools: Path) -> None:
    stub(tools, "kustomize", 'echo "Error: unable to find one of kustomization files in $2" >&2; exit 1\n')
    [said] = problems("kustomize:base/more")
    assert said.startswith("base/more: kustomize build ends with exit code 1: Error: unable to find one")
    assert "files in base/more\n" in said
    assert "is no folder" in problems("kustomize:base/db.yaml")[0]
    assert "no such file or folder" in problems("kustomize:nowhere")[0]


def test_a_failure_is_told_in_the_tools_words_and_with_readable_paths(tree: Path, tools: Path) -> None:
    stub(tools, "kustomize", f'echo "Error: {tree}/base/gone.yaml: no such file" >&2; exit 1\n')
    assert problems("overlays/prod") == [
        "overlays/prod: kustomize build ends with exit code 1: Error: base/gone.yaml: no such file\n"
        "    hint: read the files as they are: plain:overlays/prod"
    ]


def test_what_renders_to_nothing_is_an_error(tools: Path) -> None:
    stub(tools, "kustomize", "exit 0\n")
    assert problems("overlays/prod")[0].startswith("overlays/prod: contains no Kubernetes object")


def test_nothing_can_be_excluded_from_what_is_rendered(tools: Path) -> None:
    stub(tools, "kustomize", PRINTED)
    with pytest.raises(Exception, match="nothing can be excluded"):
        read_manifests([entry_of("overlays/prod", exclude=["*.json"])])
    assert read_manifests([entry_of("plain:base", exclude=["ns.yaml"])]).excluded == ("base/ns.yaml",)


def test_mistakes_in_what_is_rendered_have_the_lines_of_the_output(tools: Path) -> None:
    stub(tools, "kustomize", "echo 'apiVersion: v1'; echo 'kind: NetworkPolicy'; echo 'metadata: {name: x}'\n")
    assert problems("overlays/prod")[0].startswith("overlays/prod (kustomize):1: apiVersion: NetworkPolicy of")


def test_an_object_that_several_resources_could_be_names_none(tree: Path, tools: Path) -> None:
    write(tree, {"base/kustomization.yaml": "resources: [db.yaml, again.yaml]\n", "base/again.yaml": policy("db", "x")})
    stub(tools, "kustomize", PRINTED)
    assert places(read("overlays/prod"))[0].startswith("overlays/prod (kustomize):1 ")


@pytest.mark.parametrize(
    "resources",
    ["[../prod]", "['https://example.org/x', gone.yaml, \"a\\0b\", 3]", "{a: b}", "[../../base, bad.yaml]"],
)
def test_resources_that_are_odd_or_circular_do_not_disturb(tree: Path, tools: Path, resources: str) -> None:
    write(tree, {"overlays/prod/kustomization.yaml": f"resources: {resources}\n", "overlays/prod/bad.yaml": "{{\n"})
    stub(tools, "kustomize", PRINTED)
    assert [place.partition(" Net")[2] for place in places(read("overlays/prod"))] == [
        "workPolicy prod/prod-db",
        "workPolicy prod/generated",
    ]


def test_a_kustomization_in_a_commit_is_rendered_from_its_own_tree(
    tree: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no message names the folder that it is laid out in."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    repo = Repo(tree)
    repo.commit({".gitattributes": "base export-ignore\n"})
    write(tree, {"base/db.yaml": "{{ changed since\n"})
    script = 'cat "$2/../../base/db.yaml"; echo ---; cat "$2/../../base/more/all.yaml"; cd "$2"; echo "# $PWD"\n'
    stub(tools, "kustomize", script)
    shown = "main:overlays/prod (kustomize, from main:base"
    write(tree, {"overlays/prod/kustomization.yaml": "resources: [../../base]\n"})
    repo.git("commit", "--quiet", "--message", "x", "overlays/prod/kustomization.yaml")
    for text in ("git:main:overlays/prod", "kustomize:git:main:overlays/prod", "git:main:./overlays/prod"):
        assert places(read(text))[:2] == [
            f"{shown}/db.yaml:2):2 NetworkPolicy shop/db",
            f"{shown}/more/all.yaml:1):7 NetworkPolicy shop/web",
        ]
    stub(tools, "kustomize", 'echo "Error: $2 and $2/../../base/x.yaml" >&2; exit 1\n')
    assert problems("git:main:overlays/prod")[0].startswith(
        "git:main:overlays/prod: kustomize build ends with exit code 1: "
        "Error: main:overlays/prod and main:overlays/prod/../../base/x.yaml\n"
    )
    assert places(read("plain:git:main:base"))[0] == "main:base/db.yaml:2 NetworkPolicy shop/db"


def test_links_in_a_commit_cannot_lead_a_tool_out_of_it(
    tree: Path, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    write(tmp_path, {"outside.yaml": policy("outside")})
    for name, target in {
        "elsewhere/up": "../..",
        "elsewhere/round": "../base/deep/../../..",
        "elsewhere/absolute.yaml": str(tmp_path / "outside.yaml"),
        "overlays/prod/same.yaml": "../../base/db.yaml",
        "overlays/prod/folder": "../../base/more",
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).symlink_to(target)
    (tree / "base/deep").symlink_to("..")
    repo = Repo(tree)
    repo.commit()
    stub(
        tools, "kustomize", 'cd "$2"; cat same.yaml; echo ---; cat folder/all.yaml; ls ../../elsewhere >&2 || exit 0\n'
    )
    assert len(read("git:main:overlays/prod").modelled) == 3
    (tree / "overlays/prod/out.yaml").symlink_to(tmp_path / "outside.yaml")
    repo.commit()
    [said] = problems("git:main:overlays/prod")
    assert said.startswith('git:main:overlays/prod: the link "overlays/prod/out.yaml" leads out of the tree')


def test_a_folder_of_a_commit_with_a_submodule_is_not_rendered_without_it(
    tree: Path, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    module = Repo(tmp_path / "module")
    module.commit({"m.yaml": policy("m")})
    repo = Repo(tree)
    repo.git("submodule", "--quiet", "add", str(module.root), "overlays/prod/vendor")
    repo.commit()
    stub(tools, "kustomize", PRINTED)
    assert "is a submodule" in problems("git:main:overlays/prod")[0]


needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")


@needs_kubectl
def test_the_real_tool_renders_an_overlay(tree: Path) -> None:
    """An object whose name the tool changes otherwise than by prefix and suffix has no source."""
    manifests = read("overlays/prod")
    found = {each.reference: each for each in manifests.modelled}
    assert {name: each.file for name, each in found.items()} == {
        "prod": "overlays/prod (kustomize)",
        "prod/prod-db": "overlays/prod (kustomize, from base/db.yaml:2)",
        "prod/prod-web": "overlays/prod (kustomize, from base/more/all.yaml:1)",
        "prod/prod-api": "overlays/prod (kustomize, from base/more/all.yaml:6)",
    }
    assert "egress" in found["prod/prod-db"].fields["spec"]
    assert places(read("overlays/prod")) == places(manifests)


@needs_kubectl
def test_the_real_tool_renders_a_commit_and_its_own_words_are_shown(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    repo = Repo(tree)
    repo.commit()
    write(tree, {"base/db.yaml": "", "overlays/prod/kustomization.yaml": "resources: [gone.yaml]\n"})
    files = [each.file for each in read("git:main:overlays/prod").modelled]
    assert "main:overlays/prod (kustomize, from main:base/db.yaml:2)" in files
    for source, folder in (("overlays/prod", "overlays/prod"), ("git:HEAD:overlays/prod", "HEAD:overlays/prod")):
        if source.startswith("git:"):
            repo.commit()
        [said] = problems(source)
        assert "ends with exit code 1: " in said
        assert f"{folder}/gone.yaml" in said
        assert "netpol-verify-" not in said
        assert str(tree) not in said
