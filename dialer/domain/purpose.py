"""What a call is for. One consent, one campaign, one script and one caller-ID filing name the same purpose."""

from enum import StrEnum


class Purpose(StrEnum):
    """The purposes the product knows; which of them may be dialled is the rule packs' word (B4, D15)."""

    CALLBACK = "callback"
    """即时回访: the person asked to be called back now."""
    INFO_CONSULT = "info_consult"
    """信息咨询: the person asked for information over some days."""
    MARKETING = "marketing"
    """商业营销: named so that it can be refused by its name."""


def purpose_words(purpose: Purpose) -> tuple[str, str]:
    """The purpose as people call it, in Chinese and in English."""
    match purpose:
        case Purpose.CALLBACK:
            return "即时回访", "callback"
        case Purpose.INFO_CONSULT:
            return "信息咨询", "information"
        case Purpose.MARKETING:
            return "商业营销", "marketing"
