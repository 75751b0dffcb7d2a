"""Changes of network policies that went wrong in public, small: each is found at the line that did it.

Every history has the manifests before the change (``base``), after it (``head``), and as they were mended (``fixed``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from changes_support import (
    all_places,
    classes,
    diff,
    line_of,
    namespace,
    pairs,
    places,
    prove,
    verdict,
    workload,
    write,
)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


# Argo CD, 2021. Anybody is to scrape the metrics of dex on port 5558. A dash too many makes the protocol an item of its
# own, which admits every TCP port.

DEX = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: dex
  namespace: argocd
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: dex
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: argocd-server
      ports:
        - port: 5556
"""
METRICS = """\
    - from:
        - namespaceSelector: {}
      ports:
        - port: 5558
"""
DEX_VERSIONS = {
    "base": DEX,
    "head": DEX + METRICS + "        - protocol: TCP\n",
    "fixed": DEX + METRICS + "          protocol: TCP\n",
}
BUT_FOR_METRICS = {"except": [{"to": {"namespace": "argocd", "pods": "app.kubernetes.io/name=dex"}, "ports": [5558]}]}


@pytest.fixture
def dex() -> None:
    app = "".join(map(workload, ("argocd/dex", "argocd/argocd-server", "shop/web")))
    for version, policy in DEX_VERSIONS.items():
        write({f"{version}/dex.yaml": policy, f"{version}/app.yaml": namespace("argocd") + namespace("shop") + app})


@pytest.mark.usefixtures("dex")
def test_a_dash_that_splits_port_and_protocol_opens_every_tcp_port() -> None:
    code, report = diff("fixed", "head")
    gained = report["gained"]["classes"]
    assert code == 1
    assert report["gained"]["complete"] is True
    assert {protocol for each in gained for protocol in each["protocols"]} == {"TCP"}
    ports = {port for each in gained for port in range(each["ports"][0], each["ports"][1] + 1)}
    assert ports == {*range(1, 65536)} - {5558}
    assert all("→ any pod with app.kubernetes.io/name=dex in namespace argocd" in each["class"] for each in gained)
    assert (report["lost"]["complete"], classes(report, "lost")) == (True, [])
    assert all_places(report, "gained") == [
        f"{line_of('fixed/dex.yaml', 'protocol: TCP')} in base",
        line_of("head/dex.yaml", "- protocol: TCP"),
    ]
    assert {destination for _, destination in pairs(report, "gained")} == {"argocd/Deployment/dex"}


@pytest.mark.usefixtures("dex")
def test_the_rule_that_opens_more_than_it_was_written_for_is_named() -> None:
    """Against the manifests before it the whole rule is new, and more than its purpose excuses."""
    found = verdict({"noNewAccess": {"base": "base", **BUT_FOR_METRICS}}, "head")
    assert found["verdict"] == "refuted"
    assert found["holdsForDeclared"] is False
    assert places(found["causes"]) == ["head/dex.yaml:17"]
    assert found["counterexample"]["destination"]["workload"] == "argocd/Deployment/dex"
    assert found["counterexample"]["inBase"]["allowed"] is False


@pytest.mark.usefixtures("dex")
def test_each_declared_workload_can_be_asked_whether_it_got_in() -> None:
    scope = {"from": {"workload": "shop/web"}, "ports": ["TCP/5556"]}
    found = verdict({"noNewAccess": {"base": "base", "scope": scope}}, "head")
    example = found["counterexample"]
    assert (example["source"]["workload"], example["port"]) == ("shop/Deployment/web", 5556)
    assert verdict({"noNewAccess": {"base": "base", "scope": scope}}, "fixed")["verdict"] == "proved"


@pytest.mark.usefixtures("dex")
def test_without_the_dash_the_metrics_alone_are_new() -> None:
    assert verdict({"noNewAccess": {"base": "base", **BUT_FOR_METRICS}}, "fixed")["verdict"] == "proved"
    _, report = diff("base", "fixed")
    assert classes(report, "gained") == [
        "any pod in any namespace → any pod with app.kubernetes.io/name=dex in namespace argocd, TCP/5558"
    ]
    assert all_places(report, "gained") == ["fixed/dex.yaml:17"]


# Argo CD, 2022. Redis may ask for names and nothing else. The rule is rewritten with an ipBlock, which plugins that do
# not match pods by their address do not apply to the DNS pods.

REDIS = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: redis
  namespace: argocd
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: redis
  policyTypes: [Egress]
  egress:
    - ports:
        - {port: 53, protocol: UDP}
        - {port: 53, protocol: TCP}
"""
REDIS_VERSIONS = {
    "base": REDIS + "      to:\n        - namespaceSelector: {}\n",
    "head": REDIS + "      to:\n        - ipBlock: {cidr: 0.0.0.0/0}\n",
    "fixed": REDIS,
}
IPV4 = ("--world", "podCIDRs=10.244.0.0/16")
DNS_PODS = "any pod with app.kubernetes.io/name=redis in namespace argocd → any pod in any namespace, TCP or UDP on 53"
NO_DNS = {"noLostAccess": {"base": "base", "scope": {"to": {"namespace": "kube-system"}}}}


@pytest.fixture
def redis() -> None:
    app = namespace("argocd") + namespace("kube-system") + workload("argocd/redis") + workload("kube-system/coredns")
    for version, policy in REDIS_VERSIONS.items():
        write({f"{version}/redis.yaml": policy, f"{version}/app.yaml": app})


@pytest.mark.usefixtures("redis")
@pytest.mark.parametrize(
    ("reading", "lost"),
    [
        (("--semantics", "ipBlockMatchesPods=true"), []),
        (("--semantics", "ipBlockMatchesPods=false"), [f"{DNS_PODS}, over IPv4"]),
        ((), [f"{DNS_PODS}, over IPv4, if ipBlock does not match pods"]),
    ],
    ids=["true", "false", "either"],
)
def test_an_ip_block_in_place_of_a_selector_loses_dns_where_it_matches_no_pods(
    reading: tuple[str, ...], lost: list[str]
) -> None:
    code, report = diff("base", "head", *IPV4, *reading, "--fail-on-change", "removed")
    assert (code, classes(report, "lost")) == (1 if lost else 0, lost)
    assert report["lost"]["complete"] is True
    if lost:
        changed = [f"{line_of('base/redis.yaml', 'namespaceSelector')} in base", line_of("head/redis.yaml", "ipBlock")]
        assert all_places(report, "lost") == changed
        assert {source for source, _ in pairs(report, "lost")} == {"argocd/Deployment/redis"}


@pytest.mark.usefixtures("redis")
def test_a_reading_left_open_must_hold_both_ways() -> None:
    """And the counterexample says under which it does not."""
    found = {
        str(reading): verdict(
            NO_DNS, "head", world={"podCIDRs": ["10.244.0.0/16"]}, semantics={"ipBlockMatchesPods": reading}
        )
        for reading in (True, False, "either")
    }
    assert {name: each["verdict"] for name, each in found.items()} == {
        "True": "proved",
        "False": "refuted",
        "either": "refuted",
    }
    example = found["either"]["counterexample"]
    assert example["reading"]["ipBlockMatchesPods"] is False
    assert example["destination"]["workload"] == "kube-system/Deployment/coredns"
    assert line_of("head/redis.yaml", "ipBlock") in places(found["either"]["causes"])


@pytest.mark.usefixtures("redis")
def test_a_block_of_one_family_loses_the_other_under_every_reading() -> None:
    _, report = diff("base", "head", "--semantics", "ipBlockMatchesPods=true")
    assert classes(report, "lost") == [f"{DNS_PODS}, over IPv6"]


@pytest.mark.usefixtures("redis")
def test_a_rule_without_peers_loses_nothing_under_any_reading() -> None:
    assert verdict({"noLostAccess": {"base": "base"}}, "fixed")["verdict"] == "proved"
    code, report = diff("head", "fixed", *IPV4, "--semantics", "ipBlockMatchesPods=true")
    assert (code, classes(report, "gained"), classes(report, "lost")) == (0, [], [])
    _, report = diff("base", "fixed")
    assert all_places(report, "gained") == [f"{line_of('base/redis.yaml', ' to:')} in base"]


# Konflux, 2025. Only the proxy in the namespace of the user interface is to reach the lister. With a dash before
# podSelector these are two peers, so all of that namespace is admitted. The base was mended, and one overlay forgotten.

LISTER = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: lister
  namespace: lister{suffix}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: lister
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ui{suffix}
        {dash} podSelector:
            matchLabels:
              app.kubernetes.io/name: proxy
"""
RENAME = {
    "namespaces": {"ui-staging": "ui", "lister-staging": "lister"},
    "labels": {"env": {"staging": "production"}},
}
SAME = {"equivalent": {"left": "staging", "right": "production", "rename": RENAME}}
NOT_THE_PROXY = (
    "any pod with app.kubernetes.io/name!=proxy in namespace ui → "
    "any pod with app.kubernetes.io/name=lister in namespace lister, any port"
)


def lister(folder: str, *, stray: bool, env: str = "production") -> None:
    suffix = "-staging" if env == "staging" else ""
    reference = [f"{name.format(suffix)}" for name in ("ui{}/proxy", "ui{}/console", "lister{}/lister")]
    app = namespace(f"ui{suffix}", env=env) + namespace(f"lister{suffix}", env=env) + "".join(map(workload, reference))
    policy = LISTER.format(suffix=suffix, dash="-" if stray else " ")
    write({f"{folder}/lister.yaml": policy, f"{folder}/app.yaml": app})


def test_a_stray_dash_that_makes_or_of_and_is_mended_by_losing_what_it_opened() -> None:
    lister("base", stray=True)
    lister("head", stray=False)
    code, report = diff("base", "head")
    assert (code, report["gained"]["complete"], classes(report, "gained")) == (1, True, [])
    assert NOT_THE_PROXY in classes(report, "lost")
    assert pairs(report, "lost") == [("ui/Deployment/console", "lister/Deployment/lister")]
    assert all_places(report, "lost") == [
        f"{line_of('base/lister.yaml', '- podSelector')} in base",
        "head/lister.yaml:15",
    ]
    assert diff("base", "head", "--fail-on-change", "added")[0] == 0
    assert diff("head", "base", "--fail-on-change", "added")[0] == 1


def test_an_overlay_that_kept_the_dash_is_told_from_one_that_did_not() -> None:
    """Names that differ on purpose are no difference; the dash is."""
    lister("staging", stray=False, env="staging")
    lister("production", stray=True)
    found = verdict(SAME, "production")
    assert (found["verdict"], found["class"]) == ("refuted", NOT_THE_PROXY)
    assert places(found["causes"]) == [
        line_of("production/lister.yaml", "- podSelector"),
        "staging/lister.yaml:15 in base",
    ]
    ends = [found["counterexample"][end]["workload"] for end in ("source", "destination")]
    assert ends == ["ui/Deployment/console", "lister/Deployment/lister"]
    lister("production", stray=False)
    assert verdict(SAME, "production")["verdict"] == "proved"


def test_names_that_are_not_renamed_are_differences() -> None:
    lister("staging", stray=False, env="staging")
    lister("production", stray=False)
    half = {"equivalent": {**SAME["equivalent"], "rename": {"namespaces": {"ui-staging": "ui"}}}}
    assert verdict(half, "production")["verdict"] == "refuted"


@pytest.mark.skipif(
    shutil.which("kustomize") is None and shutil.which("kubectl") is None,
    reason="neither kustomize nor kubectl is here to render kustomizations",
)
def test_a_patch_that_kept_the_dash_is_found_in_what_kustomize_renders() -> None:
    lister("base", stray=False)
    patch = LISTER.format(suffix="", dash="-").replace("  namespace: lister\n", "")
    write(
        {
            "base/kustomization.yaml": "resources: [lister.yaml, app.yaml]\n",
            "staging/kustomization.yaml": "resources: [../base]\n",
            "production/kustomization.yaml": "resources: [../base]\npatches: [{path: ingress.yaml}]\n",
            "production/ingress.yaml": patch.replace("metadata:\n", "metadata:\n  namespace: lister\n"),
        }
    )
    same = {"equivalent": {"left": "staging", "right": "production"}}
    found = verdict(same, "production")
    assert (found["verdict"], found["class"]) == ("refuted", NOT_THE_PROXY)
    cause = found["causes"][0]
    assert (cause["side"], cause["path"], cause["change"]) == ("head", "spec.ingress[0].from[1]", "added")
    assert cause["file"].startswith("production (kustomize, from base/lister.yaml:")
    write({"production/kustomization.yaml": "resources: [../base]\n"})
    assert verdict(same, "production")["verdict"] == "proved"
    assert diff("staging", "production")[0] == 0


# Ministry of Justice, 2026. A rule admits namespaces by a label that no namespace carries.

VISITS = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: visits
  namespace: visits
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
"""
ADMITTED = """\
    - from:
        - namespaceSelector:
            matchLabels:
              LABEL
"""
VISITS_VERSIONS = {
    "base": VISITS,
    "head": VISITS + ADMITTED.replace("LABEL", "name: prison-api"),
    "fixed": VISITS + ADMITTED.replace("LABEL", "component: prison-api"),
}
CLOSED = ("--world", "namespaces=closed")
NOBODY = {"noLostAccess": {"base": "fixed", "scope": {"from": {"namespaces": "name=prison-api"}}}}


@pytest.fixture
def visits() -> None:
    namespaces = (
        namespace("visits") + namespace("prison-api", component="prison-api") + namespace("blog", component="x")
    )
    app = namespaces + "".join(map(workload, ("visits/site", "prison-api/gateway", "blog/site")))
    for version, policy in VISITS_VERSIONS.items():
        write({f"{version}/visits.yaml": policy, f"{version}/app.yaml": app})


@pytest.mark.usefixtures("visits")
def test_a_rule_for_a_label_that_no_namespace_carries_admits_none_of_today() -> None:
    """Whoever may label a namespace tomorrow is admitted, and so it is new access in the open world alone."""
    code, report = diff("base", "head")
    assert code == 1
    assert classes(report, "gained") == [
        "any pod in any namespace with name=prison-api → any pod in namespace visits, any port"
    ]
    assert all_places(report, "gained") == ["head/visits.yaml:12"]
    assert pairs(report, "gained") == []
    code, report = diff("base", "head", *CLOSED)
    assert (code, classes(report, "gained"), classes(report, "lost")) == (0, [], [])


@pytest.mark.usefixtures("visits")
def test_in_a_closed_world_the_rule_changes_nothing_and_its_label_is_noticed() -> None:
    new = {"noNewAccess": {"base": "base"}}
    found = prove(
        [
            {"id": "open", **new},
            {"id": "closed", "world": {"namespaces": "closed"}, **new},
            {"id": "nobody", "world": {"namespaces": "closed"}, **NOBODY},
        ],
        "head",
    )
    assert {name: each["verdict"] for name, each in found.items()} == {
        "open": "refuted",
        "closed": "proved",
        "nobody": "vacuous",
    }
    assert found["open"]["holdsForDeclaredNamespaces"] is True
    assert found["open"]["counterexample"]["source"]["namespaceDeclared"] is False
    assert "name=prison-api" in found["nobody"]["reason"]
    assert any("matches no declared" in each["message"] for each in found["nobody"]["notices"])


@pytest.mark.usefixtures("visits")
def test_a_label_exchanged_for_one_that_nobody_carries_shuts_the_caller_out() -> None:
    code, report = diff("fixed", "head", *CLOSED)
    wrong, right = (
        line_of("head/visits.yaml", "name: prison-api"),
        line_of("fixed/visits.yaml", "component: prison-api"),
    )
    assert (code, classes(report, "gained"), len(classes(report, "lost"))) == (1, [], 1)
    assert all_places(report, "lost") == [f"{right} in base", wrong]
    assert pairs(report, "lost") == [("prison-api/Deployment/gateway", "visits/Deployment/site")]
    lost = verdict({"noLostAccess": {"base": "fixed"}}, "head")
    assert (lost["verdict"], lost["holdsForDeclared"]) == ("refuted", False)
    assert wrong in places(lost["causes"])


@pytest.mark.usefixtures("visits")
def test_the_label_that_the_namespace_carries_mends_it() -> None:
    code, report = diff("head", "fixed", *CLOSED, "--fail-on-change", "removed")
    assert (code, classes(report, "lost")) == (0, [])
    assert pairs(report, "gained") == [("prison-api/Deployment/gateway", "visits/Deployment/site")]
    assert line_of("fixed/visits.yaml", "component: prison-api") in all_places(report, "gained")


def test_a_label_that_is_added_to_a_namespace_is_the_cause() -> None:
    """The other way to mend it: the rule stands, and the namespace gets what it asks for."""
    plain, labelled = namespace("prison-api"), namespace("prison-api", name="prison-api")
    app = namespace("visits") + workload("visits/site") + workload("prison-api/gateway")
    for version, declared in {"base": plain, "head": labelled}.items():
        write({f"{version}/visits.yaml": VISITS_VERSIONS["head"], f"{version}/app.yaml": declared + app})
    code, report = diff("base", "head")
    assert (code, classes(report, "lost")) == (1, [])
    assert all_places(report, "gained") == [line_of("head/app.yaml", "    name: prison-api")]
    assert pairs(report, "gained") == [("prison-api/Deployment/gateway", "visits/Deployment/site")]
    seen = report["gained"]["classes"][0]["witness"]
    assert seen["source"]["namespaceLabels"] == {"name": "prison-api"}
    assert seen["inBase"]["sourceNamespaceLabels"] == {}
