"""Signing in through the organisation's provider: who is sent there, who it says has come back."""

from collections.abc import Mapping
from typing import Any

import adapters.identity as identity
from accounts.signing_in import Person
from adapters.identity import Asking as Asking
from adapters.identity import IdentityProvider as IdentityProvider
from settings import Settings


class IdentityRefused(ValueError):
    """The sign-in proves nothing; `code` says what is wrong, without personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderSilent(Exception):
    """The provider does not answer, or not as the standard says; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def provider_of(settings: Settings) -> IdentityProvider | None:
    """Return the provider that the settings name; None where people sign in with passwords."""
    if not settings.openid_issuer:
        return None
    return identity.OpenIdProvider(
        settings.openid_issuer,
        settings.openid_client_id,
        settings.openid_client_secret.get_secret_value(),
    )


def begin(provider: IdentityProvider, redirect_uri: str, *, again: bool = False) -> Asking:
    """Return where to send the browser; raise `ProviderSilent`.

    `again`: the provider asks the person anew, whoever is signed in there.
    """
    try:
        return provider.ask(redirect_uri, again=again)
    except identity.ProviderSilent as silent:
        raise ProviderSilent(silent.code) from None


def come_back(
    provider: IdentityProvider,
    settings: Settings,
    asking: Asking,
    code: str,
    redirect_uri: str,
    iss: str | None,
) -> Person:
    """Return who the provider says is here; raise `IdentityRefused`, `ProviderSilent`."""
    try:
        found = provider.take(asking, code, redirect_uri, iss)
    except identity.IdentityRefused as refused:
        raise IdentityRefused(refused.code) from None
    except identity.ProviderSilent as silent:
        raise ProviderSilent(silent.code) from None
    role = None
    if settings.openid_role_claim:
        role = _role(found.claims.get(settings.openid_role_claim), settings.openid_roles)
    return Person(found.issuer, found.subject, found.strong, role)


def _role(claim: Any, roles: Mapping[str, str]) -> str:
    """Return the role that a claim (one value or a list) means, the first that the setting names.

    "" when it means none: then nobody gets in, whatever role the account had.
    """
    values = {str(value) for value in claim} if isinstance(claim, list) else {str(claim)}
    return next((role for value, role in roles.items() if value in values), "")
