"""Fixtures of the integration tests; each outside world has a module of its own."""

from tests.integration.asterisk_fixtures import asterisk_program, short_root, world

__all__ = ["asterisk_program", "short_root", "world"]
