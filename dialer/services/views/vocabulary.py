"""What codes are called in both languages, for people. A code that is missing here is shown as its own bug."""

from typing import Final

from dialer.calls.attempt import AttemptState, Outcome
from dialer.domain.purpose import Purpose
from dialer.services.views.words import Choice, Sentence

PURPOSES: Final[dict[Purpose, Sentence]] = {
    Purpose.CALLBACK: Sentence("即时回访", "Callback"),
    Purpose.INFO_CONSULT: Sentence("信息咨询", "Information"),
    Purpose.MARKETING: Sentence("商业营销", "Marketing"),
}

STATES: Final[dict[AttemptState, Sentence]] = {
    AttemptState.AUTHORISED: Sentence("已获许可", "Permitted"),
    AttemptState.PLACED: Sentence("已拨出", "Placed"),
    AttemptState.RINGING: Sentence("振铃中", "Ringing"),
    AttemptState.ANSWERED: Sentence("已接听", "Answered"),
    AttemptState.CONNECTED: Sentence("通话中", "Talking with an agent"),
    AttemptState.ABANDONED: Sentence("接通无坐席", "Abandoned"),
    AttemptState.WRAPPING: Sentence("话后处理", "Wrap-up"),
    AttemptState.UNCERTAIN: Sentence("状态待核实", "Uncertain"),
    AttemptState.SEALED: Sentence("已封存", "Sealed"),
    AttemptState.REFUSED: Sentence("未获许可，未拨打", "Refused, never dialled"),
    AttemptState.FAILED: Sentence("未接通", "Not reached"),
    AttemptState.CANCELLED: Sentence("接听前已取消", "Cancelled before the answer"),
    AttemptState.LAPSED: Sentence("许可失效，未拨打", "Permit lapsed, never dialled"),
    AttemptState.ENDED_UNKNOWN: Sentence("结束情况不明", "Ended, how is not known"),
}

OUTCOMES: Final[dict[Outcome, Sentence]] = {
    Outcome.TALKED: Sentence("已通话", "Talked"),
    Outcome.REFUSED_BY_CALLEE: Sentence("对方拒绝再来电", "The person refused further calls"),
    Outcome.ABANDONED: Sentence("接通无坐席", "Abandoned"),
    Outcome.MACHINE: Sentence("机器接听", "A machine answered"),
    Outcome.HUNG_UP_EARLY: Sentence("对方很快挂断", "Hung up at once"),
    Outcome.BUSY: Sentence("忙线", "Busy"),
    Outcome.NO_ANSWER: Sentence("无人接听", "No answer"),
    Outcome.DECLINED: Sentence("对方拒接", "Declined"),
    Outcome.UNWANTED: Sentence("对方标记为不受欢迎的来电", "Marked as unwanted by the person"),
    Outcome.BLOCKED_BY_INTERMEDIARY: Sentence("被中间网络拦截", "Blocked by an intermediary"),
    Outcome.NUMBER_WRONG: Sentence("号码有误", "Wrong number"),
    Outcome.UNREACHABLE: Sentence("无法接通", "Unreachable"),
    Outcome.CARRIER_FAILED: Sentence("线路故障", "The carrier failed"),
    Outcome.CUT: Sentence("已按要求切断", "Cut"),
    Outcome.NOT_DIALLED: Sentence("未拨打", "Not dialled"),
    Outcome.UNKNOWN: Sentence("情况不明", "Not known"),
}

EVENTS: Final[dict[str, Sentence]] = {
    "consent.recorded": Sentence("记录授权", "Consent recorded"),
    "consent.withdrawn": Sentence("授权已撤回", "Consent withdrawn"),
    "consent.expired": Sentence("授权已到期", "Consent expired"),
    "decision.permitted": Sentence("规则审查通过", "The gate allowed the call"),
    "decision.refused": Sentence("规则审查未通过，未拨打", "The gate refused: nothing was dialled"),
    "gate2.passed": Sentence("第二道闸门放行", "The second gate let it pass"),
    "gate2.refused": Sentence("第二道闸门拒绝", "The second gate refused"),
    "recording.sealed": Sentence("录音已封存", "Recording sealed"),
    "recording.missing": Sentence("录音缺失", "Recording missing"),
    "refusal.heard": Sentence("对方表示拒绝", "The person refused"),
    "refusal.acknowledged": Sentence(
        "已短信告知对方拒接已生效", "The person was told by text message that it holds"
    ),
    "dnc.added": Sentence("已列入拒接名单", "Put on the do-not-call list"),
    "talk.words_heard": Sentence("识别到需要注意的话", "Words were heard that may matter"),
    "talk.words_reviewed": Sentence("已复核识别到的话", "The words that were heard were reviewed"),
    "talk.script_ticked": Sentence("坐席勾选话术语句", "A sentence of the script was ticked"),
    "talk.held": Sentence("请对方稍候", "Put on hold"),
    "talk.resumed": Sentence("恢复通话", "Taken back from hold"),
    "talk.transferred": Sentence("转给同单位另一坐席", "Handed to another agent of the organisation"),
    "talk.listened": Sentence("班长接入通话", "A supervisor listened or joined"),
    "talk.listening_ended": Sentence("班长退出通话", "The supervisor left the talk"),
    "inbound.received": Sentence("有人回拨我们的号码", "Somebody called our number back"),
    "inbound.connected": Sentence("来电人与坐席接通", "The caller was put through to an agent"),
    "inbound.ended": Sentence("来电结束", "The call to our number ended"),
    "lead.skipped": Sentence("坐席预览后跳过", "An agent saw the lead and skipped it"),
    "inbound.disposed": Sentence("填写来电结果", "Result of the call to our number set"),
    "incident.opened": Sentence("发现异常呼叫，已立案", "A call that the log doesn't know: incident opened"),
    "disposition.set": Sentence("填写呼叫结果", "Result of the call set"),
    "evidence.accessed": Sentence("证据被查阅", "Evidence was opened"),
    "evidence.exported": Sentence("证据被导出", "Evidence was exported"),
    "number.revealed": Sentence("号码被查看", "The number was shown"),
    "subject.erased": Sentence("个人信息已删除", "Personal data erased"),
    "hold.set": Sentence("设置保全", "Legal hold set"),
    "hold.lifted": Sentence("解除保全", "Legal hold lifted"),
    "verify.run": Sentence("执行验证", "Verified"),
    "complaint.received": Sentence("收到投诉", "Complaint received"),
    "complaint.verified": Sentence("投诉属实", "Complaint verified"),
    "complaint.unfounded": Sentence("投诉不实", "Complaint unfounded"),
    "complaint.closed": Sentence("投诉结案", "Complaint closed"),
    "violation.recorded": Sentence("记录违规", "Violation recorded"),
    "violation.handled": Sentence("违规已处理", "Violation handled"),
    "violation.closed": Sentence("违规结案", "Violation closed"),
    "retention.purged": Sentence("到期清除", "Purged after its term"),
    "key.rotated": Sentence("更换密钥", "Key rotated"),
    "clock.stepped": Sentence("时钟调整", "Clock stepped"),
    "config.changed": Sentence("设置变更", "Settings changed"),
}

STOPS: Final[dict[str, Sentence]] = {
    "gate.down": Sentence(
        "第二道闸门没有响应，已停止拨打。", "The second gate does not answer; dialling has stopped."
    ),
    "exchange.down": Sentence(
        "与交换机的连接中断，已停止拨打。", "The exchange can't be reached; dialling has stopped."
    ),
    "egress.down": Sentence(
        "出口交换机没有响应，已停止拨打。", "The egress does not answer; dialling has stopped."
    ),
    "signer.down": Sentence("签名服务没有响应。", "The signer does not answer."),
    "vault.full": Sentence(
        "录音存储空间不足，已停止拨打。", "The vault can't be written; dialling has stopped."
    ),
    "spool.pending": Sentence(
        "有拒接请求尚未入库，入库前停止拨打。",
        "A refusal waits to be committed; no call is placed before it is.",
    ),
    "clock.stepped": Sentence(
        "系统时钟发生跳变，已停止拨打。", "The clock was stepped; dialling has stopped."
    ),
    "abandon.hard_stop": Sentence(
        "接通无坐席比例达到上限，已停止拨打。", "Abandoned calls reached the hard stop."
    ),
    "call.unaccounted": Sentence(
        "发现日志中没有的呼叫，已全部停止拨打，待查清。",
        "The exchange has a call that the log doesn't know; all dialling has stopped until it is explained.",
    ),
    "exchange.differs": Sentence(
        "交换机话单与日志不一致，已停止拨打，待查清。",
        "The exchange's record of a call and the log differ; dialling has stopped until it is explained.",
    ),
    "vault.altered": Sentence(
        "一份已封存的录音缺失或被改动，已停止拨打，待查清。",
        "A sealed recording is gone or was altered; dialling has stopped until it is explained.",
    ),
    "trunk.failing": Sentence(
        "线路连续失败，已停止拨打。", "The carrier fails every call; dialling has stopped."
    ),
    "trunk.declining": Sentence(
        "线路集中返回 603，疑为线路故障，已停止拨打。",
        "A burst of 603 from the carrier, which is the trunk's fault; dialling has stopped.",
    ),
    "restored": Sentence(
        "数据已从备份恢复，备份之后的拒接与删除尚未核实，已停止拨打。",
        "Restored from a backup: refusals and erasures since it are not known yet; dialling has stopped.",
    ),
    "organisation.suspended": Sentence(
        "平台运营方已停用本机构的拨打。",
        "The platform's operator has suspended this organisation's dialling.",
    ),
    "operator": Sentence("负责人已停止拨打。", "A person in charge stopped dialling."),
    "campaign.paused": Sentence("外呼任务已暂停。", "The campaign is paused."),
}
_STOP_UNNAMED: Final = Sentence(
    "拨打已停止，请联系管理员。", "Dialling has stopped; please ask the administrator."
)


def event_sentence(event_type: str) -> Sentence:
    """What a leaf's type is called: moves of the attempt by their state."""
    if event_type.startswith("attempt."):
        return STATES[AttemptState(event_type.removeprefix("attempt."))]
    return EVENTS[event_type]


def stop_sentence(code: str) -> Sentence:
    """Why dialling has stopped."""
    return STOPS.get(code, _STOP_UNNAMED)


def state_choices() -> tuple[Choice, ...]:
    """Every state as a filter."""
    return tuple(Choice(state.value, words) for state, words in STATES.items())


def outcome_choices() -> tuple[Choice, ...]:
    """Every outcome as a filter."""
    return tuple(Choice(outcome.value, words) for outcome, words in OUTCOMES.items())


DETAILS: Final = {
    "answer_class": Sentence("接听者", "who answered"),
    "asked_agent": Sentence("要求与坐席通话", "asked for an agent"),
    "cause": Sentence("挂断原因码", "cause code"),
    "classified": Sentence("接听判断", "classified as"),
    "classified_why": Sentence("判断依据", "classified by"),
    "code": Sentence("代码", "code"),
    "dial_status": Sentence("呼叫结果", "dial status"),
    "hangup_by": Sentence("谁先挂断", "who hung up"),
    "key": Sentence("按键", "key"),
    "mode": Sentence("菜单", "menu"),
    "note": Sentence("备注", "note"),
    "outcome": Sentence("结果", "outcome"),
    "part": Sentence("语句", "sentence"),
    "rang_ms": Sentence("振铃毫秒数", "rang, ms"),
    "reason": Sentence("原因", "reason"),
    "scope": Sentence("范围", "scope"),
    "script": Sentence("话术", "script"),
    "seat": Sentence("席位", "seat"),
    "sip_text": Sentence("SIP 原文", "SIP text"),
    "talk_seconds": Sentence("通话秒数", "talk, seconds"),
    "tick": Sentence("勾选", "tick"),
    "what": Sentence("内容", "what"),
    "why": Sentence("缘由", "why"),
    "wish": Sentence("来电人的要求", "caller's wish"),
}
"""Disclosures that the timeline shows. An allow-list: numbers, names and texts have their own masked places."""
PAYLOAD: Final = Sentence("记录内容", "payload")
