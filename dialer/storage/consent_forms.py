"""The form's register: which text a verified source shows, in which language, and which campaign calls back.

In `consent_source.register_json`: {"form": {"site", "texts": {language: text id}, "sms": {"template_id", "approved_on",
"texts": {language: "… {code} …"}}}}; in `consent_text.register_json`: "days_valid", where the consent ends by itself.
"""

import json
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import structlog
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from dialer.compliance.queue import Offer, campaign_for
from dialer.domain.consent import SourceState
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.domain.purpose import Purpose
from dialer.services.consent_codes import SmsTemplate, mentions_barred_trade
from dialer.services.consent_desk import Form
from dialer.services.views.words import Sentence
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

log = structlog.get_logger()

BUSINESS_ZONE: Final = ZoneInfo("Asia/Shanghai")
VALID_UNTIL: Final = "{{valid_until}}"
WITHDRAW_URL: Final = "{{withdraw_url}}"

Language = Annotated[str, StringConstraints(pattern=r"^(zh|en)$")]


class _Register(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SmsRegister(_Register):
    """A template that the carrier approved (B8): a code and what it is for, nothing of the trades that may not text."""

    template_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    approved_on: date
    texts: dict[
        Language, Annotated[str, StringConstraints(pattern=r"^[^{}]*\{code\}[^{}]*$", max_length=200)]
    ]

    @field_validator("texts")
    @classmethod
    def _no_barred_trade(cls, texts: dict[Language, str]) -> dict[Language, str]:
        if any(mentions_barred_trade(text) for text in texts.values()):
            raise ValueError("a code's message mentions a trade that may not send any")
        return texts


class FormRegister(_Register):
    """What a source says of its form. `site`: the origin of the page that may frame it."""

    site: Annotated[
        str, StringConstraints(pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?)?$", max_length=200)
    ]
    texts: Annotated[dict[Language, str], Field(min_length=1)]
    sms: SmsRegister | None = None


def read_form(tx: Tx, source_id: str, language: str, base_url: str) -> Form | None:
    """The form of a verified source in `language` or the one that it has; None: it may not be shown now."""
    source = tx.one(
        "SELECT s.*, o.name_zh, o.name_en FROM consent_source s JOIN organisation o ON o.id = s.org_id"
        " WHERE s.id = :id",
        id=source_id,
    )
    if source is None or source.state != SourceState.VERIFIED:
        return None
    try:
        register = FormRegister.model_validate_json(json.dumps(json.loads(source.register_json).get("form")))
    except ValidationError:
        return None
    spoken = language if language in register.texts else next(iter(register.texts))
    text = tx.one(
        "SELECT * FROM consent_text WHERE id = :id AND org_id = :org",
        id=register.texts[spoken],
        org=source.org_id,
    )
    if text is None:
        return _closed("the text is not registered")
    campaign = campaign_of(tx, source.org_id, Purpose(text.purpose))
    if campaign is None:
        return _closed("no campaign declares the text's purpose")
    expires_at = _expires(text, moment(tx.now_us()))
    shown = _filled(str(text.text), expires_at, f"{base_url}/f/{source.id}/stop?lang={spoken}")
    if "{{" in shown:
        return _closed("the text has an unfilled placeholder")
    sms = register.sms
    if sms is not None and spoken not in sms.texts:
        return _closed("no approved text message in the form's language")
    return Form(
        source_id=source.id,
        org_id=OrganisationId(source.org_id),
        org_name=Sentence(source.name_zh, source.name_en),
        site=register.site,
        language=spoken,
        languages=tuple(sorted(register.texts)),
        purpose=Purpose(text.purpose),
        text_version=text.id,
        text=shown,
        text_sha256=sha256(shown.encode()).hexdigest(),
        country=str(json.loads(campaign.register_json).get("country", "CN")),
        campaign_id=CampaignId(campaign.id),
        expires_at=expires_at,
        sms=SmsTemplate(sms.template_id, sms.approved_on.isoformat(), sms.texts[spoken]) if sms else None,
    )


def sms_of(tx: Tx, source_id: str | None, language: str) -> SmsTemplate | None:
    """The approved message with which a source's form proves phones; None: it proves none."""
    row = tx.one("SELECT register_json FROM consent_source WHERE id = :id", id=source_id or "")
    if row is None:
        return None
    try:
        form = FormRegister.model_validate_json(json.dumps(json.loads(row.register_json).get("form")))
    except ValidationError:
        return None
    if form.sms is None or language not in form.sms.texts:
        return None
    return SmsTemplate(form.sms.template_id, form.sms.approved_on.isoformat(), form.sms.texts[language])


def _closed(why: str) -> Form | None:
    log.warning("form.closed", why=why)
    return None


def campaign_of(tx: Tx, org: str, purpose: Purpose) -> Row | None:
    """The campaign of that purpose: one that runs before one that doesn't, then by id (compliance/queue.py)."""
    rows = tx.all("SELECT id, purpose, state, register_json FROM campaign WHERE org_id = :org", org=org)
    day_ends = moment(tx.now_us()) + timedelta(days=1)
    offers = [
        Offer(CampaignId(r.id), Purpose(r.purpose), day_ends if r.state == "running" else None)
        for r in rows
        if r.purpose in set(Purpose)
    ]
    chosen = campaign_for(purpose, offers)
    return next((r for r in rows if r.id == chosen), None)


def _expires(text: Row, now: datetime) -> datetime | None:
    days = json.loads(text.register_json).get("days_valid")
    if not isinstance(days, int):
        return None
    last = now.astimezone(BUSINESS_ZONE).date() + timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time(0), BUSINESS_ZONE).astimezone(UTC)


def _filled(text: str, expires_at: datetime | None, withdraw_url: str) -> str:
    if expires_at is not None:
        last = expires_at.astimezone(BUSINESS_ZONE).date() - timedelta(days=1)
        text = text.replace(VALID_UNTIL, last.isoformat())
    return text.replace(WITHDRAW_URL, withdraw_url)
