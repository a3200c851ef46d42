"""An OpenID provider, asked over HTTPS: discovery, keys, the code's exchange, and an ID token that is checked whole."""

import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dialer.domain.errors import ProviderUnavailable
from dialer.services.sign_on import Vouched

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
SECONDS_MAX: Final = 10.0
LEEWAY_SECONDS: Final = 60
KEYS_AGAIN_SECONDS_MIN: Final = 30.0
"""An unknown key makes us read the keys again, but a stranger can't make us do it more often than that."""
ANSWER_BYTES_MAX: Final = 256 * 1024


@dataclass(slots=True)
class OpenIdProvider:
    """`Provider`. `redirect`: our page to which the browser comes back; `login_claim`: the claim that is our login name."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect: str
    login_claim: str
    _known: dict[str, Any] | None = None
    _keys: KeySet | None = None
    _keys_read: float = 0.0

    async def address(self, state: str, nonce: str, challenge: str) -> str:
        """The authorization request (RFC 6749 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1)."""
        known = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{known['authorization_endpoint']}?{urlencode(asked)}"

    async def vouch(self, code: str, verifier: str, nonce: str) -> Vouched | None:
        """Exchange the code; believe the ID token only when every check of OpenID Connect Core 3.1.3.7 holds."""
        known = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": verifier,
        }
        # RFC 6749 2.3.1: both halves are form-encoded before they are joined
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        status, said = await self._ask("POST", str(known["token_endpoint"]), data=form, headers=headers)
        token = said.get("id_token")
        if status != 200 or not isinstance(token, str):
            return None
        claims = await self._believed(token, nonce)
        return None if claims is None else self._vouched(claims)

    def _vouched(self, claims: dict[str, Any]) -> Vouched | None:
        login, subject = claims.get(self.login_claim), claims.get("sub")
        if not isinstance(login, str) or not isinstance(subject, str) or not subject:
            return None
        if self.login_claim == "email" and claims.get("email_verified") is not True:
            return None
        methods = claims.get("amr", [])
        known = frozenset(str(m) for m in methods) if isinstance(methods, list) else frozenset()
        return Vouched(self.issuer, subject, login, known)

    async def _believed(self, token: str, nonce: str) -> dict[str, Any] | None:
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for fresh in (False, True):
            try:
                keys = await self._key_set(fresh=fresh)
                decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
                rules.validate(decoded.claims)
            except (JoseError, ValueError):
                continue
            audience = decoded.claims["aud"]
            if isinstance(audience, list) and decoded.claims.get("azp", self.client_id) != self.client_id:
                return None
            return dict(decoded.claims)
        return None

    async def _key_set(self, *, fresh: bool) -> KeySet:
        old = time.monotonic() - self._keys_read > KEYS_AGAIN_SECONDS_MIN
        if self._keys is None or (fresh and old):
            known = await self._discovered()
            _, said = await self._ask("GET", str(known["jwks_uri"]))
            try:
                self._keys = KeySet.import_key_set(said)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as wrong:
                raise ProviderUnavailable("the provider's keys can't be read") from wrong
            self._keys_read = time.monotonic()
        return self._keys

    async def _discovered(self) -> dict[str, Any]:
        if self._known is None:
            where = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            status, said = await self._ask("GET", where)
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if status != 200 or said.get("issuer") != self.issuer or not all(said.get(w) for w in wanted):
                raise ProviderUnavailable("the provider's description is not that of our issuer")
            self._known = said
        return self._known

    async def _ask(self, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(method, url, allow_redirects=False, **more) as answer,
            ):
                if (answer.content_length or 0) > ANSWER_BYTES_MAX:
                    raise ProviderUnavailable("the provider's answer is too large")
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as away:
            raise ProviderUnavailable(f"the provider can't be asked: {type(away).__name__}") from away
        return answer.status, said if isinstance(said, dict) else {}
