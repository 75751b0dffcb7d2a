"""What is said about broken input: the right place, the likely fix, and nothing that the input could forge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fuzzing.door import Outcome, run
from fuzzing.suites import MANIFESTS

POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec: %s\n"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: %s\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: shop}\n%s\n"
SUITE = "apiVersion: netpol-verify/v1\nkind: PropertySuite\nmanifests: [m.yaml]\n"
PROBE = ("--from", "probe:", "--to", "8.8.8.8", "--port", "1")


@pytest.fixture(autouse=True)
def work_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def of_manifest(text: str, file: str = "m.yaml") -> Outcome:
    Path(file).write_text(text, encoding="utf-8")
    return run(["evaluate", "-f", file, *PROBE])


def of_suite(text: str) -> Outcome:
    Path("m.yaml").write_text(MANIFESTS)
    Path("p.yaml").write_text(SUITE + text, encoding="utf-8")
    return run(["prove", "p.yaml"])


def of_flows(content: bytes, *more: str) -> Outcome:
    Path("m.yaml").write_text(MANIFESTS)
    Path("f.jsonl").write_bytes(content)
    return run(["evaluate", "-f", "m.yaml", "--flows", "f.jsonl", *more])


@pytest.mark.parametrize(("text", "line"), [("a: [", 1), ("a: b\nc: {d\n\n\n", 2), ("{", 1), ("a: 'b\n\n", 1)])
def test_a_text_that_ends_too_early_is_wrong_on_its_last_line(text: str, line: int) -> None:
    assert of_manifest(text).err.startswith(f"m.yaml:{line}: not valid YAML")


@pytest.mark.parametrize(
    ("written", "quoted"),
    [("y", "y"), ("Yes", "Yes"), ("on", "on"), ("true", "true"), ("012", "012"), ("1.10", "1.10"), ("0x1F", "0x1F")],
)
def test_a_label_that_is_no_text_is_quoted_as_it_is_written(written: str, quoted: str) -> None:
    said = of_manifest(NAMESPACE % f"{{name: x, labels: {{a: {written} }}}}")
    assert f'hint: quote it: "{quoted}"' in said.err
    said = of_manifest(
        POLICY % f"{{podSelector: {{matchExpressions: [{{key: a, operator: In, values: [b, {written} ]}}]}}}}"
    )
    assert f'hint: quote it: "{quoted}"' in said.err
    said = of_suite(
        f"properties: [{{id: a, never: {{from: {{pods: {{matchLabels: {{a: {written} }}}}}}, to: {{}}}}}}]\n"
    )
    assert f'hint: put it in quotes: "{quoted}"' in said.err


def test_a_long_number_is_not_repeated() -> None:
    said = of_manifest(NAMESPACE % f"{{name: x, labels: {{a: {'9' * 200}}}}}")
    assert "hint: quote it, exactly as it is written" in said.err
    for text in (POLICY % f"{{podSelector: {{}}, {'x' * 100_000}: a}}", NAMESPACE % f"{{name: {'x' * 100_000}}}"):
        assert max(map(len, of_manifest(text).err.splitlines())) < 2_000


@pytest.mark.parametrize("name", ["{{ .Values.name }}", "${NAME}", "web-{{ x }}"])
def test_a_name_that_is_a_template_is_to_be_rendered(name: str) -> None:
    for text in (
        NAMESPACE % f"{{name: '{name}'}}",
        POLICY.replace("name: x", f"name: '{name}'") % "{podSelector: {}}",
        POLICY.replace("shop", f"'{name}'") % "{podSelector: {}}",
        POLICY % f"{{podSelector: {{}}, ingress: [{{ports: [{{port: '{name}'}}]}}]}}",
        POLICY % f"{{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: '{name}'}}}}]}}]}}",
    ):
        assert "hint: this looks like a template that is not rendered: render it first" in of_manifest(text).err


@pytest.mark.parametrize(
    ("properties", "hint"),
    [
        ("{from: {pods: {app: web}}, to: {}}", 'write "app=web", or {matchLabels: {app: web}}'),
        ("{from: {namespaces: {env: 1}}, to: {}}", 'write "env=1", or {matchLabels: {env: 1}}'),
        ("{from: {pods: {matchlabels: {a: b}}}, to: {}}", 'did you mean "matchLabels"?'),
        ("{from: app=web, to: {}}", 'write {pods: "app=web"}'),
        ("{from: 'app in (a,b)', to: {}}", 'write {pods: "app in (a,b)"}'),
        ("{from: {}, to: {}, ports: 5432}", "write it as a list: [5432]"),
        ("{from: {}, to: {}, ports: TCP/80}", "write it as a list: [TCP/80]"),
    ],
)
def test_a_suite_says_how_what_was_meant_is_written(properties: str, hint: str) -> None:
    assert f"hint: {hint}\n" in of_suite(f"properties: [{{id: a, never: {properties}}}]\n").err


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "x: !custom y", "a: {{ x }}", "a: \0", "a: 1\na: 2", "$ANSIBLE_VAULT;"]
)
def test_nobody_is_told_to_exclude_a_suite(text: str) -> None:
    for content in (SUITE + text, text):
        Path("p.yaml").write_text(content)
        said = run(["prove", "p.yaml"])
        assert said.code == 2 and "exclude" not in said.err and "helm" not in said.err
    assert ("--exclude" in of_manifest(text).err) == (text != "a: 1\na: 2")


def test_an_empty_path_is_not_the_working_directory() -> None:
    Path("m.yaml").write_text(MANIFESTS)
    for arguments in (["evaluate", "-f", "", *PROBE], ["evaluate", "-f", "m.yaml", "-f", "", *PROBE]):
        said = run(arguments)
        assert (said.code, said.err.splitlines()[0]) == (2, "--manifests: an empty path names no manifests")
    assert run(["prove", ""]).err == "SUITE: an empty path names no suite\n"


def test_groups_without_a_value_are_a_mistake() -> None:
    said = of_suite("groups:\nproperties: [{id: a, never: {from: {}, to: {node: true}}}]\n")
    assert said.err.startswith("p.yaml:4: groups: has no value")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (POD % "spec: {containers: [null]}", "spec.containers[0]: Required value"),
        (POD % "status: {podIPs: [null]}", "status.podIPs[0]: Required value"),
    ],
)
def test_an_entry_that_is_null_is_refused_before_anything_reads_it(text: str, path: str) -> None:
    Path("p.yaml").write_text(SUITE + "properties: [{id: a, never: {from: {}, to: {node: true}}}]\n")
    said = of_manifest(text)
    assert said.code == 2 and path in said.err
    assert run(["prove", "p.yaml"]).err == said.err


@pytest.mark.parametrize(("key", "value"), [("completionMode", "1"), ("manualSelector", "'no'"), ("completions", "a")])
@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_fields_of_a_job_that_labels_hang_on_have_their_type(kind: str, key: str, value: str) -> None:
    spec = f"{{{key}: {value}, template: {{}}}}"
    spec = spec if kind == "Job" else f"{{jobTemplate: {{spec: {spec}}}}}"
    said = of_manifest(f"apiVersion: batch/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n")
    assert said.code == 2 and f"{key}: Invalid value" in said.err


def test_a_number_out_of_range_does_not_make_json_yaml() -> None:
    """As YAML it would be a text, and as such the name of a port."""
    port = '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"},\n"spec": %s}'
    said = of_manifest(port % '{"podSelector": {}, "ingress": [{"ports": [{"port": 1e400}]}]}', "m.json")
    assert said.err.startswith("m.json:2: the number 1e400 is out of range\n")


def test_unknown_fields_of_managed_fields_are_named() -> None:
    said = of_manifest(NAMESPACE % "{name: x, managedFields: [{manager: a, operatoin: b}]}")
    assert 'unknown field "metadata.managedFields[0].operatoin"' in said.err
    assert 'did you mean "operation"?' in said.err


def test_no_input_writes_messages_of_its_own() -> None:
    said = run(["evaluate", "-f", "m.yaml", "--world", "a\nm.yaml:1: all is well", *PROBE])
    assert said.err.splitlines()[0] == '--world: "a\\nm.yaml:1: all is well" is not KEY=VALUE'
    assert "\nevil" not in of_manifest(NAMESPACE % '{name: "x\\nevil: y"}').err


def test_a_link_that_cannot_be_looked_at_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder behind it may hold policies."""
    Path("k").mkdir()
    Path("k/m.yaml").write_text(MANIFESTS)
    Path("k/link").write_text("")
    known = Path.is_dir

    def is_dir(self: Path) -> bool:
        if self.name == "link":
            raise PermissionError(13, "Permission denied")
        return known(self)

    monkeypatch.setattr(Path, "is_dir", is_dir)
    said = run(["evaluate", "-f", "k", *PROBE])
    assert (said.code, said.err.splitlines()[0]) == (2, "k/link: cannot be looked at")
    assert run(["evaluate", "-f", "k", "--exclude", "link", *PROBE]).code == 0


def test_notices_come_in_the_order_of_files_and_lines() -> None:
    block = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]}"
    nameless = POLICY.replace(", namespace: shop", "")
    Path("b.yaml").write_text(f"{nameless % block}---\n{(nameless % block).replace('name: x', 'name: w')}")
    Path("a.yaml").write_text((POLICY % block).replace("name: x", "name: z"))
    said = run(["evaluate", "-f", "b.yaml", "-f", "a.yaml", *PROBE])
    places = [line.split(": ")[1] for line in said.err.splitlines() if ".yaml:" in line]
    assert places == ["a.yaml:4", "b.yaml:1", "b.yaml:4", "b.yaml:9"]


FLOW = b'{"from": "shop/web", "to": "8.8.8.8", "port": 80%s}'


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000])
def test_numbers_that_json_does_not_have_are_refused_in_a_flow(number: bytes) -> None:
    said = of_flows(FLOW % b"" + b"\n" + FLOW % (b', "id": ' + number), "-o", "json")
    assert said.code == 2 and said.err.startswith("f.jsonl:2: not a JSON object: ")


def test_characters_that_end_a_line_elsewhere_may_stand_in_a_flow() -> None:
    for character in ("\u2028", "\x85", "\u2029"):
        said = of_flows(FLOW % f', "comment": "a{character}b"'.encode(), "-o", "json")
        assert json.loads(said.out)["comment"] == f"a{character}b"


def test_a_flow_that_is_not_utf8_is_named_with_its_line() -> None:
    assert of_flows(FLOW % b"" + b"\n\xff").err == "f.jsonl:2: is not valid UTF-8 text\n"
    assert of_flows(b"\xef\xbb\xbf" + FLOW % b"").code == 0
    assert (
        run(["evaluate", "-f", "m.yaml", "--flows", "gone"]).err == "gone: cannot be read: No such file or directory\n"
    )
