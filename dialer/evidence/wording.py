"""The sentences of a report in Chinese. The checks speak English; a table, held complete by a test, translates.

`{}` stands for what a sentence is about (a count, a name); it is carried over. Faults of form, which only someone who
reads the format can mend, are passed on in English inside a Chinese sentence.
"""

import re

SENTENCES: dict[str, str] = {
    # the file
    "{} files, {} bytes": "{} 个文件，{} 字节",
    "attempt {}, tree size {}": "呼叫尝试 {}，树大小 {}",
    "{} files as listed": "{} 个文件与清单一致",
    "keys pinned by the reader": "使用读者指定的密钥",
    "keys of the bundle itself: not pinned": "使用证据包自带的密钥：未经读者指定",
    "{} hand-overs": "{} 次密钥更换",
    "the checkpoint speaks of {} VRF keys, {} are known": "检查点所述的 VRF 密钥为 {} 个，已知 {} 个",
    "signed by {}": "签署者 {}",
    "there is no {}": "缺少 {}",
    "there are no leaves": "没有日志记录",
    "the manifest lists a file twice or out of order": "清单重复列出文件或顺序有误",
    "the keys are of another log": "密钥属于另一日志",
    "the bundle's own keys are of another log": "证据包自带的密钥属于另一日志",
    "no key was rotated in this bundle": "本证据包内没有密钥更换",
    "listed but not there: {}": "清单列出但不存在：{}",
    "not the file that the manifest lists": "不是清单所列的文件",
    "there but not listed": "存在但清单未列出",
    "the hand-over is not shown": "未展示密钥更换的内容",
    "a hand-over that a trusted key did not sign": "密钥更换没有可信密钥的签名",
    "signed by an unknown key": "由未知密钥签署",
    "signed by a key that is not valid at this tree size": "签署密钥在此树大小下无效",
    "the signature does not hold": "签名不成立",
    # the log
    "{} leaves, {} of the attempt": "{} 条记录，其中 {} 条属于本次呼叫尝试",
    "size {}": "大小 {}",
    "cosigned by {} at {} UTC": "由 {} 于 {} UTC 会签",
    "{} leaves in the tree of {}": "{} 条记录在大小为 {} 的树中",
    "earlier checkpoints: {}": "先前检查点：{} 个",
    "{} leaves in an unbroken chain": "{} 条记录连续无缺",
    "call placed, last state {}": "已拨打，最后状态 {}",
    "call not made, last state {}": "未拨打，最后状态 {}",
    "no leaf is of the manifest's attempt": "没有记录属于清单所述的呼叫尝试",
    "a checkpoint of another log": "检查点属于另一日志",
    "a checkpoint of another size than the manifest says": "检查点大小与清单不符",
    "proofs for another tree size": "证明针对的是另一树大小",
    "no trusted log key signed the checkpoint": "检查点没有可信日志密钥的签名",
    "signed by a log key that is not valid at this tree size": "签署的日志密钥在此树大小下无效",
    "no trusted witness cosigned the checkpoint: the proof is not complete": "检查点没有可信见证方的会签：证明不完整",
    "proofs are not exactly for the leaves of the bundle": "证明与证据包内的记录不一一对应",
    "the leaf is not the one that its name says": "记录与其文件名不符",
    "a leaf of another log": "记录属于另一日志",
    "a leaf of another organisation": "记录属于另一机构",
    "a proof for another leaf": "证明针对的是另一条记录",
    "the leaf is not in the tree of the checkpoint": "记录不在检查点的树中",
    "an earlier checkpoint of another log, or twice": "先前检查点属于另一日志，或重复出现",
    "an earlier checkpoint without a trusted signature": "先前检查点没有可信签名",
    "the log does not only append to an earlier checkpoint": "日志自先前检查点起不只是追加",
    "the leaf does not follow the one before it": "记录与前一条不相接",
    "a leaf of the attempt does not name the one before it": "本次呼叫尝试的记录没有指明其前一条",
    "a cause that comes later": "起因晚于结果",
    "a cause is neither in the bundle nor declared missing": "起因既不在证据包内，也未声明缺失",
    # what is shown
    "{} payloads as committed": "{} 份内容与承诺值一致",
    "{} disclosures withheld": "未展示 {} 项",
    "nothing withheld": "全部展示",
    "rule packs of {} leaves": "{} 条记录的规则包",
    "{} files as the consent states": "{} 个文件与授权所载一致",
    "the recording that was sealed": "就是封存的录音",
    "{} channels, {} Hz, {} s": "{} 声道，{} Hz，{} 秒",
    "{} frames as sealed": "{} 帧与封存时一致",
    "no recording in the bundle": "证据包内没有录音",
    "the manifest withholds one disclosure twice": "清单重复声明同一项不展示",
    "withheld but not declared: {}": "未展示且未声明：{}",
    "declared withheld but not there: {}": "声明不展示但并不存在：{}",
    "no list of rule packs is shown": "未展示规则包清单",
    "no consent files in the bundle": "证据包内没有授权文件",
    "the recording's hash is withheld: nothing ties the sound to the log": "未展示录音哈希：录音与日志无从关联",
    "not the recording that was sealed": "不是封存的录音",
    "not a FLAC file": "不是 FLAC 文件",
    "the recording's rate, channels or length are not those of the leaf": "录音的采样率、声道或时长与记录不符",
    "the hash of the sound is not shown": "未展示声音的哈希",
    "no FLAC decoder here; the file's own hash was checked": "此处没有 FLAC 解码器；已核对文件本身的哈希",
    "not the sound that was sealed": "不是封存时的声音",
    "no time token in the bundle": "证据包内没有时间戳",
    "two recordings were sealed for one attempt": "一次呼叫尝试封存了两份录音",
    "a recording that no leaf sealed, or that is declared missing": "录音没有封存记录，或已声明缺失",
    "the sealed recording is neither there nor declared missing": "已封存的录音既不在，也未声明缺失",
    "people talked, and nothing says where the recording is": "有通话，但没有说明录音去向",
    "the leaf does not say what it sealed": "记录没有说明封存了什么",
    "a payload of no leaf in the bundle": "内容不属于证据包内任何记录",
    "the payload is not the one that the leaf commits to": "内容与记录的承诺值不符",
    "a payload is neither shown nor declared missing, or both": "内容既未展示也未声明缺失，或两者兼有",
    "the rule packs shown are not those of the leaf": "所示规则包不是记录所用的规则包",
    "consent files stated by what is no consent": "授权文件由非授权记录列出",
    "no consent in the bundle states this file": "证据包内没有授权列出此文件",
    "not the file that the consent states": "不是授权所载的文件",
    "a file of the consent is neither there nor declared missing": "授权文件既不在，也未声明缺失",
    "the recording can't be decoded": "录音无法解码",
    "a time token of another checkpoint": "时间戳属于另一检查点",
    "no trusted time authority signed the token": "时间戳没有可信机构的签名",
    "a time token for a checkpoint that is not in the bundle": "时间戳对应的检查点不在证据包内",
    "size {} at {} UTC by {}": "大小 {}，{} UTC，机构 {}",
    "size {} at {} UTC (authority not pinned)": "大小 {}，{} UTC（未指定可信机构）",
    # the DNC list
    "{} places, each the only one possible": "{} 个位置，均为唯一可能的位置",
    "on no list from the decision until the permit was consumed": "从决定到许可被使用，均不在任何名单中",
    "on the list in {} of {} places; the call was not made": "{}/{} 个位置在名单中；未拨打",
    "a DNC proof about a number that is withheld": "号码未展示，却附有名单证明",
    "the bundle shows two different numbers of the callee": "证据包展示了两个不同的被叫号码",
    "the callee's number is not text": "被叫号码不是文本",
    "{} places of the number are not shown": "缺少该号码的 {} 个位置",
    "the checkpoint commits to no DNC tree": "检查点没有拒接名单的树根",
    "no DNC proof in the bundle": "证据包内没有名单证明",
    "the proof before the decision is under no checkpoint from before it": "决定之前的证明没有对应的先前检查点",
    "the checkpoint before the decision commits to no DNC tree": "决定之前的检查点没有拒接名单的树根",
    "a DNC proof does not lead to the root in the checkpoint": "名单证明不通向检查点中的树根",
    "the number was on the DNC list when it was dialled": "拨打时号码在拒接名单中",
    "a place under an unknown key": "位置由未知密钥得出",
    "a place that is not this number's, or is given twice": "位置不属于该号码，或重复给出",
    "a call was placed, and the DNC proof is neither there nor declared missing": "已拨打，但名单证明既不在，也未声明缺失",
    "no proof from before the decision, and the manifest doesn't say so": "没有决定之前的证明，清单也未说明",
    "a DNC entry names a leaf that is not in the tree yet": "名单条目指向尚不在树中的记录",
    "a DNC entry names a leaf that did not change the list": "名单条目指向并未改变名单的记录",
    "the number came on the DNC list between decision and dialling": "在决定与拨打之间号码进入了拒接名单",
    "the DNC tree changed what it said of the past": "拒接名单的树改变了对过去的说法",
    # the story
    "the attempt has no state": "呼叫尝试没有状态",
    "the attempt does not begin authorised or refused": "呼叫尝试并非以已授权或被拒绝开始",
    "the attempt has no end, and the manifest doesn't say so": "呼叫尝试没有终态，清单也未说明",
    "no decision": "没有决定",
    "a call was placed although the gate refused it": "决定为拒绝，却仍然拨打",
    "a permit was consumed twice": "许可被使用两次",
    "the decision names no consent": "决定没有指明授权",
    "the consent was not recorded before the decision": "授权并非在决定之前记录",
    "no move leads from {} to {}": "状态不能从 {} 变为 {}",
    "a call was placed without {}": "拨打前缺少 {}",
    "{} stands after what it has to precede": "{} 出现在其应当先于的记录之后",
    "{} before the call was placed": "{} 早于拨打",
    "the consent had ended before the call was placed": "授权在拨打前已终止",
    "{} in a call that was not placed": "未拨打的呼叫却有 {}",
    # a dossier
    "{} bundles, {} bytes": "{} 个证据包，{} 字节",
    "dossier {}, tree size {}": "卷宗 {}，树大小 {}",
    "{} bundles as listed": "{} 个证据包与索引一致",
    "keys of the dossier itself: not pinned": "使用卷宗自带的密钥：未经读者指定",
    "{} bundles hold, each alone": "{} 个证据包均单独验证通过",
    "{} bundles are what the index says": "{} 个证据包与索引所述相符",
    "there are no bundles": "没有证据包",
    "the bundles are not numbered from 1 without a gap": "证据包没有从 1 起连续编号",
    "the index doesn't list as many bundles as there are": "索引所列证据包的数目与实际不符",
    "not the bundle that the index lists": "不是索引所列的证据包",
    "the table is not the index": "表格与索引不符",
    "the dossier's own keys are of another log": "卷宗自带的密钥属于另一日志",
    "{} bundles don't hold, the first by {}": "{} 个证据包未通过，第一个的未通过项为 {}",
    "the bundle is not of what the index says": "证据包与索引所述不符",
    "the index is for another tree size than its bundles": "索引的树大小与其证据包不符",
    # what was not reached
    "{} did not hold": "{} 未通过",
}

_OTHER = "格式不符合规定（{}）"


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in template.split("{}")))


_PATTERNS = [(_pattern(english), chinese) for english, chinese in SENTENCES.items()]


def in_chinese(sentence: str) -> str:
    """A check's English sentence in Chinese; several that are joined by "; " are translated one by one."""
    whole = _known(sentence)
    if whole is not None:
        return whole
    parts = [_known(part) for part in sentence.split("; ")]
    known = [part for part in parts if part is not None]
    return "；".join(known) if len(known) == len(parts) else _OTHER.format(sentence)


def _known(sentence: str) -> str | None:
    for pattern, chinese in _PATTERNS:
        if (match := pattern.fullmatch(sentence)) is not None:
            return chinese.format(*match.groups())
    return None
