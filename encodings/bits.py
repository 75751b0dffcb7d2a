"""Unsigned numbers as vectors of Boolean terms, most significant bit first, and questions about them.

A *code* is such a number that stands for one of finitely many things (a namespace, a label's value).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .terms import FALSE, TRUE, Term, Terms

Bits = tuple[Term, ...]


def width_for(count: int) -> int:
    """The number of bits that tell ``count`` things apart (0 for one)."""
    return max(count - 1, 0).bit_length()


def variables(terms: Terms, name: str, width: int) -> Bits:
    """A fresh vector of ``width`` variables called ``name.0`` (most significant) and so on."""
    return tuple(terms.variable(f"{name}.{index}") for index in range(width))


def equals(terms: Terms, bits: Bits, number: int) -> Term:
    """``bits == number``; FALSE if the number does not fit."""
    width = len(bits)
    if number >> width:
        return FALSE
    return terms.all_of(bit if number >> (width - 1 - index) & 1 else -bit for index, bit in enumerate(bits))


def same(terms: Terms, left: Bits, right: Bits) -> Term:
    """``left == right``; both have the same width."""
    return terms.all_of(terms.same(a, b) for a, b in zip(left, right, strict=True))


def has_prefix(terms: Terms, bits: Bits, prefix: int, length: int) -> Term:
    """The ``length`` most significant bits are those of ``prefix`` (a number as wide as ``bits``)."""
    return equals(terms, bits[:length], prefix >> (len(bits) - length))


def at_least(terms: Terms, bits: Bits, number: int) -> Term:
    """``bits >= number``."""
    result = TRUE
    for index, bit in enumerate(reversed(bits)):
        combine = terms.all_of if number >> index & 1 else terms.any_of
        result = combine((bit, result))
    return result if not number >> len(bits) else FALSE


def between(terms: Terms, bits: Bits, first: int, last: int) -> Term:
    """``first <= bits <= last``."""
    if first == last:
        return equals(terms, bits, first)
    return terms.all_of((at_least(terms, bits, first), -at_least(terms, bits, last + 1)))


def precedes(terms: Terms, left: Bits, right: Bits) -> Term:
    """``left <= right``; both have the same width."""
    result = TRUE
    for one, other in zip(reversed(left), reversed(right), strict=True):
        result = terms.choose(terms.same(one, other), result, other)
    return result


def member(terms: Terms, bits: Bits, numbers: Collection[int]) -> Term:
    """``bits`` is one of ``numbers``: a decision tree over the bits whose equal branches are shared."""

    def descend(position: int, low: int, chosen: Sequence[int]) -> Term:
        if not chosen:
            return FALSE
        size = 1 << (len(bits) - position)
        if len(chosen) == size:
            return TRUE
        if len(chosen) == 1:
            return equals(terms, bits[position:], chosen[0] - low)
        middle = low + size // 2
        lower = [number for number in chosen if number < middle]
        upper = [number for number in chosen if number >= middle]
        return terms.choose(bits[position], descend(position + 1, middle, upper), descend(position + 1, low, lower))

    return descend(0, 0, sorted(set(numbers)))
