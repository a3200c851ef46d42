"""Build the bundle of one attempt, also of one that was refused: pure assembly of parts that the caller has gathered.

The caller reads leaves, payloads, recording and proofs from storage and vault; this file orders, lists, signs and zips
them. The same parts give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import Note, Sign
from dialer.evidence.container import leaf_name, token_name, write_zip
from dialer.evidence.manifest import MANIFEST_TYPE, ListedFile, Manifest, Missing, WithheldItem, seal_envelope
from dialer.evidence.merkle import leaf_hash
from dialer.evidence.parts import Dnc, Earlier, Inclusion, Proofs, Says, opened_bytes
from dialer.evidence.payload import Disclosure, Payload, Withheld
from dialer.evidence.record import parse_leaf
from dialer.evidence.tree import GetNode, inclusion_proof
from dialer.evidence.trust import Trust, TrustedKey

WITHHELD = "withheld"

VERIFY_MD = """# How to verify this bundle · 如何验证本证据包

This ZIP proves one call, or that a call was not made. It needs no trust in the file itself: get the keys
(`trust.json`) and the verifier from the operator, the regulator or your own earlier copy, then run, offline:

    python verify_evidence.py --trust trust.json THIS_FILE.zip

or open the page `verifier.html` in a browser, from your disk, and drop this file and `trust.json` on it.
Exit code 0: every check holds and the signer is one of your keys. 3: everything is consistent, but you gave no keys.
1: a check fails; its name, the file and the byte range or log entry are printed.

By hand: each file's SHA-256 is listed in the signed `manifest.json` (a DSSE envelope; `payload` is base64 of the list).
Each `leaves/*.json` is one entry of the log; SHA-256 of a zero byte and its bytes is a leaf of an RFC 6962 Merkle tree,
whose root stands in `checkpoint`, signed by the log and by an independent witness. `proofs.json` leads from leaf to root.
`opened.json` holds what was said, with the salts of the commitments in the leaves. The full format: docs/evidence.md.

本 ZIP 证明一次通话，或证明某次通话没有发生。请从运营方、监管方或自己先前的留存取得密钥（`trust.json`）和验证程序，
离线运行上面的命令，或在浏览器中打开本地的 `verifier.html`，把本文件和 `trust.json` 拖入页面。退出码 0：全部检查通过且签署方是您的密钥之一；3：内容一致但未提供密钥；1：有检查未通过，会指出检查名称、
文件以及字节范围或日志记录。
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that goes into a bundle.

    `leaves`: seq → stored bytes, with all causes that are to be shown. `note`: a checkpoint after the last of them,
    with its cosignatures. `inclusions`, `earlier`: from `tree.inclusion_proof` and `tree.consistency_proof`.
    `payloads`: seq → payload as far as the reader may see it. `consent`: file name → bytes. `tokens`: tree size → time
    token as received. `verifiers`: file name → SHA-256 of what the exporter publishes to verify with. `missing`: what is known not to be there and can't be seen from the parts. `withheld_why`: disclosure name → reason, else "withheld".
    """

    attempt_id: str
    org: str | None
    made_us: int
    sw: str
    leaves: Mapping[int, bytes]
    note: Note
    inclusions: tuple[Inclusion, ...]
    payloads: Mapping[int, Payload]
    trust: Trust
    earlier: tuple[Earlier, ...] = ()
    recording: bytes | None = None
    consent: Mapping[str, bytes] = field(default_factory=dict)
    dnc: Dnc | None = None
    tokens: Mapping[int, bytes] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    withheld_why: Mapping[str, str] = field(default_factory=dict)
    verifiers: Mapping[str, bytes] = field(default_factory=dict)


def inclusions_of(leaves: Mapping[int, bytes], size: int, get: GetNode) -> tuple[Inclusion, ...]:
    """The inclusion proofs of these leaves in the tree of `size` leaves."""
    return tuple(
        Inclusion(seq, leaf_hash(leaves[seq]), inclusion_proof(get, seq, size)) for seq in sorted(leaves)
    )


def build_bundle(parts: Parts, key: TrustedKey, sign: Sign) -> bytes:
    """The ZIP of a bundle, signed by a bundle key.

    Raises:
        EvidenceFormatError: the parts contradict each other so that no verifier could accept them; nothing was built.
    """
    checkpoint = parts.note.checkpoint()
    _refuse_contradictions(parts)
    files = {
        "VERIFY.md": (VERIFY_MD + _published(parts.verifiers)).encode(),
        "checkpoint": parts.note.to_bytes(),
        "opened.json": opened_bytes(parts.payloads),
        "proofs.json": Proofs(checkpoint.size, parts.inclusions, parts.earlier).to_bytes(),
        "trust.json": parts.trust.to_bytes(),
    }
    files |= {leaf_name(seq): data for seq, data in parts.leaves.items()}
    files |= {f"consent/{name}": data for name, data in parts.consent.items()}
    files |= {token_name(size): data for size, data in parts.tokens.items()}
    if parts.recording is not None:
        files["recording.flac"] = parts.recording
    if parts.dnc is not None:
        files["dnc.json"] = parts.dnc.to_bytes()
    manifest = Manifest(
        log=checkpoint.origin,
        attempt_id=parts.attempt_id,
        org=parts.org,
        size=checkpoint.size,
        made_us=parts.made_us,
        sw=parts.sw,
        files=tuple(ListedFile(n, len(files[n]), sha256(files[n]).digest()) for n in sorted(files)),
        missing=_missing(parts),
        withheld=_withheld(parts),
    )
    files["manifest.json"] = seal_envelope(manifest.to_bytes(), MANIFEST_TYPE, key, sign).to_bytes()
    return write_zip(files)


def _published(verifiers: Mapping[str, bytes]) -> str:
    if not verifiers:
        return ""
    lines = "".join(f"    {digest.hex()}  {name}\n" for name, digest in sorted(verifiers.items()))
    return f"\nThe exporter's own verifiers, by SHA-256 · 出具方发布的验证程序的 SHA-256：\n\n{lines}"


def redacted(parts: Parts, keep: frozenset[str], why: str = WITHHELD) -> Parts:
    """The same bundle with only the disclosures named in `keep` shown, and without what those would give away.

    The recording goes unless `rec.flac_sha256` is kept, consent files unless `consent.files` is, and the DNC proof
    unless `callee.number` is: a VRF proof lets its holder test guesses of the number. Hand-overs of keys stay.
    """
    shown = keep | {
        item.name for p in parts.payloads.values() for item in p.items if item.name.startswith("key.")
    }
    missing = list(parts.missing)
    recording, consent, dnc = parts.recording, parts.consent, parts.dnc
    if recording is not None and Says.FLAC_SHA256 not in keep:
        recording = None
        missing.append(Missing("recording", why))
    if consent and Says.CONSENT_FILES not in keep:
        consent = {}
    if dnc is not None and Says.CALLEE_NUMBER not in keep:
        dnc = None
        missing.append(Missing("dnc", why))
    hidden = {item.name: why for payload in parts.payloads.values() for item in payload.items}
    return replace(
        parts,
        payloads={seq: payload.redacted(shown) for seq, payload in parts.payloads.items()},
        recording=recording,
        consent=consent,
        dnc=dnc,
        missing=tuple(missing),
        withheld_why={**hidden, **parts.withheld_why},
    )


def _withheld(parts: Parts) -> tuple[WithheldItem, ...]:
    return tuple(
        WithheldItem(seq, item.name, parts.withheld_why.get(item.name, WITHHELD))
        for seq, payload in sorted(parts.payloads.items())
        for item in payload.items
        if isinstance(item, Withheld)
    )


def _missing(parts: Parts) -> tuple[Missing, ...]:
    """What the caller declared, and what the parts themselves show to be missing and can be declared for him.

    That is: consent files that are stated but not given, causes outside the bundle (a leaf said in another attempt
    follows from that one's), and a proof from before the decision where the log had no root yet.
    """
    found = {part.what: part for part in parts.missing}
    for payload in parts.payloads.values():
        files = payload.value(Says.CONSENT_FILES)
        for entry in files if isinstance(files, list) else []:
            name = entry.get("name") if isinstance(entry, dict) else None
            if name not in parts.consent:
                found.setdefault(f"consent.file:{name}", Missing(f"consent.file:{name}", WITHHELD))
    known = {leaf_hash(data) for data in parts.leaves.values()}
    for data in parts.leaves.values():
        for cause in set(parse_leaf(data).cause) - known:
            found.setdefault(f"leaf:{cause.hex()}", Missing(f"leaf:{cause.hex()}", "outside"))
    if parts.dnc is not None and parts.dnc.before_size is None:
        found.setdefault("dnc.before", Missing("dnc.before", "no_root"))
    return tuple(found[what] for what in sorted(found))


def _refuse_contradictions(parts: Parts) -> None:
    """What would make every verifier refuse is refused here, where it can be mended."""
    if not parts.leaves:
        raise EvidenceFormatError("a bundle without leaves proves nothing")
    for seq, data in parts.leaves.items():
        leaf = parse_leaf(data)
        if leaf.seq != seq:
            raise EvidenceFormatError("a leaf under another seq than its own")
        payload = parts.payloads.get(seq)
        if payload is not None and payload.commit() != leaf.event.commit:
            raise EvidenceFormatError("a payload that its leaf does not commit to")
        declared = any(part.what == f"payload:{seq}" for part in parts.missing)
        if leaf.event.commit is not None and (payload is None) != declared:
            raise EvidenceFormatError("a payload is neither given nor declared missing, or both")
    shown = {
        item.name
        for payload in parts.payloads.values()
        for item in payload.items
        if isinstance(item, Disclosure)
    }
    if parts.dnc is not None and Says.CALLEE_NUMBER not in shown:
        raise EvidenceFormatError("a DNC proof beside a withheld number would let its holder test guesses")
    if parts.recording is not None and Says.FLAC_SHA256 not in shown:
        raise EvidenceFormatError("a recording beside a withheld hash of it proves nothing")
