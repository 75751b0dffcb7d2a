"""The rules of NetworkPolicy's semantics, by topic."""
