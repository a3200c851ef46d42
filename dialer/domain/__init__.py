"""Nouns: what the business talks about, with no I/O and no clock."""
