"""Every refusal of a suite: the line, the field's path as the user wrote it, what is wrong, and the hint."""

from __future__ import annotations

from pathlib import Path

import pytest
from netpol_verify.encodings.problems import InputErrors, Problem
from netpol_verify.properties.loading import load_suite

HEAD = """\
apiVersion: netpol-verify/v1
kind: PropertySuite
world: {podCIDRs: [10.244.0.0/16], nodeCIDRs: [10.0.0.0/24]}
groups:
  web: {namespace: shop, pods: app=web}
  db: {namespace: shop, pods: app=db}
  out: {cidr: 203.0.113.0/24}
"""
GROUP = HEAD + "  new: GIVEN\nproperties: [{id: ok, never: {from: new, to: web}}]\n"
PROPERTY = HEAD + "properties:\n- id: p\n  GIVEN\n"
WORLD = HEAD.replace("nodeCIDRs: [10.0.0.0/24]", "GIVEN") + "properties: [{id: ok, never: {from: db, to: web}}]\n"
WHOLE = "GIVEN"
VERBS = "never, always, can, only, isolate, defaultDeny, dns, cannotOverride, noNewAccess, noLostAccess, equivalent"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


def problems_of(text: str) -> tuple[Problem, ...]:
    Path("s.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        load_suite("s.yaml")
    return caught.value.problems


def expect(text: str, line: int, path: str, message: str, hint: str) -> None:
    """The one problem of ``text`` has this place; message and hint are there (an empty hint: there is none)."""
    problems = problems_of(text)
    assert [(each.file, each.line, each.path) for each in problems] == [("s.yaml", line, path)], problems
    assert message in problems[0].message
    assert (hint in problems[0].hint) if hint else not problems[0].hint


@pytest.mark.parametrize(
    ("group", "path", "message", "hint"),
    [
        ("{namspace: a}", ".namspace", 'unknown key "namspace"', 'did you mean "namespace"?'),
        ("{except_: [a]}", ".except_", 'unknown key "except_"', 'did you mean "except"?'),
        ("{pods: {match_labels: {}}}", ".pods.match_labels", "unknown key", 'did you mean "matchLabels"?'),
        ("{pods: }", ".pods", "has no value", "give it one, or remove it"),
        ("{pods: {matchLabels: {a: ~}}}", ".pods.matchLabels.a", "has no value", "give it one, or remove it"),
        ("[web]", "", "expected a mapping, got a list", ""),
        ("{namespace: 3}", ".namespace", "expected a name or a list of names, got the number 3", "put it in quotes"),
        ("{namespace: [a, yes]}", ".namespace[1]", "expected a text, got the boolean true", "put it in quotes"),
        ("{namespace: []}", ".namespace", "is an empty list", "name a namespace"),
        ("{namespace: Shop_1}", ".namespace", '"Shop_1" is no namespace name', 'did you mean "shop-1"?'),
        ("{namespaces: [a]}", ".namespaces", "expected a selector", ""),
        ("{pods: 3}", ".pods", "expected a selector", ""),
        ("{pods: 'app in (a'}", ".pods", '"," or ")" expected at >>>: "app in (a>>>"', "write key=value"),
        ("{pods: ''}", ".pods", "the selector is empty", "write {} to select everything"),
        ("{pods: {matchLabels: {a: 1}}}", ".pods.matchLabels.a", "got the number 1", 'put it in quotes: "1"'),
        ("{pods: {matchLabels: {a: b/c}}}", ".pods.matchLabels.a", '"b/c" is no label value', ""),
        ("{pods: {matchLabels: {-a: b}}}", ".pods.matchLabels.-a", '"-a" is no label key', ""),
        ("{pods: {matchExpressions: [{key: a}]}}", ".pods.matchExpressions[0]", 'the key "operator" is missing', ""),
        (
            "{pods: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
            ".pods.matchExpressions[0].operator",
            "expected one of In, NotIn, Exists, DoesNotExist",
            'did you mean "In"?',
        ),
        (
            "{pods: {matchExpressions: [{key: a, operator: In}]}}",
            ".pods.matchExpressions[0]",
            "In needs at least one value",
            "add values",
        ),
        (
            "{pods: {matchExpressions: [{key: a, operator: NotIn, values: []}]}}",
            ".pods.matchExpressions[0]",
            "NotIn needs at least one value",
            "add values",
        ),
        (
            "{pods: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
            ".pods.matchExpressions[0].values",
            "Exists takes no values",
            "did you mean In or NotIn?",
        ),
        (
            "{pods: {matchExpressions: [{key: a/b/c, operator: Exists}]}}",
            ".pods.matchExpressions[0].key",
            '"a/b/c" is no label key',
            "",
        ),
        (
            "{pods: {matchExpressions: [{key: a, operator: In, values: [b, c!]}]}}",
            ".pods.matchExpressions[0].values[1]",
            '"c!" is no label value',
            "",
        ),
        ("{namespace: a, cidr: 1.0.0.0/8}", "", "mixes pods (namespace) with addresses (cidr)", "write a list"),
        ("{workload: a/b, any: true}", "", "mixes a workload (workload) with anything (any)", "write a list"),
        ("{node: true, builtin: internet}", "", "mixes a builtin (builtin) with nodes (node)", "write a list"),
        ("{except: [1.0.0.0/8]}", ".except", "has no cidr to be taken from", "add cidr"),
        ("{clouds: [eks]}", ".clouds", "goes with builtin: cloud-metadata only", "add builtin"),
        ("{builtin: internet, clouds: [eks]}", ".clouds", "goes with builtin: cloud-metadata only", "add builtin"),
        ("{builtin: internt}", ".builtin", "expected one of internet, cloud-metadata", 'did you mean "internet"?'),
        ("{builtin: cloud-metadata, clouds: [aws]}", ".clouds[0]", "expected one of alibaba, azure, eks", ""),
        ("{any: false}", ".any", "expected true, got the boolean false", "leave the key out"),
        ("{workload: web}", ".workload", '"web" names no workload', "write namespace/name"),
        ("{workload: a/b/c/d}", ".workload", "names no workload", "write namespace/name"),
        ("{workload: A/b}", ".workload", '"A" is no namespace name', 'did you mean "a"?'),
        ("{workload: a/1x/b}", ".workload", '"1x" is no kind', "write namespace/name"),
        ("{workload: a/Web}", ".workload", '"Web" is no workload name', 'did you mean "web"?'),
        ("{cidr: 1.2.3.4}", ".cidr", '"1.2.3.4" is no address block', "write 1.2.3.4/32"),
        ("{cidr: 1.2.3.4/24}", ".cidr", "must not have bits set beyond the prefix", "did you mean 1.2.3.0/24?"),
        ("{cidr: 1.2.3.256/32}", ".cidr", "is no address block", "write a block such as"),
        ("{cidr: '::ffff:1.2.3.0/120'}", ".cidr", "IPv4-mapped", "did you mean 1.2.3.0/24?"),
        ("{cidr: 1.0.0.0/8, except: [2.0.0.0/8]}", ".except[0]", "2.0.0.0/8 is not inside the cidr 1.0.0.0/8", ""),
        ("{cidr: 1.0.0.0/8, except: ['::/0']}", ".except[0]", "::/0 is not inside the cidr", ""),
        ("{cidr: 1.0.0.0/8, except: [1.0.0.0/9, 1.128.0.0/9]}", ".except", "leaves no address of 1.0.0.0/8", ""),
        ("{cidr: 1.0.0.0/8, except: [x]}", ".except[0]", '"x" is no address block', "write a block"),
        ("{cidr: 10.244.7.0/24}", ".cidr", "10.244.7.0/24 lies wholly inside the cluster's", "select pods"),
        ("{cidr: 10.0.0.0/23, except: [10.0.1.0/24]}", ".cidr", "lies wholly inside the cluster's", "select pods"),
    ],
)
def test_groups(group: str, path: str, message: str, hint: str) -> None:
    expect(GROUP.replace("GIVEN", group), 8, f"groups.new{path}", message, hint)


@pytest.mark.parametrize(
    ("text", "path", "message", "hint"),
    [
        ("nevr: {from: web, to: db}", ".nevr", 'unknown verb "nevr"', 'did you mean "never"?'),
        ("default_deny: {for: web}", ".default_deny", 'unknown verb "default_deny"', 'did you mean "defaultDeny"?'),
        ("cannotOverride: {from: web, to: db}", ".cannotOverride", 'the key "outcome" is missing', ""),
        (
            "cannotOverride: {from: web, to: db, outcome: shut}",
            ".cannotOverride.outcome",
            "one of closed, open, any",
            "",
        ),
        ("cannotOverride: {from: web, to: dbb, outcome: any}", ".cannotOverride.to", 'unknown group "dbb"', "did you"),
        ("cannotOverride: {from: out, to: out, outcome: any}", ".cannotOverride", "neither end can be a pod", "let"),
        ("zzz: {from: web}", ".zzz", 'unknown verb "zzz"', f"write one of {VERBS}"),
        ("never: {from: web, to: db, via: [80]}", ".never.via", 'unknown key "via"', ""),
        ("never: {from: web, to: db, from_: db}", ".never.from_", 'unknown key "from_"', 'did you mean "from"?'),
        ("never: {from: web}", ".never", 'the key "to" is missing', ""),
        ("always: {from: web, to: db}", ".always", 'the key "ports" is missing', ""),
        ("never: web", ".never", 'expected a mapping, got "web"', ""),
        ("never: ", ".never", "has no value", "give it one"),
        ("never: {from: , to: db}", ".never.from", "has no value", "give it one"),
        ("never: {from: 3, to: db}", ".never.from", "expected a group's name, a group, or a list", "put it in quotes"),
        ("never: {from: [web, 3], to: db}", ".never.from[1]", "expected a group: a group's name", "put it in quotes"),
        ("never: {from: [[web]], to: db}", ".never.from[0]", "expected a group: a group's name", ""),
        ("never: {from: weeb, to: db}", ".never.from", 'unknown group "weeb"', 'did you mean "web"?'),
        ("never: {from: [web, dbb], to: db}", ".never.from[1]", 'unknown group "dbb"', 'did you mean "db"?'),
        ("never: {from: any, to: db}", ".never.from", 'unknown group "any"', "write {any: true}"),
        ("never: {from: 1.0.0.0/8, to: db}", ".never.from", "unknown group", "write {cidr: 1.0.0.0/8}"),
        ("never: {from: shop/api, to: db}", ".never.from", "unknown group", "write {workload: shop/api}"),
        ("never: {from: internet, to: db}", ".never.from", "unknown group", "write {builtin: internet}"),
        ("never: {from: zzzz, to: db}", ".never.from", "unknown group", "define it under groups"),
        ("never: {from: [], to: db}", ".never.from", "is an empty list", "{} is every pod"),
        ("never: {from: {pods: '='}, to: db}", ".never.from.pods", "bad selector", "write key=value"),
        ("never: {from: [web, {namspace: a}], to: db}", ".never.from[1].namspace", "unknown key", '"namespace"?'),
        ("never: {from: {cidr: 10.244.1.0/24}, to: db}", ".never.from.cidr", "lies wholly inside", "select pods"),
        ("never: {from: out, to: {node: true}}", ".never", "neither end can be a pod", "let from or to be"),
        ("never: {from: web, to: db, ports: []}", ".never.ports", "is an empty list", "remove the key"),
        ("never: {from: web, to: db, ports: 80}", ".never.ports", "expected a list, got the number 80", "as a list"),
        ("never: {from: web, to: db, ports: [tcp/80]}", ".never.ports[0]", "unknown protocol", 'mean "TCP"?'),
        ("never: {from: web, to: db, ports: [80, 70000]}", ".never.ports[1]", "the port is outside 1-65535", ""),
        ("never: {from: web, to: db, ports: [90-80]}", ".never.ports[0]", "ends before it begins", "80-90"),
        ("never: {from: web, to: db, ports: [true]}", ".never.ports[0]", "expected a port such as", ""),
        ("never: {from: web, to: db, ports: [8.5]}", ".never.ports[0]", "got the number 8.5", ""),
        ("only: {to: web, from: db}", ".only", "neither side lists permitted peers", "write {to: GROUP"),
        ("only: {to: [{who: web}], from: [{who: db}]}", ".only", "both sides list permitted peers", "write {to"),
        ("only: {to: web, from: []}", ".only.from", "is an empty list", "use never"),
        ("only: {to: web, from: [{who: db, prts: [80]}]}", ".only.from[0].prts", "unknown key", '"ports"?'),
        ("only: {to: web, from: [{who: db}, db]}", ".only.from[1]", "expected a mapping", ""),
        ("only: {to: web, from: [{who: dbb}]}", ".only.from[0].who", 'unknown group "dbb"', '"db"?'),
        (
            "only: {to: web, from: [{who: db, ports: [UDP]}]}",
            ".only.from[0].ports[0]",
            "names a protocol",
            "UDP/1-65535",
        ),
        ("only: {to: wbe, from: [{who: db}]}", ".only.to", 'unknown group "wbe"', '"web"?'),
        ("only: {from: [out, wbe], to: [{who: db}]}", ".only.from[1]", 'unknown group "wbe"', '"web"?'),
        ("only: {to: out, from: [{who: web}, {who: out}]}", ".only.from[1]", "neither end can be a pod", "let who"),
        ("isolate: {}", ".isolate", 'has neither "groups" nor "by"', "write {groups: [a, b]}"),
        ("isolate: {groups: [web, db], by: {namespaceLabel: a}}", ".isolate", 'has both "groups"', "keep one"),
        ("isolate: {groups: [web]}", ".isolate.groups", "needs at least two groups", "name the groups"),
        ("isolate: {groups: []}", ".isolate.groups", "needs at least two groups", "name the groups"),
        ("isolate: {groups: [web, db, web]}", ".isolate.groups[2]", 'names "web" a second time', "remove it"),
        ("isolate: {groups: [web, out]}", ".isolate.groups[1]", "holds more than pods", "use a group of pods"),
        ("isolate: {groups: [web, {any: true}]}", ".isolate.groups[1]", "holds more than pods", "use a group of pods"),
        ("isolate: {by: {namespaceLabel: -a}}", ".isolate.by.namespaceLabel", "is no label key", ""),
        ("isolate: {by: {label: a}}", None, "", ""),
        ("isolate: {groups: [web, db], except: [{}]}", ".isolate.except[0]", "excepts every connection", "write from"),
        ("isolate: {groups: [web, db], except: [{from: x}]}", ".isolate.except[0].from", "unknown group", "define it"),
        ("isolate: {groups: [web, db], except: [{ports: []}]}", ".isolate.except[0].ports", "empty list", "remove"),
        (
            "isolate: {groups: [web, db], except: [{from: out, to: {node: true}}]}",
            ".isolate.except[0]",
            "neither end can be a pod",
            "let from or to",
        ),
        ("defaultDeny: {for: out}", ".defaultDeny.for", "holds more than pods", "use a group of pods"),
        ("defaultDeny: {for: {node: true}}", ".defaultDeny.for", "holds more than pods", "use a group of pods"),
        ("defaultDeny: {for: []}", ".defaultDeny.for", "is an empty list", "{} is every pod"),
        ("defaultDeny: {for: web, directions: []}", ".defaultDeny.directions", "is an empty list", "to mean both"),
        (
            "defaultDeny: {for: web, directions: [egress, egress]}",
            ".defaultDeny.directions[1]",
            'names "egress" a second time',
            "remove it",
        ),
        (
            "defaultDeny: {for: web, directions: [ingres]}",
            ".defaultDeny.directions[0]",
            "expected one of ingress, egress",
            'did you mean "ingress"?',
        ),
        ("defaultDeny: {for: web, strict: 'yes'}", ".defaultDeny.strict", "expected true or false", ""),
        ("dns: {for: [web, out]}", ".dns.for[1]", "holds more than pods", "use a group of pods"),
        ("dns: {for: web, servers: {cidr: 1.0.0.0/8}}", ".dns.servers", "holds more than pods", "use a group of pods"),
        ("dns: {for: web, servers: []}", ".dns.servers", "is an empty list", "{} is every pod"),
    ],
)
def test_verbs(text: str, path: str | None, message: str, hint: str) -> None:
    if path is None:  # two problems that belong together
        places = [(each.line, each.path, each.message) for each in problems_of(PROPERTY.replace("GIVEN", text))]
        assert places == [
            (10, "properties[0].isolate.by", 'the key "namespaceLabel" is missing'),
            (10, "properties[0].isolate.by.label", 'unknown key "label"'),
        ]
        return
    expect(PROPERTY.replace("GIVEN", text), 10, f"properties[0]{path}", message, hint)


@pytest.mark.parametrize(
    ("key", "path", "message", "hint"),
    [
        ("severity: hihg", ".severity", "expected one of critical, high, medium, low", 'did you mean "high"?'),
        ("severity: HIGH", ".severity", "expected one of critical, high, medium, low", 'did you mean "high"?'),
        ("expect: prove", ".expect", "expected one of proved, refuted, vacuous, unknown", 'mean "proved"?'),
        ("sevrity: high", ".sevrity", 'unknown key "sevrity"', 'did you mean "severity"?'),
        ("allow_vacuous: true", ".allow_vacuous", "unknown key", 'did you mean "allowVacuous"?'),
        ("allowVacuous: 1", ".allowVacuous", "expected true or false, got the number 1", ""),
        ("tags: a", ".tags", 'expected a list, got "a"', "write it as a list"),
        ("tags: [1]", ".tags[0]", "expected a text", 'put it in quotes: "1"'),
        ("owner: 3", ".owner", "expected a text", 'put it in quotes: "3"'),
        ("world: {pods: opn}", ".world.pods", "expected one of open, closed, mixed", 'did you mean "open"?'),
        ("world: {podCidrs: []}", ".world.podCidrs", "unknown key", 'did you mean "podCIDRs"?'),
        ("world: {podCIDRs: [10.0.0.0]}", ".world.podCIDRs[0]", "is no address block", "write 10.0.0.0/32"),
        ("semantics: {ipBlockMatchesPods: maybe}", ".semantics.ipBlockMatchesPods", "true, false, either", ""),
        (
            "semantics: {hostNetworkPods: ordinari}",
            ".semantics.hostNetworkPods",
            "expected one of excluded, ordinary, either",
            'did you mean "ordinary"?',
        ),
        (
            "semantics: {baselineHiddenBy: true}",
            ".semantics.baselineHiddenBy",
            "expected one of direction, pod, either",
            "",
        ),
        ("world: {nodes: [{name: Worker}]}", ".world.nodes[0].name", "is no node name", "worker"),
        ("world: {nodes: [{name: w}, {name: w}]}", ".world.nodes[1].name", "is declared twice", "join the two"),
        (
            "world: {nodes: [{name: w, addresses: [n.example]}]}",
            ".world.nodes[0].addresses[0]",
            "no IP address",
            "10.0.0.7",
        ),
        (
            "world: {nodes: [{name: w, addresses: ['::ffff:10.0.0.1']}]}",
            ".world.nodes[0].addresses[0]",
            "is an IPv4 address",
            "did you mean 10.0.0.1?",
        ),
        (
            "world: {nodes: [{name: w, addresses: [10.0.0.1]}, {name: x, addresses: [10.0.0.1]}]}",
            ".world.nodes[1].addresses[0]",
            "is an address of node w too",
            "one node",
        ),
        ("world: {nodes: [{name: w, labels: {a b: c}}]}", ".world.nodes[0].labels['a b']", "is no label key", ""),
        ("world: {domains: {'*': [10.0.0.0/8]}}", ".world.domains['*']", "is no domain name", "*.example.com"),
        (
            "world: {domains: {a.example: []}}",
            ".world.domains['a.example']",
            "stands for no address",
            "leave the entry",
        ),
        (
            "world: {domains: {a.example: [1.2.3.4]}}",
            ".world.domains['a.example'][0]",
            "no address block",
            "1.2.3.4/32",
        ),
        (
            "world: {domains: {'*.b.example.com': [1.2.3.0/24], '*.example.com': [1.2.3.4/32]}}",
            ".world.domains['*.b.example.com'][0]",
            'covers "*.b.example.com" but does not hold all of 1.2.3.0/24',
            'add 1.2.3.0/24 to "*.example.com"',
        ),
        ("semantics: {duplicateObjects: last}", ".semantics.duplicateObjects", "once for all", "move it to the suite"),
    ],
)
def test_keys_of_a_property(key: str, path: str, message: str, hint: str) -> None:
    text = PROPERTY.replace("GIVEN", f"{key}\n  never: {{from: web, to: db}}")
    expect(text, 10, f"properties[0]{path}", message, hint)


@pytest.mark.parametrize(
    ("key", "path", "message", "hint"),
    [
        ("pods: opened", "pods", "expected one of open, closed, mixed", 'did you mean "open"?'),
        ("namespaces: mixed", "namespaces", "expected one of open, closed", ""),
        ("nodeCIDRs: 10.0.0.0/8", "nodeCIDRs", "expected a list", "write it as a list"),
        ("serviceCIDRs: [10.0.0.1/8]", "serviceCIDRs[0]", "bits set beyond", "did you mean 10.0.0.0/8?"),
        ("external: [{labels: {}}]", "external[0]", 'the key "name" is missing', ""),
        ("external: [a]", "external[0]", 'expected a mapping, got "a"', ""),
        ("external: [{name: A}]", "external[0].name", "is no namespace name", 'did you mean "a"?'),
        ("external: [{name: a, labels: }]", "external[0].labels", "has no value", "give it one"),
        ("external: [{name: a, labels: {b: 1}}]", "external[0].labels.b", "expected a text", 'quotes: "1"'),
        ("external: [{name: a, labels: {b: '-'}}]", "external[0].labels.b", "is no label value", ""),
        ("external: [{name: a, labels: {b/: c}}]", "external[0].labels['b/']", "is no label key", ""),
        (
            "external: [{name: a, labels: {kubernetes.io/metadata.name: b}}]",
            "external[0].labels['kubernetes.io/metadata.name']",
            "is always the namespace's own name",
            "remove it",
        ),
        ("external: [{name: a}, {name: a}]", "external[1].name", "declared twice, first on line 3", "join"),
        ("external: [{name: a, pods: [{label: {}}]}]", "external[0].pods[0].label", "unknown key", '"labels"?'),
        (
            "external: [{name: a, pods: [{ports: {dns: 53}}]}]",
            "external[0].pods[0].ports.dns",
            "expected a text",
            'put it in quotes: "53"',
        ),
        (
            "external: [{name: a, pods: [{ports: {dns: '53'}}]}]",
            "external[0].pods[0].ports.dns",
            "a port without its protocol",
            "write one of TCP/53, UDP/53, SCTP/53",
        ),
        (
            "external: [{name: a, pods: [{ports: {dns: UDP/53-54}}]}]",
            "external[0].pods[0].ports.dns",
            "is not one numbered port",
            "write TCP/8080",
        ),
        (
            "external: [{name: a, pods: [{ports: {DNS: UDP/53}}]}]",
            "external[0].pods[0].ports.DNS",
            '"DNS" is no port name',
            "",
        ),
    ],
)
def test_worlds(key: str, path: str, message: str, hint: str) -> None:
    expect(WORLD.replace("GIVEN", key), 3, f"world.{path}", message, hint)


OK = "properties: [{id: ok, never: {from: {}, to: {}}}]\n"
TOP = f"apiVersion: netpol-verify/v1\nkind: PropertySuite\n{OK}"


@pytest.mark.parametrize(
    ("text", "line", "path", "message", "hint"),
    [
        (TOP.replace("v1", "v2"), 1, "apiVersion", 'expected "netpol-verify/v1"', '"netpol-verify/v1"?'),
        (TOP.replace("PropertySuite", "Policy"), 2, "kind", 'expected "PropertySuite", got "Policy"', ""),
        (TOP.replace("kind: PropertySuite\n", ""), 1, "", 'the key "kind" is missing', ""),
        (TOP.replace(OK, ""), 1, "properties", "the suite has no property", "add one"),
        (TOP.replace(OK, "properties: []"), 3, "properties", "the suite has no property", "add one"),
        (TOP.replace(OK, "properties: {a: b}"), 3, "properties", "expected a list", "begin each property with -"),
        (TOP.replace(OK, "properties: [a]"), 3, "properties[0]", 'expected a mapping, got "a"', ""),
        (TOP.replace(OK, "properties: [~]"), 3, "properties[0]", "has no value", "give it one"),
        (TOP.replace(OK, "properties: [{id: a}]"), 3, "properties[0]", "has no verb", f"write one of {VERBS}"),
        (TOP.replace("id: ok, ", ""), 3, "properties[0]", 'the key "id" is missing', ""),
        (TOP.replace("id: ok", "id: o k"), 3, "properties[0].id", '"o k" may hold letters', ""),
        (TOP.replace("id: ok", f"id: {'a' * 101}"), 3, "properties[0].id", "is longer than 100 characters", ""),
        (TOP.replace("id: ok", "id: 3"), 3, "properties[0].id", "expected a text", 'put it in quotes: "3"'),
        (TOP + "propertys: []", 4, "propertys", 'unknown key "propertys"', 'did you mean "properties"?'),
        (TOP + "groups: [a]", 4, "groups", "expected a mapping of groups, got a list", ""),
        (TOP + "groups: {'': {}}", 4, "groups['']", "a group needs a name", ""),
        (TOP + "include: a.yaml", 4, "include", "expected a list", "write it as a list"),
        (TOP + "include: [a.yaml]", 4, "include[0]", "there is no file a.yaml", "relative to the including file"),
        (TOP + "include: [s.yaml]", 4, "include[0]", "includes itself: s.yaml → s.yaml", ""),
        (TOP + "manifests: [3]", 4, "manifests[0]", "expected a path", ""),
        (TOP + "manifests: ['']", 4, "manifests[0]", "is an empty path", ""),
        (TOP + "manifests: [{pth: a, path: b}]", 4, "manifests[0].pth", "unknown key", 'did you mean "path"?'),
        (TOP + "defaults: {severity: hi}", 4, "defaults.severity", "expected one of critical, high", '"high"?'),
        ("", 0, "", "is empty", "a suite is one YAML document"),
        (TOP + "---\n" + TOP, 0, "", "holds several documents", "a suite is one YAML document"),
        ("\n- a", 2, "", "is not a mapping", "a suite begins with apiVersion"),
    ],
)
def test_whole_files(text: str, line: int, path: str, message: str, hint: str) -> None:
    expect(text, line, path, message, hint)


def test_two_verbs_are_refused_naming_both_lines() -> None:
    text = PROPERTY.replace("GIVEN", "never: {from: web, to: db}\n  can: {from: web, to: db}")
    expect(text, 11, "properties[0].can", 'a second verb "can": "never" stands on line 10', "write two properties")


def test_an_id_used_twice_is_refused_naming_both_lines() -> None:
    text = HEAD + "properties:\n- {id: a, never: {from: web, to: db}}\n- {id: a, can: {from: web, to: db}}\n"
    expect(text, 10, "properties[1].id", 'the id "a" is used on line 9 already', "rename one")


def test_a_key_written_twice_is_refused() -> None:
    (problem,) = problems_of(TOP + "kind: PropertySuite\n")
    assert problem.line == 4


def test_a_cidr_is_judged_in_the_world_of_the_property_that_uses_it() -> None:
    text = PROPERTY.replace("GIVEN", "world: {podCIDRs: [203.0.0.0/8]}\n  never: {from: out, to: db}")
    expect(text, 7, "groups.out.cidr", "203.0.113.0/24 lies wholly inside the cluster's podCIDRs", "select pods")


def test_all_problems_come_at_once_in_the_order_of_lines() -> None:
    text = (
        "apiVersion: v1\nkind: PropertySuite\nworld: {podCIDRs: [x]}\ngroups:\n  web: {pods: '='}\n"
        "properties:\n- id: a\n  severity: x\n  never: {from: db, to: web, ports: [UDP]}\n- id: a\n"
    )
    assert [problem.line for problem in problems_of(text)] == [1, 3, 5, 8, 9, 9, 10, 10]


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputErrors, match=r"nothing\.yaml: cannot be read: no such file"):
        load_suite("nothing.yaml")


@pytest.mark.parametrize(
    ("included", "line", "path", "message", "hint"),
    [
        ("properties: []", 1, "properties", 'unknown key "properties" in an included file', "groups and include only"),
        ("kind: Policy", 1, "kind", 'expected "PropertySuite"', ""),
        ("groups: {a: {pods: '='}}", 1, "groups.a.pods", "bad selector", "write key=value"),
        ("\ngroups: {web: {}}", 2, "groups.web", "defined twice, first in s.yaml on line 5", "rename"),
        ("include: [../s.yaml]", 1, "include[0]", "includes itself: s.yaml → in/c.yaml → s.yaml", ""),
        ("include: [d.yaml]", 1, "include[0]", "there is no file in/d.yaml", "relative to the including file"),
        ("- a", 1, "", "is not a mapping", "a suite begins"),
    ],
)
def test_included_files(included: str, line: int, path: str, message: str, hint: str) -> None:
    Path("in").mkdir()
    Path("in/c.yaml").write_text(included, encoding="utf-8")
    (problem,) = problems_of(HEAD + "properties: [{id: p, never: {from: web, to: db}}]\ninclude: [in/c.yaml]\n")
    assert (problem.file, problem.line, problem.path) == ("in/c.yaml", line, path)
    assert message in problem.message
    assert (hint in problem.hint) if hint else not problem.hint
