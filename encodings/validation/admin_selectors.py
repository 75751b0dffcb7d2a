"""Label selectors of the cluster-wide policy kinds, and ``pods``, which joins two of them.

The schema checks types, null and which fields there are. Operators, values and the syntax of labels pass the API
server unchecked, and each implementation decides what it makes of illegal ones: that is an error here as well, which
says so. It trusts ``selectors`` for what is legal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .admin_fields import entries, note_dropped, report, undecided
from .fields import Field, shown
from .selectors import OPERATORS, REQUIREMENT_FIELDS, SELECTOR_FIELDS, read_selector

POD_FIELDS = ("namespaceSelector", "podSelector")

_REMOVED = "removed from the API: write one policy for each group of namespaces and select it by its labels"
_SELECTOR_HINTS = {
    "namespaceSelector": "the selector stands here directly: namespaces: {matchLabels: …}",
    "podSelector": "to select pods write pods: {namespaceSelector: …, podSelector: …}",
    "sameLabels": _REMOVED,
    "notSameLabels": _REMOVED,
    "labels": "labels go under matchLabels",
    "matchLabel": 'did you mean "matchLabels"?',
}
_POD_HINTS = {
    "namespaces": "namespaces are selected by namespaceSelector: pods: {namespaceSelector: …, podSelector: …}",
    "sameLabels": _REMOVED,
    "notSameLabels": _REMOVED,
    **dict.fromkeys(SELECTOR_FIELDS, "write it under podSelector: or namespaceSelector:"),
}
_REQUIRED_HINTS = {
    "namespaceSelector": "write namespaceSelector: {} for every namespace",
    "podSelector": "write podSelector: {} for every pod, or namespaces: … instead of pods: …",
    "key": "write the label's key",
    "operator": f"write operator: {', '.join(OPERATORS[:-1])} or {OPERATORS[-1]}",
}
_LABELS_HINT = "write it as a map: `key: value`"


def check_selector(selector: Field) -> None:
    """Report the mistakes of a label selector; an absent one has none."""
    before = len(selector.findings.problems)
    _check_schema(selector)
    if len(selector.findings.problems) == before:
        undecided(selector, read_selector)
        if selector.children() and not any(child.written for child in selector.children()):
            selector.note("nulls are dropped by the API server: this selector is empty and selects everything")


def check_pods(pods: Field, required: Sequence[str]) -> None:
    """Report the mistakes of ``pods`` of a subject or peer, where the ``required`` selectors must not be absent."""
    if pods.mapping("write it as `pods: {namespaceSelector: …, podSelector: …}`") is None:
        return
    all_known = pods.only(POD_FIELDS, _POD_HINTS)
    for name in POD_FIELDS:
        if pods.child(name).written:
            check_selector(pods.child(name))
        elif name not in required:
            note_dropped(pods, name, "pods of every namespace are selected")
        elif all_known:
            pods.child(name).required(hint=_REQUIRED_HINTS[name])


def _check_schema(selector: Field) -> None:
    hint = "write it as a map: `matchLabels: {key: value}`" if isinstance(selector.value, str) else ""
    if selector.mapping(hint) is None:
        return
    selector.only(SELECTOR_FIELDS, _hints(selector))
    labels = selector.child("matchLabels")
    if labels.mapping(_LABELS_HINT if isinstance(labels.value, str) else "") is not None:
        for label in labels.children():
            _check_label(label)
    for expression in entries(selector.child("matchExpressions")):
        _check_expression(expression)


def _check_label(label: Field) -> None:
    if label.written:
        label.string()
        return
    message = "Invalid value: null: the API server drops a label without a value, and more is selected"
    report(label, message, 'write "" for an empty value; for any value use matchExpressions with operator Exists')


def _check_expression(expression: Field) -> None:
    if expression.mapping("write an entry as `{key: app, operator: In, values: [web]}`") is None:
        return
    expression.only(REQUIREMENT_FIELDS)
    for name in ("key", "operator"):
        field = expression.child(name)
        if field.written:
            field.string()
        else:
            field.required(hint=_REQUIRED_HINTS[name])
    for value in entries(expression.child("values")):
        value.string()


def _hints(selector: Field) -> Mapping[str, str]:
    """Hints for what does not belong in a selector: labels that somebody wrote without matchLabels among it."""
    near = {name.lower() for name in (*SELECTOR_FIELDS, *_SELECTOR_HINTS)}
    labels = {
        str(child.path[-1]): f"labels go under matchLabels: `matchLabels: {{{child.path[-1]}: {_quoted(child.value)}}}`"
        for child in selector.children()
        if isinstance(child.value, (str, int)) and str(child.path[-1]).lower() not in near
    }
    return {**labels, **_SELECTOR_HINTS}


def _quoted(value: object) -> str:
    return value if isinstance(value, str) else f'"{shown(value)}"'
