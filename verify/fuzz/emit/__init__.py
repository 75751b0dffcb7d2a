"""Suites for network plugins and other programs: connections that exercise every boundary of policies."""

from .given import Given, given
from .suite import Probe, Suite, suite_of
from .writing import suite_files, write_suite

__all__ = ["Given", "Probe", "Suite", "given", "suite_files", "suite_of", "write_suite"]
