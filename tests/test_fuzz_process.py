"""Evaluators that are programs: each way not to answer is Trouble of its own kind, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluators_support import (
    CLUSTER,
    FLOWS,
    GREETING,
    LONG,
    MANY,
    OTHER,
    REPLY,
    SERVING,
    SHORT,
    YES,
    asked,
    python,
    refused,
    sh,
    trouble,
    trouble_of,
)
from netpol_verify.verify.fuzz.evaluators import Stable, evaluator_from, process, serving, until_done
from netpol_verify.verify.fuzz.model import Answer, Flow, Trouble

ALLOWED = Answer(True)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary folders are made in one of the test's own; nothing may be left there, nor a process or a pipe."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    open_before = len(list(Path("/dev/fd").iterdir()))
    yield folder
    assert list(folder.iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == open_before
    with pytest.raises(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)


class Line:
    """A named pipe that tells whether a process still lives which was started with its output there."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def is_dead(self) -> bool:
        """Whether everything at the other end has gone; it may take the system a moment to end it."""
        try:
            return any(self._is_at_its_end() for _ in range(1000))
        finally:
            os.close(self._reader)

    def _is_at_its_end(self) -> bool:
        try:
            return os.read(self._reader, 1) == b""
        except BlockingIOError:
            time.sleep(0.02)
            return False


# Good programs


def test_a_program_gets_the_folder_and_the_flows_and_may_answer_in_any_order(tmp_path: Path) -> None:
    script = f'[ "$(ls "$1")" = "$(printf "00.yaml\\n01.yaml")" ] || exit 1\n{YES.rstrip()} | sort -r\n'
    assert asked(sh(tmp_path, script)) == [ALLOWED] * len(FLOWS)


def test_no_shell_reads_the_command_and_the_folder_goes_where_the_braces_are(tmp_path: Path) -> None:
    program = sh(tmp_path, f'printf "%s\\n" "$@" > {tmp_path}/arguments\n{YES}')
    asked(f"{program} --in={{}} '$(x)' \"a b\" '*' last")
    first, *others = (tmp_path / "arguments").read_text(encoding="utf-8").splitlines()
    assert first.startswith("--in=/") and first.endswith("/manifests")
    assert others == ["$(x)", "a b", "*", "last"]


def test_it_runs_in_an_empty_folder_with_the_environment_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "yes")
    assert asked(sh(tmp_path, f'[ "$MINE" = yes ] && [ -z "$(ls -A)" ] || exit 1\ntouch left\n{YES}'))


def test_a_program_that_takes_its_time_to_start_is_waited_for(tmp_path: Path) -> None:
    assert asked(sh(tmp_path, f"sleep 0.5\n{YES}")) == [ALLOWED] * len(FLOWS)


def test_more_than_the_pipes_hold_goes_through_in_all_directions_at_once(tmp_path: Path) -> None:
    echo = f"awk '{{ print $0 > \"/dev/stderr\"; print }}' | {YES}"
    assert asked(sh(tmp_path, echo), MANY) == [ALLOWED] * len(MANY)


def test_all_may_be_read_before_anything_is_answered_and_the_other_way_round(tmp_path: Path) -> None:
    late = 'import sys\nfor n in range(len(list(sys.stdin))):\n    print(\'{"id": %d, "allowed": true}\' % (n + 1))\n'
    early = f'import sys\nfor n in range({len(MANY)}):\n    print(\'{{"id": %d, "allowed": true}}\' % (n + 1))\n'
    early += "sys.stdout.flush()\nsys.stdin.read()\n"
    assert asked(python(tmp_path, late), MANY) == [ALLOWED] * len(MANY)
    assert asked(python(tmp_path, early), MANY) == [ALLOWED] * len(MANY)


def test_a_program_need_not_read_what_it_does_not_want_to_know(tmp_path: Path) -> None:
    """It closes its input while much is still to be written."""
    script = 'exec 0<&-\necho \'{"unsupported": "ipv6"}\'\n'
    assert set(asked(sh(tmp_path, script), MANY)) == {Answer(None, "ipv6")}


# Programs that fail


def test_an_exit_code_is_a_crash_even_if_everything_is_answered(tmp_path: Path) -> None:
    found = trouble(sh(tmp_path, f"{YES}echo first >&2; echo last >&2; exit 3\n"))
    assert (found.kind, found.detail) == ("crash", "it ends with exit code 3\nfirst\nlast")


def test_an_end_by_a_signal_is_a_crash(tmp_path: Path) -> None:
    found = trouble(sh(tmp_path, "kill -SEGV $$\n"))
    assert (found.kind, found.detail) == ("crash", "it is ended by SIGSEGV")


def test_what_is_shown_of_its_complaints_is_short_and_names_no_temporary_path(tmp_path: Path) -> None:
    script = 'yes complaint | head -c 5000000 >&2\nprintf \'\\033[31m%s %s\\n\' "$1" "$PWD" >&2; exit 1\n'
    found = trouble(sh(tmp_path, script))
    assert found.detail.splitlines() == ["it ends with exit code 1", *["complaint"] * 5, "�[31mFOLDER ."]


def test_a_program_that_cannot_be_started_after_all_refuses(tmp_path: Path) -> None:
    path = Path(sh(tmp_path, ""))
    path.write_text("#!/nowhere/at/all\n", encoding="utf-8")
    found = trouble(str(path))
    assert (found.kind, found.detail) == ("refused", "evaluator cannot be started: No such file or directory")


@pytest.mark.parametrize(
    "script",
    [
        "exec sleep 1000\n",
        "sleep 1000\n",
        "cat > /dev/null; sleep 1000\n",
        f"head -n 3 | {YES}sleep 1000\n",
        f"{YES}sleep 1000\n",
        f"{YES}exec 1>&-; sleep 1000\n",
        "exec 0<&- 1>&- 2>&-; sleep 1000\n",
        "trap '' TERM INT HUP; while :; do sleep 1000; done\n",
        "while :; do echo; sleep 0.1; done\n",
        "while :; do echo working >&2; done\n",
    ],
)
def test_a_program_that_does_not_end_hangs_and_is_ended_with_all_it_started(script: str, tmp_path: Path) -> None:
    line = Line(tmp_path / "line")
    found = trouble(sh(tmp_path, f"exec 9> {tmp_path}/line\n{script}"), MANY, SHORT)
    assert found.kind == "hang"
    assert found.detail.startswith("no end within 1 s, after ")
    assert line.is_dead()


def test_a_child_that_keeps_the_output_open_is_a_hang_and_is_ended(tmp_path: Path) -> None:
    line = Line(tmp_path / "line")
    found = trouble(sh(tmp_path, f"{YES}sleep 1000 9> {tmp_path}/line &\n"), limit=SHORT)
    assert (found.kind, found.detail) == ("hang", "it ended, but what it started kept its output open for 1 s")
    assert line.is_dead()


def test_a_child_that_outlives_a_good_program_is_ended_and_no_trouble(tmp_path: Path) -> None:
    line = Line(tmp_path / "line")
    script = f"{YES}sleep 1000 > /dev/null 2>&1 9> {tmp_path}/line &\n"
    assert asked(sh(tmp_path, script)) == [ALLOWED] * len(FLOWS)
    assert line.is_dead()


def test_a_child_that_leaves_the_group_and_keeps_the_output_open_stops_nobody(tmp_path: Path) -> None:
    script = "import os, pathlib, time\n"
    script += (
        f"if os.fork() == 0:\n    os.setsid()\n    pathlib.Path('{tmp_path}/number').write_text(str(os.getpid()))\n"
    )
    script += "    time.sleep(1000)\n"
    found = trouble(python(tmp_path, script), limit=SHORT)
    os.kill(int((tmp_path / "number").read_text(encoding="utf-8")), signal.SIGKILL)
    assert (found.kind, found.detail) == ("hang", "it ended, but what it started kept its output open for 1 s")


def test_a_program_that_says_nothing_or_not_enough_is_silent(tmp_path: Path) -> None:
    assert trouble(sh(tmp_path, "cat > /dev/null\n")).detail == "6 of 6 flows have no answer: 1, 2, 3, 4, 5, …"
    found = trouble(sh(tmp_path, f"head -n 4 | {YES}"))
    assert (found.kind, found.detail) == ("silent", "2 of 6 flows have no answer: 5, 6")


@pytest.mark.parametrize("script", ["yes\n", "yes | tr -d '\\n'\n", "yes ''\n", f"{YES}head -c 1100000 /dev/zero\n"])
def test_more_output_than_anybody_needs_is_garbled(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 2**20)
    found = trouble(sh(tmp_path, script), MANY[:10])
    assert (found.kind, found.detail) == ("garbled", "it prints more than 1,048,576 bytes")


# Programs that are none


def test_a_program_that_is_not_there_or_cannot_run_is_a_mistake_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sh(tmp_path, YES, "mine")
    (tmp_path / "plain.py").write_text("", encoding="utf-8")
    assert refused("a-program-that-nobody-has x")[0] == "there is no program 'a-program-that-nobody-has' on PATH"
    assert refused("mine")[1] == "it is a file here: write ./mine"
    assert refused("./nothing") == ("there is no program ./nothing", "")
    assert refused("./plain.py")[0] == "./plain.py is not executable"
    assert refused(f"{tmp_path}")[0].startswith("there is no program")
    assert refused("sh 'open")[0] == '"sh \'open" cannot be split into words: no closing quotation'
    assert refused("''")[0] == refused(" ")[0] == refused("serve:")[0] == "names no program"
    assert refused("sh a\0b")[0] == "a command cannot hold a NUL character"
    assert refused("sh plain.py") == (
        "plain.py is a file here, but the program runs in an empty folder",
        "write ./plain.py",
    )
    assert asked("./mine") == asked("sh ./mine {}") == [ALLOWED] * len(FLOWS)


def test_a_relative_part_of_path_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sh(tmp_path, YES, "mine")
    for path in ("", ".", f".{os.pathsep}"):
        monkeypatch.setenv("PATH", path)
        assert refused("mine")[0] == "there is no program 'mine' on PATH"


# Interrupts

_INTERRUPTED = """
import os, signal, sys
from evaluators_support import CLUSTER, FLOWS
from netpol_verify.verify.fuzz.evaluators import evaluator_from, until_done
signal.signal(signal.SIGINT, signal.default_int_handler)  # which tests in the background may have inherited as ignored
if sys.argv[2] == "exits":
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
with until_done(evaluator_from(sys.argv[1], 1000)) as evaluator:
    evaluator.answers(CLUSTER, FLOWS)
    os.kill(os.getpid(), signal.SIGINT)
    print("it goes on")
"""


@pytest.mark.parametrize("way", ["raises", "exits"])
@pytest.mark.parametrize("mode", ["", "serve:", "between:"])
def test_an_interrupt_ends_what_was_started(way: str, mode: str, tmp_path: Path, scratch: Path) -> None:
    """In the middle of an answer, or between two of a serving program that does not care for its input's end."""
    line = Line(tmp_path / "line")
    last = REPLY if mode == "between:" else f"    os.kill({'os.getppid()'}, 2)\n"
    tail = "import time; time.sleep(1000)\n"
    start = f"import os, signal\nos.open('{tmp_path}/line', os.O_WRONLY)\n"
    script = start + (SERVING + last + tail if mode else f"os.kill(os.getppid(), 2)\n{tail}")
    command = f"{mode and 'serve:'}{python(tmp_path, script)}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "TMPDIR": str(scratch)}
    words = [sys.executable, "-c", _INTERRUPTED, command, way]
    ran = subprocess.run(words, env=environment, capture_output=True, check=False)
    assert ran.returncode == (130 if way == "exits" else -signal.SIGINT), ran.stderr.decode()
    assert ran.stdout == b""
    assert line.is_dead()


# Serving


def test_a_serving_program_is_started_once_for_many_clusters(tmp_path: Path) -> None:
    script = f"open('{tmp_path}/starts', 'a').write('x')\n"
    script += SERVING + "    assert sorted(os.listdir(request['manifests']))[0] == '00.yaml'\n" + REPLY
    with until_done(evaluator_from(f"serve:{python(tmp_path, script)}", LONG)) as evaluator:
        assert (evaluator.name, evaluator.unsupported) == ("stub", {"sctp"})
        for cluster in (CLUSTER, OTHER, CLUSTER):
            assert list(evaluator.answers(cluster, FLOWS)) == [ALLOWED] * len(FLOWS)
        assert list(evaluator.answers(CLUSTER, MANY)) == [ALLOWED] * len(MANY)
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("then", "kind", "last"),
    [
        ("    sys.exit('no idea')\n", "crash", "no idea"),
        ("    os.kill(os.getpid(), 9)\n", "crash", "it is ended by SIGKILL"),
        ("    sys.exit(0)\n", "silent", "it ends without an answer"),
        ("    reply['request'] += 1\n" + REPLY, "garbled", "the reply is not to request 1"),
        ("    del reply['answers'][2]\n" + REPLY, "silent", "1 of 6 flows have no answer: 3"),
        ("    print('working on it')\n" + REPLY, "garbled", "the reply is not JSON: Expecting value (column 1)"),
        ("    print(json.dumps(reply), end='')\n    sys.exit(1)\n", "crash", "it ends with exit code 1"),
    ],
)
def test_a_serving_program_that_fails_is_trouble_and_is_started_afresh(
    then: str, kind: str, last: str, tmp_path: Path
) -> None:
    """It fails the first time, and never again."""
    first = f"    if not os.path.exists('{tmp_path}/failed'):\n"
    first += f"        open('{tmp_path}/failed', 'w')\n" + "".join(f"    {each}\n" for each in then.splitlines())
    program = python(tmp_path, SERVING + first + "        continue\n" + REPLY)
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        found = trouble_of(evaluator)
        assert (found.kind, found.detail.splitlines()[-1]) == (kind, last)
        assert list(evaluator.answers(CLUSTER, FLOWS)) == [ALLOWED] * len(FLOWS)


@pytest.mark.parametrize(
    "then",
    [
        "    import time; time.sleep(1000)\n",
        "    print('{\"request\": 1', end='', flush=True)\n    import time; time.sleep(1000)\n",
        "    print(flush=True)\n",
    ],
)
def test_a_serving_program_that_does_not_answer_hangs_and_is_ended(then: str, tmp_path: Path) -> None:
    line = Line(tmp_path / "line")
    script = f"import os\nos.open('{tmp_path}/line', os.O_WRONLY)\n{SERVING}{then}"
    with until_done(evaluator_from(f"serve:{python(tmp_path, script)}", LONG)) as evaluator:
        vars(evaluator)["_timeout"] = SHORT  # the start may take its time
        found = trouble_of(evaluator)
        assert (found.kind, found.detail) == ("hang", "no answer within 1 s")
        assert line.is_dead()


def test_a_serving_program_that_does_not_read_its_request_hangs(tmp_path: Path) -> None:
    program = sh(tmp_path, f'echo \'{GREETING}\'\necho \'{{"request": 1, "unsupported": "x"}}\'\nsleep 1000\n')
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        vars(evaluator)["_timeout"] = SHORT
        assert trouble_of(evaluator, MANY).kind == "hang"


def test_a_serving_program_that_closes_its_output_answers_no_more(tmp_path: Path) -> None:
    """Also if it has not read all that it was asked before."""
    answer = '{"request": 1, "unsupported": "ipv6"}'
    program = sh(tmp_path, f"echo '{GREETING}'\necho '{answer}'\nexec 1>&-\nsleep 1000\n")
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        assert set(evaluator.answers(CLUSTER, MANY)) == {Answer(None, "ipv6")}
        vars(evaluator)["_timeout"] = SHORT
        found = trouble_of(evaluator, MANY)
        assert (found.kind, found.detail) == ("silent", "it closes its output without an answer")


def test_a_line_too_many_is_no_answer_to_the_next_request(tmp_path: Path) -> None:
    program = python(tmp_path, SERVING + REPLY + REPLY)
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        evaluator.answers(CLUSTER, FLOWS)
        found = trouble_of(evaluator)
        assert (found.kind, found.detail.splitlines()[-1]) == ("garbled", "the reply is not to request 2")


def test_a_serving_program_that_ends_after_its_answer_has_failed_at_the_next(tmp_path: Path) -> None:
    """Whether it has gone by then or not: the outcome hangs on no race."""
    program = python(tmp_path, SERVING + REPLY + "    sys.exit(5)\n")
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        for _ in range(3):
            assert list(evaluator.answers(CLUSTER, FLOWS)) == [ALLOWED] * len(FLOWS)
            found = trouble_of(evaluator, MANY)
            assert (found.kind, found.detail) == ("crash", "it ends with exit code 5")


def test_an_endless_line_is_garbled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 2**20)
    program = sh(tmp_path, f"echo '{GREETING}'\nyes | tr -d '\\n'\n")
    with until_done(evaluator_from(f"serve:{program}", LONG)) as evaluator:
        assert trouble_of(evaluator).detail == "it prints more than 1,048,576 bytes"


def test_closing_ends_a_serving_program_by_its_input_or_else_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polite = python(tmp_path, SERVING + REPLY + f"open('{tmp_path}/ended', 'w')\n", "polite.py")
    with monkeypatch.context() as patient, until_done(evaluator_from(f"serve:{polite}", LONG)) as evaluator:
        patient.setattr(serving, "PATIENCE", LONG)
        evaluator.answers(CLUSTER, FLOWS)
        evaluator.close()
    assert (tmp_path / "ended").exists()
    line = Line(tmp_path / "line")
    stubborn = f"import os\nos.open('{tmp_path}/line', os.O_WRONLY)\n{SERVING}{REPLY}import time; time.sleep(1000)\n"
    with until_done(evaluator_from(f"serve:{python(tmp_path, stubborn)}", LONG)) as evaluator:
        evaluator.answers(CLUSTER, FLOWS)
    assert line.is_dead()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 4\n", "does not serve (crash): it ends with exit code 4"),
        ("echo hello\n", "does not serve (garbled): it prints: hello | the first line is not JSON"),
        (YES, "does not serve (hang): no answer within 1 s"),
        (f"echo '{GREETING}' | sed s/v1/v9/\n", "the first line does not say"),
        (f"echo '{GREETING}' | sed s/sctp/scpt/\n", "'scpt', which is no feature: did you mean \"sctp\"?"),
    ],
)
def test_a_serving_program_that_does_not_greet_is_a_mistake_of_the_user(script: str, said: str, tmp_path: Path) -> None:
    message, hint = refused(f"serve:{sh(tmp_path, script)}", SHORT if "hang" in said else LONG)
    assert said in message
    assert hint == "leave out serve: for a program that answers once and ends"


def test_a_serving_program_gets_no_folder_on_its_command_line() -> None:
    assert "gets its folders in requests" in refused("serve:sh -c 'cat {}'")[0]


def test_a_serving_program_must_greet_the_same_again(tmp_path: Path) -> None:
    script = f"import os\nprint({GREETING!r}.replace('stub', str(os.path.exists('{tmp_path}/n'))), flush=True)\n"
    script += f"open('{tmp_path}/n', 'w')\ninput()\n"
    with until_done(evaluator_from(f"serve:{python(tmp_path, script)}", LONG)) as evaluator:
        assert trouble_of(evaluator).kind == "silent"
        assert trouble_of(evaluator).detail == "it greets otherwise than before"


# Asking again

_FLIPS = """
import json, pathlib, sys
seen = pathlib.Path(__file__).with_name("seen")
count = len(seen.read_text()) if seen.exists() else 0
seen.write_text("x" * (count + 1))
for line in sys.stdin:
    flow = json.loads(line)
    print(json.dumps({"id": flow["id"], "allowed": WHAT}))
"""


def stable(command: str) -> Stable:
    return Stable(evaluator_from(command, LONG))


def test_an_evaluator_that_answers_the_same_again_is_stable(tmp_path: Path) -> None:
    evaluator = stable(sh(tmp_path, YES))
    assert evaluator.answers(CLUSTER, FLOWS) == evaluator.again(CLUSTER, FLOWS) == (ALLOWED,) * len(FLOWS)
    assert evaluator.again(OTHER, FLOWS) == (ALLOWED,) * len(FLOWS)


def test_an_evaluator_that_answers_otherwise_the_second_time_is_unstable(tmp_path: Path) -> None:
    evaluator = stable(python(tmp_path, _FLIPS.replace("WHAT", 'count % 2 == 0 or flow["id"] != 4')))
    evaluator.answers(CLUSTER, FLOWS)
    with pytest.raises(Trouble) as caught:
        evaluator.again(CLUSTER, FLOWS)
    assert caught.value.kind == "unstable"
    assert caught.value.detail.splitlines() == [
        "from shop/web, to shop/db, port TCP/4, family IPv4",
        "asked twice, first allowed, then refused",
    ]


def test_an_answer_that_hangs_on_what_was_asked_before_is_unstable(tmp_path: Path) -> None:
    """A serving program is asked again as if it had just been started."""
    program = python(tmp_path, SERVING.replace("allowed=True", "allowed=request['request'] == 1") + REPLY)
    evaluator = stable(f"serve:{program}")
    with until_done(evaluator):
        evaluator.answers(OTHER, FLOWS)
        assert set(evaluator.answers(CLUSTER, FLOWS)) == {Answer(False)}
        with pytest.raises(Trouble, match="first refused, then allowed"):
            evaluator.again(CLUSTER, FLOWS)


def test_the_same_failure_twice_is_that_failure_and_another_is_unstable(tmp_path: Path) -> None:
    evaluator = stable(sh(tmp_path, "exit 1\n", "fails"))
    assert trouble_of(evaluator).kind == "crash"
    with pytest.raises(Trouble, match="crash: it ends with exit code 1"):
        evaluator.again(CLUSTER, FLOWS)
    evaluator = stable(python(tmp_path, _FLIPS.replace("WHAT", "True if count else sys.exit(1)")))
    with pytest.raises(Trouble, match="unstable: asked twice, first crash, then answers"):
        evaluator.again(CLUSTER, FLOWS)


def test_reasons_may_differ_from_time_to_time_unless_they_name_a_feature(tmp_path: Path) -> None:
    for reasons, is_stable in ((("at 1 o'clock", "at 2"), True), (("at 1", "ipv6"), False)):
        say = f"list({reasons})[count]}}))\n".join(_FLIPS.replace('"allowed"', '"unsupported"').split("WHAT}))\n"))
        evaluator = stable(python(tmp_path, say))
        (tmp_path / "seen").unlink(missing_ok=True)
        evaluator.answers(CLUSTER, FLOWS)
        if is_stable:
            evaluator.again(CLUSTER, FLOWS)
        else:
            with pytest.raises(Trouble, match="unstable"):
                evaluator.again(CLUSTER, FLOWS)


def test_a_question_without_flows_is_asked_all_the_same(tmp_path: Path) -> None:
    """Manifests alone can make an evaluator crash."""
    assert asked(sh(tmp_path, "cat\n"), ()) == []
    assert trouble(sh(tmp_path, "exit 1\n"), ()).kind == "crash"


def test_flows_are_written_as_documented(tmp_path: Path) -> None:
    program = sh(tmp_path, f"tee {tmp_path}/flows | {YES}")
    asked(program, (Flow("shop/web", "2001:db8::7", "UDP", 53, "IPv6"),))
    assert (tmp_path / "flows").read_text(encoding="utf-8") == (
        '{"id": 1, "from": "shop/web", "to": "2001:db8::7", "port": "UDP/53", "family": "IPv6"}\n'
    )
