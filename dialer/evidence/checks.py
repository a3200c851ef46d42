"""The checks of one bundle, in order; docs/evidence.md says the same in prose."""

from dialer.evidence.case import Case, DecodeSound, Outcome
from dialer.evidence.check_content import (
    check_consent_files,
    check_payloads,
    check_policies,
    check_recording,
    check_recording_shape,
    check_recording_sound,
    check_time_tokens,
    check_withheld,
)
from dialer.evidence.check_dnc import check_absence, check_places
from dialer.evidence.check_files import (
    check_container,
    check_listed_files,
    check_manifest,
    check_manifest_signature,
    check_rotations,
    check_trust,
)
from dialer.evidence.check_log import (
    check_chain,
    check_checkpoint,
    check_checkpoint_signature,
    check_cosignature,
    check_earlier,
    check_inclusion,
    check_leaves,
    check_story,
)
from dialer.evidence.record import DEMO_ORIGIN_PREFIX
from dialer.evidence.steps import Report, Step, run_steps
from dialer.evidence.trust import Trust

STEPS: tuple[Step[Case], ...] = (
    Step("zip.container", "The file is a well-formed bundle", "文件是格式正确的证据包", (), check_container),
    Step("manifest.form", "The manifest is well-formed", "清单格式正确", ("zip.container",), check_manifest),
    Step(
        "manifest.files",
        "Every file is the one that the manifest lists",
        "每个文件都与清单一致",
        ("manifest.form",),
        check_listed_files,
    ),
    Step("trust.form", "The keys are of this log", "密钥属于本日志", ("manifest.form",), check_trust),
    Step(
        "leaves.form",
        "Every log entry is well-formed",
        "每条日志记录格式正确",
        ("manifest.form",),
        check_leaves,
    ),
    Step(
        "payloads.commit",
        "What is shown is what was committed to",
        "所示内容与当时的承诺值一致",
        ("leaves.form",),
        check_payloads,
    ),
    Step(
        "keys.rotation",
        "Keys were handed over by old and new key",
        "密钥更换由新旧密钥共同签名",
        ("trust.form", "payloads.commit"),
        check_rotations,
    ),
    Step(
        "checkpoint.form",
        "Checkpoint and proofs are for the same tree",
        "检查点与证明属于同一棵树",
        ("leaves.form",),
        check_checkpoint,
    ),
    Step(
        "checkpoint.signature",
        "The log signed the checkpoint",
        "日志已签署检查点",
        ("checkpoint.form", "keys.rotation"),
        check_checkpoint_signature,
    ),
    Step(
        "witness.cosignature",
        "A witness cosigned the checkpoint",
        "见证方已会签检查点",
        ("checkpoint.form", "keys.rotation"),
        check_cosignature,
    ),
    Step(
        "manifest.signature",
        "The exporter signed the manifest",
        "导出方已签署清单",
        ("manifest.form", "keys.rotation"),
        check_manifest_signature,
    ),
    Step(
        "leaves.included",
        "Every entry is in the log's tree",
        "每条记录都在日志树中",
        ("checkpoint.form",),
        check_inclusion,
    ),
    Step(
        "checkpoints.earlier",
        "The log only appended to earlier checkpoints",
        "日志自先前检查点起只有追加",
        ("checkpoint.form", "keys.rotation"),
        check_earlier,
    ),
    Step(
        "leaves.chain",
        "Entries follow each other without a gap",
        "记录前后相连，没有缺口",
        ("checkpoint.form",),
        check_chain,
    ),
    Step(
        "withheld.declared",
        "All that is withheld is declared",
        "凡未展示的内容均已声明",
        ("payloads.commit",),
        check_withheld,
    ),
    Step(
        "attempt.story",
        "Nothing was dialled without decision, consent and permit",
        "没有决定、授权和许可就没有拨号",
        ("leaves.form",),
        check_story,
    ),
    Step(
        "policy.packs",
        "The rule packs are those that decided",
        "规则包就是当时据以决定的规则包",
        ("payloads.commit",),
        check_policies,
    ),
    Step(
        "consent.files",
        "Consent text and artefact are as given",
        "授权文本与凭证未被改动",
        ("payloads.commit",),
        check_consent_files,
    ),
    Step(
        "recording.hash",
        "The recording is the one that was sealed",
        "录音就是当时封存的录音",
        ("payloads.commit",),
        check_recording,
    ),
    Step(
        "recording.shape",
        "Its length and channels are as sealed",
        "录音时长与声道与封存时一致",
        ("recording.hash",),
        check_recording_shape,
    ),
    Step(
        "recording.sound",
        "Its sound is as sealed",
        "录音声音与封存时一致",
        ("recording.hash",),
        check_recording_sound,
    ),
    Step(
        "dnc.places",
        "The number's places on the DNC list are the only possible ones",
        "号码在拒接名单中的位置是唯一可能的位置",
        ("attempt.story", "payloads.commit", "keys.rotation", "checkpoint.form"),
        check_places,
    ),
    Step(
        "dnc.absence",
        "The DNC list from the decision to the dialling",
        "从决定到拨号期间的拒接名单",
        ("dnc.places", "checkpoints.earlier"),
        check_absence,
    ),
    Step(
        "tsr.tokens",
        "A time authority stamped the log",
        "时间戳机构已为日志加盖时间戳",
        ("checkpoints.earlier",),
        check_time_tokens,
    ),
)


def verify_bundle(data: bytes, pinned: Trust | None, decode_sound: DecodeSound | None = None) -> Report:
    """Run every check on the bytes of a bundle. Raises nothing, whatever the bytes are.

    `pinned`: the reader's own trust.json; without it nobody established who signed. `decode_sound`: where a FLAC
    decoder is at hand, the sound itself is checked too.
    """
    return examine(Case(data, pinned, decode_sound))


def examine(case: Case) -> Report:
    """The same; `case` holds afterwards what the checks established."""
    checks = run_steps(STEPS, case)
    formed = next(check.outcome for check in checks if check.id == "manifest.form")
    is_demo = formed is Outcome.PASSED and case.manifest.log.startswith(DEMO_ORIGIN_PREFIX)
    return Report(checks, case.pinned is not None, is_demo)
