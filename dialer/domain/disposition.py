"""通话结果: what the agent says came of a talk, as a closed list."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AnswerClass(StrEnum):
    """Who answered. Only `human` counts as a live answer (decision 23)."""

    HUMAN = "human"
    MACHINE = "machine"
    UNCERTAIN = "uncertain"


class LeadFate(StrEnum):
    """What a disposition does to the lead; every later call goes through the gate again."""

    DONE = "done"
    AGAIN_LATER = "again_later"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Disposition:
    """One entry of the list."""

    code: str
    zh: str
    en: str
    answer_class: AnswerClass
    fate: LeadFate


DISPOSITIONS: Final = (
    Disposition("handled", "已办结", "Handled", AnswerClass.HUMAN, LeadFate.DONE),
    Disposition("information_given", "已告知信息", "Information given", AnswerClass.HUMAN, LeadFate.DONE),
    Disposition("callback_agreed", "约定回电", "Callback agreed", AnswerClass.HUMAN, LeadFate.DONE),
    Disposition("not_now", "现在不方便", "Not a good time", AnswerClass.HUMAN, LeadFate.AGAIN_LATER),
    Disposition("no_interest", "没兴趣", "No interest", AnswerClass.HUMAN, LeadFate.HOLD),
    Disposition("wrong_person", "非本人", "Wrong person", AnswerClass.HUMAN, LeadFate.HOLD),
    Disposition("voicemail", "语音信箱", "Voicemail", AnswerClass.MACHINE, LeadFate.AGAIN_LATER),
    Disposition("nobody_spoke", "无人说话", "Nobody spoke", AnswerClass.UNCERTAIN, LeadFate.AGAIN_LATER),
    Disposition("bad_line", "线路故障", "Bad line", AnswerClass.UNCERTAIN, LeadFate.AGAIN_LATER),
)
CALLBACK_AGREED: Final = "callback_agreed"
"""Only where a callback was agreed in the call, which is a lead of its own."""
VOICEMAIL: Final = next(d for d in DISPOSITIONS if d.code == "voicemail")
"""An agent's word, or the exchange's where it listens for machines."""
REFUSED: Final = Disposition("refused", "拒绝来电", "Refused further calls", AnswerClass.HUMAN, LeadFate.DONE)
"""Set by the refusal itself; no later choice replaces it."""
LEFT_OPEN: Final = Disposition("left_open", "未填写", "Not filled in", AnswerClass.UNCERTAIN, LeadFate.DONE)
"""The wrap-up ended without a choice."""

INBOUND: Final = tuple(
    d for d in DISPOSITIONS if d.code in ("handled", "information_given", "nobody_spoke", "bad_line")
)
"""What may come of a talk with somebody who rang us: no lead waits for it."""

BY_CODE: Final = {d.code: d for d in (*DISPOSITIONS, REFUSED, LEFT_OPEN)}
