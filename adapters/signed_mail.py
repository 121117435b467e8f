"""Mail out, signed: whatever leaves carries our domain's signature (DKIM)."""

from collections.abc import Callable, Sequence

from adapters.clock import real_now
from adapters.mail_out import Delivered, MailOut
from correspondence.signatures.signing import Signer


class SignedMailOut:
    """`MailOut` that signs each mail and hands it to another.

    The signature is made when the mail leaves, so that a key may be changed while letters wait; the
    bytes below it are the approved ones.
    """

    def __init__(self, inner: MailOut, signer: Signer) -> None:
        self._inner, self._signer = inner, signer

    def deliver(
        self,
        raw: bytes,
        envelope_from: str,
        recipients: Sequence[str],
        *,
        before_text: Callable[[], None] | None = None,
    ) -> Delivered:
        """Hand over `raw` with a signature on top; see the Protocol."""
        signed = self._signer.signed(raw, real_now())
        return self._inner.deliver(signed, envelope_from, recipients, before_text=before_text)
