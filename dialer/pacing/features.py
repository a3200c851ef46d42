"""What is known of a lead before it is dialled, as far as it tells how likely it is answered. No personal data."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Promise(StrEnum):
    """How `now` lies to the hour that the lead asked for."""

    NONE = "none"
    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class LeadFeatures:
    """Features of one lead at the moment of dialling.

    list_key: which list or source it came from (an opaque key).
    request_age_hours: since the callee asked for the call, ≥ 0; infinite where unknown.
    promise: whether now is the hour that they asked for. attempts: tries before this one, ≥ 0.
    hour: local hour at the callee, 0–23.
    """

    list_key: str
    request_age_hours: float
    promise: Promise
    attempts: int
    hour: int


AGE_EDGES_HOURS = (1.0, 4.0, 24.0, 72.0)
"""Requests are as warm as the last edge they have passed."""
ATTEMPTS_MAX = 3


@dataclass(frozen=True, slots=True, order=True)
class LeadClass:
    """A cell of leads that share an answer rate. Few cells, so that each is learned in a morning."""

    list_key: str
    age: int
    promise: Promise
    attempts: int


def class_of(features: LeadFeatures) -> LeadClass:
    """The cell of a lead. The hour is no part of it: hours move all cells together and are learned apart."""
    age_hours = features.request_age_hours
    age = (
        len(AGE_EDGES_HOURS) if math.isnan(age_hours) else sum(age_hours >= edge for edge in AGE_EDGES_HOURS)
    )
    return LeadClass(features.list_key, age, features.promise, min(max(features.attempts, 0), ATTEMPTS_MAX))
