"""Completion by shells: the scripts are scripts, and the program completes what they ask for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
from parts_support import ran, run, tool, without_own_settings

PROGRAM = "netpol-verify"
VARIABLE = "_NETPOL_VERIFY_COMPLETE"


def asked(instruction: str, **more: str) -> str:
    return ran(tool(PROGRAM), env={**without_own_settings(), VARIABLE: instruction, **more})


@pytest.mark.parametrize(
    ("shell", "registers"),
    [
        ("bash", "complete -o default -F _netpol_verify_completion netpol-verify"),
        ("zsh", "compdef _netpol_verify_completion netpol-verify"),
        ("fish", "complete --command netpol-verify"),
    ],
)
def test_the_script_of_a_shell_is_printed(shell: str, registers: str) -> None:
    script = asked(f"source_{shell}")
    assert registers in script
    assert f"{VARIABLE}=complete_{shell}" in script


def test_the_script_for_bash_has_no_error() -> None:
    """Of shellcheck's errors; typer writes the script, and leaves words unquoted on purpose."""
    script = asked("source_bash")
    ran("bash", "-n", stdin=script)
    ran(tool("shellcheck"), "--shell=bash", "--severity=error", "-", stdin=script)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_for_another_shell_parses_where_it_is_installed(shell: str) -> None:
    if which(shell) is None:
        pytest.skip(f"it needs {shell}")
    ran(shell, "-n", stdin=asked(f"source_{shell}"))


def test_the_options_install_and_show_are_there() -> None:
    """For the shell that runs the program: a child of bash here."""
    shown = ran("bash", "--norc", "-c", f"'{tool(PROGRAM)}' --show-completion; true")
    assert "complete -o default -F _netpol_verify_completion netpol-verify" in shown
    assert "--install-completion" in ran(tool(PROGRAM), "--help")


def test_installing_writes_into_the_home_folder_alone(tmp_path: Path) -> None:
    env = {**without_own_settings(), "HOME": str(tmp_path)}
    ran("bash", "--norc", "-c", f"'{tool(PROGRAM)}' --install-completion; true", env=env)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {".bashrc", ".bash_completions/netpol-verify.sh"}


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("netpol-verify ", {"prove", "evaluate", "explain", "connectivity", "diff"}),
        ("netpol-verify di", {"diff"}),
        ("netpol-verify prove --fail", {"--fail-on"}),
        ("netpol-verify prove one.yaml --all", {"--all-classes"}),
        ("netpol-verify prove --only x --no", {"--no-color"}),
        ("netpol-verify --ver", {"--version"}),
        ("netpol-verify nonsense", set[str]()),
    ],
)
def test_commands_and_options_are_completed(line: str, completed: set[str]) -> None:
    count = str(len(line.split(" ")) - 1)
    assert completed <= set(asked("complete_bash", COMP_WORDS=line, COMP_CWORD=count).splitlines())
    assert bool(completed) == bool(asked("complete_bash", COMP_WORDS=line, COMP_CWORD=count).strip())


def test_bash_itself_completes_with_the_script() -> None:
    """The function of the script, called as bash calls it when somebody presses Tab."""
    script = f"""
        eval "$({VARIABLE}=source_bash netpol-verify)"
        COMP_WORDS=(netpol-verify prove --fail) COMP_CWORD=2
        _netpol_verify_completion netpol-verify --fail prove
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    assert ran("bash", "--norc", "-c", script) == "--fail-on\n"


@pytest.mark.parametrize("instruction", ["source_nosuchshell", "nonsense"])
def test_what_nobody_asks_for_is_no_traceback(instruction: str) -> None:
    done = run(tool(PROGRAM), env={**without_own_settings(), VARIABLE: instruction})
    assert done.returncode == 1
    assert "Traceback" not in done.stdout


def test_completion_does_not_load_the_solver() -> None:
    """Somebody waits for it."""
    code = (
        "import atexit, sys; atexit.register(lambda: print('z3' in sys.modules))\n"
        "from netpol_verify.verify.cli import main; main()"
    )
    env = {**without_own_settings(), VARIABLE: "complete_bash", "COMP_WORDS": "netpol-verify pro", "COMP_CWORD": "1"}
    done = subprocess.run([tool("python"), "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["prove", "False"]
