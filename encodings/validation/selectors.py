"""Label selectors: matchLabels, matchExpressions and their operators.

Source of the rules: ValidateLabelSelector in
kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
It trusts ``labels`` for keys and values.
"""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Field
from .labels import check_key, read_labels, value_hint
from .names import label_value_problems

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
SELECTOR_FIELDS = ("matchLabels", "matchExpressions")
REQUIREMENT_FIELDS = ("key", "operator", "values")

_OPERATOR_HINTS = {
    "": "write operator: In, NotIn, Exists or DoesNotExist",
    "=": "write In with the one value",
    "==": "write In with the one value",
    "equals": "write In with the one value",
    "!=": "write NotIn with the one value",
    "notequals": "write NotIn with the one value",
    "notexists": "did you mean DoesNotExist?",
    "doesnotexists": "did you mean DoesNotExist?",
    "exist": "did you mean Exists?",
    "gt": "Gt and Lt are for node affinity only",
    "lt": "Gt and Lt are for node affinity only",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One legal line of a selector: ``operator`` (of OPERATORS) on ``key`` with ``values``."""

    key: str
    operator: str
    values: tuple[str, ...]

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether labels fulfil it: NotIn and DoesNotExist also where the key is absent."""
        present = self.key in labels
        match self.operator:
            case "In":
                return present and labels[self.key] in self.values
            case "NotIn":
                return not present or labels[self.key] not in self.values
            case "Exists":
                return present
            case _:
                return not present


def read_selector(selector: Field) -> tuple[Requirement, ...] | None:
    """The requirements of a selector, with a Problem for each mistake; None if there is one."""
    before = len(selector.findings.problems)
    if selector.mapping(_selector_hint(selector.value)) is None:
        return None
    selector.only(SELECTOR_FIELDS, _misplaced_labels(selector))
    labels = read_labels(selector.child("matchLabels")) or {}
    requirements = [Requirement(key, "In", (value,)) for key, value in labels.items()]
    for expression in selector.child("matchExpressions").sequence() or []:
        requirements += _read_requirement(expression)
    return None if len(selector.findings.problems) > before else tuple(requirements)


def _read_requirement(expression: Field) -> list[Requirement]:
    if expression.mapping("write an entry as `{key: app, operator: In, values: [web]}`") is None:
        return []
    expression.only(REQUIREMENT_FIELDS)
    key, operator = expression.child("key").string(), expression.child("operator").string()
    elements = expression.child("values").sequence()
    values = [(element, element.string()) for element in elements or []]
    if operator is not None:
        _check_operator(expression, operator, elements)
    if key is not None:
        key_field = expression.child("key")
        check_key(key_field, key, key_field)
    for element, value in values:
        for problem in label_value_problems(value or ""):
            element.invalid(problem, value_hint(value or ""))
        if element.value is None:
            element.note('null is read as "", as the API server decodes it; write "" if that is meant')
    return [Requirement(key or "", operator or "", tuple(value or "" for _, value in values))]


def _check_operator(expression: Field, operator: str, values: list[Field] | None) -> None:
    field = expression.child("values")
    if operator not in OPERATORS:
        likely = next((known for known in OPERATORS if known.lower() == operator.lower()), "")
        hint = f"operators are case sensitive: {likely}" if likely else _OPERATOR_HINTS.get(operator.lower(), "")
        expression.child("operator").invalid("not a valid selector operator", hint)
    elif operator in ("In", "NotIn") and values == []:
        hint = "to ask for the key alone use Exists or DoesNotExist"
        field.required("must be specified when `operator` is 'In' or 'NotIn'", hint)
    elif operator in ("Exists", "DoesNotExist") and values:
        hint = f"remove `values`, or use {'In' if operator == 'Exists' else 'NotIn'}"
        field.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'", hint)


def _selector_hint(value: object) -> str:
    if isinstance(value, str):
        return "write it as a map: `matchLabels: {key: value}`"
    return ""


def _misplaced_labels(selector: Field) -> dict[str, str]:
    """Hints for labels written straight under a selector: any text under a name that is near no field's."""
    near = {name.lower() for name in (*SELECTOR_FIELDS, "matchLabel", "matchExpression", "labels", "expressions")}
    hints = {
        str(child.path[-1]): f"labels go under matchLabels: `matchLabels: {{{child.path[-1]}: {child.value}}}`"
        for child in selector.children()
        if isinstance(child.value, (str, int)) and str(child.path[-1]).lower() not in near
    }
    return {"labels": "labels go under matchLabels", "matchLabel": 'did you mean "matchLabels"?', **hints}
