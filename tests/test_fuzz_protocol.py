"""What evaluators say, read strictly; evaluators in Python; and names of evaluators."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest
from evaluators_support import CLUSTER, FLOWS, GREETING, LONG, YES, refused, sh, trouble_of
from hypothesis import given
from hypothesis import strategies as st
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.verify.fuzz.evaluators import Stable, evaluator_from, named, until_done
from netpol_verify.verify.fuzz.evaluators.protocol import (
    flow_lines,
    read_answers,
    read_greeting,
    read_reply,
    request_line,
)
from netpol_verify.verify.fuzz.features import FEATURES
from netpol_verify.verify.fuzz.model import Answer, Cluster, Evaluator, Flow, Raw, Trouble

YES_TO = '{{"id": {}, "allowed": true}}'


def garbled(output: str | bytes, count: int = 2) -> str:
    """The last words on an output that is garbled."""
    with pytest.raises(Trouble) as caught:
        read_answers(output.encode() if isinstance(output, str) else output, count)
    assert caught.value.kind == "garbled"
    return caught.value.detail.splitlines()[-1]


# Answers


def test_answers_come_in_any_order_with_empty_lines_and_other_keys() -> None:
    output = b'\n{"id": 2, "allowed": false, "because": [1]}\r\n  \n{"allowed": true, "unsupported": null, "id": 1}'
    assert read_answers(output, 2) == (Answer(True), Answer(False))


def test_a_flow_that_is_unsupported_has_a_reason() -> None:
    output = b'{"id": 1, "unsupported": "sctp"}\n{"id": 2, "unsupported": " not\\nyet \\u001b[1m", "allowed": null}\n'
    assert read_answers(output, 2) == (Answer(None, "sctp"), Answer(None, "not�yet �[1m"))


def test_a_cluster_that_is_unsupported_leaves_no_flow_answered() -> None:
    """Whatever was said before: the first such line counts."""
    output = b'{"id": 1, "allowed": true}\n{"unsupported": "except"}\n{"unsupported": "ipv6", "id": null}\n'
    assert read_answers(output, 3) == (Answer(None, "except"),) * 3
    assert read_answers(output, 1) == (Answer(None, "except"),)


def test_an_answer_may_be_repeated_but_not_contradicted() -> None:
    assert read_answers(b"\n".join([YES_TO.format(1).encode()] * 2), 1) == (Answer(True),)
    for other in ('"allowed": false', '"unsupported": "ipv6"'):
        output = YES_TO.format(1) + '\n{"id": 1, ' + other + "}"
        assert garbled(output) == "line 2 is a second, different answer to the same flow"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello", "line 1 is not JSON: Expecting value (column 1)"),
        ('{"id": 1, "allowed": True}', "line 1 is not JSON: Expecting value (column 22)"),
        ('{"id": 1, "id": 1, "allowed": true}', "line 1 is not JSON: the key 'id' is given twice"),
        ('{"id": NaN, "allowed": true}', "line 1 is not JSON: NaN is no number of JSON"),
        ("[" * 100_000, "line 1 is not JSON: it is nested too deeply"),
        ('{"id": 1, "allowed": true} {"id": 2, "allowed": true}', "line 1 is not JSON: Extra data (column 28)"),
        (b'{"id": 1, "unsupported": "\xff"}', "line 1 is not UTF-8"),
        ("[]", "line 1 is no JSON object"),
        ("null", "line 1 is no JSON object"),
        ("true", "line 1 is no JSON object"),
        ("{}", "line 1 needs one of allowed and unsupported"),
        ('{"id": 1}', "line 1 needs one of allowed and unsupported"),
        ('{"id": 1, "alowed": true}', "line 1 needs one of allowed and unsupported"),
        ('{"id": 1, "allowed": true, "unsupported": "x"}', "line 1 needs one of allowed and unsupported"),
        ('{"id": 1, "undetermined": true}', "line 1 needs one of allowed and unsupported"),
        ('{"id": 1, "allowed": 1}', "line 1: allowed is neither true nor false"),
        ('{"id": 1, "allowed": "false"}', "line 1: allowed is neither true nor false"),
        ('{"id": 1, "unsupported": true}', "line 1: unsupported is no text"),
        ('{"id": 1, "unsupported": " "}', "line 1: unsupported is no text"),
        ('{"allowed": true}', "line 1 has no id"),
        ('{"id": 3, "allowed": true}', "line 1 has an id that was not asked about"),
        ('{"id": 0, "allowed": true}', "line 1 has an id that was not asked about"),
        ('{"id": -1, "allowed": true}', "line 1 has an id that was not asked about"),
        ('{"id": 1.0, "allowed": true}', "line 1 has an id that was not asked about"),
        ('{"id": "1", "allowed": true}', "line 1 has an id that was not asked about"),
        ('{"id": true, "allowed": true}', "line 1 has an id that was not asked about"),
    ],
)
def test_anything_else_is_garbled(line: str | bytes, said: str) -> None:
    assert garbled(line) == said
    rest = b"\n" + "\n".join(map(YES_TO.format, (1, 2))).encode()
    assert garbled((line if isinstance(line, bytes) else line.encode()) + rest) == said


def test_what_it_printed_is_quoted_in_short() -> None:
    with pytest.raises(Trouble) as caught:
        read_answers(b"\x1b[31mred\t" + b"x" * 10_000, 1)
    [quoted, _] = caught.value.detail.splitlines()
    assert quoted.startswith("it prints: �[31mred xxx")
    assert len(quoted) < 150


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.integers(0, 3))
def test_no_output_is_more_than_trouble(output: bytes, count: int) -> None:
    for read in (lambda: read_answers(output, count), lambda: read_reply(output, 1, count)):
        try:
            assert len(read()) == count
        except Trouble as trouble:
            assert trouble.kind in ("garbled", "silent")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 4) | st.floats() | st.sampled_from(["sctp", "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "allowed", "unsupported", "request", "answers"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4))
def test_an_answer_is_only_what_was_said_of_that_flow(values: list[object]) -> None:
    """Any JSON is trouble, or answers each of two flows by a line with its id, unless the cluster is unsupported."""
    try:
        first, second = read_answers("\n".join(map(json.dumps, values)).encode(), 2)
    except Trouble:
        return
    lines = [cast("Raw", value) for value in values if isinstance(value, dict)]
    if any(line.get("id") is None for line in lines):
        assert first == second and first.allowed is None
    else:
        said = {(line["id"], line.get("allowed"), line.get("unsupported")) for line in lines}
        assert said == {(1, first.allowed, first.unsupported), (2, second.allowed, second.unsupported)}


# Requests and replies


def test_flows_are_numbered_and_their_keys_in_order() -> None:
    flows = (Flow("shop/web", "10.0.0.7", "TCP", 80), Flow("2001:db8::7", "shop/web", "UDP", 53, "IPv6"))
    assert flow_lines(flows).decode() == (
        '{"id": 1, "from": "shop/web", "to": "10.0.0.7", "port": "TCP/80", "family": "IPv4"}\n'
        '{"id": 2, "from": "2001:db8::7", "to": "shop/web", "port": "UDP/53", "family": "IPv6"}\n'
    )
    assert request_line(4, Path("/tmp/x"), flows[:1]).decode() == (
        '{"request": 4, "manifests": "/tmp/x", "flows": '
        '[{"id": 1, "from": "shop/web", "to": "10.0.0.7", "port": "TCP/80", "family": "IPv4"}]}\n'
    )


def test_a_reply_has_the_answers_to_its_request() -> None:
    line = b'{"request": 7, "answers": [{"id": 2, "allowed": false}, {"id": 1, "unsupported": "udp"}], "took": 3}'
    assert read_reply(line, 7, 2) == (Answer(None, "udp"), Answer(False))
    assert read_reply(b'{"request": 7, "unsupported": "udp"}', 7, 2) == (Answer(None, "udp"),) * 2
    assert read_reply(b'{"request": 7, "answers": []}', 7, 0) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", "the reply is no JSON object"),
        ('{"answers": []}', "the reply is not to request 7"),
        ('{"request": 6, "answers": []}', "the reply is not to request 7"),
        ('{"request": "7", "answers": []}', "the reply is not to request 7"),
        ('{"request": 7}', "the reply needs one of answers and unsupported"),
        ('{"request": 7, "answers": [], "unsupported": "x"}', "the reply needs one of answers and unsupported"),
        ('{"request": 7, "answers": {}}', "the reply's answers are no list"),
        ('{"request": 7, "unsupported": 3}', "the reply: unsupported is no text"),
        ('{"request": 7, "answers": [{"id": 1, "allowed": true}, 3]}', "answer 2 of the reply is no JSON object"),
        ('{"request": 7, "answers": [{"id": 9, "allowed": true}]}', "answer 1 of the reply has an id that was not"),
    ],
)
def test_any_other_reply_is_garbled(line: str, said: str) -> None:
    with pytest.raises(Trouble) as caught:
        read_reply(line.encode(), 7, 1)
    assert caught.value.kind == "garbled"
    assert caught.value.detail.splitlines()[-1].startswith(said)


def test_a_reply_without_an_answer_is_silent() -> None:
    with pytest.raises(Trouble, match="silent: 1 of 1 flows have no answer: 1"):
        read_reply(b'{"request": 7, "answers": []}', 7, 1)


def test_a_greeting_names_the_program_and_what_it_cannot_express() -> None:
    greeting = read_greeting(GREETING.encode())
    assert (greeting.name, greeting.unsupported) == ("stub", {"sctp"})
    listed = json.dumps({"protocol": "netpol-verify-evaluator/v1", "name": "x", "unsupported": [*FEATURES]})
    assert read_greeting(listed.encode()).unsupported == FEATURES.keys()
    without = '{"protocol": "netpol-verify-evaluator/v1", "name": "x", "version": 3}'
    assert read_greeting(without.encode()).unsupported == frozenset()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"protocol": "netpol-verify-evaluator/v2"}, "the first line does not say"),
        ({"protocol": None}, "the first line does not say"),
        ({"name": None}, "the first line gives no name"),
        ({"name": " "}, "the first line gives no name"),
        ({"unsupported": "sctp"}, "the first line's unsupported is no list"),
        ({"unsupported": ["scpt"]}, "unsupported names 'scpt', which is no feature: did you mean \"sctp\"?"),
        ({"unsupported": [7]}, "unsupported names '7', which is no feature"),
    ],
)
def test_any_other_greeting_is_garbled(change: Mapping[str, object], said: str) -> None:
    with pytest.raises(Trouble) as caught:
        read_greeting(json.dumps({**json.loads(GREETING), **change}).encode())
    assert caught.value.kind == "garbled"
    assert caught.value.detail.splitlines()[-1].startswith(said)


# Evaluators in Python

_PYTHON = '''
from netpol_verify.verify.fuzz.model import Answer

class Mine:
    """An evaluator."""

    name = "mine"
    unsupported = {"sctp"}
    made = 0

    def __init__(self):
        Mine.made += 1

    def answers(self, cluster, flows):
        print("a message")
        cluster.objects[0]["metadata"]["name"] = "changed"
        return [Answer(flow.port != 3) for flow in flows]

    def close(self):
        Mine.made = 0

made = Mine()
def bare():
    class Bare:
        def answers(self, cluster, flows):
            return WHAT
    return Bare()
def fails():
    raise KeyError("what")
class Names:
    unsupported = ["scpt"]
    answers = None
class Numbers(Mine):
    unsupported = 3
class Features(Mine):
    unsupported = ["scpt"]
seven = 7
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A module of evaluators, whose ``bare`` gives WHAT."""
    monkeypatch.chdir(tmp_path)
    what = str(getattr(request, "param", "[]"))
    (tmp_path / "mine.py").write_text(_PYTHON.replace("WHAT", what), encoding="utf-8")
    return "python:./mine.py"


@pytest.mark.parametrize("name", ["Mine", "made"])
def test_an_evaluator_in_python_is_an_object_or_what_makes_one(
    name: str, module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It gets copies, and what it prints is no result."""
    with until_done(evaluator_from(f"{module}:{name}", LONG)) as evaluator:
        assert (evaluator.name, evaluator.unsupported) == ("mine", {"sctp"})
        answers = [Answer(flow.port != 3) for flow in FLOWS]
        assert list(evaluator.answers(CLUSTER, FLOWS)) == answers
        assert list(Stable(evaluator).again(CLUSTER, FLOWS)) == answers
    assert CLUSTER.pods()[0].name == "web"
    assert capsys.readouterr().out == ""


def test_a_module_on_the_path_may_be_named(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del module
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "mine.py").rename(tmp_path / "evaluator_of_mine.py")
    assert evaluator_from("python:evaluator_of_mine:made", LONG).name == "mine"


@pytest.mark.parametrize(
    ("module", "kind", "detail"),
    [
        ("1 / 0", "crash", "ZeroDivisionError: division by zero"),
        ("exit(3)", "crash", "SystemExit: 3"),
        ("(_ for _ in ()).throw(ValueError('one\\n\\ntwo\\n'))", "crash", "ValueError: two"),
        ("None", "garbled", "the answers are no sequence: NoneType"),
        ("'yes'", "garbled", "the answers are no sequence: str"),
        ("[Answer(True)] * 5", "silent", "5 answers to 6 flows"),
        ("[Answer(True)] * 7", "garbled", "7 answers to 6 flows"),
        ("[True] * 6", "garbled", "an answer is no Answer, but a bool"),
        ("[Answer(None)] * 6", "garbled", "an answer is neither allowed nor unsupported: Answer(allowed=None, "),
        ("[Answer(1)] * 6", "garbled", "an answer is neither allowed nor unsupported: Answer(allowed=1, "),
        ("[Answer(True, 'x')] * 6", "garbled", "an answer is neither allowed nor unsupported: Answer(allowed=True, "),
        ("[Answer(None, '')] * 6", "garbled", "an answer is neither allowed nor unsupported: Answer(allowed=None, "),
    ],
    indirect=["module"],
)
def test_whatever_goes_wrong_in_python_is_trouble(module: str, kind: str, detail: str) -> None:
    found = trouble_of(evaluator_from(f"{module}:bare", LONG))
    assert found.kind == kind
    assert found.detail.startswith(detail)


def test_what_is_no_evaluator_in_python_is_a_mistake_of_the_user(module: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("1 +", encoding="utf-8")
    (tmp_path / "ends.py").write_text("exit(2)", encoding="utf-8")
    hint = "write python:MODULE:NAME, or python:./FILE.py:NAME"
    assert refused("python:mine") == ("'python:mine' does not name a module and an evaluator in it", hint)
    assert refused("python:nobody_has_this:x")[1] == hint
    assert refused("python:./nothing.py:x")[0].startswith("./nothing.py cannot be imported: FileNotFoundError")
    assert refused("python:./wrong.py:x")[0].startswith("./wrong.py cannot be imported: SyntaxError")
    assert refused("python:./ends.py:x")[0] == "./ends.py cannot be imported: SystemExit: 2"
    assert refused(f"{module}:x")[0] == "./mine.py has no x"
    assert refused(f"{module}:seven")[0].endswith("seven is no evaluator: it has no answers")
    assert refused(f"{module}:fails")[0].endswith("gives no evaluator: KeyError: 'what'")
    assert refused(f"{module}:Names")[0].endswith("gives no evaluator, but a Names without answers")
    assert "unsupported is no set of names: TypeError" in refused(f"{module}:Numbers")[0]
    assert refused(f"{module}:Features")[0].endswith("'scpt', which is no feature: did you mean \"sctp\"?")


# Names


class Adapter:
    """An evaluator that remembers how it was made."""

    unsupported: frozenset[str] = frozenset()

    def __init__(self, path: str | None, timeout: float) -> None:
        self.name = f"{path} {timeout:g}"

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> Sequence[Answer]:
        del cluster
        return [Answer(True) for _ in flows]

    def close(self) -> None:
        raise InterruptedError


def adapters() -> Mapping[str, named.Factory]:
    return {"nca": Adapter, "cyclonus": Adapter}


def test_an_adapter_is_named_alone_or_with_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "adapters", adapters)
    assert evaluator_from(" nca ", 3).name == "None 3"
    assert evaluator_from("nca=/opt/nca = x/bin/nca", 3).name == "/opt/nca = x/bin/nca 3"
    hint = 'did you mean "cyclonus"?'
    assert refused("cyclonis") == ("there is no program 'cyclonis' on PATH", hint)
    assert refused("cyclonis=/x")[1] == hint
    assert refused("zzz") == ("there is no program 'zzz' on PATH", "built in: cyclonus, nca; or a command")
    assert refused("zzz --flag") == ("there is no program 'zzz' on PATH", "")
    assert refused("serve:nca")[1] == ""


def test_a_program_with_the_name_of_an_adapter_is_named_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "adapters", adapters)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    sh(tmp_path, YES, "nca")
    for text in ("./nca", "nca {}"):
        evaluator = evaluator_from(text, LONG)
        assert evaluator.name == text
        assert list(evaluator.answers(CLUSTER, FLOWS)) == [Answer(True)] * len(FLOWS)


def test_every_adapter_that_there_is_can_be_named() -> None:
    for name in named.adapters():
        try:
            evaluator_from(name, LONG).close()
        except InputErrors as errors:  # its program is not installed here
            assert name in str(errors)


def test_an_evaluator_is_closed_when_the_work_on_it_fails() -> None:
    evaluator: Evaluator = Adapter(None, 1)
    with pytest.raises(InterruptedError), until_done(evaluator):
        raise ValueError
