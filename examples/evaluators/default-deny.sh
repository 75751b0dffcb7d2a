#!/bin/sh
# Knows only policies that select every pod of their namespace and have no rule; calls everything else unsupported.
{ for file in "$1"/*; do cat "$file"; echo ---; done; cat; } | awk '
    /^\{"id"/ {                       # a flow: what it says stands between quotes
        split($0, word, "\""); gsub(/[^0-9]/, "", word[3]); sub("/.*", "", word[6]); sub("/.*", "", word[10])
        refused = (word[6], "Egress") in isolated || (word[10], "Ingress") in isolated
        printf "{\"id\": %d, \"allowed\": %s}\n", word[3], refused ? "false" : "true"
        next
    }
    /^---/ {                          # the end of an object
        if (kind == "NetworkPolicy" && odd) beyond = "a selector or a rule"
        else if (kind == "" && odd) beyond = "a file that is not YAML in blocks"
        else if (kind == "NetworkPolicy" && namespace == "") beyond = "default-namespace"
        else if (kind == "NetworkPolicy" && !types) beyond = "default-policy-types"
        else if (kind ~ /List$/) beyond = "list-kind"
        else if (kind !~ /^(NetworkPolicy|Pod|Namespace|)$/) beyond = kind
        for (type in listed) isolated[namespace, type]
        kind = namespace = section = ""; odd = types = 0; split("", listed)
        next
    }
    { gsub(/[\047"]/, "") }           # what YAML puts in quotes
    /^[A-Za-z]/ { section = $1 }
    /^[^A-Za-z ]/ { odd = 1 }
    /^(metadata|spec): *[^ ]/ { beyond = "a mapping on one line" }
    /^kind:/ { kind = $2 }
    /^  namespace:/ && section == "metadata:" { namespace = $2 }
    /^  hostNetwork: true/ { beyond = "host-network" }
    section == "spec:" && /^  - (In|E)gress$/ && kind == "NetworkPolicy" { listed[$2]; types++ }
    section == "spec:" && ! /^(spec:|  podSelector: \{\}|  policyTypes:|  - (In|E)gress|  (in|e)gress: \[\])$/ { odd = 1 }
    END { if (beyond != "") printf "{\"unsupported\": \"%s\"}\n", beyond }'
