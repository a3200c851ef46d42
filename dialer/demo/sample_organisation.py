"""The sample organisation: it makes enterprise software and calls its customers back. Everything is plainly invented."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher

from dialer.compliance.agents import AgentRegister, Conduct
from dialer.compliance.facts import (
    CallerIdFacts,
    CampaignFacts,
    Check,
    OrganisationFacts,
    PlatformFacts,
    ScriptFacts,
    SourceFacts,
    VaultFacts,
)
from dialer.demo.sample_leads import (
    BOUGHT_LIST,
    FILED_SITE,
    HOURS,
    INBOUND,
    OWN_CALL,
    TEXT_BY_PHONE,
    TEXT_SAID,
    TEXT_VERSION,
    UNVERIFIED_SITE,
)
from dialer.domain.caller_id import AppealState, CallerIdClass, Filing, FilingState, Presentation, Tenure
from dialer.domain.campaign import (
    AmdUse,
    NumberReview,
    PacingMode,
    Refiling,
    ReviewState,
    ScriptStep,
    Speaker,
)
from dialer.domain.consent import ConsentField
from dialer.domain.organisation import (
    Attestation,
    ChannelState,
    Licence,
    LicenceKind,
    PlatformTerms,
    Standing,
)
from dialer.domain.purpose import Purpose
from dialer.storage.facts_caller import script_text
from dialer.storage.organisations import begin_operator
from dialer.storage.registers import to_register
from dialer.storage.sql import Tx
from dialer.storage.tables_organisation import (
    CallerId,
    Campaign,
    CampaignAgent,
    CampaignCallerId,
    ConsentSource,
    ConsentText,
    Organisation,
    Script,
    User,
)
from dialer.storage.times import micros
from dialer.telephony.prompts import Language, callback_text

ORG: Final = "org-sample"
_LICENCE_SHA256: Final = sha256(b"licence").hexdigest()
CAMPAIGN: Final = "campaign-callback"
CALLER_ID: Final = "4000000000"
NAME_ZH: Final = "示例软件有限公司"
NAME_EN: Final = "Sample Software Ltd"
SUPERVISOR: Final = "user-supervisor"
HEADLESS_PREFIX: Final = "user-headless-"

CONSENT_TEXT: Final = f"""请给我回电
我是本号码的使用人。我请 {NAME_ZH}（统一社会信用代码 91000000000000000X）由其工作人员给我打电话，用于：软件使用问题的回电。
- 谁会打来：{NAME_ZH}；来电显示 400-000-0000。由真人通话，不使用机器人外呼。
- 什么时候：9:00—21:00（不在每日 21:00 至次日 9:00 及法定节假日来电）；最多尝试 3 次，接通一次即办结。
- 收集什么：手机号码（必填）；称呼、想咨询的内容、希望的时间（选填）；提交时间、页面、IP 地址和浏览器信息（作为同意凭证）。
- 通话会录音：依照呼叫中心管理要求，通话全程录音并留存。如不愿被录音，请改用在线客服。
- 保存多久：本同意有效至办结；录音、号码、拨打时间和本同意凭证自最后一次通话结束起保存三年，到期删除。存储于中国境内。
- 不会提供给其他公司用于其自身目的，不用于推销其他业务。
- 随时撤回：www.example.com/withdraw，或在通话中说“不要再打了”。撤回后立即停止来电。
未满 18 周岁请勿填写。
同意并请回电
"""

CONSENT_TEXT_SAID: Final = f"""跟您确认：您请 {NAME_ZH}（统一社会信用代码 91000000000000000X）在约定的时间再给您打一次电话，用于：软件使用问题的回电。
- 由我们的工作人员拨打，来电显示 400-000-0000；只在约定的时间内拨打，接通一次即办结。
- 本次通话和回电都会录音；录音、号码、拨打时间和这次约定自最后一次通话结束起保存三年，到期删除，存储于中国境内。
- 您的号码只用于这次回电，不会提供给其他公司，也不用于推销其他业务。
- 您随时可以取消：访问 www.example.com/withdraw，或在通话中说“不要再打了”。
您同意吗？
"""
"""What the agent reads aloud when a callback is agreed in a talk; the answer is on the recording."""

TEXT_VERSION_EN: Final = "callback-en-1"
CONSENT_TEXT_EN: Final = f"""Please call me back
I use this number. I ask {NAME_EN} (unified social credit code 91000000000000000X) to have a member of staff call me about: questions of using the software.
- Who calls: {NAME_EN}; the number shown will be 400-000-0000. A person speaks to you; no robot calls.
- When: 9:00-21:00 (never between 21:00 and 09:00 or on public holidays); at most 3 tries; once we have spoken, the request is done.
- What we collect: your phone number (required); how to address you, your question, a time that suits (optional); time, page, IP address and browser (as proof of consent).
- The call is recorded: call-centre rules require the whole call to be recorded and kept. If you do not want that, please use the online chat.
- How long: this consent is valid until the request is done; recording, numbers, call time and this proof are kept for three years after the end of the last call, then deleted. Stored in China.
- Never given to another company for its own purposes; never used to sell you something else.
- Take it back at any time: www.example.com/withdraw, or say "do not call me again" in the call. Calls stop at once.
Not for persons under 18.
"""

SCRIPT_PARTS: Final = (
    (
        "identity",
        "您好，这里是示例软件有限公司，我是工作人员，工号 8。",
        "Hello, this is Sample Software; I am on staff, number 8.",
        True,
    ),
    ("person", "请问是您本人吗？", "Am I speaking to you yourself?", True),
    (
        "purpose",
        "您今天在我们网站留言请我们回电，咨询软件使用问题。",
        "Today you asked us on our website to call you back about using the software.",
        True,
    ),
    ("recording", "本次通话会录音并依规留存。", "This call is recorded and kept as the rules require.", True),
    (
        "may_refuse",
        "不方便可以另约时间；不希望接听请告诉我，我马上结束，以后不再打。请问现在可以继续吗？",
        "If this is a bad time we can choose another; if you do not want the call, say so and we never call again. May I go on?",
        True,
    ),
    ("close", "感谢您的时间，再见。", "Thank you for your time. Goodbye.", False),
)


@dataclass(frozen=True, slots=True)
class Login:
    """A sample login, printed at the start of the demo."""

    role: str
    login: str
    password: str


def write_sample(tx: Tx, now: datetime, record_key: str, headless: int) -> tuple[Login, ...]:
    """Write organisation, registers, campaign and users. `record_key`: the filed site's public key, hex."""
    _organisation(tx, now)
    _sources(tx, now, record_key)
    _script(tx, now)
    _campaign(tx)
    for name, value in (
        ("platform_register", _platform()),
        (f"dnc_reviewed_us:{ORG}", str(micros(now - timedelta(days=7)))),
    ):
        tx.run("INSERT INTO setting (name, value) VALUES (:name, :value)", name=name, value=value)
    return _users(tx, now, headless)


def _platform() -> str:
    return to_register(
        PlatformFacts,
        terms=(PlatformTerms("carrier-sample", "2026-1", "2026-1"),),
        trunk_owner="head of operations",
        trunk_tenure=Tenure.OWN,
    )


def _organisation(tx: Tx, now: datetime) -> None:
    register = to_register(
        OrganisationFacts,
        country="CN",
        business_scope="软件开发；信息技术咨询服务；呼叫中心业务",
        licensed_purposes=frozenset({Purpose.CALLBACK, Purpose.INFO_CONSULT}),
        terms_version_required="2026-1",
        terms_version_signed="2026-1",
        standing=Standing.GOOD,
        serious_strikes_at=(),
        licence=Licence(LicenceKind.LICENSED, "示例B2-00000000", date(now.year + 2, 1, 1), _LICENCE_SHA256),
        document_mismatches=(),
        attestation=Attestation(3, date(now.year + 1, 6, 1), date(now.year + 1, 6, 1)),
        policies_unacknowledged=(),
        channel=ChannelState.ACTIVE,
        channel_complainants=0,
        channel_months_in_row=0,
        channel_outcries=0,
    )
    tx.insert(
        Organisation(
            id=ORG,
            name_zh=NAME_ZH,
            name_en=NAME_EN,
            uscc="91000000000000000X",
            industry="general",
            region="cn-east",
            packs="cn-platform",
            register_json=register,
        )
    )
    begin_operator(tx, ORG)


def _sources(tx: Tx, now: datetime, record_key: str) -> None:
    checked = now.date() - timedelta(days=30)
    for source_id, kind, name, state in (
        (FILED_SITE, "filed_site", "www.example.com 留言区", "verified"),
        (UNVERIFIED_SITE, "filed_site", "new.example.com", "unverified"),
        (BOUGHT_LIST, "bought", "第三方名单", "verified"),
        (OWN_CALL, "own_call", "本单位通话中约定", "verified"),
        (INBOUND, "inbound_line", "回拨 400-000-0000", "verified"),
    ):
        register = json.loads(
            to_register(
                SourceFacts,
                filing_number="示例ICP备00000000号",
                checked_on=checked,
                expires_on=None,
                scope_checked_on=checked,
            )
        )
        register["record_key"] = record_key
        if source_id == FILED_SITE:
            register["form"] = {
                "site": "https://www.example.com",
                "texts": {"zh": TEXT_VERSION, "en": TEXT_VERSION_EN},
            }
        if source_id == INBOUND:
            register |= {"text": TEXT_BY_PHONE, "hours": HOURS}
        register |= {"text": TEXT_SAID} if source_id == OWN_CALL else {}
        tx.insert(
            ConsentSource(
                id=source_id,
                org_id=ORG,
                kind=kind,
                name=name,
                state=state,
                register_json=json.dumps(register),
            )
        )
    states = [
        str(f) for f in ConsentField if f not in {ConsentField.ACT, ConsentField.TIME, ConsentField.ADDRESS}
    ]
    for version, language, text, purpose in (
        (TEXT_VERSION, "zh", CONSENT_TEXT, "软件使用问题的回电"),
        (TEXT_VERSION_EN, "en", CONSENT_TEXT_EN, "a callback about questions of using the software"),
        (TEXT_SAID, "zh", CONSENT_TEXT_SAID, "软件使用问题的回电"),
        (TEXT_BY_PHONE, "zh", callback_text(Language.ZH, NAME_ZH), "软件使用问题的回电"),
    ):
        tx.insert(
            ConsentText(
                id=version,
                org_id=ORG,
                purpose="callback",
                text=text,
                sha256=sha256(text.encode()).hexdigest(),
                register_json=json.dumps(
                    {
                        "language": language,
                        "states": states,
                        "kept_days_promised": 1095,
                        "purpose_text": purpose,
                    }
                ),
            )
        )


def _script(tx: Tx, now: datetime) -> None:
    parts = json.dumps(
        [{"key": k, "zh": zh, "en": en, "required": r} for k, zh, en, r in SCRIPT_PARTS], ensure_ascii=False
    )
    digest = sha256(script_text(parts).encode()).hexdigest()
    tx.insert(
        Script(
            id="script-callback-1",
            org_id=ORG,
            version=1,
            sha256=digest,
            parts_json=parts,
            register_json=to_register(
                ScriptFacts,
                purpose=Purpose.CALLBACK,
                filed_sha256=digest,
                filed_at=now - timedelta(days=20),
                callback_proof_sha256=sha256(b"page").hexdigest(),
                steps=frozenset(ScriptStep),
            ),
        )
    )


def _campaign(tx: Tx) -> None:
    register = json.loads(
        to_register(
            CampaignFacts,
            purpose_text="回复您在网站留言的软件使用问题",
            declared_business="企业软件售后回访",
            country="CN",
            speaker=Speaker.HUMAN,
            amd=AmdUse.OFF,
            number_review=NumberReview(ReviewState.APPROVED, "review-1", frozenset(), frozenset()),
            refiling=Refiling.NOT_NEEDED,
            owner="campaign lead",
            sources=frozenset(),
            hours=None,
            second_person_started_at=None,
        )
    )
    register |= json.loads(to_register(VaultFacts, kept_days=1095))
    tx.insert(
        Campaign(
            id=CAMPAIGN,
            org_id=ORG,
            name_zh="网站留言回访",
            name_en="Website callbacks",
            purpose="callback",
            industry="general",
            script_id="script-callback-1",
            mode=str(PacingMode.PROGRESSIVE),
            state="running",
            abandon_cap_ppm=10_000,
            register_json=json.dumps(register, ensure_ascii=False),
        )
    )
    tx.insert(
        CallerId(
            id="number-400",
            org_id=ORG,
            number=CALLER_ID,
            state="active",
            register_json=to_register(
                CallerIdFacts,
                agents_bound=True,
                number_class=CallerIdClass.N400,
                tenure=Tenure.OWN,
                presentation=Presentation.AS_SENT,
                filing=Filing(FilingState.FILED, outbound=True, changed_on=None, expires_on=date(2028, 1, 1)),
                filed_purposes=frozenset({Purpose.CALLBACK, Purpose.INFO_CONSULT}),
                undertaking_signed_on=date(2026, 1, 5),
                linked_suspension="",
                appeal=AppealState.NONE,
                real_name_check=Check.IN_TIME,
                risk_score=Decimal("0.10"),
                alarms=frozenset(),
            ),
        )
    )
    tx.insert(CampaignCallerId(campaign_id=CAMPAIGN, caller_id="number-400"))


def _users(tx: Tx, now: datetime, headless: int) -> tuple[Login, ...]:
    trained = to_register(
        AgentRegister,
        quiz_passed_at=now - timedelta(days=100),
        conduct=Conduct.CLEAR,
        purposes=frozenset({Purpose.CALLBACK, Purpose.INFO_CONSULT}),
        languages=frozenset({"zh", "en"}),
    )
    hasher = PasswordHasher()
    logins = []
    for role, login, name in (
        ("agent", "agent", "陈晓"),
        ("supervisor", "supervisor", "林主管"),
        ("auditor", "auditor", "审计员"),
        ("administrator", "admin", "管理员"),
    ):
        password = secrets.token_urlsafe(9)
        logins.append(Login(role, login, password))
        user = f"user-{login}"
        tx.insert(_user(user, login, name, role, hasher.hash(password), trained))
        if role == "agent":
            tx.insert(CampaignAgent(campaign_id=CAMPAIGN, user_id=user))
    for place in range(1, headless + 1):
        user = f"{HEADLESS_PREFIX}{place}"
        tx.insert(_user(user, user, f"演示坐席 {place}", "agent", "", trained))
        tx.insert(CampaignAgent(campaign_id=CAMPAIGN, user_id=user))
    return tuple(logins)


def _user(user: str, login: str, name: str, role: str, password_hash: str, register: str) -> User:
    return User(
        id=user,
        org_id=ORG,
        login=login,
        name=name,
        role=role,
        locale="zh",
        password_hash=password_hash,
        register_json=register,
    )


DEMO_INSTANT: Final = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
"""Wednesday 2026-11-18, 10:30 in Shanghai: a working day of the shipped calendar, whatever today's date is."""
