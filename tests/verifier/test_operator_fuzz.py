"""An operator commits to whatever he likes and the witness cosigns it: both verifiers read it, agree, and never crash."""

from typing import cast

from bundle_forging import as_exporter, operator_log
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_second_verifier import first, second

from dialer.evidence.canonical import INTEGER_MAX, Json
from dialer.evidence.parts import Says
from dialer.evidence.record import EventType, Recording
from dialer.evidence.sample import NUMBERS, SampleLog
from dialer.evidence.trust import Trust

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
VALUE = st.recursive(
    st.integers(-INTEGER_MAX, INTEGER_MAX)
    | TEXT
    | st.sampled_from([NUMBERS[1], "00" * 32, "log", "demo/sample"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FILES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["text.txt", "../x", ""]),
            "bytes": VALUE,
            "sha256": st.just("00" * 32) | VALUE,
        }
    ),
    max_size=3,
)
KEYS = ["key.use", "key.name", "key.old", "key.new", "key.from", "key.sig_old", "key.sig_new"]
NAMES = st.sampled_from([*map(str, Says), *KEYS, "other"])
KINDS = st.sampled_from(list(EventType))
REC = st.none() | st.builds(
    Recording, st.just("r"), st.just(bytes(32)), st.just(1), st.integers(0, 9), st.just(8000), st.just(2)
)


def operator_bundle(data: st.DataObject) -> tuple[bytes, Trust] | None:
    """A bundle of what some operator committed to, and the keys of his log; None: no verifier could take its parts."""
    log: SampleLog = operator_log()
    log.append(EventType.CONSENT_RECORDED, {Says.CALLEE_NUMBER: NUMBERS[1]}, consent="c")
    log.seal()
    usual = [
        EventType.DECISION_PERMITTED,
        EventType.ATTEMPT_AUTHORISED,
        EventType.GATE2_PASSED,
        EventType.ATTEMPT_PLACED,
    ]
    for kind in usual[: data.draw(st.integers(1, 4))] + data.draw(st.lists(KINDS, max_size=4)):
        says = data.draw(st.dictionaries(NAMES, FILES | VALUE, max_size=3))
        log.append(kind, cast(dict[str, Json], says), attempt="a", consent="c", rec=data.draw(REC))
    log.seal()
    flac = data.draw(st.none() | st.just(b"fLaC" + bytes(60)) | st.binary(max_size=50))
    parts = log.parts("a", data.draw(st.sampled_from([NUMBERS[1], NUMBERS[2]])))
    try:
        bundle = log.bundle(parts)
    except ValueError:
        return None  # the builder refuses parts that no verifier could accept
    if flac is not None:
        bundle = as_exporter(log, bundle, lambda files: files.update({"recording.flac": flac}))
    return bundle, log.trust


def operator_bundles(count: int = 120) -> list[tuple[bytes, Trust]]:
    """As many of them, the same in every run."""
    made: list[tuple[bytes, Trust]] = []

    @settings(max_examples=count, deadline=None, derandomize=True, database=None)
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        if (bundle := operator_bundle(data)) is not None:
            made.append(bundle)

    draw()
    return made


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_an_operator_commits_to_both_read_it_alike(data: st.DataObject) -> None:
    if (made := operator_bundle(data)) is not None:
        bundle, own = made
        for trust in (own, None):
            assert second(bundle, trust) == first(bundle, trust)
