"""The world's failures and our bugs. A refusal is neither: it is a value.

`…Unavailable`: it was not done. `…Uncertain`: it may have been done. `…Error`: a bug or bad input.
"""


class DialerError(Exception):
    """Root of the product's own errors."""


class ExchangeUnavailable(DialerError):
    """The exchange can't be reached or said no: nothing was dialled."""


class OriginateUncertain(DialerError):
    """The link dropped around an originate: it may have been placed. It must never be sent again."""


class EgressUnavailable(DialerError):
    """The egress can't be asked now: what it does with a call is not known."""


class SpeechUnavailable(DialerError):
    """The speech worker doesn't answer. Nothing of a call depends on it."""


class SignerUnavailable(DialerError):
    """The signer or the witness does not answer: the checkpoint waits, the log goes on."""


class StoreUnavailable(DialerError):
    """The database did not confirm the transaction: nothing may be assumed done."""


class InstallationError(DialerError):
    """The installation is incomplete or wrong; the message is one sentence for the operator. Nothing was dialled."""


class SealBroken(DialerError):
    """Ciphertext that doesn't open: another key, another subject, or altered bytes."""


class VaultUnavailable(DialerError):
    """A recording or artefact could not be kept or read now. No new call is placed until the vault is writable."""


class CourierUnavailable(DialerError):
    """An alert could not be handed over; it waits and is tried again. Nothing else waits for it."""


class ListUnavailable(DialerError):
    """The source of an outside list can't be asked, or its answer is no list. `zh`, `en`: why, without secrets."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class ProviderUnavailable(DialerError):
    """The operator's sign-on provider can't be asked: nobody was let in that way."""
