"""Relations between label selectors that can be read off them: one implies another, or no pod fits both.

Both answers are sound and incomplete: what is not seen here is only not proposed, and nothing is proposed unproved.
"""

from __future__ import annotations

from ...encodings.selectors import Requirement, Selector


def implies(narrow: Selector, wide: Selector) -> bool:
    """Does every pod that ``narrow`` selects surely fit ``wide``?"""
    return all(any(_implies(given, wanted) for given in narrow) for wanted in wide)


def _implies(given: Requirement, wanted: Requirement) -> bool:
    if given.key != wanted.key:
        return False
    values, others = set(given.values), set(wanted.values)
    match given.operator, wanted.operator:
        case "In", "In":
            return values <= others
        case "In", "NotIn":
            return values.isdisjoint(others)
        case "NotIn", "NotIn":
            return others <= values
        case "In" | "Exists", "Exists":
            return True
        case "DoesNotExist", "DoesNotExist" | "NotIn":
            return True
        case _:
            return False


def apart(one: Selector, other: Selector) -> bool:
    """Does surely no pod fit both?"""
    return any(_apart(a, b) or _apart(b, a) for a in one for b in other)


def _apart(one: Requirement, other: Requirement) -> bool:
    if one.key != other.key:
        return False
    values, others = set(one.values), set(other.values)
    match one.operator, other.operator:
        case "In", "In":
            return values.isdisjoint(others)
        case "In", "NotIn":
            return values <= others
        case "In" | "Exists", "DoesNotExist":
            return True
        case _:
            return False


def is_plain(selector: Selector) -> bool:
    """Does the selector select pods without labels, which nobody has thought of?"""
    return all(each.operator in ("NotIn", "DoesNotExist") for each in selector)
