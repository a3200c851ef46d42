"""How the call is made: who speaks, in which mode, for how long it rings, where it is kept, whether it may run now."""

from datetime import timedelta

from dialer.compliance.case import Case, Finding, Said, at, finding, known, names
from dialer.compliance.facts import NoConsent, VaultState
from dialer.compliance.words_of_values import in_words
from dialer.domain.campaign import CampaignState, ReviewState
from dialer.domain.lead import LeadState
from dialer.domain.organisation import Industry
from dialer.rules.kinds.callers import Training
from dialer.rules.kinds.calls import (
    AgentThere,
    Amd,
    CallLength,
    Modes,
    OptOut,
    Patience,
    Recording,
    Retention,
    Ring,
    Running,
    SipRefusals,
    Speakers,
)
from dialer.rules.kinds.words import Need


def check_speakers(rule: Speakers, case: Case) -> Finding:
    """A person speaks the business content."""
    speaker = known(case.campaign.speaker)
    inputs = (("speaker", str(speaker)), ("allowed", names(rule.allowed)))
    if speaker in rule.allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="AGENTLESS",
            zh="机器人外呼（包括按键式语音）不得接入",
            en="Robot calling, press-1 campaigns included, is not allowed",
            cure_zh="由真人坐席通话",
            cure_en="Let a person speak",
        ),
    )


def check_modes(rule: Modes, case: Case) -> Finding:
    """Free modes, and those that the number review approved by name."""
    mode, review = known(case.campaign.mode), known(case.campaign.number_review)
    approved = review.modes if review.state is ReviewState.APPROVED and review.reference else frozenset()
    inputs = (("mode", str(mode)), ("free", names(rule.free)), ("approved", names(approved)))
    if mode in rule.free or (mode in rule.approvable and mode in approved):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="MODE_NOT_APPROVED",
            zh=f"外呼模式（{in_words(mode)[0]}）未经号码审核批准",
            en=f"The pacing mode “{in_words(mode)[1]}” was not approved by the number review",
            cure_zh="改用零呼损模式，或登记批准",
            cure_en="Use the zero-abandon mode, or record the approval",
        ),
    )


def check_amd(rule: Amd, case: Case) -> Finding:
    """Machine detection before the agent."""
    amd = known(case.campaign.amd)
    inputs = (("amd", str(amd)), ("allowed", names(rule.allowed)))
    if amd in rule.allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="AMD_NOT_ALLOWED",
            zh="不得在坐席应答前使用应答机检测",
            en="Answering-machine detection before the agent is not allowed",
            cure_zh="关闭应答机检测",
            cure_en="Switch it off",
        ),
    )


def check_ring(rule: Ring, case: Case) -> Finding:
    """The bounds of all packs leave a length to ring for."""
    inputs = (
        ("ring_seconds_min", str(rule.ring_seconds_min)),
        ("ring_seconds_max", str(rule.ring_seconds_max)),
        ("campaign", str(known(case.campaign.campaign_id))),
    )
    if rule.ring_seconds_max > 0 and rule.ring_seconds_min <= rule.ring_seconds_max:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="RING_BOUNDS_CONFLICT",
            zh="适用规则对振铃时长的要求互相矛盾",
            en="The packs in force contradict each other on how long a phone rings",
            cure_zh="由合规人员确定适用的规则包",
            cure_en="Compliance decides which packs apply",
        ),
    )


def check_call_length(rule: CallLength, _: Case) -> Finding:
    """A term of the permit: nothing to object to."""
    return finding(
        (
            ("call_seconds_max", str(rule.call_seconds_max)),
            ("permit_seconds_max", str(rule.permit_seconds_max)),
        )
    )


def check_patience(rule: Patience, _: Case) -> Finding:
    """A term of the permit: nothing to object to."""
    return finding((("patience_ms_max", str(rule.patience_ms_max)),))


def check_opt_out(rule: OptOut, _: Case) -> Finding:
    """A term of the permit: nothing to object to."""
    return finding((("key", rule.key), ("closing_seconds_max", str(rule.closing_seconds_max))))


def check_sip_refusals(rule: SipRefusals, _: Case) -> Finding:
    """A term of the permit: nothing to object to."""
    return finding((("603", str(rule.sip_603)), ("607", str(rule.sip_607)), ("608", str(rule.sip_608))))


def check_recording(rule: Recording, case: Case) -> Finding:
    """No call that couldn't be kept."""
    state = known(case.vault.state)
    inputs = (("notice", str(rule.notice)), ("vault", str(state)))
    if rule.vault is Need.NOT_REQUIRED or state is VaultState.WRITABLE:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="VAULT_NOT_WRITABLE",
            zh=f"录音与证据库不可写（{in_words(state)[0]}），无法留存",
            en=f"The vault can't be written ({in_words(state)[1]}): the call couldn't be kept",
            cure_zh="恢复存储",
            cure_en="Restore the storage",
        ),
    )


def check_retention(rule: Retention, case: Case) -> Finding:
    """Statutory minimum ≤ term kept ≤ what the consent text promised (decision 19)."""
    industries = {known(case.campaign.industry), known(case.organisation.industry)}
    if rule.industry is not Industry.GENERAL and rule.industry not in industries:
        return finding((("industry", str(rule.industry)), ("applies", "false")))
    kept = known(case.vault.kept_days)
    promised = None if isinstance(case.facts.consent, NoConsent) else known(case.consent.kept_days_promised)
    inputs = (
        ("industry", str(rule.industry)),
        ("days_min", str(rule.days_min)),
        ("kept_days", str(kept)),
        ("promised_days", "-" if promised is None else str(promised)),
    )
    return finding(
        inputs,
        Said(
            code="RETENTION_TOO_SHORT",
            zh=f"留存 {kept} 天，少于规定的 {rule.days_min} 天",
            en=f"Kept for {kept} days, the minimum is {rule.days_min}",
            cure_zh="延长留存期限",
            cure_en="Keep it longer",
        )
        if kept < rule.days_min
        else None,
        Said(
            code="RETENTION_BEYOND_PROMISE",
            zh=f"留存 {kept} 天，超过授权文本承诺的 {promised} 天",
            en=f"Kept for {kept} days, the consent's text promised {promised} at most",
            cure_zh="缩短留存期限，或由本人就新期限重新授权",
            cure_en="Keep it shorter, or let the person consent to the new term",
        )
        if promised is not None and kept > promised
        else None,
    )


def check_running(rule: Running, case: Case) -> Finding:
    """The campaign runs and is the organisation's own; the lead is to be dialled and due; no stop is in force."""
    campaign, lead = case.campaign, case.lead
    state, lead_state, due = known(campaign.state), known(lead.state), known(lead.due_at)
    stops = known(case.platform.stops)
    own = known(campaign.organisation_id) == known(case.organisation.organisation_id)
    inputs = (
        ("campaign", str(state)),
        ("own_campaign", str(own).lower()),
        ("lead", str(lead_state)),
        ("due_at", at(due)),
        ("stops", names(stops)),
        ("effect", str(rule.effect)),
    )
    return finding(inputs, _campaign(state, own), _lead(lead_state), _due(case), _stops(stops))


def _campaign(state: CampaignState, own: bool) -> Said | None:
    if state is CampaignState.RUNNING and own:
        return None
    if state is CampaignState.OFFLINE:
        return Said(
            code="CAMPAIGN_OFFLINE",
            zh="任务已下线整改",
            en="The campaign is offline for rectification",
            cure_zh="整改结案，经第二人批准",
            cure_en="The case is closed and a second person approves",
        )
    return Said(
        code="CAMPAIGN_NOT_RUNNING",
        zh=f"任务未在运行（{in_words(state)[0]}），或不属于该单位",
        en=f"The campaign isn't running ({in_words(state)[1]}), or is another organisation's",
        cure_zh="由主管启动任务",
        cure_en="A supervisor starts it",
    )


def _lead(state: LeadState) -> Said | None:
    if state in (LeadState.QUEUED, LeadState.CLAIMED):
        return None
    return Said(
        code="LEAD_NOT_QUEUED",
        zh=f"线索不在待呼状态（{in_words(state)[0]}）",
        en=f"The lead isn't waiting to be called ({in_words(state)[1]})",
        cure_zh="无；已完成或已移除的线索须有新的请求",
        cure_en="None: a lead that is done or dropped needs a new request",
    )


def _due(case: Case) -> Said | None:
    due = known(case.lead.due_at)
    if due <= case.now:
        return None
    return Said(
        code="LEAD_NOT_DUE",
        zh="线索尚未到期",
        en="The lead isn't due yet",
        cure_zh="等到预定时间",
        cure_en="Wait for its time",
        lawful_from=due,
    )


def _stops(stops: tuple[str, ...]) -> Said | None:
    if not stops:
        return None
    return Said(
        code="DIALLING_STOPPED",
        zh=f"外呼已停止（{names(stops)}）",
        en=f"Dialling is stopped ({names(stops)})",
        cure_zh="由有权限的人员解除停止",
        cure_en="Somebody entitled lifts the stop",
    )


def check_agent_there(rule: AgentThere, case: Case) -> Finding:
    """Somebody of the organisation could take the call; nobody of another could."""
    agents, outsiders = known(case.floor.agents), known(case.floor.outsiders)
    inputs = (("agents", str(agents)), ("agents_min", str(rule.agents_min)), ("outsiders", str(outsiders)))
    return finding(
        inputs,
        Said(
            code="NO_AGENT",
            zh="没有可接听该通话的坐席",
            en="There is no agent who could take the call",
            cure_zh="分配坐席",
            cure_en="Assign agents",
        )
        if agents < rule.agents_min
        else None,
        Said(
            code="AGENTS_OF_ANOTHER_ORGANISATION",
            zh="坐席中有其他单位的人员，不得转接给外单位",
            en="Agents of another organisation could get the call: transfers outside are not allowed",
            cure_zh="移除其他单位的坐席",
            cure_en="Remove them from the campaign",
        )
        if outsiders
        else None,
    )


def check_training(rule: Training, case: Case) -> Finding:
    """Everyone who could get the call passed the quiz within the bound, and nobody of them is suspended."""
    oldest, suspended = known(case.floor.oldest_quiz_passed_at), known(case.floor.suspended)
    inputs = (
        ("oldest_quiz_passed_at", at(oldest)),
        ("quiz_days_max", str(rule.quiz_days_max)),
        ("suspended", str(suspended)),
    )
    untrained = oldest is None or case.now > oldest + timedelta(days=rule.quiz_days_max)
    return finding(
        inputs,
        Said(
            code="AGENT_UNTRAINED",
            zh="有坐席未通过规则测验，或测验已过期",
            en="An agent has not passed the rules quiz, or passed it too long ago",
            cure_zh="通过测验后再上岗",
            cure_en="The agent passes the quiz before going ready",
        )
        if untrained
        else None,
        Said(
            code="AGENT_SUSPENDED",
            zh="有坐席因通话违规被停岗，尚未重新培训",
            en="An agent is suspended for conduct in a call until retrained",
            cure_zh="重新培训后恢复",
            cure_en="The agent is retrained and reinstated",
        )
        if suspended
        else None,
    )
