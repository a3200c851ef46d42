"""Every word of the public pages, in Chinese and in English."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dialer.services.consent_desk import Event
from dialer.services.views.words import Sentence

ZONE: Final = ZoneInfo("Asia/Shanghai")
NAMES: Final = {"zh": "简体中文", "en": "English"}

WORDS: Final[dict[str, Sentence]] = {
    "form.title": Sentence("请给我回电", "Please call me back"),
    "form.number": Sentence("手机号码", "Phone number"),
    "form.name": Sentence("怎么称呼您（选填）", "How to address you (optional)"),
    "form.asked": Sentence("想咨询的内容（选填）", "Your question (optional)"),
    "form.asked_hint": Sentence(
        "请不要填写身份证号、银行卡号、病历等信息。",
        "Please enter no identity-card or bank-card numbers and no health data.",
    ),
    "form.wish": Sentence("希望的时间（选填）", "A time that suits you (optional)"),
    "form.wish_any": Sentence("尽快", "As soon as possible"),
    "form.agree": Sentence("同意并请回电", "Agree, please call me"),
    "form.decline": Sentence("不同意", "Do not agree"),
    "form.take_back": Sentence("撤回同意、停止来电", "Take a consent back, stop calls"),
    "form.changed": Sentence(
        "说明文字刚刚更新。请重新阅读后再确认，尚未登记任何内容。",
        "The text has just changed. Please read it again; nothing was recorded yet.",
    ),
    "form.slot_gone": Sentence(
        "所选时间已经过去，请重新选择。尚未登记任何内容。",
        "That time is over. Please choose another; nothing was recorded yet.",
    ),
    "declined.title": Sentence("好的，不会给您打电话", "All right, you will not be called"),
    "declined.text": Sentence("没有登记任何内容。", "Nothing was recorded."),
    "code.title": Sentence("请输入短信验证码", "Enter the code from the text message"),
    "code.text": Sentence(
        "验证码已发送到您填写的号码，10 分钟内有效。输入之后才会登记您的请求。",
        "A code is on its way to the number you gave; it holds for 10 minutes. Your request counts once you enter it.",
    ),
    "code.history_text": Sentence(
        "验证码已发送到您当时填写的号码，10 分钟内有效。输入之后显示往来记录。",
        "A code is on its way to the number you gave; it holds for 10 minutes. It opens what happened so far.",
    ),
    "code.field": Sentence("验证码", "Code"),
    "code.send": Sentence("确认", "Confirm"),
    "code.wrong": Sentence("验证码不正确，请再试一次。", "That is not the code. Please try again."),
    "code.over": Sentence(
        "验证码已失效，请重新提交请求。尚未登记任何内容。",
        "The code no longer holds. Please send your request again; nothing was recorded.",
    ),
    "done.title": Sentence("已登记，我们会给您回电", "Recorded: we will call you back"),
    "done.text": Sentence(
        "请保存下面的回执链接。凭它可以随时查看您同意的内容，或停止一切来电。",
        "Please keep the link to your receipt. With it you can read what you agreed to, or stop all calls, at any time.",
    ),
    "done.open": Sentence("打开回执", "Open the receipt"),
    "receipt.title": Sentence("您的回电同意", "Your consent to be called back"),
    "receipt.who": Sentence("谁会打来", "Who calls"),
    "receipt.what": Sentence("用途", "What for"),
    "receipt.given": Sentence("同意时间", "Agreed on"),
    "receipt.until": Sentence("有效至", "Valid until"),
    "receipt.until_done": Sentence("办结为止", "the request is done"),
    "receipt.withdrawn": Sentence("撤回时间", "Taken back on"),
    "receipt.from": Sentence("来电显示", "Number shown"),
    "receipt.stop": Sentence("停止一切来电", "Stop all calls"),
    "receipt.stop_text": Sentence(
        "立即生效，无需登录，无需说明原因。", "Takes effect at once; no login, no reason needed."
    ),
    "receipt.text": Sentence("查看当时显示的文本", "See the text as it was shown"),
    "history.title": Sentence("往来记录", "What happened so far"),
    "history.ask": Sentence("查看往来记录", "See what happened so far"),
    "history.ask_text": Sentence(
        "先向您的手机发送验证码：仅凭链接看不到通话时间。",
        "A code is sent to your phone first: the link alone does not show when you were called.",
    ),
    "code.history_over": Sentence(
        "验证码已失效，请重新打开回执。", "The code no longer holds. Please open your receipt again."
    ),
    "past.agreed": Sentence("您同意接听回电", "You agreed to be called back"),
    "past.withdrew": Sentence("您撤回了同意", "You took your consent back"),
    "past.refused": Sentence("您要求停止来电", "You asked for calls to stop"),
    "past.talked": Sentence("通话", "We talked"),
    "past.not_reached": Sentence("呼叫未接通", "A call did not reach you"),
    "past.abandoned": Sentence(
        "您接听后没有坐席，播放了提示音", "You answered and heard a notice: no agent was free"
    ),
    "stopped.title": Sentence("已停止", "Stopped"),
    "stop.title": Sentence("停止来电", "Stop calls"),
    "stop.text": Sentence(
        "填写号码后，立即停止向它拨打电话。无需登录，无需说明原因。",
        "Enter the number: calls to it stop at once. No login, no reason needed.",
    ),
    "stop.send": Sentence("停止一切来电", "Stop all calls"),
    "many.title": Sentence("请稍后再试", "Please try again later"),
    "many.text": Sentence(
        "提交次数过多，没有登记任何内容。", "There were too many requests. Nothing was recorded."
    ),
    "away.title": Sentence("暂时无法登记", "This can't be recorded right now"),
    "away.text": Sentence(
        "没有登记任何内容，也不会给您打电话。请稍后再试。",
        "Nothing was recorded and you will not be called. Please try again shortly.",
    ),
    "away.stop": Sentence(
        "停止来电的请求还没有登记成功，请再试一次。",
        "The request to stop calls is not recorded yet. Please try once more.",
    ),
    "gone.title": Sentence("没有找到", "There is nothing here"),
    "gone.text": Sentence("链接不正确，或内容已删除。", "The link is wrong, or its content was deleted."),
    "closed.text": Sentence("此页面目前不接受回电请求。", "This page takes no requests at the moment."),
}

_STOPPED_UNTIL_NOW: Final = Sentence(
    "自 {at} 起，{org}不会再给您打电话，永久有效。已排队的来电已取消。",
    "Never again: since {at} {org} does not call you. Calls that were waiting have been cancelled.",
)
_DAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def say(sentence: Sentence, language: str) -> str:
    """A sentence in the page's language."""
    return sentence.en if language == "en" else sentence.zh


def words(language: str) -> dict[str, str]:
    """All words in one language."""
    return {key: say(sentence, language) for key, sentence in WORDS.items()}


def when(at: datetime) -> str:
    """A moment where the callees are."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def weekday(day_of_week: int, language: str) -> str:
    """0: Monday."""
    return _DAYS["en" if language == "en" else "zh"][day_of_week]


def stopped(at: datetime, org: Sentence, language: str) -> str:
    """That nobody calls any more, from when on."""
    return say(_STOPPED_UNTIL_NOW, language).format(at=when(at), org=say(org, language))


def past(event: Event, language: str) -> str:
    """What happened, with the length of a talk."""
    said = say(WORDS[f"past.{event.what}"], language)
    if event.seconds is None:
        return said
    return f"{said} {event.seconds // 60}:{event.seconds % 60:02d}"
