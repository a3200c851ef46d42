"""A person's own copy of what is kept of them, as a text that they can read (D13): Chinese and English side by side."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dialer.storage.personal import CONSENT, LEAD, Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment, moment_or_none

_ZONE = ZoneInfo("Asia/Shanghai")
_WAYS = (
    "您可以要求查阅、复制、更正、删除上述信息，或随时撤回授权。",
    "You may ask to see, copy, correct or delete this, or withdraw your consent at any time.",
)


def write_copy(tx: Tx, personal: PersonalReader, subject: Row, now: datetime) -> str:
    """The text of one person within one organisation."""
    key = Key(subject.sid, subject.wrapped_key)
    org = tx.sole("SELECT name_zh, name_en FROM organisation WHERE id = :id", id=subject.org_id)
    lines = [
        "个人信息副本 · Copy of your personal data",
        f"机构 Organisation: {org.name_zh} · {org.name_en}",
        f"制作时间 Made: {_at(now)}",
        f"电话号码 Phone number: {personal.number(key, subject.number_ct) or ''}",
    ]
    lines += _consents(tx, personal, key)
    lines += _requests(tx, personal, key)
    lines += _calls(tx, subject)
    lines += _refusals(tx, subject)
    return "\n".join((*lines, "", *_WAYS)) + "\n"


def _at(at: datetime | None) -> str:
    return "-" if at is None else at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S %Z")


def _consents(tx: Tx, personal: PersonalReader, key: Key) -> list[str]:
    rows = tx.all(
        "SELECT c.*, s.name AS source FROM consent c LEFT JOIN consent_source s ON s.id = c.source_id"
        " WHERE c.sid = :sid ORDER BY c.given_us, c.id",
        sid=key.sid,
    )
    lines = ["", f"一、授权 Consents: {len(rows)}"]
    for row in rows:
        words = personal.words(key, CONSENT, row.payload_ct)
        lines += [
            f"- {_at(moment(row.given_us))}  用途 purpose: {row.purpose}  来源 source: {row.source or '-'} ({row.origin})",
            f"  撤回 withdrawn: {_at(moment_or_none(row.withdrawn_us))}  到期 expires: {_at(moment_or_none(row.expires_us))}",
        ]
        if words.get("name"):
            lines.append(f"  姓名 name: {words['name']}")
        if words.get("text"):
            lines.append(f"  当时所示文本 text as shown: {words['text']}")
    return lines


def _requests(tx: Tx, personal: PersonalReader, key: Key) -> list[str]:
    rows = tx.all("SELECT * FROM lead WHERE sid = :sid ORDER BY requested_us, id", sid=key.sid)
    lines = ["", f"二、回电请求 Requests to be called: {len(rows)}"]
    for row in rows:
        words = personal.words(key, LEAD, row.payload_ct)
        lines.append(
            f"- {_at(moment(row.requested_us))}  姓名 name: {words.get('name', '-')}  事项 asked: {words.get('asked', '-')}"
        )
    return lines


def _calls(tx: Tx, subject: Row) -> list[str]:
    rows = tx.all(
        "SELECT a.*, i.number AS shown, r.state AS recording FROM attempt a"
        " LEFT JOIN caller_id i ON i.id = a.caller_id LEFT JOIN recording r ON r.attempt_id = a.id"
        " WHERE a.sid = :sid ORDER BY a.authorised_us, a.id",
        sid=subject.sid,
    )
    lines = ["", f"三、呼叫 Calls and decisions not to call: {len(rows)}"]
    for row in rows:
        recorded = "有 yes" if row.recording == "sealed" else "无 no"
        lines.append(
            f"- {_at(moment(row.authorised_us))}  主叫 from: {row.shown or '-'}  状态 state: {row.state}"
            f"  接听 answered: {_at(moment_or_none(row.answered_us))}  结束 ended: {_at(moment_or_none(row.ended_us))}"
            f"  录音 recording: {recorded}"
        )
    return lines


def _refusals(tx: Tx, subject: Row) -> list[str]:
    rows = tx.all(
        "SELECT * FROM dnc_entry WHERE (org_id = :org AND number_hmac = :own)"
        " OR (org_id IS NULL AND number_hmac = :platform) ORDER BY at_us, id",
        org=subject.org_id,
        own=bytes(subject.number_hmac),
        platform=bytes(subject.platform_hmac),
    )
    lines = ["", f"四、拒接 Refusals: {len(rows)}"]
    for row in rows:
        scope = "平台 platform" if row.org_id is None else "本机构 this organisation"
        lines.append(
            f"- {_at(moment(row.at_us))}  范围 scope: {scope}  用途 purpose: {row.purpose or '全部 all'}"
        )
    return lines
