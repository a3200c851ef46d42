"""Fixtures of the acceptance tests."""

from tests.unit.api.api_world import seeded

__all__ = ["seeded"]
