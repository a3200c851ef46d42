"""Facts about who calls: organisation, campaign, script, caller ID, the floor."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from dialer.compliance.agents import AgentRegister, Conduct
from dialer.compliance.facts import (
    CallerIdFacts,
    CampaignFacts,
    FloorFacts,
    OrganisationFacts,
    ScriptFacts,
    Unknown,
)
from dialer.domain.caller_id import CallerIdState
from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.ids import CallerIdId, CampaignId, OrganisationId, ScriptId
from dialer.domain.organisation import Industry
from dialer.domain.purpose import Purpose
from dialer.storage.prompts import mode_with_notice
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx
from dialer.storage.times import micros

SHORT_CALL_SECONDS: Final = 6


def organisation_facts(row: Row) -> OrganisationFacts:
    """From the organisation's row and register."""
    return read_group(
        OrganisationFacts,
        row.register_json,
        organisation_id=OrganisationId(row.id),
        packs=frozenset(row.packs.split(",")),
        legal_name=row.name_zh,
        credit_code=row.uscc,
        industry=Industry(row.industry),
    )


def campaign_facts(tx: Tx, row: Row, day_start: datetime, now: datetime) -> CampaignFacts:
    """From the campaign's row and register, and the abandons that the attempts show.

    An answer counts when its agent disposed it as human, or at once when it was abandoned (decision 23).
    """
    month = answers_since(tx, row.id, now - timedelta(days=30))
    day = answers_since(tx, row.id, day_start)
    return read_group(
        CampaignFacts,
        row.register_json,
        campaign_id=CampaignId(row.id),
        organisation_id=OrganisationId(row.org_id),
        state=CampaignState(row.state),
        purpose=Purpose(row.purpose),
        industry=Industry(row.industry),
        mode=mode_with_notice(tx, row.org_id, PacingMode(row.mode)),
        live_answers_day=day[0],
        abandoned_day=day[1],
        live_answers_30_days=month[0],
        abandoned_30_days=month[1],
    )


def answers_since(tx: Tx, campaign_id: str, since: datetime) -> tuple[int, int]:
    """L and A of a campaign since a moment: answers disposed as human or abandoned, and abandoned ones.

    A talk that broke off because the agent's line was lost is a live answer, not an abandoned one: somebody was there.
    """
    of_campaign = {"campaign": campaign_id, "since": micros(since)}
    human = tx.sole(
        "SELECT COUNT(*) AS n FROM attempt WHERE campaign_id = :campaign AND authorised_us >= :since"
        " AND answered_us IS NOT NULL AND abandon_cause IS NULL AND answer_class = 'human'",
        **of_campaign,
    )
    left = tx.sole(
        "SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN abandon_cause = 'nobody' THEN 1 ELSE 0 END), 0) AS nobody"
        " FROM attempt WHERE campaign_id = :campaign AND authorised_us >= :since"
        " AND answered_us IS NOT NULL AND abandon_cause IS NOT NULL",
        **of_campaign,
    )
    return int(human.n) + int(left.n), int(left.nobody)


def script_text(parts_json: str) -> str:
    """The words of a script, one part a line, both languages: what is filed, hashed and checked against lexicons."""
    return "\n".join(f"{part['key']}\t{part['zh']}\t{part['en']}" for part in json.loads(parts_json))


def script_facts(row: Row) -> ScriptFacts:
    """From the script's row and register; the hash is that of the words as they stand now."""
    text = script_text(row.parts_json)
    return read_group(
        ScriptFacts,
        row.register_json,
        script_id=ScriptId(row.id),
        organisation_id=OrganisationId(row.org_id),
        text=text,
        text_sha256=sha256(text.encode()).hexdigest(),
    )


def choose_caller_id(tx: Tx, campaign_id: str) -> Row | None:
    """The campaign's caller ID that was used longest ago; active ones first."""
    return tx.one(
        """
        SELECT i.* FROM caller_id i JOIN campaign_caller_id b ON b.caller_id = i.id
        WHERE b.campaign_id = :campaign
        ORDER BY CASE WHEN i.state = 'active' THEN 0 ELSE 1 END,
                 (SELECT COALESCE(MAX(a.authorised_us), 0) FROM attempt a WHERE a.caller_id = i.id), i.id
        LIMIT 1
        """,
        campaign=campaign_id,
    )


def caller_id_facts(tx: Tx, row: Row | None, day_start: datetime, now: datetime) -> CallerIdFacts | Unknown:
    """From the number's row and register, and the calls made with it."""
    if row is None:
        return Unknown("the campaign has no caller ID")
    counts = tx.sole(
        """
        SELECT COALESCE(SUM(CASE WHEN authorised_us >= :hour THEN 1 ELSE 0 END), 0) AS hour, COUNT(*) AS day,
               COALESCE(SUM(CASE WHEN answered_us IS NOT NULL THEN 1 ELSE 0 END), 0) AS answered,
               COALESCE(SUM(CASE WHEN answered_us IS NOT NULL AND ended_us - answered_us < :short THEN 1 ELSE 0 END), 0) AS short
        FROM attempt WHERE caller_id = :id AND authorised_us >= :day AND state NOT IN ('lapsed', 'refused')
        """,
        id=row.id,
        hour=micros(now - timedelta(hours=1)),
        day=micros(day_start),
        short=SHORT_CALL_SECONDS * 1_000_000,
    )
    campaigns = tx.all("SELECT campaign_id FROM campaign_caller_id WHERE caller_id = :id", id=row.id)
    return read_group(
        CallerIdFacts,
        row.register_json,
        caller_id_id=CallerIdId(row.id),
        organisation_id=OrganisationId(row.org_id),
        campaigns=frozenset(CampaignId(r.campaign_id) for r in campaigns),
        state=CallerIdState(row.state),
        calls_hour=int(counts.hour),
        calls_day=int(counts.day),
        answered_day=int(counts.answered),
        short_calls_day=int(counts.short),
    )


def floor_facts(tx: Tx, campaign_id: str, org_id: str, day_start: datetime) -> FloorFacts:
    """From the campaign's agents and their training."""
    agents = tx.all(
        """
        SELECT u.org_id, u.register_json,
               (SELECT COUNT(*) FROM attempt a WHERE a.org_id IN (u.org_id, :org) AND a.agent_id = u.id
                  AND a.authorised_us >= :day) AS calls
        FROM user_account u JOIN campaign_agent g ON g.user_id = u.id
        WHERE g.campaign_id = :campaign AND u.disabled_us IS NULL
        """,
        campaign=campaign_id,
        org=org_id,
        day=micros(day_start),
    )
    training = [read_group(AgentRegister, a.register_json) for a in agents]
    passed = [t.quiz_passed_at for t in training if isinstance(t.quiz_passed_at, datetime)]
    oldest = min(passed) if passed and len(passed) == len(training) else None
    return FloorFacts(
        agents=len(agents),
        oldest_quiz_passed_at=oldest,
        suspended=sum(1 for t in training if t.conduct is Conduct.SUSPENDED),
        outsiders=sum(1 for a in agents if a.org_id != org_id),
        busiest_calls_day=max((int(a.calls) for a in agents), default=0),
    )
