"""The public pages, wired: consent form, receipts, taking back."""

from dialer.api.deps import WebSettings
from dialer.api.public.pages import PublicPages
from dialer.ports.clock import Clock
from dialer.services.changes import Changes
from dialer.services.consent_desk import ConsentDesk
from dialer.services.refusals import Refusals
from dialer.settings import Sms
from dialer.storage.consent_record import StoredConsents
from dialer.storage.consent_sms import open_sms


def public_pages(
    web: WebSettings,
    sms: Sms | None,
    consents: StoredConsents,
    refusals: Refusals,
    clock: Clock,
    changes: Changes,
) -> PublicPages:
    """The pages of one installation.

    Raises:
        InstallationError: nobody offers an SMS sender of that name.
    """
    sender = open_sms(sms.sender, sms.path) if sms is not None else None
    return PublicPages(web, ConsentDesk(consents, refusals, sender, clock, changes))
