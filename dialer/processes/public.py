"""What people see of us beside calls, wired: consent form, receipts, taking back, the message after a refusal."""

from dialer.api.deps import WebSettings
from dialer.api.public.pages import PublicPages
from dialer.domain.ids import OrganisationId
from dialer.ports.clock import Clock
from dialer.services.changes import Changes
from dialer.services.consent_codes import SmsTemplate
from dialer.services.consent_desk import ConsentDesk
from dialer.services.refusal_notices import RefusalNotices
from dialer.services.refusals import Refusals
from dialer.settings import Sms
from dialer.storage.consent_record import StoredConsents
from dialer.storage.consent_sms import open_sms
from dialer.storage.refusal_notices import StoredRefusalNotices


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


def refusal_notices(sms: Sms | None, store: StoredRefusalNotices) -> RefusalNotices | None:
    """Messages to people who refused; None where no organisation has one set up, which is how an installation begins.

    Raises:
        InstallationError: nobody offers an SMS sender of that name.
    """
    if sms is None or not sms.refusals:
        return None
    templates = {
        OrganisationId(said.organisation): {
            language: SmsTemplate(said.template_id, said.approved_on.isoformat(), text)
            for language, text in said.texts.items()
        }
        for said in sms.refusals
    }
    return RefusalNotices(store, open_sms(sms.sender, sms.path), templates)
