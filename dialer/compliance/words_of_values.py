"""What values in a refusal's sentence are called by people, in Chinese and in English. Inputs keep the short names."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from dialer.compliance.facts import VaultState
from dialer.compliance.words import Words
from dialer.domain.caller_id import CallerIdClass, Presentation
from dialer.domain.campaign import CampaignState, PacingMode, ScriptStep
from dialer.domain.consent import ConsentField, Origin, SourceKind
from dialer.domain.lead import Hold, LeadState
from dialer.domain.phone import NumberType
from dialer.rules.banned import TextField
from dialer.rules.kinds.words import Binding, RecordPart

# by class first: members of two classes with one text are equal to a dict
VALUES: Final[dict[type[StrEnum], dict[StrEnum, Words]]] = {
    ConsentField: {
        ConsentField.TEXT_SHOWN: ("所示文本", "text shown"),
        ConsentField.TEXT_VERSION: ("文本版本", "version of the text"),
        ConsentField.LANGUAGE: ("语言", "language"),
        ConsentField.CONTROLLER: ("处理者名称", "controller"),
        ConsentField.CONTROLLER_CONTACT: ("处理者联系方式", "controller's contact"),
        ConsentField.PURPOSE: ("处理目的", "purpose"),
        ConsentField.METHOD: ("处理方式", "method"),
        ConsentField.KINDS_OF_DATA: ("信息种类", "kinds of data"),
        ConsentField.RECORDING_NOTICE: ("录音告知", "notice of recording"),
        ConsentField.RETENTION: ("保存期限", "retention"),
        ConsentField.RIGHTS: ("个人权利", "rights"),
        ConsentField.WITHDRAWAL_WAYS: ("撤回方式", "ways to withdraw"),
        ConsentField.ACT: ("同意的动作", "act of consenting"),
        ConsentField.TIME: ("时间", "time"),
        ConsentField.CHANNEL: ("渠道", "channel"),
        ConsentField.ADDRESS: ("页面或地址", "page or address"),
        ConsentField.ARTEFACT_SHA256: ("凭证的指纹", "hash of the artefact"),
    },
    Origin: {
        Origin.WEB_FORM: ("网页表单", "web form"),
        Origin.MESSAGE: ("留言", "message"),
        Origin.INBOUND_CALL: ("来电", "inbound call"),
        Origin.SMS: ("短信", "SMS"),
        Origin.PAPER: ("书面", "paper"),
        Origin.AGENT_PROMISE: ("通话中约定", "a promise in a call"),
        Origin.OTHER: ("其他方式", "other means"),
    },
    SourceKind: {
        SourceKind.FILED_SITE: ("已备案网站", "filed site"),
        SourceKind.CERTIFIED_ACCOUNT: ("已认证账号", "certified account"),
        SourceKind.PREMISES: ("营业场所", "premises"),
        SourceKind.CONTRACT: ("合同", "contract"),
        SourceKind.INBOUND_LINE: ("呼入热线", "inbound line"),
        SourceKind.OWN_CALL: ("本单位通话", "own call"),
        SourceKind.THIRD_PARTY: ("第三方", "third party"),
        SourceKind.BOUGHT: ("购买", "bought"),
        SourceKind.GUESSED: ("猜测或生成", "guessed"),
        SourceKind.SHORT_VIDEO: ("短视频推广", "short video"),
        SourceKind.STREET_OR_FAIR: ("街头或展会", "street or fair"),
    },
    RecordPart: {
        RecordPart.LEGAL_NAME: ("单位名称", "legal name"),
        RecordPart.CREDIT_CODE: ("统一社会信用代码", "unified social credit code"),
        RecordPart.BUSINESS_SCOPE: ("经营范围", "business scope"),
    },
    Binding: {
        Binding.ORGANISATION: ("单位", "the organisation"),
        Binding.CAMPAIGN: ("任务", "the campaign"),
        Binding.AGENTS: ("坐席", "the agents"),
    },
    Presentation: {
        Presentation.AS_SENT: ("与发送一致", "as sent"),
        Presentation.ALTERED: ("被更改", "altered"),
        Presentation.HIDDEN: ("被隐藏", "hidden"),
    },
    CallerIdClass: {
        CallerIdClass.FIXED: ("固定电话", "fixed line"),
        CallerIdClass.MOBILE: ("手机", "mobile"),
        CallerIdClass.N400: ("400", "400"),
        CallerIdClass.N95: ("95", "95"),
        CallerIdClass.N96: ("96", "96"),
        CallerIdClass.CARRIER: ("运营商", "carrier"),
        CallerIdClass.OTHER: ("其他", "other"),
    },
    PacingMode: {
        PacingMode.PREVIEW: ("预览式", "preview"),
        PacingMode.PROGRESSIVE: ("渐进式", "progressive"),
        PacingMode.PREDICTIVE: ("预测式", "predictive"),
        PacingMode.PREDICTIVE_PROVABLE: ("预测式（可证明）", "predictive, provable"),
    },
    VaultState: {
        VaultState.WRITABLE: ("可写", "writable"),
        VaultState.FULL: ("已满", "full"),
        VaultState.UNREACHABLE: ("无法访问", "unreachable"),
    },
    CampaignState: {
        CampaignState.DRAFT: ("草稿", "draft"),
        CampaignState.PENDING_NUMBER_REVIEW: ("等待号码审核", "pending number review"),
        CampaignState.READY: ("待启动", "ready"),
        CampaignState.RUNNING: ("运行中", "running"),
        CampaignState.PAUSED: ("已暂停", "paused"),
        CampaignState.OFFLINE: ("下线整改", "offline"),
        CampaignState.ENDED: ("已结束", "ended"),
    },
    LeadState: {
        LeadState.QUEUED: ("排队中", "queued"),
        LeadState.CLAIMED: ("已领取", "claimed"),
        LeadState.DIALING: ("呼叫中", "being dialled"),
        LeadState.DONE: ("已完成", "done"),
        LeadState.DROPPED: ("不再呼叫", "dropped"),
    },
    Hold: {
        Hold.NONE: ("无", "none"),
        Hold.DECLINED: ("表示没兴趣", "not interested"),
        Hold.PROOF_DOUBTED: ("授权凭证存疑", "proof of consent in doubt"),
        Hold.WRONG_PERSON: ("非本人", "wrong person"),
        Hold.PAIR_BLOCKED: ("号码与本人不符", "number and person don't belong together"),
        Hold.THREAT: ("涉及威胁", "a threat"),
        Hold.DECLINED_603: ("对方拒接（603）", "declined with 603"),
        Hold.RECORDING_OBJECTED: ("不同意录音", "objected to the recording"),
        Hold.UNCERTAIN_CALL: ("上次呼叫结果不明", "how the last call ended is not known"),
        Hold.WORDS_HEARD: ("疑似拒绝的话语", "words that may be a refusal"),
    },
    NumberType: {
        NumberType.MOBILE: ("手机", "mobile"),
        NumberType.FIXED: ("固定电话", "fixed line"),
        NumberType.FIXED_OR_MOBILE: ("固定电话或手机", "fixed line or mobile"),
        NumberType.VOIP: ("网络电话", "VoIP"),
        NumberType.PERSONAL: ("个人号码", "personal number"),
    },
    TextField: {
        TextField.DECLARED_INDUSTRY: ("申报业务", "declared business"),
        TextField.CAMPAIGN_PURPOSE: ("任务说明", "the campaign's words"),
        TextField.CONSENT_PURPOSE: ("授权用途", "purpose of the consent"),
        TextField.SCRIPT: ("话术", "script"),
        TextField.SMS_TEMPLATE: ("短信模板", "SMS template"),
        TextField.ORGANISATION_NAME: ("单位名称", "name of the organisation"),
        TextField.LICENCE_SCOPE: ("许可范围", "scope of the licence"),
        TextField.TRANSCRIPT: ("通话文字", "transcript"),
    },
    ScriptStep: {
        ScriptStep.IDENTITY: ("表明身份", "who is calling"),
        ScriptStep.PERSON: ("核对本人", "is it the person"),
        ScriptStep.PURPOSE: ("说明来意", "what it is about"),
        ScriptStep.RECORDING: ("告知录音", "the call is recorded"),
        ScriptStep.MAY_REFUSE: ("告知可拒绝", "may refuse"),
        ScriptStep.REQUEST_CONFIRMED: ("确认本人请求", "the request was theirs"),
        ScriptStep.SMS_CONFIRMATION: ("短信确认", "confirmation by SMS"),
    },
}


def in_words(value: StrEnum) -> Words:
    """One value, Chinese and English."""
    return VALUES[type(value)][value]


def listed(values: Iterable[StrEnum]) -> Words:
    """Several values in the order of their short names, joined as each language joins them."""
    words = [in_words(value) for value in sorted(values)]
    return "、".join(zh for zh, _ in words), ", ".join(en for _, en in words)
