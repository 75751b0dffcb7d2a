"""Real evaluators that need no protocol: each is asked in its own words, and its answers are read from its output."""

from collections.abc import Callable, Mapping

from ..model import Evaluator
from . import cyclonus, netpol_analyzer, network_config_analyzer, policy_assistant

ADAPTERS: Mapping[str, Callable[[str | None, float], Evaluator]] = {
    network_config_analyzer.NAME: network_config_analyzer.NetworkConfigAnalyzer,
    netpol_analyzer.NAME: netpol_analyzer.NetpolAnalyzer,
    cyclonus.NAME: cyclonus.Cyclonus,
    policy_assistant.NAME: policy_assistant.PolicyAssistant,
}
"""By name: makes one from the path of its program (None: it is on PATH) and the seconds that an answer may take.

Raises InputErrors if there is no such program.
"""
