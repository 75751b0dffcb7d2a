"""Loading of good suites: every verb, defaults and layers, includes, manifests, selection."""

from __future__ import annotations

from pathlib import Path

import pytest
from netpol_verify.encodings.problems import InputErrors
from netpol_verify.properties.loading import LoadedProperty, LoadedSuite, load_suite, load_suites, select
from netpol_verify.properties.overrides import parse_overrides
from netpol_verify.properties.suite import Always, Group, Only, OnlyEntry

HEAD = "apiVersion: netpol-verify/v1\nkind: PropertySuite\n"
FULL = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
include: [groups.yaml]                 # shared groups, optional
manifests: [k8s/, {path: ../more, exclude: ["*.txt"]}]
defaults: {severity: high, owner: team-platform, tags: [net]}
world:
  pods: open
  namespaces: open
  external:
    - {name: ingress-nginx, labels: {team: platform}}
    - {name: kube-system, pods: [{labels: {k8s-app: kube-dns}, ports: {dns: UDP/53, dns-tcp: TCP/53}}]}
  podCIDRs: [10.244.0.0/16]
  nodeCIDRs: [10.0.0.0/16]
  serviceCIDRs: [10.96.0.0/12]
semantics:
  ipBlockMatchesPods: either
  hostNetworkPods: excluded
groups:
  web:      {namespace: shop, pods: "app=web"}
  db:       {namespace: shop, pods: "app in (postgres,mysql)"}
  prod:     {namespaces: "env=prod"}
  anyPod:   {}
  anyone:   {any: true}
  internet: {builtin: internet}
  api:      {workload: shop/Deployment/api}
  office:   {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}
  nodes:    {node: true}
properties:
- id: web-never-reaches-db
  description: The web tier talks to the API, never straight to the database.
  severity: critical
  never: {from: web, to: db}
- {id: a, always: {from: [web, {workload: shop/api}], to: db, ports: [5432, TCP/8000-8010, UDP/dns]}}
- {id: b, can: {from: web, to: metadata}}
- {id: c, only: {to: db, from: [{who: [web, internet], ports: [5432]}, {who: anyPod}]}}
- {id: c2, only: {from: [web, db], to: [{who: api}]}}
- {id: d, isolate: {groups: [web, db], except: [{from: web, to: db, ports: [80]}]}}
- {id: e, isolate: {by: {namespaceLabel: tenant}}}
- id: f
  tags: [x]
  world: {pods: closed, podCIDRs: []}
  semantics: {ipBlockMatchesPods: true}
  owner: me
  expect: refuted
  allowVacuous: true
  references: [CIS-5.3.2]
  defaultDeny: {for: anyPod, directions: [egress], strict: true, except: [{ports: [UDP/53]}]}
- {id: g, dns: {for: anyPod, servers: {namespace: [kube-system], pods: {matchLabels: {k8s-app: dns}}}}}
"""


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> str:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return path


def full() -> LoadedSuite:
    write("policies/groups.yaml", "groups: {metadata: {builtin: cloud-metadata, clouds: [eks]}}\n")
    return load_suite(write("policies/properties.yaml", FULL))


def by_id(suite: LoadedSuite) -> dict[str, LoadedProperty]:
    return {each.written.id: each for each in suite.properties}


def test_the_full_example_loads_with_every_verb_as_yaml_spells_it() -> None:
    verbs = [each.verb for each in full().properties]
    assert verbs == ["never", "always", "can", "only", "only", "isolate", "isolate", "defaultDeny", "dns"]


def test_a_property_knows_the_file_and_the_line_of_its_id() -> None:
    places = {name: (each.file, each.line) for name, each in by_id(full()).items()}
    assert places["web-never-reaches-db"] == ("policies/properties.yaml", 29)
    assert places["a"] == ("policies/properties.yaml", 33)


def test_the_line_is_that_of_the_id_even_if_other_keys_come_first() -> None:
    text = HEAD + "properties:\n- never:\n    from: {}\n    to: {any: true}\n  id: late\n"
    assert load_suite(write("s.yaml", text)).properties[0].line == 7


def test_defaults_apply_where_the_property_says_nothing() -> None:
    properties = by_id(full())
    first, last = properties["a"], properties["f"]
    assert (first.severity, first.owner, first.tags) == ("high", "team-platform", ("net",))
    assert (last.severity, last.owner, last.tags) == ("high", "me", ("x",))
    assert properties["web-never-reaches-db"].severity == "critical"


def test_without_defaults_severity_is_high_and_the_world_is_open() -> None:
    text = HEAD + "properties: [{id: x, never: {from: {}, to: {}}}]\n"
    loaded = load_suite(write("s.yaml", text)).properties[0]
    assert (loaded.severity, loaded.owner, loaded.tags) == ("high", None, ())
    assert loaded.world.model_dump(by_alias=True) == {
        "pods": "open",
        "namespaces": "open",
        "external": [],
        "podCIDRs": [],
        "nodeCIDRs": [],
        "serviceCIDRs": [],
        "nodes": [],
        "domains": {},
    }
    assert loaded.semantics.model_dump(by_alias=True) == {
        "ipBlockMatchesPods": "either",
        "hostNetworkPods": "excluded",
        "baselineHiddenBy": "direction",
        "duplicateObjects": "error",
    }


def test_a_propertys_world_goes_over_the_suites_key_by_key() -> None:
    properties = by_id(full())
    world = properties["f"].world
    assert (world.pods, world.namespaces, world.pod_cidrs) == ("closed", "open", [])
    assert world.node_cidrs == ["10.0.0.0/16"]
    assert properties["f"].semantics.ip_block_matches_pods is True
    assert properties["a"].semantics.ip_block_matches_pods == "either"


def test_the_command_line_goes_over_property_and_suite() -> None:
    write("policies/groups.yaml", "groups: {metadata: {builtin: cloud-metadata}}\n")
    overrides = parse_overrides(["pods=mixed", "podCIDRs=10.1.0.0/16,fd00::/64"], ["duplicateObjects=last"])
    suite = load_suite(write("policies/s.yaml", FULL), overrides=overrides)
    for each in suite.properties:
        assert (each.world.pods, each.world.pod_cidrs) == ("mixed", ["10.1.0.0/16", "fd00::/64"])
    assert suite.semantics.duplicate_objects == "last"


def test_manifests_become_paths_from_the_working_directory() -> None:
    suite = full()
    assert [(entry.path, entry.exclude) for entry in suite.manifests] == [("policies/k8s", ()), ("more", ("*.txt",))]


def test_groups_of_included_files_are_named_groups_too() -> None:
    groups = full().properties[0].groups
    assert groups["metadata"] == Group(builtin="cloud-metadata", clouds=["eks"])
    assert groups["anyPod"] == Group()


def test_includes_may_include_and_may_meet_again() -> None:
    write("shared/a.yaml", HEAD + "include: [c.yaml]\ngroups: {a: {}}\n")
    write("shared/b.yaml", "include: [../shared/c.yaml]\ngroups: {b: {}}\n")
    write("shared/c.yaml", "groups: {c: {node: true}}\n")
    text = HEAD + "include: [shared/a.yaml, shared/b.yaml]\nproperties: [{id: x, never: {from: [a, b], to: c}}]\n"
    assert sorted(load_suite(write("s.yaml", text)).properties[0].groups) == ["a", "b", "c"]


def test_written_forms_are_kept() -> None:
    properties = by_id(full())
    always, only = properties["a"].written.always, properties["c"].written.only
    assert always == Always(
        from_=["web", Group(workload="shop/api")], to="db", ports=[5432, "TCP/8000-8010", "UDP/dns"]
    )
    assert only == Only(to="db", from_=[OnlyEntry(who=["web", "internet"], ports=[5432]), OnlyEntry(who="anyPod")])


def test_one_id_in_two_suites_is_an_error_naming_both_places() -> None:
    text = HEAD + "properties: [{id: x, never: {from: {}, to: {}}}]\n"
    with pytest.raises(InputErrors) as caught:
        load_suites([write("one.yaml", text), write("two.yaml", text)])
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("two.yaml", 3)
    assert 'the id "x" is used in one.yaml on line 3 already' in problem.message


def test_several_suites_report_the_problems_of_all() -> None:
    with pytest.raises(InputErrors) as caught:
        load_suites([write("one.yaml", HEAD), write("two.yaml", HEAD), "three.yaml"])
    assert [problem.file for problem in caught.value.problems] == ["one.yaml", "three.yaml", "two.yaml"]


def names(suites: tuple[LoadedSuite, ...]) -> list[str]:
    return [each.written.id for suite in suites for each in suite.properties]


def test_select_takes_ids_and_tags_together() -> None:
    suite = full()
    assert names(select([suite], ["a", "tag=x"])) == ["a", "f"]
    assert len(names(select([suite], []))) == 9
    assert "f" not in names(select([suite], ["tag=net"]))


@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        ("web-never-reach-db", 'no property has the id "web-never-reach-db"', 'did you mean "web-never-reaches-db"?'),
        ("tag=nett", 'no property has the tag "nett"', 'did you mean "net"?'),
        ("tag=", 'no property has the tag ""', "known: net, x"),
    ],
)
def test_select_refuses_what_no_property_has(wanted: str, message: str, hint: str) -> None:
    with pytest.raises(InputErrors) as caught:
        select([full()], [wanted])
    (problem,) = caught.value.problems
    assert (problem.file, problem.message, problem.hint) == ("--only", message, hint)
