"""What rules and facts are called by people, in Chinese and in English. Codes and paths stay in evidence and the API."""

from datetime import datetime
from typing import Final

from dialer.compliance.hours import PAPERS_ZONE, zone

Words = tuple[str, str]
"""Chinese, English."""

KINDS: Final[dict[str, Words]] = {
    "window": ("可呼时段", "Calling window"),
    "holidays": ("法定节假日", "Public holidays"),
    "frequency_callee": ("对被叫的呼叫次数", "Calls to this person"),
    "gap": ("两次呼叫的间隔", "Gap between attempts"),
    "concurrency": ("同一号码同时只有一通", "One call at a time"),
    "burst": ("短时间密集呼叫", "Bursts of attempts"),
    "abandon": ("接通无坐席比例", "Abandoned calls"),
    "abandon_follow_up": ("接通无坐席后的回访", "After an abandoned call"),
    "consent_term": ("同意的有效期", "Term of the consent"),
    "promised": ("约定的时间", "Promised time"),
    "clock_trust": ("系统时钟", "The clock"),
    "consent_given": ("本人同意", "Consent given"),
    "consent_content": ("同意记录的内容", "Content of the consent"),
    "consent_origin": ("同意的来由", "How the consent came about"),
    "consent_proof": ("同意的凭证", "Proof of the consent"),
    "ownership_of_number": ("号码归属", "Whose phone it is"),
    "source_kinds": ("来源类型", "Kind of source"),
    "source_checks": ("来源核验", "Checks of the source"),
    "source_standing": ("来源状态", "Standing of the source"),
    "purpose_chain": ("用途一致", "One purpose throughout"),
    "purposes": ("允许的用途", "Purposes allowed"),
    "dnc": ("拒接名单", "Do-not-call list"),
    "dnc_review": ("拒接名单的复核", "Review of the do-not-call list"),
    "outside_list": ("外部拒接名单", "Outside do-not-call list"),
    "holds": ("线索搁置", "Held leads"),
    "subject_rights": ("个人信息权利请求", "Requests about personal data"),
    "minors": ("未成年人", "Minors"),
    "separate_consent": ("单独同意", "Separate consent"),
    "callee_numbers": ("被叫号码", "The number called"),
    "regions": ("地区规则", "Regions"),
    "callee_risk": ("被叫风险标记", "Risk marks on the person"),
    "number_risk": ("外显号码风险", "Risk of the number shown"),
    "organisation_record": ("企业信息", "The organisation's record"),
    "signed_terms": ("已签条款", "Signed terms"),
    "carrier_terms": ("运营商与平台条款", "Terms of carriers and platforms"),
    "licence_held": ("经营许可", "Licence"),
    "documents": ("资料一致", "Consistent documents"),
    "business_scope": ("经营范围", "Business scope"),
    "organisation_standing": ("企业状态", "Standing of the organisation"),
    "strikes": ("严重违规记录", "Serious violations"),
    "channel_conduct": ("渠道投诉", "Complaints about the channel"),
    "graded_protection": ("等级保护", "Graded protection"),
    "security_certificate": ("信息安全认证", "Security certificate"),
    "policies": ("制度确认", "Policies acknowledged"),
    "named_owner": ("责任人", "Accountable owner"),
    "trunk_right": ("线路使用权", "Right to the trunk"),
    "caller_id_binding": ("外显号码绑定", "Binding of the number shown"),
    "true_caller": ("真实主叫", "True caller"),
    "caller_id_matrix": ("号码类别与用途", "Class of number and purpose"),
    "caller_id_life": ("外显号码状态", "State of the number shown"),
    "number_filing": ("号码备案", "Filing of the number"),
    "appeals": ("申诉中的号码", "Appeals"),
    "linked_check": ("关联排查", "Linked check"),
    "real_name": ("实名核查", "Real-name check"),
    "frequency_caller_id": ("外显号码呼叫频率", "Calls from the number shown"),
    "frequency_agent": ("坐席呼叫次数", "Calls of an agent"),
    "training": ("坐席考核", "Training of agents"),
    "banned_business": ("禁止接入业务", "Banned business"),
    "number_review_done": ("号码审核", "Number review"),
    "refile": ("业务重新报备", "Filing anew"),
    "claims": ("违规话术", "Forbidden claims"),
    "script_filing": ("话术报备", "Filing of the script"),
    "script_steps": ("话术必备步骤", "Steps of the script"),
    "speakers": ("由谁说话", "Who speaks"),
    "modes": ("外呼模式", "Dialling mode"),
    "amd": ("答录机识别", "Answering-machine detection"),
    "ring": ("振铃时长", "Ringing time"),
    "call_length": ("通话时长", "Length of the call"),
    "patience": ("接听等待", "Patience after the answer"),
    "opt_out": ("拒接方式", "Ways to refuse"),
    "sip_refusals": ("线路侧拒接信号", "Refusals on the line"),
    "recording": ("录音告知", "Recording notice"),
    "retention": ("保存期限", "Retention"),
    "sms_confirmation": ("短信确认", "Confirmation by text message"),
    "running": ("任务与停呼", "Campaign and stops"),
    "agent_there": ("有坐席在岗", "Agents on duty"),
}

GROUPS: Final[dict[str, Words]] = {
    "clock": ("时钟", "clock"),
    "platform": ("平台", "platform"),
    "vault": ("证据库", "vault"),
    "organisation": ("企业", "organisation"),
    "campaign": ("任务", "campaign"),
    "script": ("话术", "script"),
    "consent": ("同意记录", "consent"),
    "source": ("来源", "source"),
    "callee": ("被叫", "person called"),
    "lead": ("线索", "lead"),
    "contact": ("联系记录", "contacts so far"),
    "caller_id": ("外显号码", "number shown"),
    "floor": ("坐席", "agents"),
    "dnc": ("拒接名单", "do-not-call list"),
}

FIELDS: Final[dict[str, Words]] = {
    "abandoned_30_days": ("三十天内接通无坐席次数", "abandoned calls in 30 days"),
    "abandoned_at": ("最近一次接通无坐席", "last abandoned call"),
    "abandoned_day": ("当日接通无坐席次数", "abandoned calls today"),
    "age": ("是否成年", "age"),
    "agents": ("坐席人数", "number of agents"),
    "agents_bound": ("使用人员是否全部绑定", "binding of all agents"),
    "alarms": ("未处理的风险预警", "open risk alarms"),
    "amd": ("答录机识别", "answering-machine detection"),
    "answered_day": ("当日接通数", "answered calls today"),
    "appeal": ("申诉状态", "appeal"),
    "artefact": ("凭证", "artefact"),
    "attempts_at": ("呼叫时间", "times of attempts"),
    "attestation": ("资质证明", "attestation"),
    "busiest_calls_day": ("坐席当日最多呼叫数", "most calls of an agent today"),
    "business_scope": ("经营范围", "business scope"),
    "callback_proof_sha256": ("回访业务证明", "proof of the callback business"),
    "caller_id_id": ("编号", "id"),
    "calls_day": ("当日呼叫数", "calls today"),
    "calls_hour": ("一小时内呼叫数", "calls in the hour"),
    "campaign_id": ("编号", "id"),
    "campaigns": ("绑定的任务", "campaigns it is bound to"),
    "channel": ("渠道状态", "state of the channel"),
    "channel_complainants": ("渠道投诉人数", "complainants about the channel"),
    "channel_months_in_row": ("渠道连续投诉月数", "months in a row with complaints"),
    "channel_outcries": ("舆情事件数", "public outcries"),
    "checked_on": ("核验日期", "day of the check"),
    "consent_id": ("编号", "id"),
    "conversations": ("已完成的通话数", "conversations held"),
    "country": ("国家或地区", "country"),
    "credit_code": ("统一社会信用代码", "credit code"),
    "declared_business": ("申报的业务", "declared business"),
    "document_mismatches": ("资料不一致之处", "differences between documents"),
    "due_at": ("到期时间", "due time"),
    "error_ms": ("误差", "error"),
    "expires_at": ("到期时间", "end"),
    "expires_on": ("有效期", "last valid day"),
    "fields": ("记录的要素", "parts of the record"),
    "filed_at": ("报备时间", "time of filing"),
    "filed_purposes": ("备案用途", "purposes filed"),
    "filed_sha256": ("报备版本", "filed version"),
    "filing": ("备案", "filing"),
    "filing_number": ("备案或认证编号", "filing number"),
    "given_at": ("同意时间", "time of the consent"),
    "guardian_consent_sha256": ("监护人书面同意", "guardian's written consent"),
    "hold": ("搁置", "hold"),
    "industry": ("行业", "industry"),
    "kept_days": ("保存天数", "days kept"),
    "kept_days_promised": ("承诺的保存天数", "days of keeping promised"),
    "kind": ("类型", "kind"),
    "last_ended_at": ("上次呼叫结束时间", "end of the last attempt"),
    "latest_recorded_at": ("最近一条记录的时间", "newest time on the log"),
    "lead_id": ("编号", "id"),
    "legal_name": ("企业全称", "legal name"),
    "licence": ("许可证", "licence"),
    "licensed_purposes": ("经营范围内的用途", "purposes within the scope"),
    "linked_suspension": ("关联排查", "linked suspension"),
    "live_answers_30_days": ("三十天内真人接听数", "live answers in 30 days"),
    "live_answers_day": ("当日真人接听数", "live answers today"),
    "mode": ("外呼模式", "dialling mode"),
    "number_class": ("号码类别", "class of number"),
    "number_range": ("号段", "number range"),
    "number_review": ("号码审核", "number review"),
    "number_type": ("号码类型", "type of number"),
    "offset_us": ("偏移", "offset"),
    "oldest_quiz_passed_at": ("最早的考核通过时间", "oldest passed quiz"),
    "open_attempts": ("进行中的呼叫", "open attempts"),
    "organisation": ("本企业名单", "the organisation's list"),
    "organisation_id": ("所属企业", "organisation it belongs to"),
    "origin": ("来由", "origin"),
    "outside": ("外部名单", "outside lists"),
    "outsiders": ("外单位人员", "agents of others"),
    "owner": ("责任人", "accountable owner"),
    "own_list_reviewed_at": ("上次复核时间", "last review"),
    "ownership": ("号码归属", "ownership of the phone"),
    "packs": ("适用规则包", "rule packs"),
    "person": ("个人或单位", "person or body"),
    "platform": ("平台名单", "the platform's list"),
    "policies_unacknowledged": ("未确认的制度", "policies not acknowledged"),
    "presentation": ("外显方式", "presentation"),
    "profile": ("运行环境", "profile"),
    "promise": ("约定时间", "promised time"),
    "purpose": ("用途", "purpose"),
    "purpose_text": ("用途说明", "purpose in words"),
    "real_name_check": ("实名核查", "real-name check"),
    "refiling": ("重新报备", "filing anew"),
    "region_rule": ("地区或号段规则", "region or range rule"),
    "regions": ("所在地区", "regions"),
    "relation": ("客户关系", "relation"),
    "risk_marks": ("风险标记", "risk marks"),
    "risk_score": ("风险分值", "risk score"),
    "scope_checked_on": ("业务场景核验日期", "day of the scope's check"),
    "script_id": ("编号", "id"),
    "second_person_started_at": ("第二人批准时间", "second person's approval"),
    "separate_consent_sha256": ("单独同意", "separate consent"),
    "serious_strikes_at": ("严重违规记录", "serious violations"),
    "short_calls_day": ("当日短时通话数", "short calls today"),
    "source_id": ("编号", "id"),
    "speaker": ("由谁说话", "who speaks"),
    "standing": ("状态", "standing"),
    "state": ("状态", "state"),
    "steps": ("必备步骤", "steps"),
    "stops": ("停呼", "stops"),
    "subject_case": ("个人信息权利请求", "requests about personal data"),
    "subject_id": ("本人", "the person"),
    "suspended": ("被停的坐席", "suspended agents"),
    "tenure": ("权属", "tenure"),
    "terms": ("运营商与平台条款", "terms of carriers and platforms"),
    "terms_version_required": ("应签条款版本", "terms to be signed"),
    "terms_version_signed": ("已签条款版本", "terms signed"),
    "text": ("内容", "text"),
    "text_sha256": ("内容指纹", "hash of the text"),
    "trunk_owner": ("线路责任人", "owner of the trunk"),
    "trunk_tenure": ("线路权属", "tenure of the trunk"),
    "undertaking_signed_on": ("不违规承诺书签署日期", "day of the undertaking"),
    "unfilled_placeholders": ("未填写的占位符", "unfilled placeholders"),
    "zones": ("时区", "time zones"),
}


def name_of_fact(path: str) -> Words:
    """`consent.purpose` → 同意记录的用途, purpose of the consent; a whole group is called by its own name.

    Raises:
        KeyError: there is no such fact.
    """
    group, _, name = path.partition(".")
    zh, en = GROUPS[group]
    if not name:
        return zh, en
    field_zh, field_en = FIELDS[name]
    return f"{zh}的{field_zh}", f"{field_en} ({en})"


def name_of_check(check: str) -> Words:
    """`consent_term.callback` → 同意的有效期（callback）: the rule's kind, with what tells rules of one kind apart.

    A kind that no word is known for (an old decision's) is called by its id.
    """
    kind, _, key = check.partition(".")
    zh, en = KINDS.get(kind, (kind, kind))
    return (f"{zh}（{key}）", f"{en} ({key})") if key else (zh, en)


def local(moment: datetime, zones: frozenset[str]) -> str:
    """A moment inside a sentence, where the person called is: `2026-11-18 20:00 (Asia/Shanghai)`.

    Of several zones the first by name; of none, the one in which papers are dated.
    """
    name = min(zones, default=PAPERS_ZONE)
    return f"{moment.astimezone(zone(name)):%Y-%m-%d %H:%M} ({name})"
