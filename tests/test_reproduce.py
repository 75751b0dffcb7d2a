"""Reproductions: valid scripts that create, ask and remove what they should, whatever the counterexample holds.

Whole scripts run against a ``kubectl`` that records what it is called with and answers as a cluster would.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netpol_verify.encodings.concrete.inventory import read_inventory
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.encodings.validation import validate
from netpol_verify.verify.reports.json_report import counterexample_object
from netpol_verify.verify.reproduce import reproduce, reproduction
from netpol_verify.verify.reproduce_ends import Known
from netpol_verify.verify.reproduce_manifests import IMAGE
from netpol_verify.verify.reproduce_words import RESERVED
from netpol_verify.verify.results import ContainerPort, Counterexample, Endpoint, Reading
from support import manifests_of, suite_of

WEB = Endpoint(
    kind="pod",
    namespace="shop",
    labels={"app": "web", "pod-template-hash": "other"},
    namespace_declared=True,
    workload="shop/Deployment/web",
    ips=("10.0.0.1",),
)
BARE = Endpoint("pod", "shop", {"app": "tool"}, {}, True, "shop/Pod/tool", (), ("10.0.0.2",))
DNS = Endpoint(
    kind="pod",
    namespace="kube-system",
    labels={"k8s-app": "kube-dns"},
    namespace_declared=True,
    workload="kube-system/External/0",
    ports=(ContainerPort("dns", "UDP", 53), ContainerPort("dns-tcp", "TCP", 53)),
)
UNLABELLED = Endpoint("pod", "legacy", {}, {"a": "b"}, True, "legacy/External/1", (), ("10.0.0.3",))
ANY = Endpoint("pod", "shop", {"app": "db", "tier": ""}, {}, True, None, (), ("10.0.0.4",))
PORTS = (ContainerPort("http", "TCP", 80), ContainerPort("http", "UDP", 80), ContainerPort("more", "TCP", 80))
STRANGER = Endpoint("pod", "other", {"role": "a"}, {"team": "backup"}, False, None, PORTS, ("10.0.0.5",))
NEIGHBOUR = Endpoint("pod", "other", {}, {"team": "backup"}, False, None, (), ("10.0.0.6",))
FAR = Endpoint("pod", "further", {}, {}, False, None, (), ("10.0.0.7",))
INTERNET = Endpoint("external", ips=("8.8.8.8",))
NODE = Endpoint("node", ips=("192.168.0.9",))
ENDS = (WEB, BARE, DNS, UNLABELLED, ANY, STRANGER, NEIGHBOUR, FAR, INTERNET, NODE)
KNOWN = Known(
    chosen={"shop/Deployment/web": frozenset({"pod-template-hash"}), "shop/Pod/tool": frozenset()},
    pods=frozenset({"shop/Pod/tool"}),
    namespaces=frozenset({"shop", "kube-system"}),
)
READING = Reading(ip_block_matches_pods=True)


def example(source: Endpoint, destination: Endpoint, protocol: str = "TCP", port: int = 5432, **rest: Any) -> Any:
    given: dict[str, Any] = {"port_name": None, "family": "IPv4", "allowed": True, "reading": READING, **rest}
    return Counterexample(source, destination, protocol, port, **given)


def every_example() -> Iterator[Counterexample]:
    """Each kind of end with each other; each protocol and family, allowed and blocked, with every eleventh of them."""
    pairs = [(a, b) for a in ENDS for b in ENDS if "pod" in (a.kind, b.kind)]
    more = itertools.product(("TCP", "UDP", "SCTP"), ("IPv4", "IPv6"), (True, False))
    for number, (protocol, family, allowed) in enumerate(more):
        for source, destination in pairs if number == 0 else pairs[number - 1 :: 11]:
            port = 53 if destination is DNS else 80 + number
            yield example(source, destination, protocol, port, family=family, allowed=allowed)


SCRIPTS = ["\n".join(reproduction(each, "some-property", KNOWN)) + "\n" for each in every_example()]


def run(command: Sequence[str], text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    found = {**os.environ, **environment}
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False, env=found)


def needed(tool: str, *, in_ci: bool) -> str:
    """The path of a program that a test cannot do without."""
    beside = str(Path(sys.executable).parent)  # where a virtual environment that is not active keeps its programs
    path = shutil.which(tool) or shutil.which(tool, path=beside)
    if path is None:
        if in_ci and os.environ.get("CI") == "true":
            pytest.fail(f"{tool} is missing, and CI must have it")
        pytest.skip(f"{tool} is not installed")
    return path


def checked(folder: Path, scripts: Sequence[str]) -> None:
    """Every script is free of anything that shellcheck has a word about."""
    shellcheck = needed("shellcheck", in_ci=True)
    for number, script in enumerate(scripts):
        (folder / f"{number}.sh").write_text(script, encoding="utf-8")
    names = [f"{number}.sh" for number in range(len(scripts))]
    ran = subprocess.run(
        [shellcheck, "-s", "sh", *names], cwd=folder, capture_output=True, check=False, text=True, encoding="utf-8"
    )
    assert (ran.returncode, ran.stdout) == (0, "")


def test_every_combination_of_ends_gives_a_script_that_shellcheck_accepts(tmp_path: Path) -> None:
    assert len(SCRIPTS) == 2 * 96
    checked(tmp_path, SCRIPTS)


def test_every_script_is_ascii_and_parses_also_when_indented() -> None:
    """The text report indents it."""
    for script in SCRIPTS[::3]:
        assert script.isascii()
        indented = "".join(f"      {line}\n" for line in script.splitlines())
        for text in (script, indented):
            assert run(["sh", "-n"], text).returncode == 0


FAKE = r"""#!/bin/sh
printf '%s\0' "$#" "$@" >>"$NPV_LOG"
case " $* " in *' -f - '*) cat >>"$NPV_LOG" ;; esac
printf '\0' >>"$NPV_LOG"
case "$*" in
*podIPs*) printf '10.1.2.3\nfd00::3\n' ;;
*InternalIP*) printf '192.168.0.2\nfd00::2\n' ;;
*nodeName*) printf 'node-1' ;;
'get nodes'*) printf 'node/node-1\nnode/node-2\n' ;;
'get pods'*) printf 'first\nsecond\n' ;;
create*) [ -n "$NPV_EXISTS" ] || printf 'namespace/made\n' ;;
debug* | exec*) printf '%s\n' "$NPV_SAYS" ;;
esac
"""


@dataclasses.dataclass(frozen=True)
class Ran:
    """What a script did: each call of kubectl with its standard input, and what it printed."""

    calls: list[tuple[list[str], str]]
    output: str
    slept: list[str]

    def words(self) -> list[str]:
        """The first words of each call."""
        return [" ".join(arguments[: 2 if arguments[0] == "get" else 1]) for arguments, _ in self.calls]

    def manifests(self) -> list[dict[str, Any]]:
        """What was created, in order."""
        return [json.loads(text) for _, text in self.calls if text]

    def call(self, *words: str) -> list[str]:
        """The arguments of the one call that begins so."""
        (found,) = [arguments for arguments, _ in self.calls if arguments[: len(words)] == list(words)]
        return found


def ran(lines: Sequence[str], says: str = "npv 0", exists: str = "") -> Ran:
    """Run a script with a kubectl that records its calls."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        log, naps = folder / "log", folder / "naps"
        for tool, text in (("kubectl", FAKE), ("sleep", '#!/bin/sh\necho "$1" >>"$NPV_NAPS"\n')):
            (folder / tool).write_text(text)
            (folder / tool).chmod(0o755)
        log.touch()
        naps.touch()
        environment = {"NPV_LOG": str(log), "NPV_NAPS": str(naps), "NPV_SAYS": says, "NPV_EXISTS": exists}
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        done = run(["sh", "-s"], "\n".join(lines) + "\n", PATH=path, **environment)
        assert done.returncode == 0, done.stderr
        calls: list[tuple[list[str], str]] = []
        fields = log.read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]
        while fields:
            count = int(fields[0])
            calls.append((fields[1 : 1 + count], fields[1 + count]))
            fields = fields[2 + count :]
        return Ran(calls, done.stdout + done.stderr, naps.read_text().split())


def script(found: Counterexample, known: Known = KNOWN) -> tuple[str, ...]:
    return reproduction(found, "some-property", known)


def test_a_declared_source_asks_from_a_debug_container_of_a_running_pod() -> None:
    done = ran(script(example(WEB, DNS, "TCP", 53)))
    assert done.words() == ["get pods", "get pods", "get pod", "debug"]
    assert done.calls[0][0][2:7] == [
        "-n",
        "shop",
        "-l",
        "app=web,pod-template-hash",
        "--field-selector=status.phase=Running",
    ]
    assert done.calls[1][0][2:6] == ["-n", "kube-system", "-l", "k8s-app=kube-dns"]
    head = ["debug", "pod/first", "-n", "shop", f"--image={IMAGE}", "--profile=baseline", "--attach", "-q", "--"]
    inner = ["sh", "-c", 'sleep 2; "$@" 2>&1; echo "npv $?"', "sh"]
    asked = ["/agnhost", "connect", "10.1.2.3:53", "--timeout=3s", "--protocol=tcp"]
    assert done.call("debug") == [*head, *inner, *asked]
    assert done.output == "reached: allowed, as the counterexample says\n"
    assert script(example(WEB, DNS, "TCP", 53))[-1].startswith("# The debug container has ended. It cannot be removed")


def test_a_pod_with_a_name_of_its_own_is_not_searched() -> None:
    done = ran(script(example(BARE, INTERNET)))
    assert done.words() == ["debug"]
    assert done.calls[0][0][1] == "pod/tool"
    assert done.calls[0][0][-3] == "8.8.8.8:5432"


def test_pods_without_labels_are_told_by_their_having_none() -> None:
    done = ran(script(example(WEB, UNLABELLED)))
    (search,) = [arguments for arguments, _ in done.calls if arguments[:4] == ["get", "pods", "-n", "legacy"]]
    assert "-l" not in search
    assert (
        search[-1] == 'go-template={{range .items}}{{if not .metadata.labels}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}'
    )


def test_two_ends_of_one_workload_are_two_pods() -> None:
    done = ran(script(example(WEB, WEB)))
    assert done.call("debug")[1] == "pod/first"
    assert done.call("get", "pod")[2] == "second"


def test_a_hypothetical_source_is_a_temporary_pod_with_exactly_its_labels_and_ports() -> None:
    done = ran(script(example(STRANGER, WEB, port=80)))
    assert done.words() == [
        *("create", "get serviceaccount", "get pods", "apply", "wait", "get pod", "exec", "delete", "delete"),
    ]
    namespace, pod = done.manifests()
    assert namespace == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "other", "labels": {"team": "backup"}},
    }
    name = pod["metadata"]["name"]
    assert re.fullmatch("npv-source-[0-9a-f]{8}", name)
    assert pod["metadata"] == {"name": name, "namespace": "other", "labels": {"role": "a"}}
    assert pod["spec"]["restartPolicy"] == "Never"
    assert [container.get("ports") for container in pod["spec"]["containers"]] == [
        [
            {"name": "http", "protocol": "TCP", "containerPort": 80},
            {"name": "more", "protocol": "TCP", "containerPort": 80},
        ],
        [{"name": "http", "protocol": "UDP", "containerPort": 80}],
    ]
    assert done.call("exec")[:6] == ["exec", name, "-n", "other", "-c", "npv-0"]
    assert done.call("wait") == [
        *("wait", f"pod/{name}", "-n", "other", "--for=condition=ContainersReady", "--timeout=120s")
    ]
    assert done.calls[-2][0] == ["delete", "pod", name, "-n", "other", "--ignore-not-found"]
    assert done.calls[-1][0] == ["delete", "namespace/made"]


def test_a_namespace_that_existed_before_is_never_deleted() -> None:
    done = ran(script(example(STRANGER, FAR)), exists="yes")
    deleted = [arguments for arguments, _ in done.calls if arguments[0] == "delete"]
    assert [arguments[1] for arguments in deleted] == ["pod", "pod"]


def test_two_ends_in_one_undeclared_namespace_create_and_delete_it_once() -> None:
    for destination, times in ((NEIGHBOUR, 1), (FAR, 2)):
        words = ran(script(example(STRANGER, destination))).words()
        assert words.count("create") == times
        assert words.count("delete") == 2 + times
        assert words[-times:] == ["delete"] * times


@pytest.mark.parametrize(
    ("protocol", "command"),
    [
        ("TCP", ["/agnhost", "serve-hostname", "--tcp", "--http=false", "--port=80"]),
        ("UDP", ["/agnhost", "serve-hostname", "--udp", "--http=false", "--port=80"]),
        ("SCTP", ["/agnhost", "porter"]),
    ],
)
def test_a_hypothetical_destination_serves_the_port(protocol: str, command: list[str]) -> None:
    done = ran(script(example(WEB, ANY, protocol, 80)), says="TIMEOUT\nnpv 1")
    (pod,) = done.manifests()
    first = pod["spec"]["containers"][0]
    assert first["command"] == command
    assert first.get("env") == ([{"name": "SERVE_SCTP_PORT_80", "value": "npv"}] if protocol == "SCTP" else None)
    assert pod["metadata"]["labels"] == {"app": "db", "tier": ""}
    assert done.output.endswith("no answer: blocked, NOT as the counterexample says\n")
    assert done.words()[-1] == "delete"
    assert done.slept == ["5"]


def test_a_temporary_pod_gets_no_service_traffic_and_fits_a_restricted_namespace() -> None:
    spec = ran(script(example(WEB, ANY))).manifests()[0]["spec"]
    assert spec["readinessGates"] == [{"conditionType": "netpol-verify/never-ready"}]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def test_existing_pods_are_found_before_any_with_the_same_labels_is_created() -> None:
    words = ran(script(example(WEB, ANY))).words()
    assert words.index("get pods") < words.index("apply")


def test_the_family_decides_which_address_of_a_pod_is_asked() -> None:
    assert ran(script(example(WEB, DNS, family="IPv4"))).call("debug")[-3] == "10.1.2.3:5432"
    assert ran(script(example(WEB, DNS, family="IPv6"))).call("debug")[-3] == "[fd00::3]:5432"
    address = dataclasses.replace(INTERNET, ips=("fd00:ec2::254",))
    assert ran(script(example(WEB, address, family="IPv6"))).call("debug")[-3] == "[fd00:ec2::254]:5432"


def test_without_an_address_nothing_is_asked_and_everything_is_removed() -> None:
    """An empty host would mean the client's own pod."""
    lines = [line.replace("grep -vF :", "grep nothing") for line in script(example(STRANGER, WEB))]
    done = ran(lines)
    assert "exec" not in done.words() and "nothing learnt" in done.output
    assert done.words()[-2:] == ["delete", "delete"]


def test_a_source_outside_is_told_where_to_ask_and_has_time_for_it() -> None:
    done = ran(script(example(INTERNET, ANY)))
    assert "from the address 8.8.8.8, run: nc -vz -w 3 10.1.2.3 5432\n" in done.output
    assert "no answer: blocked, NOT as the counterexample says\n" in done.output
    assert done.slept == ["5", "120"]
    assert done.words()[-1] == "delete"
    udp = ran(script(example(INTERNET, ANY, "UDP", family="IPv6")))
    assert f"{IMAGE} connect [fd00::3]:5432 --timeout=3s --protocol=udp\n" in udp.output
    declared = ran(script(example(INTERNET, WEB)))
    assert (declared.words(), declared.slept) == (["get pods", "get pod"], [])
    assert script(example(INTERNET, WEB))[-1] == "# Nothing was created, so there is nothing to remove."


def test_a_node_is_another_than_the_pods_own() -> None:
    from_node = ran(script(example(NODE, WEB)))
    (pod,) = from_node.manifests()
    assert (pod["spec"]["nodeName"], pod["spec"]["hostNetwork"]) == ("node-2", True)
    assert from_node.call("exec")[1:4] == [pod["metadata"]["name"], "-n", "default"]
    assert from_node.calls[-1][0] == ["delete", "pod", pod["metadata"]["name"], "-n", "default", "--ignore-not-found"]
    to_node = ran(script(example(STRANGER, NODE)))
    assert to_node.call("get", "node/node-2")
    assert to_node.call("exec")[-3] == "192.168.0.2:5432"


REFUSED = "REFUSED\nnpv 1"
OUTCOMES = [
    (example(WEB, DNS), "TIMEOUT\nnpv 1", "no answer: blocked, NOT as"),
    (example(WEB, DNS, allowed=False), "TIMEOUT\nnpv 1", "no answer: blocked, as"),
    (example(WEB, DNS, allowed=False), "npv 0", "reached: allowed, NOT as"),
    (example(WEB, DNS), REFUSED, "refused: allowed, as"),
    (example(WEB, DNS), "OTHER: connection refused\nnpv 1", "refused: allowed, as"),
    (example(WEB, ANY), REFUSED, "refused: blocked, NOT as"),
    (example(WEB, ANY, "SCTP", family="IPv6"), "OTHER: connection refused\nnpv 1", "refused: allowed, as"),
    (example(WEB, WEB, "UDP"), "TIMEOUT: read udp: i/o timeout\nnpv 1", "no answer: blocked, or nobody"),
    (example(WEB, INTERNET), "TIMEOUT\nnpv 1", "no answer: blocked, or nobody"),
    (example(WEB, NODE), "TIMEOUT\nnpv 1", "no answer: blocked, or nobody"),
    (example(WEB, DNS, "UDP", 53), ";; no servers could be reached\nnpv 9", "no answer: blocked, NOT as"),
    (example(WEB, DNS, "UDP", 53), ";; status: REFUSED\nnpv 0", "reached: allowed, as"),
    (example(WEB, DNS), "OTHER: no route to host\nnpv 1", "nothing learnt: OTHER: no route to host"),
    (example(WEB, DNS), "The connection to the server was refused: connection refused", "nothing learnt: "),
    (example(WEB, DNS), "error: TIMEOUT REFUSED", "nothing learnt: "),
    (example(WEB, DNS), "", "nothing learnt: "),
]


@pytest.mark.parametrize(("found", "says", "means"), OUTCOMES)
def test_what_an_outcome_means(found: Counterexample, says: str, means: str) -> None:
    assert ran(script(found), says=says).output.startswith(means)


def test_udp_port_53_is_asked_a_dns_question() -> None:
    asked = ran(script(example(WEB, DNS, "UDP", 53))).call("debug")
    assert asked[-8:] == ["dig", "+time=3", "+tries=1", "-p", "53", "@10.1.2.3", ".", "NS"]


def comments(lines: Sequence[str]) -> str:
    return "\n".join(line for line in lines if line.startswith("#"))


def test_a_default_deny_refused_at_the_other_end_says_what_the_outcome_does_not() -> None:
    found = example(WEB, DNS, allowed=False, subject="source", direction="egress")
    assert "says nothing about the source: look at its policies" in comments(script(found))
    assert ran(script(found)).calls[0][0] == ["get", "networkpolicies", "-n", "shop"]
    shown = example(WEB, DNS, subject="source", direction="egress")
    assert "networkpolicies" not in "\n".join(script(shown))


def test_labels_of_a_namespace_that_no_manifest_gives_are_asked_for_and_not_set() -> None:
    named = dataclasses.replace(WEB, namespace="named", namespace_labels={"env": "prod"}, workload="named/Deployment/w")
    lines = script(example(named, DNS))
    assert "# No manifest gives the labels of namespace named. They must be: env=prod." in lines
    done = ran(lines)
    assert done.calls[0][0] == ["get", "namespace", "named", "--show-labels"]
    assert done.manifests() == []


def test_a_reading_that_the_counterexample_needs_is_named() -> None:
    found = example(WEB, DNS, reading=Reading(ip_block_matches_pods=False))
    assert "# It takes a network plugin that reads ipBlockMatchesPods=false." in script(found)
    assert "plugin that reads" not in comments(script(example(WEB, DNS)))


def test_names_are_the_same_for_one_counterexample_and_differ_between_properties() -> None:
    found = example(STRANGER, FAR)
    assert reproduction(found, "one", KNOWN) == reproduction(found, "one", KNOWN)
    names = [set(re.findall("npv-source-[0-9a-f]{8}", "\n".join(reproduction(found, id_, KNOWN)))) for id_ in "ab"]
    assert [len(each) for each in names] == [1, 1] and names[0] != names[1]


def documents(folder: Path) -> list[dict[str, Any]]:
    """Every manifest of every script, once."""
    found = {text for script in SCRIPTS for text in re.findall(r"'(\{\"apiVersion\".*?\})' ", script, re.DOTALL)}
    texts = [text.replace("%s", "node-1") for text in sorted(found)]
    for number, text in enumerate(texts):
        (folder / f"{number}.json").write_text(text)
    return [json.loads(text) for text in texts]


def test_our_own_reader_and_validation_accept_every_manifest(tmp_path: Path) -> None:
    found = documents(tmp_path)
    assert {each["kind"] for each in found} == {"Namespace", "Pod"}
    manifests = read_manifests([Entry(str(tmp_path))], duplicate_objects="last")
    assert manifests.files == len(found) > 20
    assert validate(manifests.modelled) == ((), ())


def test_kubectl_decodes_every_manifest(tmp_path: Path) -> None:
    """Without a cluster: ``set image --local`` decodes pods as the API's types, ``label --local`` any object."""
    kubectl = needed("kubectl", in_ci=False)
    found = documents(tmp_path)
    for document, path in zip(found, sorted(tmp_path.iterdir(), key=lambda path: int(path.stem)), strict=True):
        if document["kind"] == "Namespace":
            path.unlink()
            text = json.dumps(document)
            labelled = run([kubectl, "label", "--local", "-f", "-", "a=b", "-o", "json"], text, KUBECONFIG="/dev/null")
            assert labelled.returncode == 0, labelled.stderr
    pods = run([kubectl, "set", "image", "--local", "-f", str(tmp_path), "*=x", "-o", "json"], KUBECONFIG="/dev/null")
    assert pods.returncode == 0, pods.stderr
    decoder = json.JSONDecoder()
    text, decoded = pods.stdout.strip(), list[dict[str, Any]]()
    while text:
        value, end = decoder.raw_decode(text)
        decoded.extend(value.get("items", [value]))
        text = text[end:].strip()
    wanted = [each for each in found if each["kind"] == "Pod"]
    kept = {each["metadata"]["name"] + each["spec"].get("nodeName", ""): each for each in decoded}
    for pod in wanted:
        assert survives(
            without_images(pod), without_images(kept[pod["metadata"]["name"] + pod["spec"].get("nodeName", "")])
        )


def without_images(pod: dict[str, Any]) -> dict[str, Any]:
    containers = [{key: value for key, value in each.items() if key != "image"} for each in pod["spec"]["containers"]]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def survives(mine: Any, decoded: Any) -> bool:
    """Whether decoding into the API's types dropped nothing, which it does with unknown fields and empty values."""
    if isinstance(mine, dict):
        items = cast("dict[str, Any]", mine).items()
        return all(value in ({}, [], "") or (key in decoded and survives(value, decoded[key])) for key, value in items)
    if isinstance(mine, list):
        listed = cast("list[Any]", mine)
        return len(listed) == len(decoded) and all(map(survives, listed, decoded))
    return mine == decoded


NAME = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
KEY = st.from_regex(r"([a-z]([-a-z0-9.]{0,9}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?", fullmatch=True)
VALUE = st.from_regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?)?", fullmatch=True)
HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("'\"`$\\;|&<>()\n\r #*?[]{}!"),
    min_size=1,
    max_size=12,
)


def ends(name: st.SearchStrategy[str], key: st.SearchStrategy[str], value: st.SearchStrategy[str]) -> Any:
    labelled = st.dictionaries(key, value, max_size=3)
    reference = st.none() | st.builds("{}/{}/{}".format, name, name, name)
    port = st.builds(ContainerPort, name, st.sampled_from(["TCP", "UDP", "SCTP"]), st.integers(1, 65535))
    return st.builds(
        Endpoint,
        st.just("pod"),
        name,
        labelled,
        labelled,
        st.booleans(),
        reference,
        st.lists(port, max_size=3).map(tuple),
        name.map(lambda text: (text,)),
    ) | st.builds(Endpoint, st.sampled_from(["external", "node"]), ips=name.map(lambda text: (text,)))


def examples_of(*strategies: st.SearchStrategy[str]) -> Any:
    return st.builds(
        example,
        ends(*strategies),
        ends(*strategies),
        st.sampled_from(["TCP", "UDP", "SCTP"]),
        st.integers(1, 65535),
        family=st.sampled_from(["IPv4", "IPv6"]),
        allowed=st.booleans(),
    ).filter(lambda found: "pod" in (found.source.kind, found.destination.kind))


FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.lists(st.tuples(examples_of(NAME, KEY, VALUE), NAME), min_size=4, max_size=4))
def test_any_legal_counterexample_gives_a_script_that_shellcheck_accepts(given_: list[tuple[Any, str]]) -> None:
    with TemporaryDirectory() as folder:
        checked(Path(folder), ["\n".join(reproduction(found, name, KNOWN)) + "\n" for found, name in given_])


def test_names_that_are_words_of_the_shell_are_quoted(tmp_path: Path) -> None:
    found = [example(dataclasses.replace(STRANGER, namespace=word), WEB) for word in sorted(RESERVED)]
    checked(tmp_path, ["\n".join(script(each)) + "\n" for each in found])


def arguments_of(done: Ran) -> set[str]:
    return {argument for arguments, _ in done.calls for argument in arguments}


@FEW
@given(examples_of(HOSTILE, HOSTILE, HOSTILE), HOSTILE)
def test_whatever_a_counterexample_holds_arrives_as_it_is_and_runs_nothing(found: Counterexample, name: str) -> None:
    """Every name, label and address stands in arguments and manifests exactly; no command but ours is run."""
    lines = reproduction(found, name, Known())
    assert run(["sh", "-n"], "\n".join(lines) + "\n").returncode == 0
    assert all("\n" not in line for line in lines)
    done = ran(lines)
    known_words = {"get", "create", "apply", "wait", "exec", "debug", "delete"}
    assert {arguments[0] for arguments, _ in done.calls} <= known_words
    created = {(each["kind"], each["metadata"]["name"]): each for each in done.manifests()}
    pods = [each for (kind, _), each in created.items() if kind == "Pod"]
    for end in (found.source, found.destination):
        if end.kind == "pod" and end.workload is None:
            same = [pod for pod in pods if pod["metadata"].get("labels") == end.labels]
            assert any(pod["metadata"]["namespace"] == end.namespace for pod in same)
        if end.kind == "pod":
            assert end.namespace in arguments_of(done)
        if end.workload is not None and end.labels:
            assert ",".join(f"{key}={value}" for key, value in sorted(end.labels.items())) in arguments_of(done)
        if end.kind == "pod" and end.namespace_declared is False:
            assert ("Namespace", end.namespace) in created


MANIFESTS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {a: b}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: "@daily"
  jobTemplate: {spec: {template: {metadata: {labels: {app: nightly}}, spec: {containers: []}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: stores}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: []}}}
---
apiVersion: v1
kind: Pod
metadata: {generateName: tool-, namespace: shop, labels: {app: tool}}
spec: {containers: []}
"""


def test_addresses_that_the_cluster_chooses_are_named() -> None:
    told = "# The counterexample has the source at 10.0.0.1 and the destination at 10.0.0.4; the cluster chooses other"
    assert any(line.startswith(told) for line in script(example(WEB, ANY)))
    live = Known(addressed=frozenset({"shop/Deployment/web"}))
    assert "addresses" not in comments(script(example(WEB, INTERNET), live))


def test_what_is_known_of_the_cluster_comes_from_manifests_and_the_suite() -> None:
    world: dict[str, Any] = {"external": [{"name": "ours", "labels": {}}, {"name": "theirs"}]}
    never = {"id": "p", "never": {"from": {"any": True}, "to": {}}}
    (loaded,) = suite_of([never], world=world).properties
    inventory = read_inventory(manifests_of(MANIFESTS))
    known = Known.of(inventory, {"ours"})
    assert known.namespaces == {"shop", "ours"}
    assert known.pods == known.addressed == frozenset()
    assert known.chosen["stores/StatefulSet/db"] == {"controller-revision-hash"}
    assert {"job-name", "controller-uid"} <= known.chosen["shop/CronJob/nightly"]
    job = Endpoint("pod", "shop", {"app": "nightly", "job-name": "nightly-0"}, {}, True, "shop/CronJob/nightly")
    theirs = Endpoint("pod", "theirs", {"x": "y"}, {"z": "w"}, True, "theirs/External/0")
    lines = reproduce(example(job, theirs), loaded, inventory)
    assert any("-l app=nightly,job-name " in line for line in lines)
    assert "# No manifest gives the labels of namespace theirs. They must be: z=w." in lines


def test_every_field_of_a_counterexample_is_told_or_meant() -> None:
    """A new kind of end, or a new field, needs a decision here."""
    kinds = get_args(Endpoint.__annotations__["kind"]) or ("pod", "external", "node")
    assert set(kinds) == {"pod", "external", "node"}
    shown: Mapping[str, Any] = counterexample_object(example(WEB, DNS))
    assert set(shown) == {
        *("source", "destination", "protocol", "port", "portName", "family", "allowed"),
        *("reading", "dependsOn", "subject", "direction"),
        "inBase",  # only comparisons fill it, and they have no script
        "override",  # only cannotOverride fills it, and has a script of its own
    }
