"""Checks of the log: leaves, checkpoint, witness, inclusion, order and causes, the attempt's story."""

from datetime import UTC, datetime
from itertools import pairwise

from dialer.evidence.case import Case, CheckFailedError, Where
from dialer.evidence.checkpoint import cosignature_time, log_signature_holds, parse_note
from dialer.evidence.container import leaf_name
from dialer.evidence.merkle import consistency_holds, inclusion_holds, leaf_hash
from dialer.evidence.parts import parse_proofs
from dialer.evidence.record import parse_leaf
from dialer.evidence.story import StoryError, check_consent, check_moves, check_order
from dialer.evidence.trust import KeyUse


def check_leaves(case: Case) -> str:
    """Every leaf is canonical, has exactly the fields of the format, its name's seq, and the bundle's log."""
    for name in sorted(case.files):
        if not name.startswith("leaves/"):
            continue
        leaf = case.parse(name, parse_leaf)
        if leaf_name(leaf.seq) != name:
            case.fail("the leaf is not the one that its name says", name, leaf.seq)
        if leaf.log != case.manifest.log:
            case.fail("a leaf of another log", name, leaf.seq)
        if leaf.event.org is not None and leaf.event.org != case.manifest.org:
            case.fail("a leaf of another organisation", name, leaf.seq)
        case.leaves[leaf.seq] = leaf
        case.hashes[leaf.seq] = leaf_hash(bytes(case.files[name].data))
    if not case.own():
        raise CheckFailedError(
            "no leaf is of the manifest's attempt", Where("manifest.json", None, None, None)
        )
    return f"{len(case.leaves)} leaves, {len(case.own())} of the attempt"


def check_checkpoint(case: Case) -> str:
    """The checkpoint is a signed note of this log, at the size that manifest and proofs are for."""
    case.note = case.parse("checkpoint", parse_note)
    case.checkpoint = case.parse("checkpoint", lambda data: parse_note(data).checkpoint())
    if case.checkpoint.origin != case.manifest.log:
        case.fail("a checkpoint of another log", "checkpoint")
    if case.checkpoint.size != case.manifest.size:
        case.fail("a checkpoint of another size than the manifest says", "checkpoint")
    case.proofs = case.parse("proofs.json", parse_proofs)
    if case.proofs.size != case.checkpoint.size:
        case.fail("proofs for another tree size", "proofs.json")
    return f"size {case.checkpoint.size}"


def check_checkpoint_signature(case: Case) -> str:
    """A log key that is trusted at this size signed the checkpoint."""
    signers = [key for key in case.trust.of(KeyUse.LOG) if log_signature_holds(case.note, key.note_key())]
    if not signers:
        case.fail("no trusted log key signed the checkpoint", "checkpoint")
    in_time = [key for key in signers if key.holds_at(case.checkpoint.size)]
    if not in_time:
        case.fail("signed by a log key that is not valid at this tree size", "checkpoint")
    return f"signed by {', '.join(sorted({key.id() for key in in_time}))}"


def check_cosignature(case: Case) -> str:
    """A trusted witness saw this head, consistent with everything it saw before."""
    times = []
    for key in case.trust.at(KeyUse.WITNESS, case.checkpoint.size):
        time_s = cosignature_time(case.note, key.note_key())
        if time_s is not None and 0 < time_s < 253_402_300_800:
            times.append((time_s, key))
    if not times:
        case.fail("no trusted witness cosigned the checkpoint: the proof is not complete", "checkpoint")
    time_s, key = min(times, key=lambda pair: pair[0])
    return f"cosigned by {key.name} at {datetime.fromtimestamp(time_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


def check_inclusion(case: Case) -> str:
    """Each leaf is in the tree of the checkpoint, at its place."""
    proofs = {proof.seq: proof for proof in case.proofs.leaves}
    if len(proofs) != len(case.proofs.leaves) or set(proofs) != set(case.leaves):
        case.fail("proofs are not exactly for the leaves of the bundle", "proofs.json")
    for seq, proof in proofs.items():
        if proof.leaf != case.hashes[seq]:
            case.fail("a proof for another leaf", leaf_name(seq), seq)
        if not inclusion_holds(proof.leaf, seq, case.checkpoint.size, proof.path, case.checkpoint.root):
            case.fail("the leaf is not in the tree of the checkpoint", leaf_name(seq), seq)
    return f"{len(proofs)} leaves in the tree of {case.checkpoint.size}"


def check_earlier(case: Case) -> str:
    """Earlier checkpoints in the bundle are of this log, signed, and the bundle's only appends to them."""
    for earlier in case.proofs.earlier:
        head = earlier.note.checkpoint()
        if head.origin != case.checkpoint.origin or head.size in case.earlier:
            case.fail("an earlier checkpoint of another log, or twice", "proofs.json")
        keys = case.trust.at(KeyUse.LOG, head.size)
        if not any(log_signature_holds(earlier.note, key.note_key()) for key in keys):
            case.fail("an earlier checkpoint without a trusted signature", "proofs.json")
        now = case.checkpoint
        if not consistency_holds(head.size, head.root, now.size, now.root, earlier.path):
            case.fail("the log does not only append to an earlier checkpoint", "proofs.json")
        case.earlier[head.size] = (earlier.note, head)
    return f"earlier checkpoints: {len(case.earlier)}"


def check_chain(case: Case) -> str:
    """Neighbours name each other, causes come before, and each leaf of the attempt names the one before it.

    So a leaf of the attempt can't be left out: the next one names it, and a cause that isn't there has to be declared.
    """
    known = {digest: seq for seq, digest in case.hashes.items()}
    for seq, leaf in sorted(case.leaves.items()):
        if seq - 1 in case.hashes and leaf.prev != case.hashes[seq - 1]:
            case.fail("the leaf does not follow the one before it", leaf_name(seq), seq)
        for cause in leaf.cause:
            if known.get(cause, -1) >= seq:
                case.fail("a cause that comes later", leaf_name(seq), seq)
            if cause not in known and not case.manifest.lacks(f"leaf:{cause.hex()}"):
                case.fail("a cause is neither in the bundle nor declared missing", leaf_name(seq), seq)
    own = case.own()
    for before, after in pairwise(own):
        if case.hashes[before.seq] not in after.cause:
            case.fail(
                "a leaf of the attempt does not name the one before it", leaf_name(after.seq), after.seq
            )
    return f"{len(own)} leaves in an unbroken chain"


def check_story(case: Case) -> str:
    """States move as the machine allows, and nothing was dialled without decision, consent, permit and second gate."""
    declared = frozenset(part.what for part in case.manifest.missing)
    own = case.own()
    try:
        last = check_moves(own, declared)
        case.consumed_seq = check_order(own)
        if case.consumed_seq is not None and "consent" not in declared:
            check_consent([leaf for _, leaf in sorted(case.leaves.items())], own, case.consumed_seq)
    except StoryError as error:
        case.fail(error.what, leaf_name(error.seq), error.seq)
    made = "call placed" if case.consumed_seq is not None else "call not made"
    return f"{made}, last state {last}"
