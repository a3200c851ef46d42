"""The terms of an allowed call, from facts that are all known and bounds that are all there."""

from datetime import datetime
from typing import TypeVar

from dialer.compliance.case import Case, known
from dialer.compliance.outcome import Terms
from dialer.rules.kinds.calls import CallLength, OptOut, Patience, Recording, Ring, SipRefusals
from dialer.rules.kinds.moments import Abandon

K = TypeVar("K")


def _bound(case: Case, kind: type[K]) -> K:
    found = case.law.one(kind)
    if found is None:
        raise RuntimeError(f"{kind.__name__} is mandatory and was checked before")
    return found.value


def terms_of(case: Case, dial_before: datetime) -> Terms:
    """What T1 writes and the exchange enforces. For a case without objections only."""
    ring, length = _bound(case, Ring), _bound(case, CallLength)
    recording, optout, sip = _bound(case, Recording), _bound(case, OptOut), _bound(case, SipRefusals)
    return Terms(
        organisation_id=known(case.organisation.organisation_id),
        campaign_id=known(case.campaign.campaign_id),
        lead_id=known(case.lead.lead_id),
        subject_id=known(case.callee.subject_id),
        consent_id=known(case.consent.consent_id),
        source_id=known(case.source.source_id),
        script_id=known(case.script.script_id),
        caller_id_id=known(case.caller_id.caller_id_id),
        purpose=known(case.campaign.purpose),
        zones=tuple(sorted(known(case.callee.zones))),
        dial_before=dial_before,
        ring_seconds_max=ring.ring_seconds_max,
        call_seconds_max=length.call_seconds_max,
        permit_seconds_max=length.permit_seconds_max,
        patience_ms=_bound(case, Patience).patience_ms_max,
        recording_notice=recording.notice,
        optout_key=optout.key,
        closing_seconds=optout.closing_seconds_max,
        abandon_cap_ppm=min(b.value.cap_ppm for b in case.law.all(Abandon)),
        sip_603=sip.sip_603,
        sip_607=sip.sip_607,
        sip_608=sip.sip_608,
        kept_days=known(case.vault.kept_days),
    )
