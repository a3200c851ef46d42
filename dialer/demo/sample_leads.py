"""The sample list: about 60 people, plainly invented, as the CSV that a customer's site would hand over.

Every number is +86 130 0000 00NN; what the simulated callee does depends on NN (asterisk_conf/profiles/carrier-demo.toml).
What must become of each lead is not said here: that is kept with the tests.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from dialer.domain.consent import Origin
from dialer.domain.purpose import Purpose
from dialer.services.lead_rows import COLUMNS, ConsentRow
from dialer.storage.intake_rows import signed_record

TEXT_VERSION: Final = "callback-zh-1"
FILED_SITE: Final = "source-site"
UNVERIFIED_SITE: Final = "source-unchecked"
OWN_CALL: Final = "source-own-call"
TEXT_SAID: Final = "callback-said-zh-1"
INBOUND: Final = "source-inbound-line"
TEXT_BY_PHONE: Final = "callback-by-phone-zh-1"
HOURS: Final = {"zone": "Asia/Shanghai", "opens": "09:00", "closes": "18:00", "weekdays": [1, 2, 3, 4, 5]}
"""When a caller of the inbound line may be put through to an agent."""
BOUGHT_LIST: Final = "source-bought"
_ZONE: Final = "+08:00"

_NAMES: Final = (
    "王芳", "李伟", "张敏", "刘洋", "陈静", "杨磊", "赵倩", "黄强", "周婷", "吴杰",
    "徐丽", "孙涛", "马超", "朱琳", "胡军", "郭蕾", "何勇", "高洁", "林峰", "罗娜",
)  # fmt: skip
_ASKED: Final = (
    "想了解续费价格",
    "发票抬头需要修改",
    "登录后看不到报表",
    "想咨询企业版和专业版的区别",
    "数据导出失败，请回电",
    "合同盖章流程怎么走",
)


RATHER_OFTEN: Final = (*range(10), *range(3), 10, 20, 30, 40, 50, 70, 80, 90)
"""Endings of those who ask later on: most of them answer and talk."""


def later_csv(place: int, now: datetime, sign: Callable[[bytes], bytes]) -> bytes:
    """A file of one person who asks for a call just now, while the demo runs."""
    ending = 100 * (1 + place // len(RATHER_OFTEN)) + RATHER_OFTEN[place % len(RATHER_OFTEN)]
    return asked_csv([ending], now, sign)


def asked_csv(endings: Iterable[int], now: datetime, sign: Callable[[bytes], bytes]) -> bytes:
    """A file of people with these endings (of four digits) who ask for a call just now."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for place, ending in enumerate(endings):
        asked = replace(_changed(_lawful(ending, now), given_at=now), requested_at=now)
        writer.writerow(_cells(asked, place, sign))
    return out.getvalue().encode()


def number_of(ending: int) -> str:
    """The sample number with that ending."""
    return f"+861300000{ending:04d}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the list before it is written."""

    ending: int
    requested_at: datetime
    consent: ConsentRow | None
    promised: tuple[datetime, datetime] | None = None
    is_signed: bool = True
    age: str = "adult"
    relation: str = "own_customer"


TALKS: Final = (*range(10), *range(10, 14), 90, 91, 92)
REACHED_OTHERWISE: Final = (20, 21, 22, 23, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71, 72, 80, 81, 85, 86, 87)


def _lawful(ending: int, now: datetime) -> Sample:
    requested = now - timedelta(minutes=20 + ending)
    consent = ConsentRow(
        purpose=Purpose.CALLBACK,
        source=FILED_SITE,
        origin=Origin.WEB_FORM,
        given_at=requested,
        expires_at=None,
        withdrawn_at=None,
        text_version=TEXT_VERSION,
        act="pressed 同意并请回电",
        address="https://www.example.com/callback",
        ownership="proven",
        signature="",
    )
    return Sample(ending, requested, consent)


def _changed(sample: Sample, **fields: object) -> Sample:
    assert sample.consent is not None
    return replace(sample, consent=replace(sample.consent, **fields))  # type: ignore[arg-type]


def samples(now: datetime) -> tuple[Sample, ...]:
    """The whole list at the demo's instant."""

    def lawful(ending: int) -> Sample:
        return _lawful(ending, now)

    long_ago = now - timedelta(days=40)
    afternoon = now.replace(hour=7, minute=0, second=0, microsecond=0)  # 15:00 in Shanghai
    wanted: list[Sample] = [lawful(ending) for ending in (*TALKS, *REACHED_OTHERWISE)]
    wanted += [replace(lawful(e), consent=None) for e in (14, 15)]
    wanted += [_changed(lawful(e), purpose=Purpose.INFO_CONSULT) for e in (16, 17)]
    wanted += [_changed(lawful(e), withdrawn_at=now - timedelta(minutes=10)) for e in (18, 19)]
    wanted += [replace(_changed(lawful(e), given_at=long_ago), requested_at=long_ago) for e in (24, 25)]
    wanted += [lawful(e) for e in (26, 27)]  # on the DNC list before the import
    wanted += [replace(lawful(e), promised=(afternoon, afternoon + timedelta(hours=1))) for e in (28, 29)]
    wanted += [lawful(e) for e in (32, 33)]  # called too often already
    wanted += [replace(lawful(e), is_signed=False) for e in (34, 35)]
    wanted += [_changed(lawful(e), source=UNVERIFIED_SITE) for e in (36, 37)]
    wanted += [replace(lawful(38), age="minor")]
    wanted += [_changed(lawful(39), source=BOUGHT_LIST)]
    wanted += [_changed(lawful(43), purpose=Purpose.MARKETING)]
    wanted += [_changed(lawful(44), given_at=now + timedelta(hours=2))]
    wanted += [_changed(lawful(45), text_version="not-registered")]
    return tuple(wanted)


DNC_ORGANISATION: Final = 26
DNC_PLATFORM: Final = 27
TOO_OFTEN: Final = (32, 33)
BAD_ROWS: Final = (("12345", "短号"), ("110101199003070011", "身份证号"), ("+8613000000", "位数不足"))


def sample_csv(now: datetime, sign: Callable[[bytes], bytes], only: frozenset[int] | None) -> bytes:
    """The file, in UTF-8 with BOM as a spreadsheet saves it. `sign`: the filed site's own key."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for place, sample in enumerate(samples(now)):
        if only is None or sample.ending in only:
            writer.writerow(_cells(sample, place, sign))
    for number, name in BAD_ROWS:
        writer.writerow({"number": number, "name": name, "requested_at": _at(now)})
    return out.getvalue().encode("utf-8-sig")


def _at(moment: datetime) -> str:
    return moment.isoformat()


def _cells(sample: Sample, place: int, sign: Callable[[bytes], bytes]) -> dict[str, str]:
    cells = {
        "number": number_of(sample.ending),
        "name": _NAMES[place % len(_NAMES)],
        "asked": _ASKED[place % len(_ASKED)],
        "requested_at": _at(sample.requested_at),
        "age": sample.age,
        "relation": sample.relation,
    }
    if sample.promised is not None:
        cells |= {"promised_from": _at(sample.promised[0]), "promised_until": _at(sample.promised[1])}
    consent = sample.consent
    if consent is None:
        return cells
    cells |= {
        "purpose": str(consent.purpose),
        "source": consent.source,
        "origin": str(consent.origin),
        "given_at": _at(consent.given_at),
        "text_version": consent.text_version,
        "act": consent.act,
        "address": consent.address,
        "ownership": consent.ownership,
    }
    if consent.withdrawn_at is not None:
        cells["withdrawn_at"] = _at(consent.withdrawn_at)
    if sample.is_signed:
        cells["signature"] = sign(signed_record(number_of(sample.ending), consent)).hex()
    return cells
