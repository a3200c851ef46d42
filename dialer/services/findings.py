"""What can be wrong with an installation, in words: found by `dialer doctor`, told by the alerts. Each says its cure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer.services.views.words import Sentence


class Gravity(StrEnum):
    """`stops`: nothing, or not everything, is dialled because of it. `soon`: it will come to that, or proof suffers."""

    STOPS = "stops"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `about`: a process, file, list or code, never a person's data."""

    code: str
    about: str
    gravity: Gravity
    sentence: Sentence
    cure: Sentence


@dataclass(frozen=True, slots=True)
class _Words:
    gravity: Gravity
    zh: str
    en: str
    cure_zh: str
    cure_en: str


_STOPS, _SOON = Gravity.STOPS, Gravity.SOON
FINDINGS: Final[dict[str, _Words]] = {
    "database.away": _Words(
        _STOPS,
        "数据库无法访问",
        "The database can't be reached",
        "检查数据库服务、地址与口令文件；恢复后拨号自动继续",
        "Check its service, address and password file; dialling goes on by itself afterwards",
    ),
    "database.old": _Words(
        _STOPS,
        "数据库结构不是本版本的（{about}）",
        "The database's tables are not this version's ({about})",
        "停止各进程，运行 dialer migrate",
        "Stop the processes and run dialer migrate",
    ),
    "clock.off": _Words(
        _STOPS,
        "系统时钟与数据库时钟不一致（{about} 毫秒）",
        "The machine's clock and the database's disagree ({about} ms)",
        "启用并检查时间同步（chrony 或 systemd-timesyncd）",
        "Switch time synchronisation on and look at it (chrony or systemd-timesyncd)",
    ),
    "process.down": _Words(
        _STOPS,
        "进程 {about} 没有应答",
        "The process {about} doesn't answer",
        "启动它，并查看它的日志",
        "Start it, and read its log",
    ),
    "dialer.not_ready": _Words(
        _STOPS,
        "拨号进程在运行但未就绪：{about}",
        "The dialer runs but isn't ready: {about}",
        "先恢复所列部分",
        "Bring back the part that is named",
    ),
    "stop.open": _Words(
        _STOPS,
        "停拨未解除：{about}",
        "A stop is in force: {about}",
        "查清原因后由有权人员在控制台解除",
        "Find its cause; whoever may, lifts it in the console",
    ),
    "key.missing": _Words(
        _STOPS,
        "缺少密钥文件 {about}",
        "The key file {about} is missing",
        "从密钥备份恢复；不要新建",
        "Bring it back from the keys' backup; don't make another",
    ),
    "key.open": _Words(
        _STOPS,
        "密钥文件 {about} 可被他人读取",
        "The key file {about} can be read by others",
        "chmod 600，并按密钥泄露处理（docs/production-keys.md）",
        "chmod 600, and treat the key as stolen (docs/production-keys.md)",
    ),
    "keys.one_user": _Words(
        _SOON,
        "各进程的密钥同属一个系统用户 {about}，彼此没有隔离",
        "All processes' keys belong to one system user, {about}: nothing is kept from anything",
        "以 root 运行 dialer init --users 的安装方式",
        "Install as root with dialer init --users",
    ),
    "certificate.missing": _Words(
        _STOPS,
        "证书 {about} 缺失或无法读取",
        "The certificate {about} is missing or can't be read",
        "放回证书文件",
        "Put the certificate's file back",
    ),
    "certificate.expired": _Words(
        _STOPS,
        "证书 {about} 已过期",
        "The certificate {about} has expired",
        "换上新证书并重启使用它的进程",
        "Put a new one in place and restart the process that uses it",
    ),
    "certificate.soon": _Words(
        _SOON,
        "证书 {about} 将在 30 天内过期",
        "The certificate {about} expires within 30 days",
        "换上新证书并重启使用它的进程",
        "Put a new one in place and restart the process that uses it",
    ),
    "secret.missing": _Words(
        _STOPS,
        "配置中的密钥文件 {about} 不存在或无法读取，dialer 进程无法启动",
        "The secret file {about} that the settings name is missing or can't be read: the dialer won't start",
        "把文件放回配置所写的位置，属主为 dialer，权限 0600",
        "Put it where the settings say, owned by dialer, mode 0600",
    ),
    "turn.silent": _Words(
        _SOON,
        "中继服务器 {about} 没有响应，防火墙后的坐席将没有声音",
        "The relay {about} doesn't answer: agents behind a firewall have no audio",
        "检查 coturn 是否运行、端口是否放行",
        "Look whether coturn runs and its port is let through",
    ),
    "webhook.failing": _Words(
        _SOON,
        "事件通知地址 {about} 已超过一小时未能送达",
        "The webhook {about} has taken nothing for more than an hour",
        "在“事件通知”页查看原因；修复后可重新发送，不再需要则停用",
        "See why on the webhooks page; send again once it is mended, or end it",
    ),
    "firewall.not_loaded": _Words(
        _SOON,
        "防火墙规则 {about} 尚未加载，只有口令在保护线路",
        "The firewall rules {about} aren't loaded: the trunk's password alone protects it",
        "用 nft -f 加载，并写入 /etc/nftables.conf 以便开机生效",
        "Load them with nft -f, and include them in /etc/nftables.conf for the next boot",
    ),
    "disk.full": _Words(
        _STOPS,
        "{about} 所在磁盘已满或不可写",
        "The disk of {about} is full or can't be written",
        "腾出空间；恢复后拨号自动继续",
        "Make room; dialling goes on by itself afterwards",
    ),
    "disk.low": _Words(
        _SOON,
        "{about} 所在磁盘剩余空间不足十分之一",
        "Less than a tenth of the disk of {about} is free",
        "腾出空间或扩容",
        "Make room, or a larger disk",
    ),
    "spool.left": _Words(
        _SOON,
        "有录音在暂存目录中超过一小时未封存（{about} 个文件）",
        "Recordings lie unsealed in the spool for more than an hour ({about} files)",
        "查看拨号进程日志；重启它会重新封存",
        "Read the dialer's log; at its next start it seals them",
    ),
    "witness.late": _Words(
        _SOON,
        "见证方超过 {about} 秒没有联署",
        "The witness has not cosigned for {about} s",
        "检查见证进程与它的连接",
        "Look at the witness and the way to it",
    ),
    "list.old": _Words(
        _STOPS,
        "外部拒接名单 {about} 已超过规则允许的期限",
        "The outside list {about} is older than the rules allow",
        "载入新版本",
        "Load a newer version",
    ),
    "list.ageing": _Words(
        _SOON,
        "外部拒接名单 {about} 已到允许期限的四分之三",
        "The outside list {about} has reached three quarters of the age that the rules allow",
        "载入新版本",
        "Load a newer version",
    ),
    "calendar.this_year": _Words(
        _STOPS,
        "日历 {about} 没有今年的安排，不会拨出任何电话",
        "The calendar {about} doesn't know this year: nothing is dialled",
        "升级到含本年度节假日安排的版本",
        "Install the version that holds this year's announcement",
    ),
    "calendar.next_year": _Words(
        _SOON,
        "日历 {about} 还没有明年的安排，1 月 1 日起将停拨",
        "The calendar {about} doesn't know next year: from 1 January nothing is dialled",
        "在年底前升级到含明年节假日安排的版本",
        "Install the version that holds next year's announcement before the year ends",
    ),
}


def finding(code: str, about: str) -> Finding:
    """A finding in words.

    Raises:
        KeyError: no such code.
    """
    words = FINDINGS[code]
    return Finding(
        code,
        about,
        words.gravity,
        Sentence(words.zh.format(about=about), words.en.format(about=about)),
        Sentence(words.cure_zh, words.cure_en),
    )
