"""Broken inputs by the thousand: what they are made of, how they are run, and what may come of them."""
