"""Connectivity: which declared workloads and address ranges can talk, on which ports.

A third evaluator, over the intermediate form: it computes with classes of workloads, ranges of addresses and sets of
ports, where the concrete evaluator asks about one connection and the symbolic one lets a solver choose.
"""
