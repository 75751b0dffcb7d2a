"""``diff`` on the command line: exit codes, what is refused, limits, inputs, and the three formats.

``NETPOL_VERIFY_UPDATE_GOLDEN=1 pytest tests/test_cli_diff.py`` writes the golden files anew; read the difference.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from changes_support import Report, all_places, classes, diff, line_of, namespace, run, workload, write
from netpol_verify.encodings.problems import Notice
from netpol_verify.verify.changes.results import ChangedClass, ChangeList, Changes, DiffReport
from netpol_verify.verify.classes.model import ConnectionClass, EndClass, LabelCondition, NameCondition
from netpol_verify.verify.reports.diff_json import render_diff_json
from netpol_verify.verify.reports.diff_text import render_diff_markdown, render_diff_text
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.results import (
    Because,
    Cause,
    Counterexample,
    CounterexampleClass,
    Endpoint,
    InBase,
    InputSummary,
    Reading,
)

GOLDEN = Path(__file__).parent / "golden"
ANSI = re.compile(r"\x1b\[[0-9;]*m")

APP = namespace("shop") + workload("shop/web") + workload("shop/db")
DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
"""
DB = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: db}}
  ingress:
    - from: [podSelector: {matchLabels: {app.kubernetes.io/name: web}}]
      ports:
        - port: 5432
"""
WIDER = "        - port: 5433\n"
CILIUM = """\
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: free, namespace: shop}
spec: {endpointSelector: {}, ingress: [{}]}
"""


@pytest.fixture(autouse=True)
def _versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """``wide`` admits web to db on one port more than ``narrow``; the last two hold what is not modelled."""
    monkeypatch.chdir(tmp_path)
    write(
        {
            "narrow/k8s.yaml": DENY + DB,
            "narrow/app.yaml": APP,
            "wide/k8s.yaml": DENY + DB + WIDER,
            "wide/app.yaml": APP,
            "closed/k8s.yaml": DENY,
            "closed/app.yaml": APP,
            "open/app.yaml": APP,
            "cilium.yaml": CILIUM,
            "other.yaml": CILIUM.replace("endpointSelector: {}", "endpointSelector: {matchLabels: {a: b}}"),
        }
    )


def code(*arguments: str) -> int:
    return run("diff", *arguments, "-q").exit_code


# Exit codes.


@pytest.mark.parametrize(
    ("base", "head", "codes"),
    [
        ("narrow", "narrow", {"added": 0, "removed": 0, "any": 0, "none": 0}),
        ("narrow", "wide", {"added": 1, "removed": 0, "any": 1, "none": 0}),
        ("wide", "narrow", {"added": 0, "removed": 1, "any": 1, "none": 0}),
    ],
)
def test_the_exit_code_says_what_changed_as_far_as_it_is_to_count(base: str, head: str, codes: dict[str, int]) -> None:
    sides = ("--base", base, "--head", head)
    assert {name: code(*sides, "--fail-on-change", name) for name in codes} == codes
    assert code(*sides) == codes["any"]


def test_a_change_both_ways_counts_whichever_is_asked_for() -> None:
    write({"moved/k8s.yaml": DENY + DB.replace("5432", "5433"), "moved/app.yaml": APP})
    sides = ("--base", "narrow", "--head", "moved")
    assert [code(*sides, "--fail-on-change", name) for name in ("added", "removed", "any", "none")] == [1, 1, 1, 0]


def test_every_format_exits_alike() -> None:
    sides = ("--base", "narrow", "--head", "wide")
    assert [code(*sides, "-o", name) for name in ("text", "json", "markdown")] == [1, 1, 1]
    assert code(*sides, "-o", "json:a.json", "-o", "markdown:a.md") == 1
    assert json.loads(Path("a.json").read_text(encoding="utf-8"))["gained"]["classes"]


def test_a_policy_that_is_not_modelled_on_one_side_leaves_it_open() -> None:
    sides = ("--base", "narrow", "--head", "narrow", "--head", "cilium.yaml")
    assert [code(*sides, "--fail-on-change", name) for name in ("added", "removed", "any", "none")] == [3, 3, 3, 0]
    done = run("diff", *sides)
    assert "shop/CiliumNetworkPolicy/free" in done.stdout
    assert "No connection is gained or lost" not in done.stdout


def test_a_policy_that_is_not_modelled_and_the_same_on_both_sides_changes_nothing() -> None:
    both = ("--base", "narrow", "--base", "cilium.yaml", "--head", "narrow", "--head", "cilium.yaml")
    assert code(*both) == 0
    assert run("diff", *both).stdout == "No connection is gained or lost.\n"


def test_a_policy_that_is_not_modelled_and_says_something_else_leaves_it_open() -> None:
    assert code("--base", "narrow", "--base", "cilium.yaml", "--head", "narrow", "--head", "other.yaml") == 3


def test_a_sure_change_counts_beside_what_is_not_known() -> None:
    """In the scope of the policy that is not modelled nothing is sure; elsewhere it is."""
    elsewhere = DENY.replace("shop", "blog")
    write({"blog.yaml": elsewhere})
    sides = ("--base", "narrow", "--base", "cilium.yaml", "--head", "narrow", "--head", "blog.yaml")
    assert code(*sides) == 1
    assert code(*sides, "--fail-on-change", "added") == 3


def test_an_exhausted_solver_is_no_answer() -> None:
    sides = ("--base", "narrow", "--head", "wide", "--effort", "1")
    assert code(*sides) == 3
    _, report = diff("narrow", "wide", "--effort", "1")
    assert (report["gained"]["complete"], report["gained"]["limited"]) == (False, True)
    assert "a limit of the solver was reached" in run("diff", *sides).stdout
    assert "No connection is gained or lost" not in run("diff", *sides).stdout


# What is refused. Nothing that cannot be read is taken for a cluster without policies.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--base nowhere --head narrow", "nowhere: no such file or folder"),
        ("--base narrow --head nowhere", "nowhere: no such file or folder"),
        ("--base empty --head narrow", "empty: contains no Kubernetes object"),
        ("--base narrow --head empty", "empty: contains no Kubernetes object"),
        ("--base empty.yaml --head narrow", "empty.yaml: contains no Kubernetes object"),
        ("--base broken.yaml --head narrow", "broken.yaml:1: "),
        ("--base git:main:k8s --head narrow", "git:main:k8s: git refuses"),
        ("--base narrow", "--head: is missing"),
        ("--base git:main:k8s --base narrow", "--head: is missing"),
        ("--head narrow", "--base: is missing"),
        ("", "--base: is missing"),
        ("--base narrow --head wide --fail-on-change more", '--fail-on-change: "more" is not a choice'),
        ("--base narrow --head wide --max-classes=-1", "--max-classes"),
        ("--base narrow --head wide -o sarif", 'unknown format "sarif"'),
        ("--base narrow --head wide --world pods=some", "--world: pods: "),
        ("--base narrow --head wide --semantics ipBlockMatchesPods=no", "--semantics: ipBlockMatchesPods: "),
        ("--base narrow --head wide --timeout 0", "--timeout: "),
    ],
)
def test_bad_input_is_refused_and_never_no_difference(arguments: str, said: str) -> None:
    Path("empty").mkdir()
    write({"empty.yaml": "", "broken.yaml": "a: {{ b }}\n"})
    done = run("diff", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_mistakes_of_both_sides_are_reported_together() -> None:
    done = run("diff", "--base", "nowhere", "--head", "neither")
    assert done.exit_code == 2
    assert "nowhere: " in done.stderr and "neither: " in done.stderr


def test_two_states_of_one_policy_on_one_side_are_a_mistake() -> None:
    sides = ("--base", "narrow", "--head", "narrow/app.yaml", "--head", "narrow/k8s.yaml", "--head", "wide/k8s.yaml")
    assert code(*sides) == 2
    assert code(*sides, "--semantics", "duplicateObjects=last") == 1


# Limits, worlds, inputs.


def test_a_list_that_is_cut_says_so_and_counts_all_the_same() -> None:
    _, whole = diff("narrow", "open")
    assert len(classes(whole, "gained")) > 1
    assert whole["gained"]["complete"] is True
    exit_code, cut = diff("narrow", "open", "--max-classes", "1")
    assert (exit_code, len(classes(cut, "gained"))) == (1, 1)
    assert (cut["gained"]["complete"], cut["gained"]["limited"]) == (False, False)
    assert "--max-classes" in run("diff", "--base", "narrow", "--head", "open", "--max-classes", "1").stdout
    _, everything = diff("narrow", "open", "--max-classes", "0")
    assert everything == whole
    just = str(len(classes(whole, "gained")))
    assert diff("narrow", "open", "--max-classes", just)[1]["gained"]["complete"] is True


def test_in_a_closed_world_only_declared_pods_change() -> None:
    write(
        {
            "extra.yaml": DENY.replace("podSelector: {}", "podSelector: {matchLabels: {app: nobody}}").replace(
                "deny", "x"
            )
        }
    )
    sides = ("--base", "open", "--head", "open", "--head", "extra.yaml")
    assert code(*sides) == 1
    assert code(*sides, "--world", "pods=closed") == 0
    assert '"pods": "closed"' in run("diff", *sides, "--world", "pods=closed", "-o", "json").stdout


def test_what_is_declared_is_listed_apart() -> None:
    _, report = diff("narrow", "wide")
    declared = report["declared"]["gained"]
    assert declared["complete"] is True
    ends = [
        (each["witness"]["source"]["workload"], each["witness"]["destination"]["workload"])
        for each in declared["classes"]
    ]
    assert ends == [("shop/Deployment/web", "shop/Deployment/db")]
    pairs = [{"source": "shop/Deployment/web", "destination": "shop/Deployment/db"}]
    assert [(each["pairs"], each["pairsComplete"]) for each in declared["classes"]] == [(pairs, True)]
    assert (
        "shop/Deployment/web → shop/Deployment/db, TCP/5433" in run("diff", "--base", "narrow", "--head", "wide").stdout
    )


@pytest.mark.parametrize(("sides", "exit_code"), [("--base - --head wide", 1), ("--base wide --head -", 1)])
def test_one_side_may_come_from_standard_input(sides: str, exit_code: int) -> None:
    done = run("diff", *sides.split(), text=DENY + DB + APP)
    assert done.exit_code == exit_code
    assert "TCP/5433" in done.stdout
    assert "(-:15" not in done.stdout


def test_standard_input_cannot_be_both_sides() -> None:
    done = run("diff", "--base", "-", "--head", "-", text=DENY + DB + APP)
    assert (done.exit_code, done.stdout) == (2, "")


def test_the_environment_names_what_options_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETPOL_VERIFY_BASE", "narrow")
    monkeypatch.setenv("NETPOL_VERIFY_HEAD", "wide")
    assert code() == 1
    monkeypatch.setenv("NETPOL_VERIFY_FAIL_ON_CHANGE", "removed")
    assert code() == 0


def test_notices_say_whose_they_are() -> None:
    write(
        {
            "narrow/config.yaml": APP.replace("Deployment", "Pod").split("---")[0] + "apiVersion: v1\nkind: Pod\n"
            "metadata: {name: stray}\nspec: {containers: [{name: c, image: c}]}\n"
        }
    )
    done = run("diff", "--base", "narrow", "--head", "wide")
    assert re.search(r"notice: narrow/config.yaml:\d+: base: ", done.stderr)
    assert "head: " not in done.stderr


# Causes.


def test_what_was_removed_is_named_by_its_line_in_the_base() -> None:
    _, report = diff("wide", "narrow")
    cause = report["lost"]["classes"][0]["causes"]
    assert [(each["side"], each["change"], each["path"]) for each in cause] == [
        ("base", "removed", "spec.ingress[0].ports[1]")
    ]
    assert all_places(report, "lost") == [f"{line_of('wide/k8s.yaml', 'port: 5433')} in base"]


def test_a_policy_that_is_gone_is_named_by_its_line_in_the_base() -> None:
    _, report = diff("closed", "open")
    assert {
        (each["side"], each["object"], each["change"], each["path"])
        for found in report["gained"]["classes"]
        for each in found["causes"]
    } == {("base", "NetworkPolicy shop/deny", "removed", "")}
    assert all_places(report, "gained") == ["closed/k8s.yaml:1 in base"]


def test_a_policy_that_is_new_is_named_by_its_line_in_the_head() -> None:
    _, report = diff("open", "closed")
    assert all_places(report, "lost") == ["closed/k8s.yaml:1"]
    _, report = diff("closed", "narrow")
    assert all_places(report, "gained") == [line_of("narrow/k8s.yaml", "- from:")]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("name: web}", "name: api}", "spec.ingress[0].from[0].podSelector.matchLabels['app.kubernetes.io/name']"),
        ("port: 5432", "port: 5433", "spec.ingress[0].ports[0].port"),
        ("port: 5432", "{port: 5432, protocol: UDP}", "spec.ingress[0].ports[0].protocol"),
        ("name: db}}", "name: cache}}", "spec.podSelector.matchLabels['app.kubernetes.io/name']"),
    ],
)
def test_the_field_that_changed_is_named(old: str, new: str, path: str) -> None:
    write({"narrow/k8s.yaml": DB, "changed/k8s.yaml": DB.replace(old, new), "changed/app.yaml": APP})
    _, report = diff("narrow", "changed")
    for name in ("gained", "lost"):
        found = {(each["side"], each["path"]) for changed in report[name]["classes"] for each in changed["causes"]}
        assert found == {("head", path)}, name
        assert all_places(report, name) == [line_of("changed/k8s.yaml", new)]


def test_a_rule_that_comes_into_force_is_named_by_what_puts_it_there() -> None:
    """The rule stands on both sides, but only head's policy is about its direction."""
    asleep = DB.replace("  ingress:\n", "  policyTypes: [Egress]\n  ingress:\n")
    awake = asleep.replace("[Egress]", "[Ingress, Egress]")
    write({"asleep/k8s.yaml": DENY + asleep, "awake/k8s.yaml": DENY + awake, "awake/app.yaml": APP})
    _, report = diff("asleep", "awake", "--fail-on-change", "added")
    assert all_places(report, "gained") == [line_of("awake/k8s.yaml", "[Ingress, Egress]")]


def test_a_workload_or_a_namespace_that_comes_changes_nothing_by_itself() -> None:
    """Both sides are asked about the pods of both."""
    write({"more.yaml": namespace("blog", team="x") + workload("blog/site")})
    assert code("--base", "narrow", "--head", "narrow", "--head", "more.yaml") == 0
    assert code("--base", "narrow", "--base", "more.yaml", "--head", "narrow") == 0


# The formats.

WEB = Endpoint("pod", "shop", {"app": "web"}, {"env": "prod"}, True, "shop/Deployment/web", (), ("10.244.0.1",))
DB_POD = Endpoint("pod", "shop", {"app": "db"}, {"env": "prod"}, True, "shop/StatefulSet/db", (), ("10.244.0.2",))
STRANGER = Endpoint("pod", "other", {}, {"env": "prod"}, False, None, (), ("10.244.0.9",))
OUTSIDE = Endpoint("external", ips=("8.8.8.8",))
DB_CLASS = EndClass(
    ("pod",), namespaces=NameCondition(("shop",)), labels=(LabelCondition("app", ("db",), (), absent=False),)
)
NEW_PORT = Cause("head", "NetworkPolicy shop/db", "added", "spec.ingress[0].ports[1]", "k8s/db.yaml", 14)
OLD_PORT = Cause("base", "NetworkPolicy shop/db", "removed", "spec.ingress[0].ports[0].port", "main:k8s/db.yaml", 13)


def change(
    source: Endpoint,
    gained: bool,
    text: str,
    *causes: Cause,
    ports: tuple[int, int] = (5433, 5433),
    reading: bool = True,
) -> ChangedClass:
    """A made-up class of which the witness goes from ``source`` to the database."""
    by_rule = Because("ingress", "shop/db", 0, "allows", "k8s/db.yaml", 11, side="head" if gained else "base")
    isolated = Because("ingress", "shop/db", None, "isolates", "k8s/db.yaml", 1, side="base" if gained else "head")
    example = Counterexample(
        source,
        DB_POD,
        "TCP",
        ports[0],
        None,
        "IPv4",
        gained,
        Reading(reading),
        in_base=InBase(not gained, {}, {"env": "dev"}),
    )
    condition = ConnectionClass(EndClass(("pod",)), DB_CLASS, ("TCP",), *ports, ("IPv4", "IPv6"), (), None)
    pairs = ((source.workload or "outside addresses", "shop/StatefulSet/db"),)
    known = CounterexampleClass(text, None, condition)
    return ChangedClass(known, example, (by_rule, isolated), causes, pairs, pairs_complete=reading)


def made_up() -> DiffReport:
    """A report that has everything a report can have."""
    new = change(
        WEB,
        True,
        "any pod with app=web in namespace shop → any pod with app=db in namespace shop, TCP/5433",
        NEW_PORT,
        OLD_PORT,
    )
    from_outside = change(
        OUTSIDE,
        True,
        "any outside address → any pod with app=db in namespace shop, TCP/80-90",
        ports=(80, 90),
        reading=False,
    )
    gone = change(
        STRANGER,
        False,
        "any pod in any namespace with env=prod → any pod with app=db in namespace shop, TCP/5433",
        OLD_PORT,
    )
    read = InputSummary(2, {"NetworkPolicy": 2}, {"Certificate": 1}, ("shop/X/y",), ())
    return DiffReport(
        version="0.1.0",
        z3="4.13.0",
        base=read,
        head=replace(read, files=3, excluded=("k8s/old.yaml",)),
        world={"pods": "open", "namespaces": "closed"},
        semantics={"ipBlockMatchesPods": "either", "hostNetworkPods": "excluded"},
        assumptions=("Only direct connections are judged.",),
        notices=(Notice("base: no namespace is written; default is taken", "k8s/db.yaml", 1),),
        changes=Changes(
            ChangeList((new, from_outside), complete=True, limited=False, depends_on=()),
            ChangeList((gone,), complete=False, limited=True, depends_on=("shop/CiliumNetworkPolicy/x (cilium.io)",)),
        ),
        declared=Changes(
            ChangeList((new, from_outside), complete=True, limited=False, depends_on=()),
            ChangeList((), complete=True, limited=False, depends_on=()),
        ),
    )


RENDERED: dict[str, Callable[[], str]] = {
    "diff.txt": lambda: render_diff_text(made_up(), Look()),
    "diff_ascii.txt": lambda: render_diff_text(made_up(), Look(unicode=False)),
    "diff_quiet.txt": lambda: render_diff_text(made_up(), Look(quiet=True)),
    "diff_verbose.txt": lambda: render_diff_text(made_up(), Look(verbose=True)),
    "diff.json": lambda: render_diff_json(made_up()),
    "diff.md": lambda: render_diff_markdown(made_up()),
}


@pytest.mark.parametrize("name", RENDERED)
def test_reports_are_as_kept(name: str) -> None:
    text = RENDERED[name]()
    path = GOLDEN / name
    if os.environ.get("NETPOL_VERIFY_UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()
    assert text.endswith("\n")


def test_colour_adds_escape_sequences_and_nothing_else() -> None:
    colored = render_diff_text(made_up(), Look(color=True))
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == render_diff_text(made_up(), Look())
    assert render_diff_text(made_up(), Look(unicode=False)).isascii()


def test_every_key_is_always_there_in_a_fixed_order() -> None:
    top = "report tool base head world semantics assumptions notices gained lost declared"
    of_a_class = (
        "class source destination protocols ports families sameNamespaceLabel ipBlockMatchesPods witness because "
        "causes pairs pairsComplete"
    )

    def check(report: Report) -> None:
        assert " ".join(report) == top
        for lists in (report, report["declared"]):
            for each in (lists["gained"], lists["lost"]):
                assert " ".join(each) == "complete limited dependsOn classes"
                assert {" ".join(found) for found in each["classes"]} <= {of_a_class}

    check(json.loads(render_diff_json(made_up())))
    check(diff("narrow", "wide")[1])
    check(diff("narrow", "narrow")[1])


HOSTILE = "`a|b` [x](http://e) <img> @team #12 *b* _i_ :smile: ~~s~~ $y$ \x1b[31m\u202e\n| - item"


def hostile() -> DiffReport:
    """Names that would act on a terminal or a page."""
    report = made_up()
    new = report.changes.gained.classes[0]
    cause = Cause("head", HOSTILE, "added", HOSTILE, HOSTILE, 1)
    found = replace(
        new,
        condition=replace(new.condition, text=HOSTILE),
        witness=replace(new.witness, source=replace(WEB, workload=HOSTILE)),
        because=(replace(new.because[0], policy=HOSTILE, file=HOSTILE),),
        causes=(cause,),
    )
    list_ = ChangeList((found,), complete=True, limited=False, depends_on=(HOSTILE,))
    changes = Changes(list_, list_)
    return replace(
        report, changes=changes, declared=changes, assumptions=(HOSTILE,), notices=(Notice(HOSTILE, HOSTILE, 1),)
    )


def test_markdown_shows_names_and_never_acts_on_them() -> None:
    acts = re.compile(r"(?<!\\)[`*_\[\]|~$]|(?<![\\&])#|[<>@]|:smile|http:|\x1b|\u202e")
    lines = render_diff_markdown(hostile()).splitlines()
    rows = [re.split(r"(?<!\\)\|", line) for line in lines if line.startswith("|") and "item" in line]
    texts = [line for line in lines if "item" in line and not line.startswith("|")]
    assert (len(rows), len(texts)) == (2, 4)
    assert {len(row) for row in rows} == {4}
    cells = [part for row in rows for cell in row for part in cell.split("<br>")]
    assert [text for text in (*texts, *cells) if acts.search(text)] == []


@pytest.mark.parametrize("verbose", [False, True])
def test_text_and_json_act_on_no_terminal(verbose: bool) -> None:
    for text in (render_diff_text(hostile(), Look(verbose=verbose)), render_diff_json(hostile())):
        assert not [character for character in text if not character.isprintable() and character != "\n"]


def test_hostile_names_of_files_reach_no_page() -> None:
    name = "head/<img src=x> `a` @team|b.yaml"
    write({name: DENY + DB + WIDER, "head/app.yaml": APP})
    done = run("diff", "--base", "narrow", "--head", "head", "-o", "markdown")
    assert done.exit_code == 1
    assert "<img" not in done.stdout
    assert "@team" not in done.stdout
    assert "&lt;img src=x&gt; \\`a\\` &#64;team\\|b.yaml:" in done.stdout


def test_two_runs_print_the_same_to_the_byte(tmp_path: Path) -> None:
    """Whatever the order of sets and maps in memory."""
    outputs = [_run_apart(tmp_path, seed) for seed in ("1", "2")]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 3 and all(outputs[0])


def _run_apart(folder: Path, seed: str) -> list[bytes]:
    names = ("text:t", "json:j", "markdown:m")
    formats = [part for name in names for part in ("-o", f"{name}{seed}")]
    own = {key: value for key, value in os.environ.items() if not key.startswith("NETPOL_VERIFY_")}
    command = [sys.executable, "-m", "netpol_verify", "diff", "--base", "closed", "--head", "wide", "--world"]
    command += ["podCIDRs=10.244.0.0/16", *formats]
    done = subprocess.run(command, cwd=folder, env={**own, "PYTHONHASHSEED": seed}, check=False)
    assert done.returncode == 1
    return [(folder / f"{name.partition(':')[2]}{seed}").read_bytes() for name in names]
