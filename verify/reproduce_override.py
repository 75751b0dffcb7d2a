"""What a counterexample to `cannotOverride` leaves to do on a cluster: to have the API server judge the policies.

They stand in the place of all NetworkPolicies that there are, so trying them would mean to remove those: a script that
a person runs on a hint does not do that. Trusts the counterexample; quotes all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from .owner_policies import namespace_of_policy
from .reports.override_words import NONE, changes
from .reports.words import reading, sentence
from .reproduce_words import comment, quote
from .results import Counterexample, Object


def reproduce_override(example: Counterexample, identity: str) -> tuple[str, ...]:
    """The lines of a shell script that changes nothing."""
    return tuple(_lines(example, identity))


def _lines(example: Counterexample, identity: str) -> Iterator[str]:
    yield comment(f"{identity}: {sentence(example)}")
    yield comment("This tries no connection: that would take the removal of all NetworkPolicies that there are.")
    if not example.reading.usual:
        yield comment(f"It takes a network plugin that reads {reading(example.reading)}.")
    undeclared = {end.namespace for end in (example.source, example.destination) if end.namespace_declared is False}
    for words, policies in changes(example):
        yield comment(f"The connection is {words} {'these policies' if policies else NONE}.")
        yield from (_judged(each, undeclared) for each in policies)


def _judged(policy: Object, undeclared: set[str | None]) -> str:
    """The API server's word on a policy; the client's own where there is no namespace for it yet."""
    who = "client" if namespace_of_policy(policy) in undeclared else "server"
    return f"printf '%s\\n' {quote(json.dumps(policy))} | kubectl apply --dry-run={who} -f -"
