"""What names a source: one text form for the command line and suites, and mappings for suites."""

from __future__ import annotations

from pathlib import Path

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import Entry, entry_of, variants_of
from netpol_verify.encodings.reading.entries import Git, Helm, Live
from netpol_verify.properties.loading import load_suite
from netpol_verify.verify.cli_options import named_sources
from netpol_verify.verify.run import ManifestsRequest, read_cluster, read_named
from sources_support import policy, problems, read, write

HEAD = "apiVersion: netpol-verify/v1\nkind: PropertySuite\n"
PROPERTY = "properties:\n- id: it\n  never: {from: {}, to: {node: true}}\n"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("k8s", Entry("k8s", how="detect")),
        ("-", Entry("-", how="detect")),
        ("odd:name.yaml", Entry("odd:name.yaml", how="detect")),
        ("./git:x", Entry("./git:x", how="detect")),
        ("plain:k8s", Entry("k8s", how="plain")),
        ("kustomize:k8s", Entry("k8s", how="kustomize")),
        ("helm:chart", Entry("chart", how=Helm())),
        ("git:main", Entry("git:main", where=Git("main"), how="detect")),
        ("git:main:", Entry("git:main:", where=Git("main"), how="detect")),
        ("git:main:k8s/a:b", Entry("git:main:k8s/a:b", where=Git("main", "k8s/a:b"), how="detect")),
        ("git:x@{1 day: 3}:k", Entry("git:x@{1 day: 3}:k", where=Git("x@{1 day: 3}", "k"), how="detect")),
        ("plain:git:main:k", Entry("plain:git:main:k", where=Git("main", "k"), how="plain")),
        ("kustomize:git:main:k", Entry("kustomize:git:main:k", where=Git("main", "k"), how="kustomize")),
        ("live:", Entry("live:", where=Live())),
        ("live:arn:aws:eks/x", Entry("live:arn:aws:eks/x", where=Live("arn:aws:eks/x"))),
    ],
)
def test_a_text_names_a_source(text: str, entry: Entry) -> None:
    assert entry_of(text) == entry
    assert hash(entry_of(text)) == hash(entry)


def test_relative_paths_and_the_repository_are_those_of_the_folder(tmp_path: Path) -> None:
    assert entry_of("../k8s", Path("suites/shop")).path == "suites/k8s"
    assert entry_of(str(tmp_path / "k8s"), Path("suites")).path.endswith("k8s")
    assert entry_of("git:main:./k8s", Path("suites")).where == Git("main", "./k8s", "suites")
    assert entry_of("k8s", exclude=["*.json"]).exclude == ("*.json",)


@pytest.mark.parametrize("text", ["plain:", "kustomize:", "helm:", "git:", "plain:git:"])
def test_a_prefix_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(InputErrors, match="names no"):
        entry_of(text)


def test_a_plain_entry_is_files_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that programs which make entries of paths read what they did before there were other sources."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"k/kustomization.yaml": "resources: [a.yaml]\n", "k/a.yaml": policy("a")})
    cluster = read_cluster([Entry("k")], ManifestsRequest(), "error")
    assert cluster.manifests.counts == {"NetworkPolicy": 1}
    assert ["not rendered" in notice.message for notice in cluster.notices] == [True]
    assert read("plain:k").modelled[0].file == "k/a.yaml"


def test_run_functions_read_any_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"k/a.yaml": policy("a")})
    assert read_named(ManifestsRequest(("plain:k",)), "error").manifests.files == 1
    assert read_cluster([entry_of("k")], ManifestsRequest(), "error").manifests.files == 1


def entries(text: str, folder: Path) -> tuple[Entry, ...]:
    path = folder / "shop" / "suite.yaml"
    write(folder, {"shop/suite.yaml": f"{HEAD}manifests:\n{text}{PROPERTY}"})
    return load_suite(str(path)).manifests


@pytest.mark.parametrize(
    ("written", "entry"),
    [
        ("../k8s", Entry("k8s", how="detect")),
        ("plain:k8s", Entry("shop/k8s", how="plain")),
        ("git:main:k8s", Entry("git:main:k8s", where=Git("main", "k8s", "shop"), how="detect")),
        ("{path: k8s, exclude: ['*.json']}", Entry("shop/k8s", ("*.json",), how="detect")),
        ("{path: 'plain:k8s', exclude: [x]}", Entry("shop/k8s", ("x",), how="plain")),
        ("{git: main}", Entry("git:main", where=Git("main", "", "shop"), how="detect")),
        (
            "{git: v1, path: ./k8s, exclude: [x]}",
            Entry("git:v1:./k8s", ("x",), Git("v1", "./k8s", "shop"), "detect"),
        ),
        ("{kustomize: overlays/prod}", Entry("shop/overlays/prod", how="kustomize")),
        ("{kustomize: 'git:main:k'}", Entry("kustomize:git:main:k", (), Git("main", "k", "shop"), "kustomize")),
        ("{helm: chart}", Entry("shop/chart", how=Helm())),
        (
            "{helm: chart, values: [a.yaml, ../b.yaml], release: r, namespace: ns}",
            Entry("shop/chart", how=Helm(("shop/a.yaml", "b.yaml"), "r", "ns")),
        ),
        (
            "{helm: chart, matrix: {prod: [p.yaml], dev: []}}",
            Entry("shop/chart", how=Helm(matrix=(("prod", ("shop/p.yaml",)), ("dev", ())))),
        ),
        ("{live: prod}", Entry("live:prod", where=Live("prod"))),
        ("'live:prod'", Entry("live:prod", where=Live("prod"))),
        ("{live: }", Entry("live:", where=Live())),
        ("live:", Entry("live:", where=Live())),
    ],
)
def test_a_suite_names_sources_relative_to_its_file(
    written: str, entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert entries(f"- {written}\n", tmp_path) == (entry,)


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("{}", "manifests[0]", "names no source"),
        ("{exclude: [x]}", "manifests[0]", "names no source"),
        ("{path: a, live: b}", "manifests[0]", "names several sources at once: path, live"),
        ("{git: a, helm: b}", "manifests[0]", "names several sources at once: git, helm"),
        ("{path: a, values: [b]}", "manifests[0].values", "goes with helm only"),
        ("{git: a, matrix: {b: [c]}}", "manifests[0].matrix", "goes with helm only"),
        ("{helm: a, exclude: [b]}", "manifests[0].exclude", "nothing can be excluded"),
        ("{live: a, exclude: [b]}", "manifests[0].exclude", "nothing can be excluded"),
        ("{helm: a, matrix: {}}", "manifests[0].matrix", "names no variant"),
        ("{helm: a, matrix: {'a,b': []}}", "manifests[0].matrix['a,b']", "cannot be the name of a variant"),
        ("{helm: a, matrix: {'x]': []}}", "manifests[0].matrix['x]']", "cannot be the name of a variant"),
        ("{helm: ''}", "manifests[0]", "is an empty path"),
        ("{kustomize: ''}", "manifests[0]", "is an empty path"),
        ("{path: ''}", "manifests[0]", "is an empty path"),
        ("{git: ''}", "manifests[0]", "names no ref"),
        ("{git: -x}", "manifests[0]", "a ref cannot begin with -"),
        ("'git:'", "manifests[0]", "names no ref"),
        ("{helm: }", "manifests[0].helm", "has no value"),
        ("{helm: a, release: }", "manifests[0].release", "has no value"),
        ("{gti: a}", "manifests[0].gti", 'unknown key "gti"'),
        ("{path: 3}", "manifests[0].path", "expected a text"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused_at_its_place(
    written: str, path: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputErrors) as caught:
        entries(f"- {written}\n", tmp_path)
    [problem] = caught.value.problems
    assert (problem.line, problem.path) == (4, path)
    assert message in problem.message


def test_a_property_over_changes_names_sources_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "shop/suite.yaml": f"{HEAD}manifests: [k8s]\nproperties:\n"
            "- id: one\n  noNewAccess: {base: 'git:main:k8s'}\n"
            "- id: two\n  equivalent: {left: {kustomize: k}, right: [{live: prod}, k8s]}\n"
            "- id: three\n  noLostAccess:\n    base:\n      live:\n"
        },
    )
    one, two, three = load_suite("shop/suite.yaml").properties
    assert one.base == (Entry("git:main:k8s", (), Git("main", "k8s", "shop"), "detect"),)
    assert two.base == (Entry("shop/k", how="kustomize"),)
    assert two.head == (Entry("live:prod", where=Live("prod")), Entry("shop/k8s", how="detect"))
    assert three.base == (Entry("live:", where=Live()),)


def test_a_matrix_is_one_list_of_sources_for_each_variant_and_several_are_their_product() -> None:
    first = Entry("a", how=Helm(("all.yaml",), matrix=(("prod", ("p.yaml",)), ("dev", ()))))
    second = Entry("b", how=Helm(matrix=(("eu", ()), ("us", ("us.yaml",)))))
    plain = Entry("k8s")
    assert variants_of([plain]) == ((None, (plain,)),)
    named = variants_of([first, plain, second])
    assert [name for name, _ in named] == ["prod,eu", "prod,us", "dev,eu", "dev,us"]
    chart, rest, other = named[1][1]
    assert chart.how == Helm(("all.yaml", "p.yaml"), variant="prod")
    assert (rest, other.how) == (plain, Helm(("us.yaml",), variant="us"))


def test_live_and_context_name_a_source_beside_those_of_f() -> None:
    assert named_sources(None, False, None) == ()
    assert named_sources(["k8s"], True, None) == ("k8s", "live:")
    assert named_sources(None, True, "prod") == ("live:prod",)
    with pytest.raises(InputErrors, match="add --live"):
        named_sources(None, False, "prod")


def test_what_is_no_path_of_a_prefix_is_looked_for_as_a_path() -> None:
    assert problems("kustomise:overlays")[0].startswith("kustomise:overlays: no such file or folder")
    assert problems("plain:nowhere")[0].startswith("nowhere: no such file or folder")
