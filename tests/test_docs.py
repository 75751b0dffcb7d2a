"""The documentation says what the program does: its commands are run, its suites loaded, its links followed.

In a ``console`` block each line ``$ netpol-verify …`` is run as from the root of the repository, and the lines below it
are what it prints. A line ``…`` stands for any number of lines, a ``…`` inside a line for any text. The exit code is
the one shown by ``$ echo $?``, else the one that the summary means. Other commands are not run, except ``$ cat FILE``.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast, get_args

import pytest
import yaml
from netpol_verify.properties.loading import load_suite
from netpol_verify.properties.property_checks import VERB_MODELS
from netpol_verify.properties.suite import Model, Property, PropertySuite
from netpol_verify.verify import commands
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SHOP = ROOT / "docs" / "shop" / "properties.yaml"
OUTCOMES = {"— FAIL": 1, "— UNKNOWN": 3}

Step = tuple[str, list[str]]
"""A command of a console block, and the lines shown below it."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def shown(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language, each with the line on which it starts."""
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text_of(page), re.DOTALL | re.MULTILINE)
    return [(text_of(page).count("\n", 0, match.start()) + 1, match.group(1)) for match in found]


def every(language: str, wanted: Callable[[str], bool] = lambda _: True) -> list[Any]:
    """The blocks of a language that are wanted, of all pages, each called after its place."""
    return [
        pytest.param(block, id=f"{shown(page)}:{line}")
        for page in PAGES
        for line, block in blocks(page, language)
        if wanted(block)
    ]


def steps(block: str) -> Iterator[Step]:
    """The commands of a console block; a line that ends in ``\\`` goes on in the next."""
    command: str | None = None
    output: list[str] = []
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, output
            command, output = line[2:], []
        else:
            output.append(line)
    if command is not None:
        yield command, output


def pattern(lines: Iterable[str]) -> str:
    """A regular expression for output of which some may be left out as ``…``."""
    parts = [r"(?:.*\n)*" if line.strip() == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in lines]
    return "".join(parts)


def arguments(command: str) -> list[str] | None:
    """The arguments of a command of this program, also where a line installs it first; None for other commands."""
    last = command.rpartition("&& ")[2].removeprefix(".venv/bin/")
    words = shlex.split(last) if last.startswith("netpol-verify ") and "|" not in last else []
    return words[1:] or None


def check(command: str, output: list[str], expected_code: int) -> None:
    given = arguments(command)
    if given is None:
        return
    ran = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, given, prog_name="netpol-verify")
    if output:
        assert re.fullmatch(pattern(output), ran.output), f"$ {command}\n{ran.output}"
    assert ran.exit_code == expected_code, f"$ {command}\n{ran.output}"


@pytest.mark.parametrize("block", every("console"))
def test_a_command_prints_what_the_page_shows(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("docs", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    found = list(steps(block))
    for number, (command, output) in enumerate(found):
        following: Step = found[number + 1] if number + 1 < len(found) else ("", [])
        if following[0] == "echo $?":
            code = int(following[1][0])
        else:
            code = next((code for word, code in OUTCOMES.items() if any(word in line for line in output)), 0)
        check(command, output, code)
        if command.startswith("cat "):
            assert output == text_of(tmp_path / command.removeprefix("cat ")).splitlines()


@pytest.mark.parametrize("block", every("yaml", lambda block: "kind: PropertySuite" in block))
def test_a_suite_in_a_page_loads(block: str, tmp_path: Path) -> None:
    (tmp_path / "properties.yaml").write_text(block, encoding="utf-8")
    assert load_suite(str(tmp_path / "properties.yaml")).properties


@pytest.mark.parametrize("block", every("yaml", lambda block: block.startswith("- id:")))
def test_properties_shown_by_themselves_are_those_of_the_shop(block: str) -> None:
    for part in re.split(r"^(?=- id:)", block, flags=re.MULTILINE):
        assert part.rstrip() in text_of(SHOP)


@pytest.mark.parametrize("block", every("yaml"))
def test_a_yaml_block_is_yaml(block: str) -> None:
    assert yaml.safe_load(block) is not None


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", prose):
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_map_names_every_page() -> None:
    index = text_of(ROOT / "docs" / "index.md")
    assert [page.name for page in PAGES if page.parent.name == "docs" and f"({page.name})" not in index] == ["index.md"]


def keys_of(model: type[Model]) -> Iterator[str]:
    """Every key that a model and the models inside it know."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        yield from keys_inside(field.annotation)


def keys_inside(annotation: object) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield from keys_of(annotation)
    for part in get_args(annotation):
        yield from keys_inside(part)


def test_every_key_of_a_suite_is_explained() -> None:
    known = {*keys_of(PropertySuite), *keys_of(Property), *VERB_MODELS}
    page = text_of(ROOT / "docs" / "suite.md")
    assert sorted(key for key in known if not re.search(rf"\b{key}\b", page)) == []


def json_keys(value: object, inside: str = "") -> Iterator[str]:
    """Every key of a report, except those that are names of kinds and labels."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from json_keys(item, inside)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            if inside not in ("objects", "ignored", "labels", "namespaceLabels"):
                yield key
            yield from json_keys(item, key)


def test_every_key_of_the_json_report_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ran = CliRunner().invoke(commands.app, ["prove", "docs/shop/properties.yaml", "-o", "json"])
    page = text_of(ROOT / "docs" / "verdicts.md")
    assert sorted({key for key in json_keys(json.loads(ran.stdout)) if f"`{key}`" not in page}) == []


@pytest.mark.parametrize("command", ["prove", "evaluate"])
def test_every_option_is_explained(command: str) -> None:
    helped = CliRunner(env={"COLUMNS": "80"}).invoke(commands.app, [command, "--help"]).output
    options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", helped, re.MULTILINE))
    pages = "".join(map(text_of, PAGES))
    assert options
    assert sorted(option for option in options if option not in pages) == []
