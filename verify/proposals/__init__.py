"""A first suite for given manifests: what they guarantee today, as properties that rest on policies."""
