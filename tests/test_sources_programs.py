"""Programs that give manifests: which are run, how, and what becomes of those that fail or do not end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.encodings.reading import programs
from netpol_verify.encodings.reading.programs import Call, locate
from sources_support import stub


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs first on PATH, beside the working directory."""
    (tmp_path / "work").mkdir()
    (tmp_path / "tools").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path / "tools"


def problem(call: Call, hint: str = "") -> tuple[str, str]:
    with pytest.raises(InputErrors) as caught:
        call.run(hint)
    [found] = caught.value.problems
    assert (found.file, found.line) == ("shown", 0)
    return found.message, found.hint


def test_a_program_gets_its_arguments_as_they_are_and_an_empty_folder(tools: Path) -> None:
    stub(tools, "helm", 'printf "%s\\n" "$PWD" "$@"; ls -A; cat\n')
    folder, *rest = Call("shown", "helm", ("a b", "$(x)", "*")).run().decode().splitlines()
    assert rest == ["a b", "$(x)", "*"]
    assert not Path(folder).exists()


def test_its_input_is_closed_unless_there_is_something_to_read(tools: Path) -> None:
    stub(tools, "helm", "cat\n")
    assert Call("shown", "helm", ()).run() == b""
    assert Call("shown", "helm", (), b"words").run() == b"words"


def test_the_environment_is_passed_on(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tools, "helm", 'echo "$MINE"\n')
    monkeypatch.setenv("MINE", "yes")
    assert Call("shown", "helm", ()).run() == b"yes\n"
    assert Call("shown", "helm", (), environment={"MINE": "other"}).run() == b"other\n"


def test_a_program_in_the_working_directory_is_never_run(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that a relative part of PATH, an empty one, or a link leads to."""
    here = Path.cwd()
    stub(here / "bin", "helm", "echo attacked\n")
    stub(here, "helm", "echo attacked\n")
    for path in ("", ".", "bin", f"{here}", f"{here}/bin", f"{here}/../work/bin"):
        monkeypatch.setenv("PATH", path)
        assert locate("helm") is None, path
    (tools / "helm").symlink_to(here / "helm")
    (tools / "linked").symlink_to(here / "bin")
    for path in (f"{tools}", f"{tools}/linked"):
        monkeypatch.setenv("PATH", path)
        assert locate("helm") is None, path
    message, hint = problem(Call("shown", "helm", ()), "do otherwise")
    assert message.startswith("helm is not on PATH: ") and "lies in the working directory" in message
    assert hint == "install Helm (https://helm.sh), or do otherwise"
    monkeypatch.setenv("PATH", os.pathsep.join((str(here), "bin", str(tools / "good"))))
    stub(tools / "good", "helm", "echo good\n")
    assert Call("shown", "helm", ()).run() == b"good\n"


def test_in_the_root_folder_programs_are_found_all_the_same(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tools, "helm", "echo good\n")
    monkeypatch.chdir("/")
    assert locate("helm") == tools / "helm"


def test_a_missing_program_says_where_to_get_it(tools: Path) -> None:
    assert problem(Call("shown", "kustomize", ())) == (
        "kustomize is not on PATH",
        "install kustomize (https://kustomize.io) or kubectl",
    )


def test_a_failure_is_told_in_the_programs_own_words_the_last_of_them(tools: Path) -> None:
    stub(tools, "helm", "for i in 1 2 3 4 5 6 7 8; do echo line $i >&2; done; echo out; exit 3\n")
    message, hint = problem(Call("shown", "helm", ("template", "/x")), "try this")
    assert message == ("helm template ends with exit code 3: line 3 | line 4 | line 5 | line 6 | line 7 | line 8")
    assert hint == "try this"
    stub(tools, "helm", """echo 'E1121 07:01:31.790637   28897 run.go:72] "command failed" err="x"' >&2; exit 1\n""")
    assert problem(Call("shown", "helm", ()))[0] == 'helm ends with exit code 1: "command failed" err="x"'
    stub(tools, "helm", "exit 1\n")
    assert problem(Call("shown", "helm", ()))[0] == "helm ends with exit code 1: it says nothing"
    stub(tools, "helm", "kill -9 $$\n")
    assert problem(Call("shown", "helm", ()))[0] == "helm is ended by signal 9: it says nothing"


def test_paths_that_mean_nothing_to_a_reader_are_shown_as_what_they_stand_for(tools: Path) -> None:
    stub(tools, "helm", "echo 'in /tmp/x/chart and /tmp/x/other' >&2; exit 1\n")
    call = Call("shown", "helm", (), hidden={"/tmp/x/chart": "main:chart", "/tmp/x/": "main:"})
    assert problem(call)[0].endswith("in main:chart and main:other")


def test_a_program_that_cannot_start_is_a_problem(tools: Path) -> None:
    (tools / "helm").write_bytes(b"\x7fELF nothing")
    (tools / "helm").chmod(0o755)
    assert "cannot be run" in problem(Call("shown", "helm", ()))[0]


def test_output_has_a_limit(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "OUTPUT_LIMIT", 1000)
    stub(tools, "helm", "while :; do echo words and words; done\n")
    message, hint = problem(Call("shown", "helm", ()))
    assert (message, hint) == ("helm prints more than 1,000 bytes", "name less at once")
    stub(tools, "helm", "printf %1000s x\n")
    assert len(Call("shown", "helm", ()).run()) == 1000


def test_complaints_may_be_endless_without_filling_the_memory(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "COMPLAINT_KEPT", 1000)
    stub(tools, "helm", "i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; echo last >&2; exit 1\n")
    assert problem(Call("shown", "helm", ()))[0].endswith("| line 2999 | last")


def lives(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet collected by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
@pytest.mark.parametrize("how", ["sleep 600 & echo $!; wait", "sleep 600 & echo $!; exit 0", "exec >&- ; sleep 600"])
def test_time_has_a_limit_and_ends_all_that_the_program_started(
    how: str, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "TIME_LIMIT", 0.5)
    stub(tools, "helm", f"echo patience >&2\necho $$ > {tmp_path}/pid\n{how}\n")
    message, _ = problem(Call("shown", "helm", ("template",)))
    assert message == "helm template takes longer than 0.5 seconds: patience"
    pid = int((tmp_path / "pid").read_text())
    while lives(pid):
        time.sleep(0.01)
    assert not any(_group(each) == pid and lives(each) for each in _processes())


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_an_interrupt_ends_the_program_and_leaves_no_folder_behind(tools: Path, tmp_path: Path) -> None:
    """The command line ends at an interrupt without any exception; the program has a process group of its own."""
    (tmp_path / "scratch").mkdir()
    (tmp_path / "work/chart").mkdir()
    (tmp_path / "work/chart/Chart.yaml").write_text("name: chart\n")
    stub(tools, "helm", f"echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid; exec sleep 600\n")
    command = [sys.executable, "-m", "netpol_verify", "connectivity", "-f", "chart"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "scratch")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        while not (tmp_path / "pid").exists():
            assert running.poll() is None, running.communicate()
            time.sleep(0.01)
        pid = int((tmp_path / "pid").read_text())
        running.send_signal(signal.SIGINT)
        _, said = running.communicate()
    assert (running.returncode, said) == (130, b"netpol-verify: interrupted\n")
    while lives(pid):
        time.sleep(0.01)
    assert list((tmp_path / "scratch").iterdir()) == []
