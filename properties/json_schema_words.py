"""What an editor shows of each key of a suite and a file of waivers, and the forms of texts that a pattern can tell.

The models' docstrings describe mappings as a whole; ``suite`` says what fits, these words are for people.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENDPOINTS = "A group's name, a group, or a list of these"
_PORTS = "Destination ports: 5432 (TCP), TCP/8000-8010, UDP/53, TCP/http (a named port). Left out: every port."
_EXCEPT = "Connections that are left out of the property; each entry by itself, its opposite direction not included."
_SOURCE = "Manifests to compare: what `manifests` takes, one entry or a list."
_SCOPE = "Only connections that match this are compared."
_CONNECTION = {
    "from": f"{_ENDPOINTS}: who opens the connection.",
    "to": f"{_ENDPOINTS}: who receives it.",
    "ports": _PORTS,
}
_WAIVERS = "Traffic that a property lets be for a time; when its day has passed, the property fails again."

WORDS: Mapping[str, Mapping[str, str]] = {
    "PropertySuite": {
        "apiVersion": "The version of the suite language.",
        "kind": "A suite of properties.",
        "include": "Files of groups, relative to this file.",
        "manifests": "Where the manifests are, together one cluster: paths relative to this file, git:REF:PATH, "
        "live:CONTEXT, or mappings. `-f` replaces them.",
        "defaults": "What every property has unless it says otherwise.",
        "world": "What may exist beside the manifests.",
        "semantics": "How to read what the API leaves open.",
        "groups": "Sets of endpoints, named once and used below by their names.",
        "properties": "What must hold. Each has an id and exactly one verb.",
        "waivers": _WAIVERS,
    },
    "WaiverFile": {
        "apiVersion": "The version of the suite language.",
        "kind": "A file of waivers.",
        "waivers": _WAIVERS,
    },
    "Waiver": {
        "property": "The id of the property that lets this traffic be.",
        "allow": "The traffic: from, to, ports, or a list of these.",
        "reason": "Why it is let be.",
        "owner": "Who answers for it.",
        "expires": "The last day on which the waiver counts, YYYY-MM-DD.",
    },
    "Defaults": {
        "severity": "The severity of properties that name none.",
        "owner": "The owner of properties that name none.",
        "tags": "The tags of properties that have none of their own.",
    },
    "ManifestEntry": {
        "path": "A file or folder, relative to this file; below `git`, a path in the commit's tree.",
        "exclude": "Globs of files to leave out, relative to the path.",
        "git": "A ref of the repository that this file lies in: a branch, tag or commit.",
        "kustomize": "A folder to render with kustomize.",
        "helm": "A chart's folder to render with Helm.",
        "values": "Files of Helm values, in this order, relative to this file.",
        "release": "The name of the Helm release.",
        "namespace": "The namespace of the Helm release.",
        "matrix": "Variants of a chart by name, each with further files of values; every one is proved.",
        "live": "A context of the kubeconfig, whose cluster is read; without a value the current one.",
    },
    "World": {
        "pods": "open: also pods that nobody declared. closed: declared ones alone. mixed: closed, with the open "
        "verdict beside it.",
        "namespaces": "open: also namespaces that nobody declared. closed: declared, external and named ones alone.",
        "external": "Real namespaces that are declared elsewhere.",
        "podCIDRs": "Where pods' addresses lie; these also say which IP families there are.",
        "nodeCIDRs": "Where nodes' addresses lie.",
        "serviceCIDRs": "Where Services' addresses lie: an ipBlock inside gets a notice; ClusterIPs are no peers.",
        "nodes": "Real nodes that no manifest declares.",
        "domains": "Which outside addresses domain names stand for: {NAME: [CIDR]}. Other names stand for any.",
    },
    "WorldNode": {
        "name": "The node's name.",
        "labels": "Exactly its labels.",
        "addresses": "Its IP addresses; without one of a family, those of that family are unknown.",
    },
    "ExternalNamespace": {
        "name": "The namespace's name.",
        "labels": "Exactly its labels; without this key they are unknown.",
        "pods": "Pods in it.",
    },
    "ExternalPod": {
        "labels": "The pod's labels.",
        "ports": "Its named container ports, such as {dns: UDP/53}.",
    },
    "Semantics": {
        "ipBlockMatchesPods": "Whether an ipBlock matches pods by their address. either (default): a property must "
        "hold both ways.",
        "hostNetworkPods": "Whether pods in the host's network are pods to NetworkPolicies (ordinary) or their nodes "
        "(excluded, default). either: a property must hold both ways.",
        "baselineHiddenBy": "Which pods the Baseline tier leaves to NetworkPolicies: those that one governs in that "
        "direction (direction, default), or that one selects at all (pod). either: a property must hold both ways.",
        "duplicateObjects": "Two different objects of one name: error (default), or the last one counts. For the whole "
        "suite only.",
    },
    "Property": {
        "id": "A name that no other property of the run has: letters, digits, dots, underscores, dashes.",
        "description": "A sentence that is printed with the result.",
        "severity": "What --fail-on compares.",
        "owner": "Who answers for it.",
        "tags": "For --only tag=NAME; they replace those of the defaults.",
        "references": "Where the demand comes from, such as a paragraph of a standard.",
        "world": "What may exist, for this property: overrides the suite's, key by key.",
        "semantics": "How to read the API, for this property: overrides the suite's, key by key.",
        "expect": "The verdict that passes, if another than proved.",
        "allowVacuous": "A property that speaks of nothing passes.",
        "never": "Every connection from `from` to `to` is refused.",
        "always": "Every connection from `from` to `to` on `ports` is allowed.",
        "can": "Some connection from `from` to `to` is allowed.",
        "only": "Nobody but the listed peers reaches the group (or is reached by it).",
        "isolate": "Pods of different groups, or of namespaces with different values of a label, never talk.",
        "defaultDeny": "No connection of these pods gets through unless a policy's rule admits it.",
        "dns": "These pods reach every DNS server, over UDP and TCP.",
        "cannotOverride": "No NetworkPolicy opens (or closes) these connections: Admin rules decide them.",
        "noNewAccess": "Nothing is allowed that `base` does not allow.",
        "noLostAccess": "Everything that `base` allows is still allowed.",
        "equivalent": "Both sides allow the same connections.",
    },
    "Never": _CONNECTION,
    "Always": {**_CONNECTION, "ports": "Destination ports: 5432 (TCP), TCP/8000-8010, UDP/53, TCP/http."},
    "Can": _CONNECTION,
    "Only": {
        "to": "The group to protect; or, where `from` is that, the list of whom it may call: [{who, ports}].",
        "from": "The list of who may call: [{who, ports}]; or the group whose calls are listed in `to`.",
    },
    "OnlyEntry": {"who": f"{_ENDPOINTS}: a permitted peer.", "ports": _PORTS},
    "Isolate": {
        "groups": "At least two groups of pods; no two of them talk, either way.",
        "by": "The namespace label whose values are kept apart, also values to come.",
        "except": _EXCEPT,
    },
    "IsolateBy": {"namespaceLabel": "The key of a namespace label, such as tenant."},
    "DefaultDeny": {
        "for": f"{_ENDPOINTS}: the pods.",
        "directions": "ingress, egress, or both (the default).",
        "strict": "Also: a pod that no policy has in mind has no connection at all, but for `except`.",
        "except": _EXCEPT,
    },
    "Dns": {
        "for": f"{_ENDPOINTS}: the pods that ask.",
        "servers": f"{_ENDPOINTS}: the DNS servers. Left out: pods k8s-app=kube-dns in kube-system.",
    },
    "CannotOverride": {
        **_CONNECTION,
        "outcome": "closed: an Admin rule denies each connection. open: Admin rules accept it at every end that is a "
        "pod. any: each one or the other.",
    },
    "NoNewAccess": {"base": _SOURCE, "scope": _SCOPE, "except": _EXCEPT},
    "NoLostAccess": {"base": _SOURCE, "scope": _SCOPE, "except": _EXCEPT},
    "Equivalent": {
        "left": _SOURCE,
        "right": _SOURCE,
        "rename": "What is called differently on the left.",
        "scope": _SCOPE,
        "except": _EXCEPT,
    },
    "Rename": {
        "namespaces": "Names of namespaces: {OLD: NEW}.",
        "labels": "Values of labels, by key: {KEY: {OLD: NEW}}.",
    },
    "Exception": _CONNECTION,
    "Group": {
        "namespace": "Pods of this namespace, or of one of these.",
        "namespaces": "Pods of namespaces whose labels match this selector.",
        "pods": "Pods whose labels match this selector.",
        "workload": "The pods of one declared workload: namespace/name or namespace/Kind/name.",
        "service": "The pods behind a Service, namespace/name, where connections arrive; `ports` are the Service's.",
        "cidr": "Addresses outside the cluster in this block.",
        "except": "Blocks inside `cidr` that are left out.",
        "builtin": "internet: all addresses but private, link-local and multicast ones. cloud-metadata: where clouds "
        "give out credentials.",
        "clouds": "With builtin: cloud-metadata: also the addresses of these clouds.",
        "node": "Other nodes than the pod's own.",
        "any": "Pods and outside addresses, no nodes.",
    },
    "LabelSelector": {
        "matchLabels": "Labels with exactly these values.",
        "matchExpressions": "Further requirements; all must hold.",
    },
    "SelectorRequirement": {
        "key": "The label's key.",
        "operator": "In and Exists ask for the label; NotIn and DoesNotExist hold where it is absent.",
        "values": "For In and NotIn.",
    },
}
"""By the name of a mapping and of a key in it."""
