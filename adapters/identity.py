"""The organisation's own accounts: an OpenID Connect provider, asked by authorization code.

Proof key (PKCE, S256), state and nonce; the ID token's signature against the provider's keys, its
issuer, audience, times and nonce (OpenID Connect Core 1.0, 3.1.3.7; RFC 9207 for `iss`). A person
is issuer and subject, never an e-mail address.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.clock import real_now

ANEW_SECONDS = 300
"""How long ago a person who was to be asked anew may have been asked."""
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Public-key signatures only: `none` and shared secrets prove nothing."""
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "sc"})
"""Values of `amr` (RFC 8176) that mean more than a password."""
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 5.0
LARGEST_ANSWER = 512 * 1024
KEPT_SECONDS = 3600.0
KEYS_AGAIN_SECONDS = 30.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class IdentityRefused(ValueError):
    """The provider's answer proves nothing; `code` says what is wrong, without personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderSilent(Exception):
    """The provider does not answer, or not as the standard says; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asking:
    """One sign-in under way; the three secrets stay with the browser that began it."""

    url: str
    state: str
    nonce: str
    verifier: str
    again: bool = False
    """Whether the provider was told to ask the person anew, whoever is signed in there."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says is here; `claims` are those of the verified ID token."""

    issuer: str
    subject: str
    strong: bool
    claims: Mapping[str, Any]


class IdentityProvider(Protocol):
    """A provider that people are sent to and come back from."""

    def ask(self, redirect_uri: str, *, again: bool = False) -> Asking:
        """Return where to send the browser; raises `ProviderSilent`."""

    def take(self, asking: Asking, code: str, redirect_uri: str, iss: str | None) -> Identity:
        """Exchange the code and verify the token; raises `IdentityRefused`, `ProviderSilent`."""


class OpenIdProvider:
    """A provider found through its discovery document; keys and endpoints are kept for an hour."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def ask(self, redirect_uri: str, *, again: bool = False) -> Asking:
        """Return where to send the browser; raises `ProviderSilent`."""
        endpoint = self._endpoint("authorization_endpoint")
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": redirect_uri,
                "scope": "openid",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
                **({"prompt": "login", "max_age": "0"} if again else {}),
            }
        )
        joint = "&" if urlsplit(endpoint).query else "?"
        return Asking(f"{endpoint}{joint}{query}", state, nonce, verifier, again)

    def take(self, asking: Asking, code: str, redirect_uri: str, iss: str | None) -> Identity:
        """Exchange the code and verify the token; raises `IdentityRefused`, `ProviderSilent`."""
        if iss is not None and iss != self._issuer:
            raise IdentityRefused("issuer_of_answer")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": asking.verifier,
        }
        answer = self._post_token(form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefused("no_id_token")
        claims = self._verified(token)
        self._check(claims, asking.nonce)
        asked_at = claims.get("auth_time")
        anew = _number(asked_at) and real_now().timestamp() - float(asked_at or 0) <= ANEW_SECONDS
        if asking.again and not anew:
            raise IdentityRefused("not_asked_anew")
        methods = claims.get("amr")
        strong = isinstance(methods, list) and bool(SECOND_FACTORS & {str(m) for m in methods})
        return Identity(self._issuer, str(claims["sub"]), strong, claims)

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Return the claims of a token that one of the provider's keys signed."""
        try:
            try:
                return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS).claims
            except (JoseError, ValueError):
                # A provider that changed its keys since: look once more, not at every forgery.
                return jwt.decode(token, self._key_set(again=True), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError):
            raise IdentityRefused("signature") from None

    def _check(self, claims: Mapping[str, Any], nonce: str) -> None:
        now, audience = real_now().timestamp(), claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        subject = claims.get("sub")
        if claims.get("iss") != self._issuer:
            raise IdentityRefused("issuer")
        if self._client_id not in audiences:
            raise IdentityRefused("audience")
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != self._client_id:
            raise IdentityRefused("authorized_party")
        if not _number(claims.get("exp")) or claims["exp"] + LEEWAY_SECONDS <= now:
            raise IdentityRefused("expired")
        if not _number(claims.get("iat")) or claims["iat"] - LEEWAY_SECONDS > now:
            raise IdentityRefused("issued_later")
        if _number(claims.get("nbf")) and claims["nbf"] - LEEWAY_SECONDS > now:
            raise IdentityRefused("not_yet")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise IdentityRefused("nonce")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise IdentityRefused("subject")

    def _post_token(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Exchange a code; the client proves itself as the provider says it can."""
        methods = self._discovered().get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )
        basic = "client_secret_basic" in methods and self._client_secret
        if basic:
            sent, auth = dict(form), httpx2.BasicAuth(*map(_quoted, self._client()))
        else:
            sent, auth = dict(form) | {"client_id": self._client_id}, None
            if self._client_secret:
                sent["client_secret"] = self._client_secret
        endpoint = self._endpoint("token_endpoint")
        status, answer = _fetch("POST", endpoint, data=sent, auth=auth)
        if status >= 500:
            raise ProviderSilent("token_endpoint")
        if status != 200:
            raise IdentityRefused("code")
        return answer

    def _client(self) -> tuple[str, str]:
        return self._client_id, self._client_secret

    def _key_set(self, *, again: bool = False) -> KeySet:
        with self._lock:
            kept = self._keys
        age = time.monotonic() - kept[0] if kept else KEPT_SECONDS
        if kept and age < (KEYS_AGAIN_SECONDS if again else KEPT_SECONDS):
            return kept[1]
        status, answer = _fetch("GET", self._endpoint("jwks_uri"))
        if status != 200:
            raise ProviderSilent("keys")
        keys = [key for key in answer.get("keys", []) if key.get("kty") in ("RSA", "EC", "OKP")]
        try:
            found = KeySet.import_key_set({"keys": keys})
        except (JoseError, ValueError, KeyError, TypeError):
            raise ProviderSilent("keys") from None
        with self._lock:
            self._keys = (time.monotonic(), found)
        return found

    def _discovered(self) -> Mapping[str, Any]:
        with self._lock:
            kept = self._metadata
        if kept and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        _must_be_safe(self._issuer)
        status, answer = _fetch(
            "GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        if status != 200 or answer.get("issuer") != self._issuer:
            raise ProviderSilent("discovery")
        with self._lock:
            self._metadata = (time.monotonic(), answer)
        return answer

    def _endpoint(self, name: str) -> str:
        url = self._discovered().get(name)
        if not isinstance(url, str):
            raise ProviderSilent("discovery")
        _must_be_safe(url)
        return url


def _fetch(
    method: str, url: str, *, data: Mapping[str, str] | None = None, auth: httpx2.Auth | None = None
) -> tuple[int, Mapping[str, Any]]:
    """Return status and JSON object of an answer; no redirect, no proxy of the environment."""
    try:
        with (
            httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
            client.stream(method, url, data=data, auth=auth or httpx2.Auth()) as response,
        ):
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise ProviderSilent("answer_too_large")
            answer = json.loads(content) if content else {}
    except (httpx2.HTTPError, httpx2.InvalidURL):
        raise ProviderSilent("no_answer") from None
    except ValueError:
        answer = {}
    return response.status_code, answer if isinstance(answer, dict) else {}


def _must_be_safe(url: str) -> None:
    """Refuse a provider that is not reached over https, except on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ProviderSilent("not_https")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quoted(value: str) -> str:
    """Return a part of the client's credentials as RFC 6749, 2.3.1 wants it in a Basic header."""
    return urlencode({"": value})[1:]
