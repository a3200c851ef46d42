"""Identifiers. All are opaque strings; none is derived from a phone number or a name."""

from typing import NewType

OrganisationId = NewType("OrganisationId", str)
CampaignId = NewType("CampaignId", str)
LeadId = NewType("LeadId", str)
ConsentId = NewType("ConsentId", str)
SubjectId = NewType("SubjectId", str)
"""A person within one organisation, random: the `sid` of the evidence log."""
AttemptId = NewType("AttemptId", str)
"""Also the `ChannelId` of the callee's channel on the dialer's Asterisk, so that events find their attempt."""
InboundId = NewType("InboundId", str)
"""One call that somebody made to a number of ours: 32 hex digits, drawn by the gate."""
PermitId = NewType("PermitId", str)
CallerIdId = NewType("CallerIdId", str)
SourceId = NewType("SourceId", str)
ScriptId = NewType("ScriptId", str)
UserId = NewType("UserId", str)
SeatId = NewType("SeatId", str)
"""A place at the floor: one endpoint of the dialer's Asterisk (`seat-3`, `headless-1`)."""
NodeId = NewType("NodeId", str)
