"""A change under review: base and head are commits of a repository, or a commit and the working tree."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from changes_support import Report, all_places, classes, diff, line_of, namespace, places, run, workload
from sources_support import Repo

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")

APP = namespace("shop") + workload("shop/web") + workload("shop/db")
DB = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: db
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: web
      ports:
        - port: 5432
"""
HOLE = DB + "        - protocol: TCP\n"
HOLE_AT = DB.count("\n") + 1
NEW = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: debug, namespace: shop}
spec: {podSelector: {}, ingress: [{ports: [{port: 9229}]}]}
"""
SUITE = {
    "apiVersion": "netpol-verify/v1",
    "kind": "PropertySuite",
    "manifests": ["k8s"],
    "properties": [{"id": "nothing-new", "noNewAccess": {"base": "git:main:k8s"}}],
}
WIDER = ["any pod with app.kubernetes.io/name=web in namespace shop"]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """``main`` as it should be; the branch ``feature``, which is checked out, adds a hole."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = Repo(tmp_path / "repo")
    made.commit({"k8s/app.yaml": APP, "k8s/db.yaml": DB, "properties.yaml": yaml.safe_dump(SUITE, sort_keys=False)})
    made.git("checkout", "--quiet", "-b", "feature")
    made.commit({"k8s/db.yaml": HOLE})
    monkeypatch.chdir(made.root)
    return made


def of_working_tree(*options: str) -> tuple[int, Report]:
    """``diff`` as a user types it before a commit: no head is named."""
    done = run("diff", "--base", "git:main:k8s", "-q", "-o", "json", *options)
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)


def proved() -> tuple[int, Report]:
    done = run("prove", "-q", "-o", "json")
    assert done.stdout, done.stderr
    return done.exit_code, json.loads(done.stdout)["results"][0]


def test_the_commit_that_adds_a_hole_is_found_at_its_line(repo: Repo) -> None:
    code, report = diff("git:main:k8s", "git:feature:k8s")
    assert (code, report["lost"]["complete"], classes(report, "lost")) == (1, True, [])
    assert all(text.startswith(WIDER[0]) for text in classes(report, "gained"))
    assert all_places(report, "gained") == [f"feature:k8s/db.yaml:{HOLE_AT}"]
    first = repo.git("rev-parse", "main").strip()
    assert all_places(diff(f"git:{first}:k8s", "git:HEAD:k8s")[1], "gained") == [f"HEAD:k8s/db.yaml:{HOLE_AT}"]


@pytest.mark.usefixtures("repo")
def test_the_way_back_is_found_at_the_line_of_the_base() -> None:
    code, report = diff("git:feature:k8s", "git:main:k8s")
    assert (code, classes(report, "gained")) == (1, [])
    assert all_places(report, "lost") == [f"feature:k8s/db.yaml:{HOLE_AT} in base"]


@pytest.mark.usefixtures("repo")
def test_without_a_head_the_working_tree_is_compared() -> None:
    code, report = of_working_tree()
    assert code == 1
    assert all_places(report, "gained") == [line_of("k8s/db.yaml", "- protocol: TCP")]
    code, named = diff("git:main:k8s", "k8s")
    assert (code, named["gained"]) == (1, report["gained"])


@pytest.mark.usefixtures("repo")
def test_a_suite_points_at_the_same_line() -> None:
    code, found = proved()
    assert (code, found["verdict"]) == (1, "refuted")
    assert places(found["causes"]) == [line_of("k8s/db.yaml", "- protocol: TCP")]
    ends = [found["counterexample"][end]["workload"] for end in ("source", "destination")]
    assert ends == ["shop/Deployment/web", "shop/Deployment/db"]


def test_after_the_fix_all_is_clean(repo: Repo) -> None:
    Path("k8s/db.yaml").write_text(DB, encoding="utf-8")
    assert of_working_tree()[0] == 0
    assert proved()[0] == 0
    assert run("diff", "--base", "git:main:k8s").stdout == "No connection is gained or lost.\n"
    repo.commit()
    assert diff("git:main:k8s", "git:feature:k8s")[0] == 0


def test_what_is_not_committed_counts_in_the_working_tree_alone(repo: Repo) -> None:
    """A new file, also one that git does not know yet; commits stay what they are."""
    repo.commit({"k8s/db.yaml": DB})
    Path("k8s/debug.yaml").write_text(NEW, encoding="utf-8")
    code, report = of_working_tree("--fail-on-change", "added")
    assert code == 1
    assert all_places(report, "gained") == ["k8s/debug.yaml:4"]
    assert proved()[0] == 1
    assert diff("git:main:k8s", "git:HEAD:k8s")[0] == 0


def test_a_file_that_moved_changes_nothing(repo: Repo) -> None:
    repo.commit({"k8s/db.yaml": DB})
    Path("k8s/policies").mkdir()
    Path("k8s/db.yaml").rename("k8s/policies/database.yaml")
    Path("k8s/policies/database.yaml").write_text("# moved\n---\n" + DB, encoding="utf-8")
    assert of_working_tree()[0] == 0


def test_a_base_that_is_not_there_is_refused(repo: Repo) -> None:
    for base in ("git:nowhere:k8s", "git:main:k9s"):
        done = run("diff", "--base", base, "--head", "k8s")
        assert (done.exit_code, done.stdout) == (2, ""), base
    suite = {**SUITE, "properties": [{"id": "it", "noNewAccess": {"base": "git:nowhere:k8s"}}]}
    (repo.root / "properties.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    done = run("prove")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.usefixtures("repo")
def test_a_base_that_is_no_cluster_of_its_own_is_compared_as_it_stands() -> None:
    """Several sources are one cluster, on either side."""
    sides = ("--base", "git:main:k8s/app.yaml", "--base", "git:main:k8s/db.yaml", "--head", "k8s")
    assert run("diff", *sides).exit_code == 1
    assert run("diff", *sides[:4]).exit_code == 1
