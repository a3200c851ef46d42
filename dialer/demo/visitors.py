"""People who go on asking for a call while the demo runs, so that whoever opens the console has somebody to talk to."""

import asyncio

import structlog
from nacl.signing import SigningKey

from dialer.demo.sample_leads import later_csv
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.demo.stage import site_key_file
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.processes.floor import Floor
from dialer.services.lead_intake import LeadIntake
from dialer.signing.keys import read_secret
from dialer.storage.intake import StoredIntake

EVERY_SECONDS = 8.0
VISITORS_MAX = 2_000
_log = structlog.get_logger()


async def let_people_ask(floor: Floor) -> None:
    """One more person every few seconds, through the same intake as any file."""
    core = floor.core
    key = SigningKey(read_secret(site_key_file(core.settings.folders.keys)))
    intake = LeadIntake(StoredIntake(core.store, core.log, core.keyring, core.clock), floor.changes)
    for place in range(VISITORS_MAX):
        await asyncio.sleep(EVERY_SECONDS)
        content = later_csv(place, core.clock.now(), lambda record: key.sign(record).signature)
        try:
            await intake.take(OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), content)
        except StoreUnavailable:
            _log.warning("visitor.lost")
