"""Attacks on leaves, proofs, checkpoint and keys inside a bundle, by someone who holds the exporter's key or all of the log's."""

from collections.abc import Callable
from dataclasses import replace

from attack_kit import Attack, T, bundle, parts, seq_of
from bundle_forging import (
    COSIGNED_LATER,
    as_exporter,
    edit_json,
    insider_checkpoint,
    insider_renumbers,
)

from dialer.evidence.checkpoint import Note, cosign, sign_checkpoint
from dialer.evidence.container import leaf_name
from dialer.evidence.record import parse_leaf
from dialer.evidence.sample import (
    SampleLog,
)


def leaf_changed(change: Callable[[bytes], bytes]) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        name = leaf_name(seq_of(log, T.ATTEMPT_SEALED))
        return as_exporter(log, bundle(log), lambda files: files.update({name: change(files[name])}))

    return make


def other_node(data: bytes) -> bytes:
    leaf = parse_leaf(data)
    return replace(leaf, event=replace(leaf.event, node="node-2")).to_bytes()


def leaf_hidden(log: SampleLog) -> bytes:
    """The refusal in the talk and what follows from it alone are left out; proofs and payloads too."""
    full = parts(log, "said-no")
    hidden = {seq_of(log, T.REFUSAL_HEARD, "said-no"), seq_of(log, T.DNC_ADDED, "said-no")}
    shown = {seq: body for seq, body in full.leaves.items() if seq not in hidden}
    return log.bundle(
        replace(
            full,
            leaves=shown,
            inclusions=tuple(i for i in full.inclusions if i.seq in shown),
            payloads={s: p for s, p in full.payloads.items() if s in shown},
        )
    )


def proofs_changed(change: Callable[[dict[str, object]], object]) -> Callable[[SampleLog], bytes]:
    return lambda log: as_exporter(log, bundle(log), lambda files: edit_json(files, "proofs.json", change))


def path_longer(proofs: dict[str, object]) -> None:
    leaves = proofs["leaves"]
    assert isinstance(leaves, list)
    leaves[0]["path"].append("00" * 32)


def proof_dropped(proofs: dict[str, object]) -> None:
    leaves = proofs["leaves"]
    assert isinstance(leaves, list)
    leaves.pop()


def earlier_root_changed(proofs: dict[str, object]) -> None:
    earlier = proofs["earlier"]
    assert isinstance(earlier, list)
    earlier[0]["path"][0] = "00" * 32


LEAVES = [
    Attack("a leaf edited", leaf_changed(other_node), "leaves.included"),
    Attack("a leaf with a field more", leaf_changed(lambda d: d[:-1] + b',"x":1}'), "leaves.form"),
    Attack("a leaf with one key twice", leaf_changed(lambda d: d[:-1] + b',"v":1}'), "leaves.form"),
    Attack("a leaf with a blank more", leaf_changed(lambda d: d[:-1] + b" }"), "leaves.form"),
    Attack("a leaf with a float", leaf_changed(lambda d: d.replace(b'"v":1', b'"v":1.0')), "leaves.form"),
    Attack(
        "a leaf with a huge integer",
        leaf_changed(lambda d: d.replace(b'"v":1', b'"v":' + b"1" * 4000)),
        "leaves.form",
    ),
    Attack("a leaf nested deep", leaf_changed(lambda d: b"[" * 30_000 + b"]" * 30_000), "leaves.form"),
    Attack(
        "a leaf that is not UTF-8", leaf_changed(lambda d: d.replace(b"node-1", b"node-\xff")), "leaves.form"
    ),
    Attack(
        "a leaf under another's name", leaf_changed(lambda d: d.replace(b'"seq":', b'"seq":1')), "leaves.form"
    ),
    Attack("leaves of the attempt left out", leaf_hidden, "leaves.chain"),
    Attack("proofs for another size", proofs_changed(lambda p: p.update(size=64)), "checkpoint.form"),
    Attack("a proof that is too long", proofs_changed(path_longer), "leaves.included"),
    Attack("a proof left out", proofs_changed(proof_dropped), "leaves.included"),
    Attack("a broken proof of consistency", proofs_changed(earlier_root_changed), "checkpoints.earlier"),
    Attack(
        "the root edited",
        lambda log: as_exporter(
            log, bundle(log), lambda f: f.update(checkpoint=f["checkpoint"].replace(b"\n63\n", b"\n62\n"))
        ),
        "checkpoint.form",
    ),
]


def note_changed(change: Callable[[SampleLog, Note], Note]) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        full = parts(log)
        return log.bundle(replace(full, note=change(log, full.note)))

    return make


def by_old_key(log: SampleLog, note: Note) -> Note:
    old = SampleLog().log_key
    signed = sign_checkpoint(note.checkpoint(), old.trusted.note_key(), old.sign)
    return Note(signed.body, (*signed.signatures, note.signatures[1]))


def by_stranger(log: SampleLog, note: Note) -> Note:
    stranger = SampleLog(seed=" x")
    signed = sign_checkpoint(note.checkpoint(), stranger.log_key.trusted.note_key(), stranger.log_key.sign)
    return Note(signed.body, (*signed.signatures, note.signatures[1]))


def by_strange_witness(log: SampleLog, note: Note) -> Note:
    witness = SampleLog(seed=" x").witness_key
    line = cosign(note.body, COSIGNED_LATER, witness.trusted.note_key(), witness.sign)
    return Note(note.body, (note.signatures[0], line))


CHECKPOINT = [
    Attack("signed by the key before", note_changed(by_old_key), "checkpoint.signature"),
    Attack("signed by a stranger's key", note_changed(by_stranger), "checkpoint.signature"),
    Attack(
        "no cosignature", note_changed(lambda log, n: Note(n.body, n.signatures[:1])), "witness.cosignature"
    ),
    Attack("cosigned by a strange witness", note_changed(by_strange_witness), "witness.cosignature"),
    Attack(
        "insider edits a leaf and signs all",
        lambda log: insider_checkpoint(log, parts(log), edit=True),
        "witness.cosignature",
    ),
    Attack(
        "insider cuts the tail and signs all",
        lambda log: insider_checkpoint(log, parts(log), edit=False),
        "witness.cosignature",
    ),
    Attack(
        "insider deletes a row, renumbers and signs all",
        lambda log: insider_renumbers(log, parts(log), lambda rows: [*rows[:2], *rows[3:]]),
        "witness.cosignature",
    ),
    Attack(
        "insider inserts a row back-dated and signs all",
        lambda log: insider_renumbers(log, parts(log), lambda rows: [*rows[:3], 2, *rows[3:]]),
        "witness.cosignature",
    ),
    Attack(
        "insider reorders rows and signs all",
        lambda log: insider_renumbers(log, parts(log), lambda rows: [*rows[:-2], rows[-1], rows[-2]]),
        "witness.cosignature",
    ),
]
