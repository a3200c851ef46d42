"""Checks of the DNC proof: the number's places are the only ones it can have, and none was on the list."""

from dialer.evidence.case import Case, CheckSkippedError
from dialer.evidence.checkpoint import DncHead
from dialer.evidence.dnc_proof import (
    PLATFORM_SCOPE,
    PlaceProof,
    changes_proven,
    dnc_alpha,
    is_listed,
    org_scope,
)
from dialer.evidence.ecvrf import vrf_output
from dialer.evidence.parts import Dnc, DncPlace, Says, parse_dnc
from dialer.evidence.record import EventType
from dialer.evidence.trust import KeyUse, key_named


def check_places(case: Case) -> str:
    """The VRF gives the number these places and no others, in every scope and under every key that ever placed entries.

    A bundle that withholds the number holds no DNC proof: a VRF proof would let anyone test guesses of it.
    """
    dnc = _proof(case)
    numbers = [value for p in case.payloads.values() if (value := p.value(Says.CALLEE_NUMBER)) is not None]
    if not numbers:
        case.fail("a DNC proof about a number that is withheld", "dnc.json")
    number = numbers[0]
    if not isinstance(number, str):
        case.fail("the callee's number is not text", "opened.json")
    if any(other != number for other in numbers):
        case.fail("the bundle shows two different numbers of the callee", "opened.json")
    for place in dnc.places:
        key = key_named(case.trust.of(KeyUse.VRF), place.key)
        if key is None:
            case.fail("a place under an unknown key", "dnc.json")
        output = vrf_output(key.public, dnc_alpha(place.scope, number), place.vrf_proof)
        if output is None or (place.scope, place.key) in case.places:
            case.fail("a place that is not this number's, or is given twice", "dnc.json")
        case.places[place.scope, place.key] = output[:32]
    _check_count_of_keys(case)
    until = case.consumed_seq if case.consumed_seq is not None else case.checkpoint.size
    wanted = {
        (scope, key.id())
        for scope in (org_scope(case.manifest.org or ""), PLATFORM_SCOPE)
        for key in case.trust.of(KeyUse.VRF)
        if key.from_size <= until
    }
    if missing := wanted - set(case.places):
        case.fail(f"{len(missing)} places of the number are not shown", "dnc.json")
    return f"{len(case.places)} places, each the only one possible"


def _check_count_of_keys(case: Case) -> None:
    """As many VRF keys are known as the checkpoint says have placed entries: none was kept quiet."""
    now = case.checkpoint.dnc
    said = now.keys if now is not None else 1
    known = len([key for key in case.trust.of(KeyUse.VRF) if key.from_size <= case.checkpoint.size])
    if known != said:
        case.fail(f"the checkpoint speaks of {said} VRF keys, {known} are known", "checkpoint")


def check_absence(case: Case) -> str:
    """At the decision and until the permit was consumed the number was on no list of this organisation or platform."""
    dnc = _proof(case)
    now = case.checkpoint.dnc
    if now is None:
        case.fail("the checkpoint commits to no DNC tree", "checkpoint")
    before = _before(case, dnc)
    listed = 0
    for place in dnc.places:
        changes = _changes(case, place, place.after, now)
        if before is not None and place.before is not None and dnc.before_size is not None:
            then = _changes(case, place, place.before, before)
            if then != tuple(seq for seq in changes if seq < dnc.before_size):
                case.fail("the DNC tree changed what it said of the past", "dnc.json")
        _check_change_leaves(case, changes)
        if case.consumed_seq is not None:
            _check_never_listed(case, changes, case.consumed_seq)
        listed += is_listed(changes, case.checkpoint.size - 1)
    if case.consumed_seq is None:
        return f"on the list in {listed} of {len(dnc.places)} places; the call was not made"
    return "on no list from the decision until the permit was consumed"


def _proof(case: Case) -> Dnc:
    if "dnc.json" not in case.files:
        if case.consumed_seq is not None and not case.manifest.lacks("dnc"):
            case.fail("a call was placed, and the DNC proof is neither there nor declared missing")
        raise CheckSkippedError("no DNC proof in the bundle")
    return case.parse("dnc.json", parse_dnc)


def _before(case: Case, dnc: Dnc) -> DncHead | None:
    if dnc.before_size is None:
        if case.consumed_seq is not None and not case.manifest.lacks("dnc.before"):
            case.fail("no proof from before the decision, and the manifest doesn't say so", "dnc.json")
        return None
    if dnc.before_size > case.decision_seq() or dnc.before_size not in case.earlier:
        case.fail("the proof before the decision is under no checkpoint from before it", "dnc.json")
    head = case.earlier[dnc.before_size][1].dnc
    if head is None:
        case.fail("the checkpoint before the decision commits to no DNC tree", "proofs.json")
    return head


def _changes(case: Case, place: DncPlace, proof: PlaceProof, head: DncHead) -> tuple[int, ...]:
    changes = changes_proven(proof, case.places[place.scope, place.key], head)
    if changes is None:
        case.fail("a DNC proof does not lead to the root in the checkpoint", "dnc.json")
    return changes


def _check_change_leaves(case: Case, changes: tuple[int, ...]) -> None:
    """Where the bundle holds the leaf of a change, it is an addition or, every second time, the person's consent."""
    for number, seq in enumerate(changes):
        if seq >= case.checkpoint.size:
            case.fail("a DNC entry names a leaf that is not in the tree yet", "dnc.json", seq)
        wanted = EventType.CONSENT_RECORDED if number % 2 else EventType.DNC_ADDED
        if seq in case.leaves and case.leaves[seq].event.type is not wanted:
            case.fail("a DNC entry names a leaf that did not change the list", "dnc.json", seq)


def _check_never_listed(case: Case, changes: tuple[int, ...], consumed: int) -> None:
    decision = case.decision_seq()
    if is_listed(changes, decision) or is_listed(changes, consumed):
        case.fail("the number was on the DNC list when it was dialled", "dnc.json", consumed)
    for seq in changes:
        if decision < seq <= consumed:
            case.fail("the number came on the DNC list between decision and dialling", "dnc.json", seq)
