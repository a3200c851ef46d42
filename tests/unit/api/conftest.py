"""Fixtures of the API's tests."""

from tests.unit.api.api_world import client, rooms, seeded, store

__all__ = ["client", "rooms", "seeded", "store"]
