"""What fields of registers and their values are called. A test holds both tables complete."""

from enum import StrEnum
from typing import Final

from dialer.compliance.agents import Conduct
from dialer.domain.caller_id import (
    AppealState,
    CallerIdClass,
    CallerIdState,
    FilingState,
    Presentation,
    Tenure,
)
from dialer.domain.campaign import (
    AmdUse,
    CampaignState,
    PacingMode,
    Refiling,
    ReviewState,
    ScriptStep,
    Speaker,
)
from dialer.domain.consent import SourceKind, SourceState
from dialer.domain.organisation import ChannelState, Industry, LicenceKind, Standing
from dialer.domain.purpose import Purpose
from dialer.services.views.vocabulary import PURPOSES
from dialer.services.views.words import Choice, Sentence

FIELDS: Final[dict[str, tuple[str, str]]] = {
    "country": ("国家或地区（ISO 3166）", "Country (ISO 3166)"),
    "business_scope": ("经营范围", "Business scope on the licence"),
    "licensed_purposes": ("经营范围内的用途", "Purposes within the licensed scope"),
    "terms_version_required": ("现行服务条款版本", "Terms version in force"),
    "terms_version_signed": ("已签署的条款版本", "Terms version signed"),
    "standing": ("违规处理状态", "Standing after verified violations"),
    "serious_strikes_at": ("严重违规时间", "Times of serious violations"),
    "licence": ("经营许可", "Licence"),
    "document_mismatches": ("证件不一致之处", "Fields on which documents differ"),
    "attestation": ("等保与认证", "Protection grade and certification"),
    "policies_unacknowledged": ("未确认的平台规则", "Policies not acknowledged"),
    "channel": ("渠道状态", "State of the channel"),
    "channel_complainants": ("渠道累计投诉人数", "Distinct complainants of the channel"),
    "channel_months_in_row": ("连续有投诉的月数", "Months in a row with a complaint"),
    "channel_outcries": ("舆情事件数", "Public-opinion incidents"),
    "agents_bound": ("号码与坐席绑定", "Agents bound to this number"),
    "number_class": ("号码类别", "Class of number"),
    "tenure": ("使用权", "By what right it is held"),
    "presentation": ("主叫显示核对", "Shown as sent"),
    "filing": ("码号备案", "Filing of the number"),
    "filed_purposes": ("备案用途", "Filed purposes"),
    "undertaking_signed_on": ("不违规承诺书签署日", "Undertaking signed on"),
    "linked_suspension": ("关联停用编号", "Linked suspension"),
    "appeal": ("申诉", "Appeal"),
    "real_name_check": ("实名核验", "Real-name check"),
    "risk_score": ("风险评分（0–1）", "Risk score (0–1)"),
    "alarms": ("未解除的风险告警", "Open alarms of risk feeds"),
    "filing_number": ("备案号或认证号", "Filing or certification number"),
    "expires_on": ("有效期至", "Valid until"),
    "purpose": ("用途", "Purpose"),
    "filed_sha256": ("备案文本的哈希", "Hash of the filed words"),
    "filed_at": ("备案时间", "Filed at"),
    "callback_proof_sha256": ("回访业务凭证的哈希", "Hash of the proof of callback business"),
    "steps": ("话术步骤", "Steps of the script"),
    "purpose_text": ("来电事由", "What the call is about"),
    "declared_business": ("申报业务", "Declared business"),
    "speaker": ("由谁说话", "Who speaks"),
    "amd": ("留言机检测", "Answering-machine detection"),
    "number_review": ("号码审核", "Number review"),
    "refiling": ("重新备案", "Re-filing"),
    "owner": ("负责人", "Accountable owner"),
    "second_person_started_at": ("第二人核准启动时间", "Second person's approval of the start"),
    "quiz_passed_at": ("规则考核通过时间", "Passed the rules quiz at"),
    "conduct": ("坐席纪律状态", "Conduct"),
    "purposes": ("可接的用途", "Purposes they may work"),
    "languages": ("语言（BCP 47）", "Languages (BCP 47)"),
    # values within a group
    "kind": ("类别", "Kind"),
    "number": ("编号", "Number"),
    "evidence_sha256": ("凭证的哈希", "Hash of the evidence"),
    "protection_grade": ("等级保护级别", "Grade of protection"),
    "protection_expires_on": ("等保有效期至", "Protection valid until"),
    "iso27001_expires_on": ("ISO 27001 有效期至", "ISO 27001 valid until"),
    "state": ("状态", "State"),
    "outbound": ("可呼出", "Outbound allowed"),
    "changed_on": ("变更日期", "Changed on"),
    "reference": ("审批编号", "Reference of the approval"),
    "modes": ("准用的拨号方式", "Modes that it approves"),
    "rows": ("准许的行业条目", "Business rows that it names"),
}  # fmt: skip

CHOICES: Final[dict[type[StrEnum], dict[str, tuple[str, str]]]] = {
    CallerIdClass: {
        "fixed": ("固定电话", "Fixed line"),
        "mobile": ("手机", "Mobile"),
        "400": ("400 号码", "400 number"),
        "95": ("95 号码", "95 number"),
        "96": ("96 号码", "96 number"),
        "carrier": ("运营商号码", "The carrier's own"),
        "other": ("其他", "Other"),
    },
    CallerIdState: {
        "registered": ("已登记，未启用", "Registered, not in use"),
        "active": ("在用", "Active"),
        "suspended": ("停用", "Suspended"),
        "terminated": ("永久停用", "Terminated for good"),
        "case_frozen": ("涉案冻结", "Frozen by the police"),
    },
    AppealState: {"none": ("无", "None"), "open": ("进行中", "Open")},
    Tenure: {"own": ("自有", "Own"), "leased": ("租用", "Leased"), "resold": ("转售", "Resold")},
    Presentation: {
        "as_sent": ("与发送一致", "As sent"),
        "altered": ("被更改", "Altered"),
        "hidden": ("被隐藏", "Hidden"),
    },
    FilingState: {
        "filed": ("已备案", "Filed"),
        "change_pending": ("变更待备案", "Change not filed yet"),
        "unfiled": ("未备案", "Not filed"),
    },
    CampaignState: {
        "draft": ("草稿", "Draft"),
        "pending_number_review": ("待号码审核", "Awaiting number review"),
        "ready": ("可启动", "Can start"),
        "running": ("运行中", "Running"),
        "paused": ("已暂停", "Paused"),
        "offline": ("已下线", "Taken offline"),
        "ended": ("已结束", "Ended"),
    },
    PacingMode: {
        "preview": ("预览", "Preview"),
        "progressive": ("渐进", "Progressive"),
        "predictive": ("预测", "Predictive"),
        "predictive_provable": ("预测（可证不超限）", "Predictive, provably under the cap"),
    },
    Speaker: {
        "human": ("真人", "A person"),
        "machine": ("机器", "A machine"),
        "press_one": ("按键转人工", "A machine, then a person by key"),
    },
    AmdUse: {"off": ("关闭", "Off"), "on": ("开启", "On")},
    ReviewState: {
        "not_needed": ("无需审核", "Not needed"),
        "pending": ("待审核", "Pending"),
        "approved": ("已通过", "Approved"),
        "rejected": ("未通过", "Rejected"),
    },
    Refiling: {"not_needed": ("无需", "Not needed"), "required": ("须重新备案", "Required")},
    ScriptStep: {
        "identity": ("说明身份", "Say who calls"),
        "person": ("确认本人", "Ask for the person"),
        "purpose": ("说明事由", "Say what it is about"),
        "recording": ("告知录音", "Say that it is recorded"),
        "may_refuse": ("告知可拒绝", "Say that they may refuse"),
        "request_confirmed": ("确认曾要求来电", "Have the request confirmed"),
        "sms_confirmation": ("短信确认", "Confirmation by SMS"),
    },
    SourceKind: {
        "filed_site": ("已备案网站", "Filed web site"),
        "certified_account": ("认证公众号", "Certified account"),
        "premises": ("营业场所", "Premises"),
        "contract": ("合同", "Contract"),
        "inbound_line": ("来电", "Inbound line"),
        "own_call": ("本单位通话", "Own call"),
        "third_party": ("第三方渠道（不可外呼）", "Third party (never dialable)"),
        "bought": ("购买（不可外呼）", "Bought (never dialable)"),
        "guessed": ("号段推算（不可外呼）", "Guessed (never dialable)"),
        "short_video": ("短视频推广（不可外呼）", "Short video (never dialable)"),
        "street_or_fair": ("线下推广（不可外呼）", "Street or fair (never dialable)"),
    },
    SourceState: {
        "verified": ("已核验", "Verified"),
        "unverified": ("未核验", "Not verified"),
        "paused": ("已暂停", "Paused"),
        "held": ("已停用", "Held"),
    },
    Conduct: {"clear": ("正常", "Clear"), "suspended": ("停用", "Suspended")},
    ChannelState: {
        "active": ("正常", "Active"),
        "permissions_off": ("权限关闭", "Permissions off"),
        "terminated": ("已终止", "Terminated"),
    },
    Industry: {
        "general": ("一般", "General"),
        "finance": ("金融", "Finance"),
        "insurance": ("保险", "Insurance"),
        "education": ("教育", "Education"),
        "health": ("医疗健康", "Health"),
        "telecom": ("电信", "Telecoms"),
        "real_estate": ("房地产", "Real estate"),
        "retail": ("零售", "Retail"),
    },
    LicenceKind: {
        "licensed": ("持证", "Licensed"),
        "exempt_own_customers": ("豁免：服务本单位客户", "Exempt: own customers"),
        "exempt_staffing": ("豁免：人力外包", "Exempt: staffing"),
        "exempt_technology": ("豁免：技术外包", "Exempt: technology"),
        "none": ("无", "None"),
    },
    Standing: {
        "good": ("正常", "Good"),
        "offline_grave": ("特大违规，已下线", "Offline after a grave violation"),
        "cut_off_harassment": ("骚扰，已关停", "Cut off for harassment"),
        "terminated": ("已解除合同", "Terminated"),
    },
}  # fmt: skip
_CHECK: Final = {"in_time": ("按期", "In time"), "overdue": ("逾期", "Overdue")}


def field_words(name: str) -> Sentence:
    """What a field is called."""
    zh, en = FIELDS[name]
    return Sentence(zh, en)


def choice_words(kind: type[StrEnum], value: str) -> Sentence:
    """What a value of an enumeration is called."""
    if kind is Purpose:
        return PURPOSES[Purpose(value)]
    table = CHOICES.get(kind, _CHECK)
    zh, en = table[value]
    return Sentence(zh, en)


def choices_of(kind: type[StrEnum]) -> tuple[Choice, ...]:
    """Every value of an enumeration with its words."""
    return tuple(Choice(str(value), choice_words(kind, value)) for value in kind)
