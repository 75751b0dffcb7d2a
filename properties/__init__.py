"""The property suite: what users state, read and checked."""
