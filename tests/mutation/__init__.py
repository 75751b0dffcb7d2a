"""Mutation testing of this project: faults in its code, listed before they are run, and which tests notice them."""
