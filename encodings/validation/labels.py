"""Maps of labels, wherever they stand: metadata.labels, matchLabels and the selectors that are plain maps.

Source of the rules: ValidateLabels in
kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
It trusts ``fields.Field`` for types.
"""

from __future__ import annotations

import re

from .fields import Field
from .names import label_key_problems, label_value_problems, template_hint


def read_labels(labels: Field) -> dict[str, str] | None:
    """The labels of a map, with a Problem for each that is illegal; None if some have the wrong type.

    A null value is the empty string: that is what the API server's JSON decoder makes of it on create (while
    ``kubectl apply`` onto an existing object removes the key, hence the notice).
    """
    if labels.mapping(_map_hint(labels.value)) is None:
        return None
    result: dict[str, str] = {}
    for label in labels.children():
        key = str(label.path[-1])
        check_key(labels, key, label)
        value = label.string()
        if value is None:
            continue
        result[key] = value
        if label.value is None:
            label.note('null is read as "", as the API server decodes it; write "" if that is meant')
        for problem in label_value_problems(value):
            labels.invalid(problem, value_hint(value), value, label)
    return result if len(result) == len(labels.children()) else None


def check_key(field: Field, key: str, at: Field) -> None:
    """Report on ``field`` what keeps ``key``, written at ``at``, from being a label key."""
    for problem in label_key_problems(key):
        field.invalid(problem, _key_hint(key), key, at)


def value_hint(value: str) -> str:
    """What somebody may have meant by an illegal label value, or ""."""
    unrendered = template_hint(value)
    if unrendered:
        return unrendered
    pair = re.fullmatch(r"\s*([^=\s]+)\s*==?\s*([^=\s]+)\s*", value)
    if pair:
        return f"a label is written as a map: `{pair[1]}: {pair[2]}`"
    if "*" in value:
        return "there are no wildcards: use matchExpressions with operator Exists to match every value"
    if value != value.strip():
        return f'remove the blanks around "{value.strip()}"'
    if "," in value or "|" in value:
        return "for one of several values use matchExpressions with operator In"
    return ""


def _key_hint(key: str) -> str:
    unrendered = template_hint(key)
    if unrendered:
        return unrendered
    if "=" in key:
        name, _, value = key.partition("=")
        return f"a label is written as a map: `{name.strip()}: {value.strip('= ')}`"
    if key.count("/") > 1:
        return "a key holds one `/` at most, between a DNS name and the label's name"
    prefix, slash, name = key.partition("/")
    if slash and prefix != prefix.lower():
        return f'the part before the `/` is lower case: did you mean "{prefix.lower()}/{name}"?'
    return ""


def _map_hint(value: object) -> str:
    pair = re.fullmatch(r"\s*([^=:\s]+)\s*[=:]+\s*([^=:\s]+)\s*", value) if isinstance(value, str) else None
    if pair:
        return f"write it as a map: `{pair[1]}: {pair[2]}`"
    return "write it as a map: `key: value`" if isinstance(value, str) else ""
