"""Support for the differential tests: random small clusters and properties, and a prover by plain enumeration.

The brute-force prover is a third reading of the semantics, written apart from the symbolic prover and from the concrete
evaluator: of the product it imports only the objects as written and the suite as written.
"""
