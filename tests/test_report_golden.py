"""The text and JSON reports of one made-up run that has every verdict and every status, byte for byte.

``NETPOL_VERIFY_UPDATE_GOLDEN=1 pytest tests/test_report_golden.py`` writes the files anew; read the difference.
"""

import dataclasses
import json
import os
import re
from pathlib import Path

import pytest
from netpol_verify.encodings.problems import Notice
from netpol_verify.verify.classes.model import ConnectionClass, EndClass, LabelCondition, NameCondition
from netpol_verify.verify.exit_codes import FailOn
from netpol_verify.verify.reports import FORMATS
from netpol_verify.verify.reports.json_report import render_json
from netpol_verify.verify.reports.lines import Look
from netpol_verify.verify.reports.text import render_text
from netpol_verify.verify.results import (
    Because,
    Cause,
    ContainerPort,
    Counterexample,
    CounterexampleClass,
    Endpoint,
    InBase,
    InputSummary,
    OpenWorld,
    PropertyResult,
    Reading,
    Report,
)

GOLDEN = Path(__file__).parent / "golden"
ANSI = re.compile(r"\x1b\[[0-9;]*m")

WEB = Endpoint("pod", "shop", {"app": "web"}, {}, True, None, (), ("10.244.0.1",))
DB = Endpoint(
    kind="pod",
    namespace="shop",
    labels={"app": "postgres"},
    namespace_labels={"env": "prod"},
    namespace_declared=True,
    workload="shop/StatefulSet/db",
    ports=(ContainerPort("pg", "TCP", 5432),),
    ips=("10.244.0.2", "fd00::2"),
)
STRANGER = Endpoint("pod", "ns-1", {}, {"env": "prod"}, False, None, (), ("10.244.0.9",))
INTERNET = Endpoint("external", ips=("8.8.8.8",))
NODE = Endpoint("node", ips=("10.0.0.5",))
HOST = Endpoint("pod", "kube-system", {"k": "v"}, {}, True, "kube-system/DaemonSet/agent", host_network=True)

FIRST = Reading(ip_block_matches_pods=True)
SECOND = Reading(ip_block_matches_pods=False)
ALLOWED_BY_DB = Because("ingress", "shop/db-allow", 0, "allows", "k8s/db.yaml", 14)
NO_EGRESS = Because("egress", None, None, "not-isolated", None, None)

PROVED = PropertyResult(
    id="api-reaches-db",
    verb="always",
    verdict="proved",
    expected=None,
    status="pass",
    severity="high",
    suite="properties.yaml",
    line=12,
    description="The API needs its database.",
    owner="team-platform",
    tags=("pci", "core"),
    world={"pods": "open", "namespaces": "open"},
    semantics={"ipBlockMatchesPods": "either", "hostNetworkPods": "excluded"},
    holds_for_declared=True,
    holds_for_declared_namespaces=True,
    open_world=None,
    members={"from": 1, "to": 1},
    reason=None,
    notices=(),
    class_=None,
    counterexample=None,
    because=(ALLOWED_BY_DB,),
)
NEVER_ALLOWED = Counterexample(WEB, DB, "TCP", 5432, "pg", "IPv4", True, FIRST)
REFUTED = dataclasses.replace(
    PROVED,
    id="web-never-reaches-db",
    verb="never",
    verdict="refuted",
    status="fail",
    severity="critical",
    line=21,
    description="The web tier talks to the API,\nnever straight to the database.",
    holds_for_declared=True,
    holds_for_declared_namespaces=False,
    class_="any pod with app=web in namespace shop → any pod with app=postgres in namespace shop, TCP/5432",
    counterexample=NEVER_ALLOWED,
    because=(NO_EGRESS, ALLOWED_BY_DB),
    reproduce=("kubectl run -n shop probe --image=busybox", "kubectl delete pod -n shop probe"),
)

CLASS = ConnectionClass(
    EndClass(("pod",), labels=(LabelCondition("app", ("web",), (), absent=False),), outside=("10.0.0.0/8",)),
    EndClass(("pod",), namespaces=NameCondition(excluded=("dev",)), declares=(("TCP", "pg", True),)),
    *(("TCP",), 5432, 5440, ("IPv4",), (("team", False),), None),
)


def results() -> tuple[PropertyResult, ...]:
    refuted = dataclasses.replace(REFUTED, description=None, reproduce=(), class_=None)
    return (
        PROVED,
        dataclasses.replace(PROVED, id="nothing-is-lost", verb="noLostAccess", because=(), members={}),
        dataclasses.replace(
            REFUTED,
            id="nothing-is-new",
            verb="noNewAccess",
            members={},
            counterexample=dataclasses.replace(NEVER_ALLOWED, in_base=InBase(False, {}, {"env": "dev"})),
            because=(
                dataclasses.replace(ALLOWED_BY_DB, side="head"),
                Because("ingress", "shop/db-allow", None, "isolates", "main:k8s/db.yaml", 3, side="base"),
            ),
            causes=(
                Cause("head", "NetworkPolicy shop/db-allow", "added", "spec.ingress[0].ports[1]", "k8s/db.yaml", 17),
                Cause("base", "NetworkPolicy shop/deny", "removed", "", "main:k8s/deny.yaml", 1),
            ),
            reproduce=(),
            variant="prod",
        ),
        dataclasses.replace(
            PROVED,
            id="web-kept-out",
            verb="never",
            because=(
                Because(
                    *("ingress", "shop/deny", None, "isolates", "k8s/deny.yaml", 3),
                    redundant=True,
                    detail="isolates db, admits only app=api",
                ),
                Because("ingress", "shop/b", None, "read", "k8s/b.yaml", 1, detail="admits only app=b on TCP 80"),
                Because("ingress", "shop/c", None, "read", "k8s/c.yaml", 2, detail="admits anything on UDP"),
                Because("egress", "shop/d", None, "read", "k8s/d.yaml", 3, detail="admits only 10.0.0.0/8"),
            ),
        ),
        dataclasses.replace(PROVED, id="holds-by-itself", verb="only", because=()),
        REFUTED,
        dataclasses.replace(
            REFUTED,
            id="all-classes",
            classes=(CounterexampleClass(REFUTED.class_ or "", None, CLASS),),
            classes_complete=True,
            reproduce=(),
        ),
        dataclasses.replace(
            refuted,
            id="prod-only-from-prod",
            verb="only",
            severity="medium",
            holds_for_declared_namespaces=True,
            counterexample=Counterexample(STRANGER, DB, "UDP", 53, None, "IPv6", True, FIRST),
        ),
        dataclasses.replace(
            refuted,
            id="backup-reaches-db",
            verb="always",
            holds_for_declared=False,
            counterexample=Counterexample(
                HOST, DB, "TCP", 5432, None, "IPv4", False, SECOND, ("shop/CiliumNetworkPolicy/x",)
            ),
            because=(Because("ingress", "shop/deny", None, "isolates", "k8s/deny.yaml", 3),),
        ),
        dataclasses.replace(
            refuted,
            id="default-deny",
            verb="defaultDeny",
            holds_for_declared=False,
            counterexample=Counterexample(
                INTERNET, WEB, "TCP", 80, None, "IPv4", True, FIRST, subject="destination", direction="ingress"
            ),
            because=(Because("ingress", None, None, "not-isolated", None, None),),
        ),
        dataclasses.replace(
            refuted,
            id="default-deny-egress",
            verb="defaultDeny",
            status="waived",
            holds_for_declared=False,
            counterexample=Counterexample(
                WEB, NODE, "TCP", 80, None, "IPv4", False, FIRST, subject="source", direction="egress"
            ),
            because=(),
        ),
        dataclasses.replace(
            refuted, id="can-scrape", verb="can", holds_for_declared=None, counterexample=None, because=()
        ),
        dataclasses.replace(refuted, id="known-hole", expected="refuted", status="pass"),
        dataclasses.replace(PROVED, id="closed-by-now", expected="refuted", status="fail", severity="low"),
        dataclasses.replace(
            PROVED,
            id="old-name",
            verdict="vacuous",
            status="fail",
            severity="low",
            because=(),
            reason='nothing matches "from": no pod can carry app=ghost',
            notices=(Notice("did you mean app=host?", "properties.yaml", 60),),
        ),
        dataclasses.replace(
            PROVED, id="someday", verdict="vacuous", status="pass", reason="no pod is in `for`", because=()
        ),
        dataclasses.replace(
            PROVED,
            id="dns",
            verb="dns",
            verdict="unknown",
            status="unknown",
            reason="it depends on shop/CiliumNetworkPolicy/x, which is not modelled yet",
            because=(),
        ),
        dataclasses.replace(
            PROVED,
            id="tenants",
            verb="isolate",
            world={"pods": "mixed", "namespaces": "closed"},
            open_world=OpenWorld("refuted", NEVER_ALLOWED),
            notices=(Notice("the Service shop/web is of type NodePort"),),
        ),
    )


def report() -> Report:
    return Report(
        version="0.1.0",
        z3="4.13.0",
        input=InputSummary(
            3, {"NetworkPolicy": 2, "StatefulSet": 1}, {"Certificate": 1}, ("shop/X/y",), ("k8s/old.yaml",)
        ),
        assumptions=("Only direct connections are judged.", "The network plugin enforces the API as specified."),
        notices=(Notice("no namespace is written; default is taken", "k8s/db.yaml", 1), Notice("a notice of no place")),
        results=results(),
    )


def check(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("NETPOL_VERIFY_UPDATE_GOLDEN"):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


LOOKS = {
    "report.txt": Look(),
    "report_ascii.txt": Look(unicode=False),
    "report_quiet.txt": Look(quiet=True),
    "report_verbose.txt": Look(verbose=True),
}


@pytest.mark.parametrize("name", LOOKS)
def test_text_report_is_as_kept(name: str) -> None:
    check(name, render_text(report(), LOOKS[name]))


def test_json_report_is_as_kept_and_ends_in_a_newline() -> None:
    text = render_json(report())
    check("report.json", text)
    assert text.endswith("}\n")
    assert json.loads(text)["summary"] == {
        "verdicts": {"proved": 6, "refuted": 9, "vacuous": 2, "unknown": 1},
        "status": {"pass": 7, "fail": 9, "unknown": 1, "waived": 1},
    }


@pytest.mark.parametrize("name", LOOKS)
def test_colour_adds_escape_sequences_and_nothing_else(name: str) -> None:
    colored = render_text(report(), dataclasses.replace(LOOKS[name], color=True))
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == render_text(report(), LOOKS[name])


def test_ascii_report_is_ascii() -> None:
    assert render_text(report(), Look(unicode=False)).isascii()


def test_every_format_renders_without_the_terminal() -> None:
    for render in FORMATS.values():
        assert render(report(), Look(), "low").endswith("\n")


RESULT_KEYS = (
    "id verb verdict expected status severity suite line description owner tags world semantics holdsForDeclared "
    "holdsForDeclaredNamespaces openWorld members reason dependsOn notices class counterexample because reproduce "
    "causes classes classesComplete variant waivers baseline"
)
EXAMPLE_KEYS = (
    "source destination protocol port portName family allowed reading dependsOn subject direction inBase override"
)
ENDPOINT_KEYS = "kind namespace labels namespaceLabels namespaceDeclared workload ports ips hostNetwork node nodeLabels"


def test_every_result_has_every_key_in_the_contracts_order() -> None:
    for each in json.loads(render_json(report()))["results"]:
        assert " ".join(each) == RESULT_KEYS
        if each["counterexample"] is not None:
            assert " ".join(each["counterexample"]) == EXAMPLE_KEYS
            assert " ".join(each["counterexample"]["source"]) == ENDPOINT_KEYS


HOSTILE = "[bold red]x[/] \x1b[31m\x9b2J\r\x07 \u202e\u2028 a\nb :smile:"


def hostile_report() -> Report:
    end = dataclasses.replace(
        WEB, labels={HOSTILE: HOSTILE}, namespace=HOSTILE, namespace_labels={HOSTILE: HOSTILE}, ips=(HOSTILE,)
    )
    result = dataclasses.replace(
        REFUTED,
        id=HOSTILE,
        description=HOSTILE,
        suite=HOSTILE,
        class_=HOSTILE,
        owner=HOSTILE,
        tags=(HOSTILE,),
        counterexample=dataclasses.replace(NEVER_ALLOWED, source=end, port_name=HOSTILE, depends_on=(HOSTILE,)),
        because=(Because("ingress", HOSTILE, 0, "allows", HOSTILE, 1),),
        notices=(Notice(HOSTILE, HOSTILE, 1),),
        reproduce=(HOSTILE,),
    )
    unknown = dataclasses.replace(result, verdict="unknown", status="unknown", reason=HOSTILE, counterexample=None)
    read = InputSummary(1, {HOSTILE: 1}, {HOSTILE: 1}, (HOSTILE,), (HOSTILE,))
    return Report("0", "0", read, (HOSTILE,), (Notice(HOSTILE),), (result, unknown))


@pytest.mark.parametrize("color", [False, True])
def test_users_texts_neither_act_on_terminals_nor_are_markup(color: bool) -> None:
    text = render_text(hostile_report(), Look(verbose=True, color=color))
    text = ANSI.sub("", text) if color else text
    assert not [character for character in text if not character.isprintable() and character != "\n"]
    assert "[bold red]x[/]" in text
    assert ":smile:" in text


def test_json_escapes_what_acts_on_terminals_and_stays_json() -> None:
    text = render_json(hostile_report())
    assert not [character for character in text if not character.isprintable() and character != "\n"]
    assert json.loads(text)["results"][0]["id"] == HOSTILE


def test_json_survives_letters_that_no_encoding_has() -> None:
    broken = dataclasses.replace(report(), assumptions=("a file named \udc80",))
    written = render_json(broken).encode("utf-8", "backslashreplace")
    assert json.loads(written)["assumptions"] == ["a file named \udc80"]


@pytest.mark.parametrize(("fail_on", "word"), [("low", "FAIL"), ("critical", "FAIL"), ("none", "UNKNOWN")])
def test_summary_word_agrees_with_the_exit_code(fail_on: FailOn, word: str) -> None:
    last = render_text(report(), Look(), fail_on).splitlines()[-1]
    assert f"— {word}" in last
    assert ("not counted" in last) == (fail_on != "low")


def test_two_pods_of_one_workload_are_told_apart() -> None:
    example = dataclasses.replace(NEVER_ALLOWED, source=DB, port_name=None)
    found = dataclasses.replace(report(), results=(dataclasses.replace(REFUTED, counterexample=example),))
    text = render_text(found, Look())
    assert "shop/StatefulSet/db reaches another pod of shop/StatefulSet/db on TCP/5432\n" in text
