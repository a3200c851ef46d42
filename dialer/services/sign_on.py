"""Signing on at the operator's own provider: OpenID Connect's code flow with PKCE, state and nonce.

The provider says who somebody is; what they may do is ours: roles never come from outside, and nobody is made an account.
A person's first sign-on binds the provider's subject to the account of that login, for good: a login name that the
provider gives to somebody else later opens nothing.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from dialer.domain.ids import UserId
from dialer.ports.clock import Clock
from dialer.services.identity import Account, Identity, LoggedIn, LoginLocked, LoginRefused

BEGUN_MAX: Final = 1_000
BEGUN_MINUTES_MAX: Final = 10
SECRET_BYTES: Final = 32
STRONG: Final = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face", "sc"})
"""RFC 8176: ways of signing on that are, or go with, a second factor."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. `methods`: how they showed who they are (RFC 8176 `amr`)."""

    issuer: str
    subject: str
    login: str
    methods: frozenset[str]


class Provider(Protocol):
    """The operator's provider."""

    async def address(self, state: str, nonce: str, challenge: str) -> str:
        """Where the browser is sent to sign on.

        Raises:
            ProviderUnavailable: it can't be asked.
        """
        ...

    async def vouch(self, code: str, verifier: str, nonce: str) -> Vouched | None:
        """Whom it vouches for; None: nobody, or not believably.

        Raises:
            ProviderUnavailable: it can't be asked.
        """
        ...


class SignOnStore(Protocol):
    """Which account a subject of the provider is."""

    async def bind(self, vouched: Vouched, at: datetime) -> tuple[UserId, Account] | None:
        """The account that the subject is bound to, or now gets bound to by its login name; None: none."""
        ...


@dataclass(frozen=True, slots=True)
class SignOnBegun:
    """Where the browser goes; `binding` stays in that browser and is asked for when it comes back."""

    url: str
    binding: str


@dataclass(frozen=True, slots=True)
class _Begun:
    verifier: str = field(repr=False)
    nonce: str
    binding: str = field(repr=False)
    until: datetime


class SignOn:
    """What was begun is kept in memory: a restart asks people to begin anew."""

    def __init__(self, provider: Provider, store: SignOnStore, identity: Identity, clock: Clock) -> None:
        self._provider, self._store, self._identity, self._clock = provider, store, identity, clock
        self._begun: dict[str, _Begun] = {}

    async def begin(self) -> SignOnBegun:
        """A new sign-on.

        Raises:
            ProviderUnavailable: nothing was begun.
        """
        state, nonce, binding = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        verifier = secrets.token_urlsafe(SECRET_BYTES)
        digest = hashlib.sha256(verifier.encode()).digest()
        url = await self._provider.address(state, nonce, urlsafe_b64encode(digest).rstrip(b"=").decode())
        until = self._clock.now() + timedelta(minutes=BEGUN_MINUTES_MAX)
        self._begun[state] = _Begun(verifier, nonce, binding, until)
        while len(self._begun) > BEGUN_MAX:
            self._begun.pop(next(iter(self._begun)))
        return SignOnBegun(url, binding)

    async def finish(
        self, code: str, state: str, binding: str, user_agent: str
    ) -> LoggedIn | LoginRefused | LoginLocked:
        """Open a session for whom the provider vouches for. A state is good for one try, in the browser that began.

        Raises:
            ProviderUnavailable, StoreUnavailable: nobody was let in.
        """
        begun = self._begun.pop(state, None)
        now = self._clock.now()
        if begun is None or begun.until < now:
            return LoginRefused()
        if not secrets.compare_digest(begun.binding.encode(), binding.encode()):
            return LoginRefused()
        vouched = await self._provider.vouch(code, begun.verifier, begun.nonce)
        if vouched is None:
            return LoginRefused()
        found = await self._store.bind(vouched, now)
        if found is None:
            return LoginRefused()
        user, account = found
        if account.locked_until is not None and account.locked_until > now:
            return LoginLocked(account.locked_until)
        # whoever has a second factor here doesn't get in with one factor there
        if account.disabled or (account.totp_secret is not None and not vouched.methods & STRONG):
            return LoginRefused()
        return await self._identity.vouched(user, user_agent)
