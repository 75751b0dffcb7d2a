"""Evaluators that are asked: programs that speak the protocol, Python objects, and built-in adapters, by name."""

from .named import evaluator_from, until_done
from .stable import Stable

__all__ = ["Stable", "evaluator_from", "until_done"]
