"""What a campaign may be made of: what the organisation has, and what the law or a register will say of it."""

import json
from datetime import date
from typing import Final

from dialer.compliance.facts import ScriptFacts
from dialer.domain.caller_id import CallerIdState
from dialer.domain.campaign import PacingMode
from dialer.domain.consent import SourceState
from dialer.domain.ids import OrganisationId
from dialer.domain.organisation import Industry
from dialer.domain.purpose import Purpose
from dialer.rules.kinds.moments import Window
from dialer.rules.pack import Place
from dialer.rules.resolve import PackSet, resolve
from dialer.rules.strictness import Span
from dialer.services.views.campaigns import (
    CAP_PPM_MAX,
    AgentChoice,
    CampaignChoices,
    CampaignHours,
    LawfulHours,
    NumberChoice,
    ScriptChoice,
    SourceChoice,
)
from dialer.services.views.register_words import choice_words, choices_of
from dialer.services.views.words import Sentence
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

_UNFILED: Final = Sentence("话术尚未备案。", "This version is not filed yet.")
_NO_QUIZ: Final = Sentence("未通过规则考核，不能接听。", "Has not passed the rules quiz: can't take calls.")


def choices_of_campaign(tx: Tx, org: OrganisationId, packs: PackSet) -> CampaignChoices:
    """Everything of that organisation, also what can't be chosen, with the reason."""
    scripts = tx.all("SELECT * FROM script WHERE org_id = :org ORDER BY id", org=org)
    numbers = tx.all("SELECT * FROM caller_id WHERE org_id = :org ORDER BY number", org=org)
    agents = tx.all(
        "SELECT id, name, register_json FROM user_account"
        " WHERE org_id = :org AND role = 'agent' AND disabled_us IS NULL ORDER BY name, id",
        org=org,
    )
    sources = tx.all(
        "SELECT id, name, state FROM consent_source WHERE org_id = :org ORDER BY name, id", org=org
    )
    return CampaignChoices(
        purposes=choices_of(Purpose),
        industries=choices_of(Industry),
        modes=choices_of(PacingMode),
        scripts=tuple(_script(r) for r in scripts),
        numbers=tuple(_number(r) for r in numbers),
        agents=tuple(AgentChoice(r.id, r.name, _note(r)) for r in agents),
        sources=tuple(_source(r) for r in sources),
        hours=_lawful_hours(tx, org, packs),
        cap_ppm_max=CAP_PPM_MAX,
    )


def _script(row: Row) -> ScriptChoice:
    filed = read_group(
        ScriptFacts, row.register_json, script_id=row.id, organisation_id="", text="", text_sha256=""
    )
    purpose = filed.purpose if isinstance(filed.purpose, Purpose) else None
    is_filed = filed.filed_sha256 == row.sha256
    return ScriptChoice(row.id, row.version, purpose, None if is_filed else _UNFILED)


def _number(row: Row) -> NumberChoice:
    purposes = json.loads(row.register_json).get("filed_purposes", [])
    state = CallerIdState(row.state)
    why = None if state is CallerIdState.ACTIVE else choice_words(CallerIdState, row.state)
    return NumberChoice(row.id, row.number, tuple(Purpose(p) for p in purposes), why)


def _note(row: Row) -> Sentence | None:
    said = json.loads(row.register_json)
    return None if said.get("quiz_passed_at") else _NO_QUIZ


def _source(row: Row) -> SourceChoice:
    verified = row.state == SourceState.VERIFIED
    return SourceChoice(row.id, row.name, None if verified else choice_words(SourceState, row.state))


def _lawful_hours(tx: Tx, org: OrganisationId, packs: PackSet) -> tuple[LawfulHours, ...]:
    """By each country that a loaded pack knows, under the packs of that organisation."""
    row = tx.sole("SELECT packs, register_json FROM organisation WHERE id = :org", org=org)
    today = moment(tx.now_us()).astimezone(BUSINESS_ZONE).date()
    countries = sorted({country for pack in packs.packs for country in pack.scope.callee_countries})
    found = []
    for country in countries:
        window = _window(packs, frozenset(row.packs.split(",")), row.register_json, country, today)
        if window is not None:
            found.append(
                LawfulHours(
                    country, *(hours_shown(s) for s in (window.weekday, window.saturday, window.sunday))
                )
            )
    return tuple(found)


def _window(
    packs: PackSet, of_org: frozenset[str], register_json: str, country: str, today: date
) -> Window | None:
    at_home = json.loads(register_json).get("country")
    place = Place(
        packs=of_org,
        organisation_country=at_home if isinstance(at_home, str) else "",
        callee_country=country,
        regions=frozenset(),
    )
    bound = resolve(packs, place, frozenset({today})).one(Window)
    return None if bound is None else bound.value


def hours_shown(span: Span | None) -> CampaignHours | None:
    """Hours as `HH:MM`; None = closed."""
    return None if span is None else CampaignHours(f"{span.opens:%H:%M}", f"{span.closes:%H:%M}")
