"""The concrete evaluator: decides one connection from the objects as written, apart from the symbolic
encoding."""
