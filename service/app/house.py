"""Everything that decides, assembled from a configuration: what the server serves and what commands ask directly."""

import datetime
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.adapters.keys_file import KeysFile, check_keys
from service.adapters.maxmind import MaxmindGeo
from service.adapters.redis_url import parse_redis_url
from service.adapters.user_agent import UserAgentLookup
from service.app.counting import NOWHERE, Counting
from service.core.cohort_token import TokenSealer
from service.core.region import RegionTables
from service.core.sites import SiteRules
from service.ports import StatsStore
from service.settings import DEFAULT_DIRECTORY, Checks, Configuration, load
from service.telemetry import Telemetry
from service.use_cases.personalize import Personalizer
from service.use_cases.record_events import Recorder
from service.web.client_ip import ClientIpResolver
from service.web.decisions import Decisions
from service.web.intake import Intake

SECRET_BYTES = 32


class House(Struct, frozen=True):
    """The parts. ``counting`` is None where nothing is counted: by choice, or in a command that only decides."""

    configuration: Configuration
    regions: RegionTables
    geo: MaxmindGeo
    decisions: Decisions
    telemetry: Telemetry
    sealer: TokenSealer
    keys: KeysFile
    counting: Counting | None

    @property
    def recorder(self) -> Recorder:
        """Where the increments of events go."""
        return NOWHERE if self.counting is None else self.counting.flush


def read_configuration(
    directory: Path | None = None, environment: Mapping[str, str] = os.environ, *, keys_needed: bool = True
) -> Configuration:
    """The configuration of this process. Raises ConfigurationError with every mistake.

    Without ``keys_needed`` the file of keys need not be there yet: for the command that makes it.
    """
    where = directory or Path(environment.get("PASSERBY_CONFIG") or DEFAULT_DIRECTORY)
    today = datetime.datetime.now(datetime.UTC).date()
    return load(
        where,
        environment,
        load_region_tables(),
        load_languages().tags,
        today,
        Checks(ClientIpResolver, check_keys if keys_needed else lambda _: [], parse_redis_url),
    )


def assemble(configuration: Configuration, telemetry: Telemetry, store: StatsStore | None = None) -> House:
    """Adapters and rules for a configuration, counting in a store if there is one. Nothing is opened yet."""
    settings = configuration.settings
    regions, languages = load_region_tables(), load_languages()
    sites = {key: SiteRules.compile(site, languages, regions) for key, site in configuration.sites.items()}
    geo = MaxmindGeo(
        str(configuration.path(settings.geo_database)),
        regions.normalise_place,
        on_event=telemetry.event,
    )
    intake = Intake(
        geo,
        UserAgentLookup(cache_entries_max=0),  # the intake remembers
        configuration.policy_on(datetime.datetime.now(datetime.UTC).date()),
        ClientIpResolver(settings.trusted_proxies, settings.edge),
        regions,
        settings.device_cache_entries,
        count_prefixes=settings.k_prefixes > 0,
    )
    sealer = TokenSealer(settings.secret or (secrets.token_urlsafe(SECRET_BYTES),), settings.release_interval_s)
    personalizer = Personalizer(sealer, regions.continent, settings.answer_ttl_s)
    decisions = Decisions(intake, sites, settings.default_site, personalizer)
    counting = None
    if store is not None:
        counting = Counting(
            settings,
            sites,
            regions.continent,
            store,
            decisions.take,
            decisions.turn,
            lambda site, slot, cohort: decisions.snapshots[site].ranking(slot, (cohort,)),
            telemetry,
        )
        decisions.tally = counting.tally
    return House(
        configuration=configuration,
        regions=regions,
        geo=geo,
        decisions=decisions,
        telemetry=telemetry,
        sealer=sealer,
        keys=KeysFile(
            configuration.path(settings.keys_file),
            on_event=telemetry.event,
        ),
        counting=counting,
    )
