"""The auditor's search over attempts, those that were made and those that were not."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from dialer.calls.attempt import AttemptState
from dialer.compliance.words import name_of_check, name_of_fact
from dialer.domain.ids import OrganisationId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.services.views.queries import AttemptFilter
from dialer.services.views.trail import AttemptPage, AttemptRow, FiltersView
from dialer.services.views.vocabulary import outcome_choices, state_choices
from dialer.services.views.words import Choice, Declined, Named, Sentence
from dialer.storage.personal import Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment

RECENT_REFUSALS_MAX: Final = 500
"""How many of the latest refusals are read for the list of objection codes."""
COUNTRY_ASSUMED: Final = "CN"

_SHOWN: Final = """
    SELECT a.id, a.authorised_us, a.campaign_id, a.state, a.outcome, a.disposition, a.connected_us, a.ended_us,
           c.name_zh, c.name_en, u.name AS agent, s.sid, s.wrapped_key, s.number_ct, r.state AS recording_state,
           (SELECT d.codes FROM decision d WHERE d.attempt_id = a.id AND d.outcome = 'refused') AS codes
      FROM ({found}) a
      JOIN campaign c ON c.id = a.campaign_id
      JOIN subject s ON s.sid = a.sid
      LEFT JOIN user_account u ON u.id = a.agent_id
      LEFT JOIN recording r ON r.attempt_id = a.id
     ORDER BY a.authorised_us DESC, a.id DESC
"""
"""The page is found first, by one index, and then looked up: no engine may join before it knows which rows."""
_ONE: Final = "SELECT a.* FROM attempt a WHERE a.id = :id AND a.org_id = :org"
_BY_ATTEMPT: Final = """
    SELECT a.* FROM attempt a WHERE {where} ORDER BY a.authorised_us DESC, a.id DESC LIMIT :most
"""
_BY_CODE: Final = """
    SELECT a.* FROM refusal_code k CROSS JOIN attempt a WHERE a.id = k.attempt_id AND {where}
     ORDER BY k.at_us DESC, k.attempt_id DESC LIMIT :most
"""
_HAS_CODE: Final = (
    "EXISTS (SELECT 1 FROM refusal_code k WHERE k.org_id = a.org_id AND k.code = :code"
    " AND k.at_us = a.authorised_us AND k.attempt_id = a.id)"
)
FEW_DAYS: Final = timedelta(days=2)
"""A campaign's attempts of so long are fewer than the refusals that would have to be looked up one by one."""


@dataclass(frozen=True, slots=True)
class TrailReader:
    """Searches attempts of one organisation."""

    store: Store
    personal: PersonalReader

    async def search(self, org: OrganisationId, wanted: AttemptFilter) -> AttemptPage | Declined:
        """One page, newest first. A number is looked for by its keyed hash and never written down."""
        hmac: bytes | None = None
        if wanted.number is not None:
            parsed = parse_phone(wanted.number, COUNTRY_ASSUMED)
            if isinstance(parsed, BadNumber):
                return Declined("number.invalid", Sentence(parsed.zh, parsed.en))
            hmac = self.personal.keyring.number_hmac(org, parsed.e164)
        return await self.store.read(lambda tx: self._page(tx, org, wanted, hmac))

    async def filters(self, org: OrganisationId) -> FiltersView:
        """What a search may be narrowed by."""
        return await self.store.read(lambda tx: _filters(tx, org))

    async def rows(self, org: OrganisationId, attempts: Sequence[str]) -> tuple[AttemptRow, ...]:
        """These attempts of the organisation, in this order; what isn't its own is left out."""

        def work(tx: Tx) -> tuple[AttemptRow, ...]:
            found = (tx.one(_SHOWN.format(found=_ONE), id=one, org=org) for one in attempts)
            return tuple(self._row(row) for row in found if row is not None)

        return await self.store.read(work)

    def _page(self, tx: Tx, org: OrganisationId, wanted: AttemptFilter, hmac: bytes | None) -> AttemptPage:
        conditions, values = search_conditions(wanted)
        if hmac is not None:
            conditions.append("a.number_hmac = :hmac")
            values["hmac"] = hmac
        found = walk_sql(wanted, conditions)
        rows = tx.all(_SHOWN.format(found=found), org=org, most=wanted.limit + 1, **values)
        shown = rows[: wanted.limit]
        more = len(rows) > wanted.limit
        return AttemptPage(
            items=tuple(self._row(row) for row in shown),
            next=f"{shown[-1].authorised_us}:{shown[-1].id}" if more else None,
        )

    def _row(self, row: Row) -> AttemptRow:
        talked = row.connected_us is not None and row.ended_us is not None
        return AttemptRow(
            id=row.id,
            at=moment(row.authorised_us),
            campaign=Named(row.campaign_id, Sentence(row.name_zh, row.name_en)),
            number=self.personal.masked(Key(row.sid, row.wrapped_key), row.number_ct),
            agent=row.agent,
            state=AttemptState(row.state),
            outcome=row.outcome,
            disposition=row.disposition,
            codes=tuple(code for code in (row.codes or "").split(",") if code),
            talk_seconds=(row.ended_us - row.connected_us) // 1_000_000 if talked else None,
            has_recording=row.recording_state == "sealed",
        )


def walk_sql(wanted: AttemptFilter, conditions: Sequence[str]) -> str:
    """The statement that finds a page: a walk along one index, newest first."""
    return (_BY_CODE if _walks_codes(wanted) else _BY_ATTEMPT).format(where=" AND ".join(conditions))


def _walks_codes(wanted: AttemptFilter) -> bool:
    """Whether refusals of a code are walked, or a campaign's few attempts of some days, each asked for the code."""
    if wanted.code is None:
        return False
    if wanted.campaign is None or wanted.since is None or wanted.until is None:
        return True
    return wanted.until - wanted.since > FEW_DAYS


def search_conditions(wanted: AttemptFilter) -> tuple[list[str], dict[str, object]]:
    """Of the walk itself (organisation, code, time, place of the page) and of the attempts on it."""
    by_code = _walks_codes(wanted)
    walk, at, key = ("k", "at_us", "attempt_id") if by_code else ("a", "authorised_us", "id")
    asked: list[tuple[str, str, object]] = [
        (f"{walk}.{at} >= :since", "since", None if wanted.since is None else micros(wanted.since)),
        (f"{walk}.{at} < :until", "until", None if wanted.until is None else micros(wanted.until)),
        ("k.code = :code" if by_code else _HAS_CODE, "code", wanted.code),
        ("a.campaign_id = :campaign", "campaign", wanted.campaign),
        ("a.agent_id = :agent", "agent", wanted.agent),
        ("a.state = :state", "state", None if wanted.state is None else wanted.state.value),
        ("a.outcome = :outcome", "outcome", wanted.outcome),
        ("a.consent_id = :consent", "consent", wanted.consent),
        ("a.caller_id = :caller_id", "caller_id", wanted.caller_id),
    ]
    conditions = [f"{walk}.org_id = :org", *(sql for sql, _, value in asked if value is not None)]
    values = {name: value for _, name, value in asked if value is not None}
    us, colon, attempt_id = (wanted.after or "").partition(":")
    if colon and us.isdigit() and len(us) < 19:
        conditions.append(f"({walk}.{at}, {walk}.{key}) < (:after_us, :after_id)")
        values["after_us"], values["after_id"] = int(us), attempt_id
    return conditions, values


def like_code(code: str) -> str:
    """A LIKE pattern that finds one code in a list with commas around each; for `ESCAPE '!'`."""
    literal = code.replace("!", "!!").replace("_", "!_").replace("%", "!%")
    return f"%,{literal},%"


def _filters(tx: Tx, org: OrganisationId) -> FiltersView:
    campaigns = tx.all("SELECT id, name_zh, name_en FROM campaign WHERE org_id = :org ORDER BY id", org=org)
    agents = tx.all(
        "SELECT id, name FROM user_account WHERE org_id = :org AND role = 'agent' ORDER BY name, id", org=org
    )
    shown = tx.all("SELECT id, number FROM caller_id WHERE org_id = :org ORDER BY number, id", org=org)
    return FiltersView(
        caller_ids=tuple(Named(c.id, Sentence(c.number, c.number)) for c in shown),
        campaigns=tuple(Named(c.id, Sentence(c.name_zh, c.name_en)) for c in campaigns),
        agents=tuple(Named(a.id, Sentence(a.name, a.name)) for a in agents),
        states=state_choices(),
        outcomes=outcome_choices(),
        codes=code_choices(tx, org),
    )


def code_choices(tx: Tx, org: OrganisationId) -> tuple[Choice, ...]:
    rows = tx.all(
        "SELECT rules_json FROM decision WHERE org_id = :org AND outcome = 'refused' ORDER BY at_us DESC LIMIT :most",
        org=org,
        most=RECENT_REFUSALS_MAX,
    )
    named: dict[str, Sentence] = {}
    for row in rows:
        kept = json.loads(row.rules_json)
        checks = {code: rule["check"] for rule in kept["rules"] for code in rule["codes"]}
        for objection in kept["objections"]:
            named.setdefault(objection["code"], _name_of_code(objection, checks.get(objection["code"])))
    shared = Counter(named.values())
    return tuple(
        Choice(code, name if shared[name] == 1 else Sentence(f"{name.zh}（{code}）", f"{name.en} ({code})"))
        for code, name in sorted(named.items())
    )


def _name_of_code(objection: dict[str, Any], check: str | None) -> Sentence:
    """What a code is about, whoever it was said of: its rule, its fact, or (neither is kept) its sentence."""
    if check is not None:
        return Sentence(*name_of_check(check.partition(".")[0]))
    path = dict(objection["inputs"]).get("fact")
    return Sentence(*name_of_fact(path)) if path is not None else Sentence(objection["zh"], objection["en"])
