"""Does an evaluator say the same when it is asked again? One that does not is not to be trusted either time."""

from __future__ import annotations

from collections.abc import Sequence

from ..features import FEATURES
from ..model import Answer, Cluster, Evaluator, Flow, Trouble

Outcome = tuple[Answer, ...] | Trouble


class Stable:
    """An evaluator that can be asked its last question again, by way of a fresh process where it has processes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.name = evaluator.name
        self.unsupported = evaluator.unsupported
        self._evaluator = evaluator
        self._asked: tuple[Cluster, tuple[Flow, ...]] | None = None
        self._said: Outcome = ()

    def answers(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask it. Raises Trouble as it does."""
        self._asked, self._said = (cluster, tuple(flows)), self._outcome(cluster, flows)
        return _given(self._said)

    def again(self, cluster: Cluster, flows: Sequence[Flow]) -> tuple[Answer, ...]:
        """Ask it once more (twice, if this was not its last question), the last time as if it had just been started.

        Raises Trouble: ``unstable`` where that is not what it said before, else as it does. Only what is decided is
        compared: reasons and complaints may name times and places.
        """
        asked = (cluster, tuple(flows))
        before = self._said if self._asked == asked else self._outcome(cluster, flows)
        self.restart()
        after = self._outcome(cluster, flows)
        self._asked, self._said = asked, after
        _compare(asked[1], before, after)
        return _given(after)

    def restart(self) -> None:
        """The next question goes to a fresh process, where the evaluator knows how."""
        restart = getattr(self._evaluator, "restart", None)
        if callable(restart):
            restart()

    def abandon(self) -> None:
        """End its programs at once, for handlers of signals, where the evaluator knows how."""
        abandon = getattr(self._evaluator, "abandon", None)
        if callable(abandon):
            abandon()

    def close(self) -> None:
        """Close it."""
        self._evaluator.close()

    def _outcome(self, cluster: Cluster, flows: Sequence[Flow]) -> Outcome:
        try:
            return tuple(self._evaluator.answers(cluster, flows))
        except Trouble as trouble:
            return trouble


def _given(outcome: Outcome) -> tuple[Answer, ...]:
    if isinstance(outcome, Trouble):
        raise outcome
    return outcome


def _compare(flows: Sequence[Flow], before: Outcome, after: Outcome) -> None:
    """Raises Trouble (``unstable``) unless both decide alike."""
    if isinstance(before, Trouble) or isinstance(after, Trouble):
        first, second = (each.kind if isinstance(each, Trouble) else "answers" for each in (before, after))
        if first != second:
            raise Trouble("unstable", f"asked twice, first {first}, then {second}")
        return
    for flow, one, two in zip(flows, before, after, strict=True):
        if _decided(one) != _decided(two):
            asked = ", ".join(f"{key} {value}" for key, value in flow.as_json().items())
            raise Trouble("unstable", f"{asked}\nasked twice, first {_decided(one)}, then {_decided(two)}")


def _decided(answer: Answer) -> str:
    """What an answer comes to: a reason counts only where it names a feature."""
    if answer.allowed is not None:
        return "allowed" if answer.allowed else "refused"
    return f"unsupported ({answer.unsupported})" if answer.unsupported in FEATURES else "unsupported"
