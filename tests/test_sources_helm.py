"""Charts are rendered with ``helm template``; a matrix of values gives one verdict each. Stubs stand for Helm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from netpol_verify.verify import commands
from netpol_verify.verify.flow_replays import replay_counterexample
from sources_support import Repo, hide_programs, places, policy, problems, read, stub, write
from typer.testing import CliRunner

TEMPLATES = """\
---
# Source: shop/charts/db/templates/policy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {matchLabels: {app: db}}
---
# Source: shop/templates/policies.yaml
# ---
# Source: nothing
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: other
spec:
  podSelector: {matchLabels: {app: web}}
"""
RECORDED = f"""\
printf '%s\\n' "$*" >> "$LOG"
cat <<'END'
{TEMPLATES}END
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chart in a folder of another name than its own."""
    root = tmp_path / "work"
    write(root, {"chart/Chart.yaml": "name: shop\nversion: 1.0.0\n", "chart/templates/policies.yaml": "{{ .Values }}"})
    monkeypatch.chdir(root)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    hide_programs(monkeypatch, tmp_path / "tools", "sh", "cat", "git")
    stub(tmp_path / "tools", "helm", RECORDED)
    return root


def calls(tree: Path) -> list[str]:
    return (tree.parent / "log").read_text().splitlines()


def test_a_folder_that_is_named_and_holds_a_chart_is_rendered(tree: Path) -> None:
    """Each object names its template: a file where there is one, else as Helm calls it."""
    manifests = read("chart")
    assert places(manifests) == [
        "chart (helm, from shop/charts/db/templates/policy.yaml):3 NetworkPolicy default/db",
        "chart (helm, from chart/templates/policies.yaml):13 NetworkPolicy other/web",
    ]
    assert [notice.message.partition(",")[0] for notice in manifests.notices] == ["1 object without metadata.namespace"]
    assert places(read("helm:chart")) == places(manifests)
    assert calls(tree) == [f"template release-name {tree}/chart --namespace default"] * 2


SUITE = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests:
- {helm: ../chart, values: [all.yaml], release: r1, namespace: shop}
properties:
- id: it
  never: {from: {}, to: {namespace: shop}}
"""


def prove(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(commands.app, ["prove", *arguments])
    return ran.exit_code, ran.output


def test_a_suite_says_values_release_and_namespace(tree: Path) -> None:
    """The release's namespace is that of objects without one, and nobody need be told."""
    write(tree, {"suites/p.yaml": SUITE})
    code, text = prove("suites/p.yaml", "-o", "json")
    assert code == 1
    report = json.loads(text)
    assert report["notices"] == []
    assert calls(tree) == [f"template r1 {tree}/chart --namespace shop --values {tree}/suites/all.yaml"]


def test_without_helm_the_hint_says_where_it_is_to_be_had(tree: Path) -> None:
    (tree.parent / "tools/helm").unlink()
    assert problems("chart") == [
        "chart: helm is not on PATH\n"
        "    hint: install Helm (https://helm.sh), or read the files as they are: plain:chart"
    ]


def test_a_failure_is_told_in_helms_words(tree: Path) -> None:
    stub(tree.parent / "tools", "helm", 'echo "Error: found in Chart.yaml, but missing in charts/: db" >&2; exit 1\n')
    assert problems("chart")[0].startswith(
        "chart: helm template ends with exit code 1: Error: found in Chart.yaml, but missing in charts/: db\n"
    )


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("release", "--post-renderer", "'--post-renderer' is no legal name"),
        ("release", "''", "'' is no legal name"),
        ("namespace", "-n", "'-n' is no legal name"),
        ("values", "['a,b.yaml']", "takes the comma"),
    ],
)
def test_nothing_a_suite_says_becomes_an_option_of_helm(tree: Path, key: str, value: str, says: str) -> None:
    entry = f"- {{helm: ../chart, {key}: {value}}}"
    write(tree, {"suites/p.yaml": SUITE.replace(SUITE.splitlines()[3], entry)})
    code, text = prove("suites/p.yaml")
    assert code == 2
    assert says in text
    assert not (tree.parent / "log").exists()


def test_a_mistake_in_what_is_rendered_names_its_template(tree: Path) -> None:
    write(tree, {"printed": TEMPLATES.replace("name: web", "nam: web").replace("{app: db}", "{app: yes}")})
    stub(tree.parent / "tools", "helm", f'cat "{tree}/printed"\n')
    assert problems("chart")[0].startswith("chart (helm, from chart/templates/policies.yaml):15: metadata.name: ")
    write(tree, {"printed": TEMPLATES.replace("name: web", "name: web: x")})
    assert problems("chart")[0].startswith("chart (helm, from chart/templates/policies.yaml):16: ")


def test_a_folder_with_a_chart_and_a_kustomization_wants_to_be_told_which(tree: Path) -> None:
    write(tree, {"chart/kustomization.yaml": "resources: [a.yaml]\n", "chart/a.yaml": policy("a")})
    assert problems("chart") == [
        "chart: the folder holds a kustomization and a chart\n"
        "    hint: say which: kustomize:chart, helm:chart or plain:chart"
    ]
    assert len(read("helm:chart").modelled) == 2


def test_a_chart_of_a_commit_is_rendered(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    Repo(tree).commit()
    (tree / "chart/Chart.yaml").unlink()
    assert places(read("git:main:chart"))[1] == (
        "main:chart (helm, from main:chart/templates/policies.yaml):13 NetworkPolicy other/web"
    )


MATRIX = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests:
- helm: chart
  values: [all.yaml]
  namespace: shop
  matrix:
    prod: [prod.yaml]
    dev: []
properties:
- id: web-is-closed
  never: {from: {}, to: {namespace: other, pods: app=web}}
- id: db-is-closed
  never: {from: {}, to: {namespace: shop, pods: app=db}}
"""


@pytest.fixture
def matrix(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The policy for web is there in prod alone."""
    write(tree, {"properties.yaml": MATRIX, "prod": TEMPLATES, "dev": TEMPLATES.partition("---\n# Source: shop/t")[0]})
    monkeypatch.setenv("PRINTED", str(tree))
    script = 'case "$*" in *prod.yaml*) cat "$PRINTED/prod";; *) cat "$PRINTED/dev";; esac\n'
    stub(tree.parent / "tools", "helm", f'printf \'%s\\n\' "$*" >> "$LOG"\n{script}')
    return tree


def test_every_property_is_proved_for_every_variant(matrix: Path) -> None:
    code, text = prove("-o", "json")
    results = json.loads(text)["results"]
    assert [(each["id"], each["variant"], each["verdict"]) for each in results] == [
        ("web-is-closed", "prod", "proved"),
        ("web-is-closed", "dev", "refuted"),
        ("db-is-closed", "prod", "proved"),
        ("db-is-closed", "dev", "proved"),
    ]
    assert code == 1
    assert calls(matrix) == [
        f"template release-name {matrix}/chart --namespace shop --values {matrix}/all.yaml --values {matrix}/prod.yaml",
        f"template release-name {matrix}/chart --namespace shop --values {matrix}/all.yaml",
    ]
    assert [line["file"] for line in results[2]["because"]] == [
        "chart [prod] (helm, from shop/charts/db/templates/policy.yaml)"
    ]


def test_the_text_report_names_the_variant_and_only_selects_by_id(matrix: Path) -> None:
    code, text = prove("--only", "web-is-closed", "--no-color")
    assert code == 1
    heads = [line for line in text.splitlines() if "web-is-closed" in line]
    assert [head.split("  ")[0][2:] for head in heads] == ["web-is-closed [prod]", "web-is-closed [dev]"]
    assert "1 proved, 1 refuted" in text
    assert prove("--only", "web-is-closed [prod]")[0] == 2


def test_a_variant_of_a_counterexample_is_asked_about_by_its_name(matrix: Path) -> None:
    report = json.loads(prove("-o", "json")[1])
    assert replay_counterexample(report, "web-is-closed[dev]").allowed
    with pytest.raises(Exception, match=r"several results have this id\n.*web-is-closed\[prod\]"):
        replay_counterexample(report, "web-is-closed")


def test_manifests_on_the_command_line_replace_the_matrix(matrix: Path) -> None:
    write(matrix, {"k8s/a.yaml": policy("a", "other")})
    _, text = prove("-f", "k8s", "-o", "json")
    assert [each["variant"] for each in json.loads(text)["results"]] == [None, None]


def test_several_matrices_are_their_product(matrix: Path) -> None:
    (matrix / "second").mkdir()
    write(
        matrix,
        {
            "second/Chart.yaml": "name: second\n",
            "properties.yaml": MATRIX.replace(
                "properties:", "- {helm: second, namespace: b, matrix: {eu: [prod.yaml], us: [prod.yaml]}}\nproperties:"
            ),
        },
    )
    code, text = prove("-o", "json", "--semantics", "duplicateObjects=last")
    assert code == 0
    assert [each["variant"] for each in json.loads(text)["results"]][:4] == ["prod,eu", "prod,us", "dev,eu", "dev,us"]


def test_a_matrix_has_no_place_in_a_comparison(matrix: Path) -> None:
    write(
        matrix,
        {
            "properties.yaml": MATRIX.partition("properties:")[0]
            + "properties:\n- id: it\n  noNewAccess: {base: {helm: chart, matrix: {prod: [prod.yaml]}}}\n"
        },
    )
    code, text = prove()
    assert code == 2
    assert "has a matrix, and only a suite's manifests may have one" in text
