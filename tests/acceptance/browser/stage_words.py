"""Sentences, people and objections that the staged console shows. Every number is plainly invented."""

from datetime import UTC, datetime, timedelta

from dialer.compliance.outcome import Result
from dialer.compliance.words import name_of_check
from dialer.services.views.decided import inputs_in_words
from dialer.services.views.decision import (
    DecisionOutcome,
    DecisionView,
    ObjectionView,
    PolicyView,
    RuleView,
)
from dialer.services.views.words import Choice, Law, Named, Sentence

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
"""Wednesday 10:30 in Shanghai, the demo's fixed instant."""

TEXT_SHOWN = (
    "请给我回电\n我是本号码的使用人。我请 示例软件有限公司 由其工作人员给我打电话，用于：解答续费与开票问题。\n"
    "谁会打来：示例软件有限公司；来电显示 020 0000 0000。由真人通话，不使用机器人外呼。\n"
    "什么时候：工作时间（不在每日 21:00 至次日 9:00 及法定节假日来电）；最多尝试 3 次，接通一次即办结。\n"
    "通话会录音：依照呼叫中心管理要求，通话全程录音并留存。\n"
    "随时撤回：在通话中说“不要再打了”，撤回后立即停止来电。"
)
DIGEST = "9f2c1ab47de05538c6a1f0e4b2d97310aa54ce0183bd66f27e19c0d4415f8b3a"
CAMPAIGN = Named("renewals", Sentence("续费与开票回访", "Renewal and invoice callbacks"))
SUPPORT = Named("support", Sentence("技术支持回访", "Technical support callbacks"))
PURPOSE = Sentence("即时回访", "Callback on request")
SOURCE = Sentence("官网留言表单", "Web form on the company's site")

DISPOSITIONS = (
    Choice("handled", Sentence("已解答", "Question answered")),
    Choice("callback_agreed", Sentence("约定回电", "Callback agreed")),
    Choice("no_interest", Sentence("不需要了", "No longer needed")),
    Choice("wrong_person", Sentence("非本人", "Wrong person")),
    Choice("voicemail", Sentence("语音信箱", "Voicemail")),
    Choice("bad_line", Sentence("线路不清", "Bad line")),
    Choice("complaint", Sentence("投诉", "Complaint")),
)

SCRIPT_WORDS = (
    ("identity", "您好，这里是示例软件，我是工作人员陈晓，工号 101。", "Hello, this is Sample Software; I am Chen Xiao, staff number 101.", True),
    ("person", "请问是王女士吗？", "Am I speaking to Ms Wang?", True),
    ("purpose", "您今天 09:12 在官网留言，请我们就续费问题给您回电。", "At 09:12 today you asked us on our site to call you back about renewal.", True),
    ("recording", "本次通话会录音并依规留存。", "This call is recorded and kept as the rules require.", True),
    ("may_refuse", "如果您不希望接听，告诉我一声，我马上结束，以后不再打。请问现在可以继续吗？", "If you do not want the call, say so: I will end it at once and we will not call again. May I go on?", True),
    ("content", "关于续费：先确认版本和到期日，再说明价格表，不催促。", "On renewal: confirm edition and end date first, then explain the price list; never push.", False),
)  # fmt: skip


def law(article: str, quote: str, nature: str = "seed") -> Law:
    """A source as a pack cites it."""
    title = "关于加强呼叫中心业务管理的通知" if nature == "seed" else "产品规则"
    return Law("cn", article, title, article, "2020-06-08", quote, nature)


def objection(code: str, *, hours: int | None) -> ObjectionView:
    """One of the objections by its code; `hours`: from when it would be lawful, none: never by waiting."""
    sentence, cure, inputs, source = OBJECTIONS[code]
    return ObjectionView(
        code=code,
        requirements=("D16",)
        if code == "WINDOW_CLOSED"
        else ("D18",)
        if code == "DNC_ORGANISATION"
        else ("D6",),
        sentence=sentence,
        cure=cure,
        laws=(source,),
        inputs=inputs_in_words(inputs),
        lawful_from=None if hours is None else NOW + timedelta(hours=hours),
    )


OBJECTIONS = {
    "DNC_ORGANISATION": (
        Sentence("对方已明确拒绝来电，号码在拒接名单上。", "The person refused calls; the number is on the do-not-call list."),
        Sentence("只有本人重新同意并证明号码归属才能解除。", "Only the person can lift it, by a later consent with proof that the phone is theirs."),
        (("organisation", "said 2026-11-12T02:14:00Z"), ("platform", "-")),
        law("第九条", "用户明确拒绝的，应当停止拨打"),
    ),
    "FREQUENCY_DAY": (
        Sentence("24 小时内已尝试 3 次，达到上限。", "3 attempts in 24 hours: the cap is reached."),
        Sentence("等待到下一个可呼时间。", "Wait for the next lawful moment."),
        (("attempts_24_hours", "3"), ("per_24_hours_max", "3")),
        law("第十二条", "合理控制呼叫频次", "product"),
    ),
    "CONSENT_EXPIRED": (
        Sentence("同意已过有效期。", "The consent is past its term."),
        Sentence("请本人重新提交回电申请。", "Ask the person to request a callback again."),
        (("given_at", "2026-10-02T03:11:00Z"), ("ends", "2026-11-01T16:00:00Z")),
        law("第六条", "在用户同意的范围和期限内使用"),
    ),
    "WINDOW_CLOSED": (
        Sentence("对方当地时间不在 09:00–21:00。", "It is not between 09:00 and 21:00 where the person is."),
        Sentence("等到可呼时段。", "Wait until the window opens."),
        (("local", "Asia/Urumqi 2026-11-18 08:30:00"), ("ring_seconds_max", "30")),
        law("第八条", "不得在每日 21:00 至次日 9:00 拨打"),
    ),
}  # fmt: skip

CHECKS = (
    ("consent_given", (("given_at", "2026-11-18T01:12:09Z"), ("state", "given")), "第六条", "明示同意"),
    ("purposes", (("purpose", "callback"), ("allowed", "callback, info_consult")), "第七条", "即时回访"),
    ("window", (("local", "Asia/Shanghai 2026-11-18 10:30:00"), ("closes", "2026-11-18T13:00:00Z")), "第八条", "21:00 至次日 9:00"),
    ("holidays", (("calendar", "cn 2026-11-18.1"), ("2026-11-18", "workday")), "第八条", "法定节假日"),
    ("frequency_callee", (("attempts_24_hours", "0"), ("per_24_hours_max", "3")), "第十二条", "合理频次"),
    ("dnc", (("organisation", "-"), ("platform", "-")), "第九条", "拒绝后停止拨打"),
    ("caller_id_life", (("state", "active"), ("dialable", "active")), "第四条", "真实主叫"),
)  # fmt: skip


def decision(decision_id: str, codes: tuple[tuple[str, int | None], ...]) -> DecisionView:
    """A decision with these objections; none: it was allowed."""
    objections = tuple(objection(code, hours=hours) for code, hours in codes)
    waits = [o.lawful_from for o in objections]
    passed = tuple(
        RuleView(
            check=check,
            title=Sentence(*name_of_check(check)),
            result=Result.PASSED,
            codes=(),
            inputs=inputs_in_words(inputs),
            laws=(law(article, quote),),
        )
        for check, inputs, article, quote in CHECKS[: len(CHECKS) - len(codes)]
    )
    return DecisionView(
        id=decision_id,
        at=NOW - timedelta(minutes=4),
        outcome=DecisionOutcome.REFUSED if codes else DecisionOutcome.ALLOWED,
        rules=passed,
        objections=objections,
        lawful_from=None if None in waits or not waits else max(w for w in waits if w is not None),
        packs=(PolicyView("cn", DIGEST), PolicyView("cn-platform", DIGEST[::-1])),
    )
