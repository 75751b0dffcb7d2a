"""The suite as a shell script for the cluster that ``kubectl`` points to.

It needs a POSIX shell, ``kubectl`` and its usual rights, and stops before anything is created where something of the
suite exists already. Every connection is tried without the policies first: what cannot be reached then (nobody answers
there, no IPv6, no SCTP) proves nothing, and is never counted as blocked. All that is put into the script is quoted.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...reproduce_words import comment, quote
from ..model import Raw
from ..walk import namespace_of
from .given import EVERYWHERE
from .live import CLIENT, Live
from .suite import Probe

FOLDER = "suite"
"""Where the script finds its manifests, beside it."""

_HEAD = """\
# Each is tried without the policies first, and then with them: what cannot be reached anyway proves nothing.
# This creates namespaces, pods and policies in the cluster that kubectl points to, and removes them:
# let it be a cluster for tests. NPV_SETTLE: seconds that the network plugin has to apply policies (10).
# NPV_KEEP=1: nothing is removed, for other tools to run on.
# Prints ok, FAIL or, where nothing can be learnt, open. Exit codes: 0, 1 if one fails, 2 if the suite cannot be
# set up, 3 if none is ok.
set -u
cd "$(dirname "$0")" || exit 2
"""

_CLIENT = """\
# Runs in a pod, with protocol, address and port, and says what came of it in words that no message has.
# shellcheck disable=SC2016
npv_client='
case $1 in
TCP)
  if said=$(nc -z -v -w 3 "$2" "$3" 2>&1); then echo npv-reached; exit; fi
  case $said in *refused*) echo npv-refused ;; *) echo npv-silent ;; esac
  ;;
UDP)
  for _ in 1 2 3; do
    case $(echo npv | nc -u -w 1 "$2" "$3" 2>&1) in *npv*) echo npv-reached; exit ;; esac
  done
  echo npv-silent
  ;;
SCTP)
  case $2 in *:*) set -- "$1" "[$2]" "$3" ;; esac
  case $(echo npv | socat -t 2 - "SCTP:$2:$3,connect-timeout=3" 2>&1) in
  npv*) echo npv-reached ;;
  *) echo npv-silent ;;
  esac
  ;;
esac
'
"""

_FUNCTIONS = """\
stop() { # MESSAGE
  printf '%s\\n' "$1" >&2
  exit 2
}

await_account() { # NAMESPACE: no pod can be created before the account that it gets
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kubectl get serviceaccount default -n "$1" >/dev/null 2>&1 && return
    sleep 1
  done
}

address_of() { # POD FAMILY: prints the pod's address
  printf '%s\\n' "$npv_addresses" | while read -r pod rest; do
    [ "$pod" = "$1" ] || continue
    for ip in $rest; do
      case $2$ip in
      IPv6*:*) echo "$ip" ;;
      IPv6* | *:*) ;;
      *) echo "$ip" ;;
      esac
    done
  done
}

try() { # FROM ADDRESS PROTOCOL PORT: sets npv_outcome
  npv_said=$(kubectl exec -n "${1%/*}" "${1#*/}" -c @CLIENT@ -- sh -c "$npv_client" npv "$3" "$2" "$4" </dev/null 2>&1)
  case $npv_said in
  *npv-reached*) npv_outcome=reached ;;
  *npv-refused*) npv_outcome=refused ;;
  *npv-silent*) npv_outcome=silent ;;
  *) npv_outcome=untried ;;
  esac
}

found() { # WITHOUT WITH: what it means that a connection ended so without the policies and with them
  case $1-$2 in
  *-untried) echo untried ;;
  *-reached) echo allowed ;;
  reached-* | refused-silent) echo blocked ;;
  *) echo open ;;
  esac
}

probe() { # NUMBER FAMILY PROTOCOL PORT EXPECTED FROM TO
  case $7 in */*) npv_address=$(address_of "$7" "$2") ;; *) npv_address=$7 ;; esac
  if [ "$npv_phase" = without ]; then
    npv_outcome=silent
    [ -z "$npv_address" ] || try "$6" "$npv_address" "$3" "$4"
    npv_without="$npv_without $1=$npv_outcome"
    return
  fi
  npv_was=${npv_without##* "$1"=}
  npv_was=${npv_was%% *}
  npv_text="$1 $6 to $7, $3/$4 over $2: $5"
  if [ -z "$npv_address" ]; then
    printf 'open %s; the destination has no %s address\\n' "$npv_text" "$2"
    npv_open=$((npv_open + 1))
    return
  fi
  for npv_pause in 3 0; do # a plugin that is late gets a second chance
    try "$6" "$npv_address" "$3" "$4"
    npv_found=$(found "$npv_was" "$npv_outcome")
    case $npv_found in "$5" | open) break ;; esac
    sleep "$npv_pause"
  done
  case $npv_found in
  "$5")
    printf 'ok   %s\\n' "$npv_text"
    npv_ok=$((npv_ok + 1))
    ;;
  open)
    printf 'open %s; %s without the policies, %s with them\\n' "$npv_text" "$npv_was" "$npv_outcome"
    npv_open=$((npv_open + 1))
    ;;
  untried)
    printf 'FAIL %s, but it cannot be tried: %s\\n' "$npv_text" "$(printf '%s' "$npv_said" | tr '\\n' ' ')"
    npv_failed=$((npv_failed + 1))
    ;;
  *)
    printf 'FAIL %s, but it is %s\\n' "$npv_text" "$npv_found"
    npv_failed=$((npv_failed + 1))
    ;;
  esac
}
"""

_ADDRESSES = (
    "npv_addresses=$(kubectl get pods --all-namespaces -o "
    "'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}"
    '{range .status.podIPs[*]} {.ip}{end}{"\\n"}{end}\') || stop "the pods\' addresses cannot be read"'
)
_SUMMARY = """\
printf '%s ok, %s failed, %s open\\n' "$npv_ok" "$npv_failed" "$npv_open"
[ "$npv_failed" -eq 0 ] || exit 1
[ "$npv_ok" -gt 0 ] || exit 3
"""


def script(live: Live) -> str:
    """The text of the script."""
    lines = [
        "#!/bin/sh",
        comment(f"Tries {len(live.probes)} connections, and exits with 1 if one is not as the policies say."),
        _HEAD,
        _CLIENT,
        _FUNCTIONS.replace("@CLIENT@", CLIENT),
        *_probes(live.probes),
        *_looking(live),
        *_cleaning(live),
        *_creating(live),
        "npv_phase=without npv_without=''",
        "probes",
        *_policies(live),
        "npv_phase=with npv_ok=0 npv_failed=0 npv_open=0",
        "probes",
        _SUMMARY,
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _probes(probes: tuple[Probe, ...]) -> Iterator[str]:
    yield "probes() {"
    for each in probes:
        flow = each.flow
        words = (each.number, flow.family, flow.protocol, flow.port, each.word, flow.source, flow.destination)
        yield f"  probe {' '.join(quote(str(word)) for word in words)}"
    yield "}" if probes else "  :\n}"
    yield ""


def _looking(live: Live) -> Iterator[str]:
    """Commands that stop where something that is going to be created exists: it would be changed, and then removed."""
    yield "kubectl get namespace default >/dev/null || stop 'kubectl cannot reach a cluster'"
    for each in live.namespaces:
        name = quote(each["metadata"]["name"])
        yield f"! kubectl get namespace {name} >/dev/null 2>&1 ||"
        yield f"  stop {quote('namespace ' + each['metadata']['name'] + ' exists: this takes a cluster for tests')}"
    for each in (*live.pods, *live.policies):
        namespace, name = namespace_of(each), each["metadata"]["name"]
        if namespace in EVERYWHERE:
            kind = each["kind"].lower()
            yield f"! kubectl get {kind} {quote(name)} -n {quote(namespace)} >/dev/null 2>&1 ||"
            yield f"  stop {quote(f'{kind} {name} exists in {namespace}: this takes a cluster for tests')}"
    touched = {*live.labels, *(namespace_of(each) for each in (*live.pods, *live.policies))}
    there = [name for name in EVERYWHERE if name in touched]
    if there:
        text = "note: something is also put into namespaces that every cluster has, and removed at the end: "
        yield f"printf '%s\\n' {quote(text + ', '.join(there))} >&2"
    yield ""


def _cleaning(live: Live) -> Iterator[str]:
    files = list(live.files())
    yield "npv_labelled=''"
    yield "clean_up() {"
    yield "  npv_status=$?"
    yield "  trap - EXIT"
    yield '  if [ -z "${NPV_KEEP:-}" ]; then'
    for name in reversed(files):
        yield f"    kubectl delete -f {FOLDER}/{name} --ignore-not-found >/dev/null"
    yield "    for each in $npv_labelled; do"
    yield '      kubectl label namespace "${each%%=*}" "${each#*=}-" >/dev/null'
    yield "    done"
    yield "  fi"
    yield '  exit "$npv_status"'
    yield "}"
    yield "trap clean_up EXIT"
    yield "trap 'exit 130' INT"
    yield "trap 'exit 143' HUP TERM"
    yield ""


def _creating(live: Live) -> Iterator[str]:
    if live.namespaces:
        yield f"kubectl create -f {FOLDER}/1-namespaces.yaml >/dev/null || stop 'the namespaces cannot be created'"
    for name, labels in live.labels.items():
        yield from _labelling(name, labels)
    yield from (f"await_account {quote(name)}" for name in dict.fromkeys(namespace_of(pod) for pod in live.pods))
    if live.pods:
        path = f"{FOLDER}/2-pods.yaml"
        yield f"kubectl create -f {path} >/dev/null || stop 'the pods cannot be created'"
        yield f"kubectl wait -f {path} --for=condition=ContainersReady --timeout=300s >/dev/null ||"
        yield "  stop 'the pods do not start'"
        yield "sleep 2 # until they listen"
    yield _ADDRESSES
    yield ""


def _labelling(name: str, labels: Raw) -> Iterator[str]:
    """Commands that give labels to a namespace which every cluster has, and remember those that it did not have."""
    for key, value in labels.items():
        yield f"npv_said=$(kubectl label namespace {quote(name)} {quote(f'{key}={value}')}) ||"
        message = f"the label {key} of namespace {name} has another value: this takes a cluster for tests"
        yield f"  stop {quote(message)}"
        yield f'case $npv_said in *"not labeled"*) ;; *) npv_labelled="$npv_labelled {name}={key}" ;; esac'


def _policies(live: Live) -> Iterator[str]:
    if live.policies:
        yield f"kubectl create -f {FOLDER}/3-policies.yaml >/dev/null || stop 'the policies cannot be created'"
        yield 'sleep "${NPV_SETTLE:-10}"'
