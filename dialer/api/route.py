"""The shape of the route table: what each address takes, answers and demands. Nothing is served that is not in it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from aiohttp import web

from dialer.api.errors import Fault, Problem
from dialer.api.models import Nothing, Sent
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.identity import LiveSession
from dialer.services.views.session import Role

if TYPE_CHECKING:
    from dialer.api.deps import Deps

B = TypeVar("B", bound=Sent)
Q = TypeVar("Q", bound=Sent)
A = TypeVar("A")

JSON_BYTES_MAX: Final = 64 * 1024
ID_PATTERN: Final = r"^[A-Za-z0-9_.:-]{1,64}\Z"
UPLOAD_BYTES_MAX: Final = 32 * 1024 * 1024


class Method(StrEnum):
    """The methods that the table uses."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


class Visitors(Enum):
    """The one kind of access that needs no login."""

    EVERYONE = "everyone"


Access = Visitors | frozenset[Role]

ANY_ROLE: Final[frozenset[Role]] = frozenset(Role)
AGENT: Final = frozenset({Role.AGENT})
SUPERVISOR: Final = frozenset({Role.SUPERVISOR})
AUDITOR: Final = frozenset({Role.AUDITOR})
SUPERVISOR_OR_AUDITOR: Final = SUPERVISOR | AUDITOR
ADMINISTRATOR: Final = frozenset({Role.ADMINISTRATOR})
AGENT_OR_SUPERVISOR: Final = AGENT | SUPERVISOR


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """One request that passed every check: who asks, and what they sent, parsed."""

    deps: "Deps"
    request: web.Request
    session: LiveSession | None
    body: B
    query: Q
    path: Mapping[str, str]

    @property
    def who(self) -> LiveSession:
        """The session; a route for everyone has none and must not ask."""
        if self.session is None:
            raise LookupError("a route for everyone asked who is there")
        return self.session

    @property
    def user(self) -> UserId:
        """Id of the person behind the session."""
        return self.who.user_id

    @property
    def org(self) -> OrganisationId:
        """Their organisation; everything they read or do is inside it."""
        return self.who.org_id


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A JSON body of a closed model."""

    model: type[Sent]


@dataclass(frozen=True, slots=True)
class UploadBody:
    """One file in a multipart form, under `field`."""

    field: str
    bytes_max: int


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """A read model as JSON."""

    kind: type[object]


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Bytes to play or keep."""

    content_type: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """204."""


@dataclass(frozen=True, slots=True)
class SocketAnswer:
    """A WebSocket: its subprotocol (empty: none) and the kinds of its messages."""

    subprotocol: str
    messages: tuple[type[object], ...]


Body = JsonBody | UploadBody | None
Answer = JsonAnswer | FileAnswer | NoAnswer | SocketAnswer


@dataclass(frozen=True, slots=True)
class SetSession(Generic[A]):
    """An answer that also sets (or with None ends) the session's cookie."""

    answer: A
    cookie: str | None


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes with the name under which a browser keeps them (empty: shown in place)."""

    content: bytes
    filename: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """A file that comes piece by piece, too large to hold, with its name."""

    pieces: AsyncIterator[bytes]
    filename: str


class Upload(Sent):
    """What an upload route is handed: the file's bytes."""

    content: bytes


Reply = object
Handle = Callable[[Call[Any, Any]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `errors` beside those that the guard itself can give (login, role, CSRF, validation, 500, 503)."""

    method: Method
    path: str
    operation: str
    summary: str
    access: Access
    body: Body
    query: type[Sent]
    answer: Answer
    errors: tuple[Fault, ...]
    may_decline: bool
    handle: Handle


def json_get(
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    query: type[Q],
    answer: type[A],
    handle: Callable[[Call[Nothing, Q]], Awaitable[A | Problem]],
    errors: tuple[Fault, ...] = (),
    may_decline: bool = False,
) -> Route:
    """A GET with a query and a JSON answer."""
    return Route(
        Method.GET,
        path,
        operation,
        summary,
        access,
        None,
        query,
        JsonAnswer(cast(type[object], answer)),
        errors,
        may_decline,
        handle,
    )


def json_send(
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    body: type[B],
    answer: type[A],
    handle: Callable[[Call[B, Nothing]], Awaitable[A | SetSession[A] | Problem]],
    errors: tuple[Fault, ...] = (),
    method: Method = Method.POST,
) -> Route:
    """An act with a JSON body (or none) and a JSON answer."""
    return Route(
        method,
        path,
        operation,
        summary,
        access,
        None if body is Nothing else JsonBody(body),
        Nothing,
        JsonAnswer(cast(type[object], answer)),
        errors,
        True,
        handle,
    )


def act(
    method: Method,
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    handle: Callable[[Call[Nothing, Nothing]], Awaitable[SetSession[None] | Problem | None]],
    errors: tuple[Fault, ...] = (),
) -> Route:
    """An act with neither body nor answer."""
    return Route(method, path, operation, summary, access, None, Nothing, NoAnswer(), errors, False, handle)


def file_get(
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    content_type: str,
    handle: Callable[[Call[Nothing, Nothing]], Awaitable[Download | Streamed | Problem]],
    errors: tuple[Fault, ...] = (),
) -> Route:
    """A GET that answers bytes."""
    return Route(
        Method.GET,
        path,
        operation,
        summary,
        access,
        None,
        Nothing,
        FileAnswer(content_type),
        errors,
        True,
        handle,
    )


def upload(
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    field: str,
    bytes_max: int,
    query: type[Q],
    answer: type[A],
    handle: Callable[[Call[Upload, Q]], Awaitable[A | Problem]],
    errors: tuple[Fault, ...] = (),
) -> Route:
    """A POST of one file."""
    return Route(
        Method.POST,
        path,
        operation,
        summary,
        access,
        UploadBody(field, bytes_max),
        query,
        JsonAnswer(cast(type[object], answer)),
        errors,
        True,
        handle,
    )


def socket(
    path: str,
    operation: str,
    summary: str,
    access: Access,
    *,
    subprotocol: str,
    messages: tuple[type[object], ...],
    handle: Callable[[Call[Nothing, Nothing]], Awaitable[web.StreamResponse]],
) -> Route:
    """A WebSocket. The guard has checked session, role and Origin before `handle` upgrades."""
    return Route(
        Method.GET,
        path,
        operation,
        summary,
        access,
        None,
        Nothing,
        SocketAnswer(subprotocol, messages),
        (),
        False,
        handle,
    )
