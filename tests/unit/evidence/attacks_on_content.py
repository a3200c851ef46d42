"""Attacks on what a bundle shows (payloads, recording, consent, tokens, DNC proof), signed with the true export key."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from attack_kit import Attack, Files, T, bundle, parts, seq_of
from bundle_forging import (
    as_exporter,
    edit_json,
    open_files,
    opened_item,
    operator_bundle,
)
from time_authority import authority

from dialer.evidence.bundle import redacted
from dialer.evidence.dnc_proof import EMPTY_SUBTREE, PLATFORM_SCOPE, PlaceProof, org_scope
from dialer.evidence.dnc_tree import place_of
from dialer.evidence.parts import Dnc, DncPlace, Says, parse_dnc
from dialer.evidence.record import EventType
from dialer.evidence.sample import (
    NUMBERS,
    ORG,
    SampleLog,
    permit_call,
)


def shown_changed(
    kind: EventType, name: str, value: object, attempt: str = "talked"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        seq = seq_of(log, kind, attempt)
        return as_exporter(
            log,
            bundle(log, attempt),
            lambda files: edit_json(
                files, "opened.json", lambda o: opened_item(o, seq, name).update(value=value)
            ),
        )

    return make


def other_sound(files: Files) -> None:
    files["recording.flac"] = files["recording.flac"][:-1] + b"\x00"


def other_sound_and_hash(log: SampleLog) -> bytes:
    seq = seq_of(log, T.RECORDING_SEALED)

    def change(files: Files) -> None:
        other_sound(files)
        digest = sha256(files["recording.flac"]).hexdigest()
        edit_json(files, "opened.json", lambda o: opened_item(o, seq, Says.FLAC_SHA256).update(value=digest))

    return as_exporter(log, bundle(log), change)


def withheld_unsaid(log: SampleLog) -> bytes:
    hidden = redacted(parts(log), frozenset({Says.CALLEE_NUMBER, Says.FLAC_SHA256, Says.CONSENT_FILES}))
    return as_exporter(log, log.bundle(hidden), lambda files: None, lambda m: m.update(withheld=[]))


def recording_beside_withheld_hash(log: SampleLog) -> bytes:
    hidden = redacted(parts(log), frozenset({Says.CALLEE_NUMBER, Says.CONSENT_FILES}))
    sound = log.sounds["talked"].flac
    return as_exporter(
        log,
        log.bundle(hidden),
        lambda files: files.update({"recording.flac": sound}),
        lambda m: m.update(missing=[]),
    )


def payload_dropped(log: SampleLog) -> bytes:
    return as_exporter(
        log,
        bundle(log),
        lambda files: edit_json(files, "opened.json", lambda o: o["opened"].pop()),
    )


def token_over(
    message: Callable[[SampleLog], bytes], seed: str = "sample-tsa"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        size = log.notes[-1].checkpoint().size
        return log.bundle(replace(parts(log), tokens={size: authority(seed).token(message(log))}))

    return make


CONTENT = [
    Attack(
        "a refusal code edited",
        shown_changed(T.DECISION_REFUSED, "codes", ["window.closed"], "refused"),
        "payloads.commit",
    ),
    Attack(
        "a number edited",
        shown_changed(T.ATTEMPT_AUTHORISED, Says.CALLEE_NUMBER, NUMBERS[9]),
        "payloads.commit",
    ),
    Attack("a payload dropped", payload_dropped, "withheld.declared"),
    Attack("withheld without a word", withheld_unsaid, "withheld.declared"),
    Attack(
        "rule packs edited", shown_changed(T.DECISION_PERMITTED, Says.POLICY_PACKS, []), "payloads.commit"
    ),
    Attack("the recording swapped", lambda log: as_exporter(log, bundle(log), other_sound), "recording.hash"),
    Attack("the recording swapped and its hash edited", other_sound_and_hash, "payloads.commit"),
    Attack("the recording beside a withheld hash", recording_beside_withheld_hash, "recording.hash"),
    Attack(
        "the recording removed",
        lambda log: as_exporter(log, bundle(log), lambda f: f.pop("recording.flac")),
        "recording.hash",
    ),
    Attack(
        "a recording from elsewhere",
        lambda log: as_exporter(
            log, bundle(log, "busy"), lambda f: f.update({"recording.flac": log.sounds["talked"].flac})
        ),
        "recording.hash",
    ),
    Attack(
        "the consent's text edited",
        lambda log: as_exporter(log, bundle(log), lambda f: f.update({"consent/text.txt": b"yes"})),
        "consent.files",
    ),
    Attack(
        "a consent file added",
        lambda log: as_exporter(log, bundle(log), lambda f: f.update({"consent/form.png": b"x"})),
        "consent.files",
    ),
    Attack(
        "the consent's text removed",
        lambda log: as_exporter(log, bundle(log), lambda f: f.pop("consent/text.txt")),
        "consent.files",
    ),
    Attack("a time token of another root", token_over(lambda log: log.notes[0].body), "tsr.tokens"),
    Attack(
        "a time token that is none",
        lambda log: log.bundle(replace(parts(log), tokens={63: b"0\x00"})),
        "tsr.tokens",
    ),
    Attack(
        "a time token of a size not shown",
        lambda log: log.bundle(replace(parts(log), tokens={7: authority().token(b"x")})),
        "tsr.tokens",
    ),
]


def dnc_changed(
    change: Callable[[SampleLog, Dnc], Dnc | None], attempt: str = "talked"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        files = open_files(bundle(log, attempt))
        changed = change(log, parse_dnc(files["dnc.json"]))

        def put(into: Files) -> None:
            if changed is None:
                del into["dnc.json"]
            else:
                into["dnc.json"] = changed.to_bytes()

        return as_exporter(log, bundle(log, attempt), put)

    return make


def places(change: Callable[[SampleLog, DncPlace], DncPlace]) -> Callable[[SampleLog, Dnc], Dnc]:
    return lambda log, dnc: replace(dnc, places=tuple(change(log, place) for place in dnc.places))


def of_another_number(log: SampleLog, place: DncPlace) -> DncPlace:
    return replace(place, vrf_proof=place_of(log.vrf, place.scope, NUMBERS[9])[1].proof)


def emptied(log: SampleLog, place: DncPlace) -> DncPlace:
    return replace(place, after=PlaceProof((), None))


def placed_though_listed(log: SampleLog) -> bytes:
    """The operator dials a listed number, with every other leaf in order, and shows the honest DNC proof."""

    def happen(own: SampleLog) -> None:
        own.add_to_dnc(org_scope(ORG), NUMBERS[1])

    return operator_bundle(happen, lambda own: permit_call(own, "a", "c", NUMBERS[1]))


def listed_in_between(log: SampleLog) -> bytes:
    """The refusal arrives after the decision and before the permit is consumed; the call goes out all the same."""

    def call(own: SampleLog) -> None:
        own.append(T.DECISION_PERMITTED, attempt="a", consent="c")
        own.append(T.ATTEMPT_AUTHORISED, {Says.CALLEE_NUMBER: NUMBERS[1]}, attempt="a")
        own.add_to_dnc(PLATFORM_SCOPE, NUMBERS[1])
        own.append(T.GATE2_PASSED, attempt="a")
        own.append(T.ATTEMPT_PLACED, attempt="a")

    return operator_bundle(lambda own: None, call)


DNC = [
    Attack("the DNC proof left out", dnc_changed(lambda log, dnc: None), "dnc.places"),
    Attack("places of another number", dnc_changed(places(of_another_number)), "dnc.places"),
    Attack(
        "the platform's list left out",
        dnc_changed(lambda log, dnc: replace(dnc, places=dnc.places[:1])),
        "dnc.places",
    ),
    Attack(
        "one list twice", dnc_changed(lambda log, dnc: replace(dnc, places=dnc.places[:1] * 2)), "dnc.places"
    ),
    Attack(
        "an unknown VRF key",
        dnc_changed(places(lambda log, p: replace(p, key="demo/sample/dnc+00000000"))),
        "dnc.places",
    ),
    Attack("an empty tree claimed", dnc_changed(places(emptied)), "dnc.absence"),
    Attack("a listed number shown absent", dnc_changed(places(emptied), "refused"), "dnc.absence"),
    Attack(
        "a sibling changed",
        dnc_changed(
            places(
                lambda log, p: replace(
                    p, after=replace(p.after, siblings=(EMPTY_SUBTREE, *p.after.siblings[1:]))
                )
            )
        ),
        "dnc.absence",
    ),
    Attack(
        "a root from after the decision",
        dnc_changed(lambda log, dnc: replace(dnc, before_size=63)),
        "dnc.absence",
    ),
    Attack("dialled though on the list", placed_though_listed, "dnc.absence"),
    Attack("dialled though refused meanwhile", listed_in_between, "dnc.absence"),
    Attack(
        "a DNC proof beside a withheld number",
        lambda log: as_exporter(
            log,
            log.bundle(redacted(parts(log), frozenset({Says.FLAC_SHA256, Says.CONSENT_FILES}))),
            lambda files: files.update({"dnc.json": open_files(bundle(log))["dnc.json"]}),
        ),
        "dnc.places",
    ),
]
