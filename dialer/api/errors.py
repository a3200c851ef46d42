"""The only place that knows HTTP statuses: every error code of the API with its status and its sentence (RFC 9457)."""

from dataclasses import dataclass
from enum import Enum

from dialer.services.views.words import Declined, Sentence

PROBLEM_TYPE = "application/problem+json"


class Fault(Enum):
    """The API's own errors. The value is (code, status, sentence); codes never change their meaning."""

    LOGIN_REQUIRED = ("login.required", 401, Sentence("请先登录。", "Please log in first."))
    LOGIN_FAILED = (
        "login.failed",
        401,
        Sentence("登录失败：账号、密码或验证码不正确。", "Login failed: account, password or code is wrong."),
    )
    LOGIN_LOCKED = (
        "login.locked",
        429,
        Sentence(
            "登录失败次数过多，请稍后再试。",
            "Too many failed logins. Nothing is lost; please try again later.",
        ),
    )
    ROLE_FORBIDDEN = (
        "role.forbidden",
        403,
        Sentence("您的角色不能使用此功能。", "Your role does not include this."),
    )
    SECOND_FACTOR_OWED = (
        "second_factor.owed",
        403,
        Sentence(
            "您的角色须先启用两步验证，请刷新页面。",
            "Your role needs a second factor first. Please reload the page.",
        ),
    )
    CSRF_REFUSED = (
        "csrf.refused",
        403,
        Sentence(
            "请求未带有效的防伪标记，请刷新页面。", "The request lacks its token. Please reload the page."
        ),
    )
    ORIGIN_REFUSED = (
        "origin.refused",
        403,
        Sentence("请求来自其他网站，已拒绝。", "The request came from another site and was refused."),
    )
    BODY_INVALID = (
        "body.invalid",
        422,
        Sentence("有内容填写不正确。", "Something in the request is not as it must be."),
    )
    BODY_TOO_LARGE = (
        "body.too_large",
        413,
        Sentence(
            "内容超过大小上限，未作任何处理。", "The content is over the size limit. Nothing was taken."
        ),
    )
    BODY_TYPE = (
        "body.type",
        415,
        Sentence("不支持这种内容类型。", "This kind of content is not accepted here."),
    )
    KEY_INVALID = (
        "idempotency.key_invalid",
        422,
        Sentence(
            "幂等键须为 1 至 64 个字母、数字或 _.:- 字符。",
            "An idempotency key is 1 to 64 letters, digits or _.:- and nothing else.",
        ),
    )
    KEY_REUSED = (
        "idempotency.key_reused",
        422,
        Sentence(
            "该幂等键已用于另一个请求，未作任何处理。",
            "This idempotency key was used for another request. Nothing was done.",
        ),
    )
    KEY_UNANSWERED = (
        "idempotency.unanswered",
        409,
        Sentence(
            "同一请求仍在处理中，或其结果未知。请先查看是否已完成，再使用新的幂等键。",
            "The same request is still under way or its end is not known. Look whether it was done before using a new key.",
        ),
    )
    NOT_FOUND = ("not.found", 404, Sentence("没有找到。", "There is no such thing here."))
    METHOD_NOT_ALLOWED = (
        "method.not_allowed",
        405,
        Sentence("此地址不支持该操作。", "This address does not take that method."),
    )
    TOO_MANY_SOCKETS = (
        "events.too_many",
        429,
        Sentence(
            "打开的页面过多，请关闭其他页面。", "Too many pages are open. Please close some of the others."
        ),
    )
    PHONE_NOT_GIVEN = (
        "phone.not_given",
        409,
        Sentence(
            "本次登录还没有分配话机，请先上线。",
            "This login has no phone yet. Ask for one first, then connect.",
        ),
    )
    HOOK_REFUSED = (
        "hook.refused",
        401,
        Sentence("签名无效或已过期，未作任何处理。", "The signature is not valid now. Nothing was taken."),
    )
    UNAVAILABLE = (
        "service.unavailable",
        503,
        Sentence(
            "系统暂时无法完成此操作，未拨打任何电话，请稍后重试。",
            "This can't be done right now. No call was placed; please try again shortly.",
        ),
    )
    INTERNAL = (
        "internal.error",
        500,
        Sentence(
            "系统出错了，已记录。请刷新后再试。",
            "Something went wrong on our side and was recorded. Reload and try again.",
        ),
    )

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value[0]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[1]

    @property
    def sentence(self) -> Sentence:
        """What people read."""
        return self.value[2]


STATUS_DECLINED = 409


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field that is not as it must be. The value itself is never repeated."""

    at: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """The body of every error: RFC 9457 with a stable `code` and `detail` in both languages."""

    type: str
    title: str
    status: int
    code: str
    detail: Sentence
    errors: tuple[FieldFault, ...]
    retry_after_seconds: int | None


def problem(
    fault: Fault, *, errors: tuple[FieldFault, ...] = (), retry_seconds: int | None = None
) -> Problem:
    """The problem of one of our own errors."""
    return Problem(
        type=f"urn:dialer:problem:{fault.code}",
        title=fault.sentence.en,
        status=fault.status,
        code=fault.code,
        detail=fault.sentence,
        errors=errors,
        retry_after_seconds=retry_seconds,
    )


def declined(answer: Declined) -> Problem:
    """The problem of an act that may not be done now: 409 with the service's own code and sentence."""
    return Problem(
        type=f"urn:dialer:problem:{answer.code}",
        title=answer.sentence.en,
        status=STATUS_DECLINED,
        code=answer.code,
        detail=answer.sentence,
        errors=(),
        retry_after_seconds=None,
    )
