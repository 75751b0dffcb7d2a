"""``explain`` on the command line: what is said of each kind of end, answer and mistake, and how it looks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from netpol_verify.encodings.concrete.evaluator import Cluster
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.suite import Semantics
from netpol_verify.verify import commands
from netpol_verify.verify import explanation as explanation_module
from netpol_verify.verify.asked import ask_flow
from netpol_verify.verify.explanation import Explanation, explain
from netpol_verify.verify.flow_endpoints import Place
from netpol_verify.verify.reports.explain_markdown import code, escaped, render_explain_markdown
from netpol_verify.verify.reports.explain_text import render_explain_text
from netpol_verify.verify.reports.lines import Look
from support import manifests_of
from typer.testing import CliRunner, Result

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HEAD = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: x, ports: [{name: pg, containerPort: 5432}]}]}
status: {podIP: 10.0.0.9}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c, image: x}]}
status: {podIP: 192.168.0.4}
"""


def policy(name: str, spec: str) -> str:
    """A NetworkPolicy of the namespace shop; ``spec`` is its spec in flow style."""
    head = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\n"
    return f"---\n{head}spec: {spec}\n"


DB_FROM = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [%s]}]}"


def explanation(source: str, destination: str, port: str, *policies: str, reading: bool | None = None) -> Explanation:
    manifests = manifests_of(HEAD + "".join(policies))
    flow = {"from": source, "to": destination, "port": port}
    semantics = Semantics(ip_block_matches_pods=reading)
    return explain(ask_flow(flow, read_inventory(manifests), semantics, (), Place("test")), Cluster.of(manifests))


def text(source: str, destination: str, port: str, *policies: str, reading: bool | None = None, **look: bool) -> str:
    shown = render_explain_text(explanation(source, destination, port, *policies, reading=reading), Look(**look))
    return re.sub(r"[^\s(]*manifests\.yaml", "k8s.yaml", shown)


def test_every_policy_is_shown_with_what_it_asks_and_what_there_is() -> None:
    shown = text("shop/web", "shop/db", "5432", policy("a", DB_FROM % "{podSelector: {matchLabels: {app: api}}}"))
    first = "  nearest    shop/a, ingress[0] (k8s.yaml:25) would allow it if the source had app=api (it has app=web)"
    assert shown.splitlines()[1] == first
    assert "✗ from podSelector app=api: the source has app=web" in shown


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("{matchLabels: {tier: x}}", "had tier=x (it has no label tier)"),
        ("{matchLabels: {ap: web}}", "had ap=web (it has no label ap, but app=web)"),
        ("{matchLabels: {app: ''}}", 'had app="" (it has app=web)'),
        ("{matchExpressions: [{key: app, operator: In, values: [a, wep]}]}", "had app=wep or app=a (it has app=web)"),
        ("{matchExpressions: [{key: app, operator: NotIn, values: [web, x]}]}", "had no label app (it has app=web)"),
        ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", "had no label app (it has app=web)"),
        ("{matchExpressions: [{key: t, operator: Exists}]}", "had a label t (any value) (it has no label t)"),
        (
            "{matchExpressions: [{key: app, operator: Exists}, {key: app, operator: NotIn, values: [web]}]}",
            "had a label app that is not web (it has app=web)",
        ),
    ],
)
def test_the_nearest_label_is_said_exactly(selector: str, said: str) -> None:
    shown = text("shop/web", "shop/db", "80", policy("a", DB_FROM % f"{{podSelector: {selector}}}"))
    assert f"would allow it if the source {said}\n" in shown


@pytest.mark.parametrize(
    "conditions",
    [
        "{key: app, operator: In, values: [a]}, {key: app, operator: NotIn, values: [a]}",
        "{key: app, operator: In, values: [a]}, {key: app, operator: In, values: [b]}",
        "{key: t, operator: Exists}, {key: t, operator: DoesNotExist}",
    ],
)
def test_conditions_that_exclude_each_other_promise_nothing(conditions: str) -> None:
    shown = text(
        "shop/web", "shop/db", "80", policy("a", DB_FROM % f"{{podSelector: {{matchExpressions: [{conditions}]}}}}")
    )
    assert "nothing can match it: its conditions exclude each other" in shown
    assert " if " not in shown.splitlines()[1]


def test_what_nothing_can_match_comes_last() -> None:
    never = "{key: app, operator: In, values: [a]}, {key: app, operator: NotIn, values: [a]}"
    rules = f"{{from: [{{podSelector: {{matchExpressions: [{never}]}}}}]}}, {{ports: [{{port: 1}}]}}"
    shown = text("shop/web", "shop/db", "80", policy("a", f"{{podSelector: {{}}, ingress: [{rules}]}}"))
    assert "nearest    shop/a, ingress[1]" in shown


def test_a_slip_comes_before_another_label_and_a_policy_that_selects_before_one_that_does_not() -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: %s}}}]}"
    spec = "{podSelector: {matchLabels: {app: %s}}, ingress: [%s]}"
    slip = policy("one", spec % ("db", ", ".join(rule % app for app in ("api", "weeb"))))
    assert "nearest    shop/one, ingress[1]" in text("shop/web", "shop/db", "80", slip)
    others = (policy("other", spec % ("cache", rule % "web")), policy("own", spec % ("db", rule % "api")))
    assert "nearest    shop/own, ingress[0]" in text("shop/web", "shop/db", "80", *others)
    mistyped = (policy("own", spec % ("db", rule % "api")), policy("other", spec % ("dbb", rule % "web")))
    shown = text("shop/web", "shop/db", "80", *mistyped)
    assert "nearest    shop/other, ingress[0]" in shown
    assert "would allow it if the destination had app=dbb (it has app=db)" in shown


def test_fewer_requirements_come_first() -> None:
    rules = "{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 1}]}, {ports: [{port: 1}]}"
    shown = text("shop/web", "shop/db", "80", policy("a", f"{{podSelector: {{}}, ingress: [{rules}]}}"))
    assert "shop/a, ingress[1] (k8s.yaml:25) would allow it if the port were TCP 1 (asked for TCP 80)" in shown
    assert shown.index("ingress[1] (line 25) does not match") < shown.index("ingress[0] (line 25) does not match")


def test_what_a_change_would_break_elsewhere_is_said() -> None:
    """The label that the rule asks for is also one that another policy isolates."""
    allow = policy("allow", DB_FROM % "{podSelector: {matchLabels: {app: api}}}")
    deny = policy("deny", "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress]}")
    shown = text("shop/web", "shop/db", "80", allow, deny)
    assert "would match if the source had app=api" in shown
    assert "then       even then the egress of the source would refuse it" in shown


@pytest.mark.parametrize(
    ("port", "ports", "said"),
    [
        ("UDP/53", "{port: 5432}", "✗ on port TCP 5432: asked for UDP 53"),
        ("80", "{port: 8000, endPort: 8010}", "✗ on port TCP 8000-8010: asked for TCP 80"),
        ("UDP/53", "{protocol: TCP}", "✗ on every TCP port: asked for UDP 53"),
        ("80", "{port: pg}", "✗ on port name pg (TCP): the destination declares it as TCP 5432; asked for TCP 80"),
        (
            "80",
            "{port: http}",
            "✗ on port name http (TCP): the destination declares no port of that name for TCP (it declares pg",
        ),
        ("80", "{port: http}", "if the destination named the port http (it declares pg TCP 5432)"),
        ("5432", "{port: pg, protocol: UDP}", "if the rule said protocol TCP for pg (it says UDP)"),
        ("80", "{port: 8000, endPort: 8010}", "if the port were in TCP 8000-8010 (asked for TCP 80)"),
        ("UDP/8005", "{port: 8000, endPort: 8010}", "if the protocol were TCP (asked for UDP 8005)"),
        ("80", "{port: pg}", "if the port were TCP 5432, which the destination names pg (asked for TCP 80)"),
    ],
)
def test_ports_that_miss_say_why(port: str, ports: str, said: str) -> None:
    assert said in text(
        "shop/web", "shop/db", port, policy("a", f"{{podSelector: {{}}, ingress: [{{ports: [{ports}]}}]}}")
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("10.9.1.1", "✗ from ipBlock 10.0.0.0/8: 10.9.1.1 is in except 10.9.0.0/16"),
        ("11.0.0.1", "✗ from ipBlock 10.0.0.0/8: 11.0.0.1 is not in it"),
        ("2001:db8::1", "✗ from ipBlock 10.0.0.0/8: the connection is over IPv6"),
        ("shop/agent", "✗ from ipBlock 10.0.0.0/8: 192.168.0.4 is not in it"),
        ("shop:app=x", "? from ipBlock 10.0.0.0/8: plugins differ on whether ipBlocks match pods"),
    ],
)
def test_blocks_say_where_an_address_stands(source: str, said: str) -> None:
    block = "{ipBlock: {cidr: 10.1.2.3/8, except: [10.8.0.0/16, 10.9.0.0/16]}}"
    destination = "shop:app=db" if ":" in source and not source.startswith("shop") else "shop/db"
    assert said in text(source, destination, "80", policy("a", DB_FROM % block), verbose=True)


def test_a_pod_and_a_block_under_each_reading() -> None:
    anywhere = policy("a", DB_FROM % "{ipBlock: {cidr: 0.0.0.0/0}}")
    either = text("shop/web", "shop/db", "80", anywhere)
    assert either.startswith("UNDETERMINED")
    assert "pick a reading: --semantics ipBlockMatchesPods=true" in either
    no = text("shop/web", "shop/db", "80", anywhere, reading=False)
    assert "would match if ipBlocks matched pods (ipBlockMatchesPods=false)" in no
    assert text("shop/web", "shop/db", "80", anywhere, reading=True).startswith("ALLOWED")


def test_ends_that_policies_do_not_see() -> None:
    """An address, a node and a pod in its host's network are neither governed nor matched by selectors."""
    selects = policy("a", DB_FROM % "{podSelector: {}}")
    outside = text("10.1.1.1", "shop/db", "80", selects)
    assert "egress     ✓ open: the source is an address outside the cluster, which no policy governs" in outside
    assert "the source is an address outside the cluster; selectors match pods only" in outside
    hosted = text("shop/agent", "shop/db", "80", selects)
    assert "egress     ✓ open: the source is in its host's network, and so counts as its node" in hosted
    assert "would match if the source were a pod that matches podSelector {}" in hosted


def test_a_family_that_changes_the_answer_is_a_piece_of_its_own() -> None:
    anywhere = policy("a", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}")
    shown = text("shop:app=x", "shop/web", "80", anywhere, reading=True)
    assert "answers    it depends on the IP family" in shown
    assert "BLOCKED  on TCP 80 over IPv4" in shown
    assert "ALLOWED  on TCP 80 over IPv6" in shown


def test_a_connection_that_each_family_blocks_at_another_end_is_explained_for_each() -> None:
    out = policy("out", "{podSelector: {matchLabels: {app: one}}, egress: [{to: [{ipBlock: {cidr: '::/0'}}]}]}")
    into = policy("into", "{podSelector: {matchLabels: {app: two}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    shown = text(
        "shop:app=one",
        "shop:app=two",
        "80",
        out.replace("egress:", "policyTypes: [Egress], egress:"),
        into,
        reading=True,
    )
    lines = shown.splitlines()
    assert lines[0].startswith("BLOCKED")
    assert "would match if the connection were over IPv6" in lines[lines.index("BLOCKED  on TCP 80 over IPv4") + 1]
    assert "would match if the connection were over IPv4" in lines[lines.index("BLOCKED  on TCP 80 over IPv6") + 1]


def test_a_direction_that_each_family_allows_by_another_rule_is_allowed() -> None:
    both = policy("a", DB_FROM % "{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}")
    rules = "{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {from: [{ipBlock: {cidr: '::/0'}}]}"
    apart = policy("a", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rules}]}}")
    assert "allowed by shop/a, ingress[0]" in text("shop:app=web", "shop:app=db", "80", both, reading=True)
    shown = text("shop:app=web", "shop:app=db", "80", apart, reading=True)
    assert "✓ allowed, though not over each IP family by the same rule" in shown


def test_lists_are_cut_unless_everything_is_asked_for() -> None:
    peers = ", ".join(f"{{podSelector: {{matchLabels: {{app: other{number}}}}}}}" for number in range(9))
    many = [
        policy("a", DB_FROM % peers),
        *(policy(f"p{n}", f"{{podSelector: {{matchLabels: {{x: v{n}}}}}}}") for n in range(9)),
    ]
    short, full = text("shop/web", "shop/db", "80", *many), text("shop/web", "shop/db", "80", *many, verbose=True)
    assert "and 4 more that do not match (-v shows them)" in short
    assert "and 4 more (-v shows them)" in short
    assert "app=other8" not in short
    assert all(f"app=other{number}" in full and f"x=v{number}" in full for number in range(9))


def test_an_allowed_connection_begins_with_the_rules_that_allow_it() -> None:
    allow, deny = policy("allow", DB_FROM % "{podSelector: {}}"), policy("deny", "{podSelector: {}}")
    lines = text("shop/web", "shop/db", "pg", allow, deny).splitlines()
    assert lines[:3] == [
        "ALLOWED  shop/web → shop/db on TCP/pg",
        "  egress     ✓ open: no policy selects the source for egress, so everything is allowed",
        "  ingress    ✓ allowed by shop/allow, ingress[0] (k8s.yaml:25)",
    ]
    assert "  also selects it, without a rule that matches: shop/deny (k8s.yaml:27)" in lines


@pytest.mark.parametrize("look", [{}, {"quiet": True}, {"verbose": True}])
def test_colour_adds_escape_sequences_and_nothing_else(look: dict[str, bool]) -> None:
    asked = ("shop/web", "shop/db", "80", policy("a", DB_FROM % "{podSelector: {matchLabels: {app: api}}}"))
    colored = text(*asked, color=True, **look)
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == text(*asked, **look)


def test_ascii_is_ascii() -> None:
    assert text("shop/web", "shop/db", "80", policy("a", DB_FROM % "{podSelector: {}}"), unicode=False).isascii()


HOSTILE = "`a|b` [x](http://e) <img> @team #12 *b* _i_ :smile: ~~s~~ \x1b[31m\n- item"


def test_markdown_shows_names_and_never_acts_on_them() -> None:
    shown = escaped(HOSTILE)
    assert not re.search(r"(?<!\\)[`*_\[\]|~]|(?<![\\&])#|[<>@]|:smile|http:|\x1b|\n", shown)
    fenced = code(HOSTILE)
    assert fenced.startswith("`` `a|b`")
    assert fenced.endswith("item ``")
    assert "\n" not in fenced and "\x1b" not in fenced


def test_markdown_lists_are_nested_by_two_blanks() -> None:
    found = explanation("shop/web", "shop/db", "80", policy("a", DB_FROM % "{podSelector: {matchLabels: {app: api}}}"))
    shown = render_explain_markdown(found, Look())
    assert re.search(r"^    - ❌ `from podSelector app=api`: the source has app=web$", shown, re.M)
    assert shown.startswith("**BLOCKED** `shop/web → shop/db on TCP/80`\n")


def test_a_range_that_falls_into_too_many_pieces_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation_module, "MOST_WALKED", 10)
    ports = ", ".join(f"{{port: {number}}}" for number in range(80, 100, 2))
    many = policy("a", f"{{podSelector: {{}}, ingress: [{{ports: [{ports}]}}]}}")
    assert text("shop/web", "shop/db", "80", many).startswith("ALLOWED")
    with pytest.raises(InputErrors, match=r"into 20 pieces, too many to explain each\n +hint: ask about one port"):
        text("shop/web", "shop/db", "TCP/80-99", many)


# On the command line.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rule = DB_FROM % "{podSelector: {matchLabels: {app: api}}}"
    (tmp_path / "k8s.yaml").write_text(HEAD + policy("a", rule), "utf-8")
    return tmp_path


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(commands.app, ["explain", *arguments])


ASKED = ("-f", "k8s.yaml", "--from", "shop/web", "--to", "shop/db", "--port", "80")


@pytest.mark.usefixtures("folder")
def test_it_exits_zero_once_answered_whatever_the_answer() -> None:
    ran = run(*ASKED)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("BLOCKED")
    assert "\x1b" not in ran.stdout


def test_one_run_writes_several_formats(folder: Path) -> None:
    assert run(*ASKED, "-q", "-o", "text", "-o", "markdown:out.md", "-o", "json:out.json").exit_code == 0
    assert (folder / "out.md").read_text("utf-8").startswith("**BLOCKED**")
    value: dict[str, Any] = json.loads((folder / "out.json").read_text("utf-8"))
    assert value["explanation"]["pieces"][0]["nearest"][0]["changes"][0]["value"] == "api"


@pytest.mark.usefixtures("folder")
def test_every_option_has_its_variable() -> None:
    environment = {
        "NETPOL_VERIFY_MANIFESTS": "k8s.yaml",
        "NETPOL_VERIFY_FROM": "shop/web",
        "NETPOL_VERIFY_TO": "shop/db",
        "NETPOL_VERIFY_PORT": "80",
        "NETPOL_VERIFY_QUIET": "1",
    }
    assert run(**environment).stdout == run(*ASKED, "-q").stdout


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no connection is asked about"),
        (("-f", "k8s.yaml", "--from", "shop/web"), "--to and --port is missing"),
        ((*ASKED, "--counterexample", "r.json#x"), "exclude each other"),
        (("-f", "k8s.yaml", "--counterexample", "r.json#x"), "r.json: cannot be read"),
        (("--from", "shop/web", "--to", "shop/db", "--port", "80"), "no manifests are named"),
        ((*ASKED[:-1], "TCP/080"), "'080' has leading zeros"),
        ((*ASKED[:3], "shop/wep", *ASKED[4:]), 'did you mean "shop/web"?'),
        ((*ASKED, "-o", "html"), 'unknown format "html"'),
        ((*ASKED, "--semantics", "ipBlockMatchesPods=maybe"), "ipBlockMatchesPods"),
    ],
)
def test_wrong_use_exits_two_and_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_a_counterexample_is_explained_under_its_reading(folder: Path) -> None:
    end: dict[str, Any] = {"kind": "pod", "namespace": "shop", "ips": [], "ports": [], "namespaceLabels": {}}
    example: dict[str, Any] = {
        "source": {**end, "labels": {"app": "api"}},
        "destination": {**end, "labels": {"app": "db"}, "workload": "shop/Pod/db"},
        "protocol": "TCP",
        "port": 80,
        "family": "IPv4",
        "allowed": False,
        "reading": {"ipBlockMatchesPods": False, "order": []},
    }
    report: dict[str, Any] = {
        "report": "netpol-verify/v1",
        "results": [{"id": "p", "verdict": "refuted", "counterexample": example}],
    }
    (folder / "report.json").write_text(json.dumps(report), "utf-8")
    ran = run("-f", "k8s.yaml", "--counterexample", "report.json#p", "-o", "json")
    value = json.loads(ran.stdout)
    assert (ran.exit_code, value["allowed"], value["explanation"]["ipBlockMatchesPods"]) == (0, True, False)
    assert "these manifests differ" in ran.stderr
    assert run("-f", "k8s.yaml", "--counterexample", "report.json#p").stdout.startswith(
        "ALLOWED  shop:app=api → shop/Pod/db on TCP/80\n"
    )
