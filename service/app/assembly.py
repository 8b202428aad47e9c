"""The composition root: every part of the service, made from a configuration, for the server and for commands."""

import datetime
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from fnv_hash_fast import fnv1a_32
from msgspec import Struct

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.adapters.keys_file import KeysFile, check_keys
from service.adapters.maxmind import MaxmindGeo
from service.adapters.redis_store.url import parse_redis_url
from service.adapters.user_agent.lookup import UserAgentLookup
from service.app.counting import NOWHERE, Counting, store_name
from service.app.privacy_facts import facts_of, policy_age_of
from service.core.groups.cohort import CohortKey
from service.core.groups.cohort_token import TokenSealer
from service.core.groups.snapshot import SiteSnapshot
from service.core.languages.matching import LanguageTables
from service.core.region import RegionTables
from service.core.sites import Key, SiteRules, SlotRanking
from service.ports import StatsStore
from service.settings import Checks, Configuration, directory_of, load
from service.telemetry import Telemetry
from service.use_cases.counting.record_events import Recorder
from service.use_cases.counting.report_cap import ReportCap
from service.use_cases.personalize import Personalizer
from service.web.bodies.scrutiny import may_look_closely, value_category
from service.web.decisions import Decisions
from service.web.epoch import Current, Inputs, epoch_of
from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.intake import Intake
from service.web.visit.networks import Networks

SECRET_BYTES = 32
NO_PLACES = (
    "so no address has a place, and a visit that brings none of its own is treated as from an unknown one; "
    "put a database there, or set geo_database"
)
"""What it means for visits that no geo database could be opened. Nothing is refused for it: one may come later."""


class Container(Struct, frozen=True):
    """The parts of the service.

    ``counting`` and ``networks`` are None where nothing is counted, by choice or in a command. ``current`` holds the
    epoch in force. ``configuration`` is that of the start: ``Reloading`` has the one in force.
    """

    configuration: Configuration
    regions: RegionTables
    languages: LanguageTables
    geo: MaxmindGeo
    personalizer: Personalizer
    decisions: Decisions
    current: Current
    telemetry: Telemetry
    sealer: TokenSealer
    keys: KeysFile
    counting: Counting | None
    networks: Networks | None

    @property
    def recorder(self) -> Recorder:
        """Where the increments of events go."""
        return NOWHERE if self.counting is None else self.counting.flush

    def forget_texts(self) -> Iterator[None]:
        """Drop the cached User-Agents, client hints and Accept-Languages, in steps of up to 4 ms."""
        self.decisions.intake.forget()
        yield
        for site in self.current.epoch.sites.values():
            site.rules.matcher.forget()
            yield


def read_configuration(
    directory: Path | None = None, environment: Mapping[str, str] = os.environ, *, keys_needed: bool = True
) -> Configuration:
    """The configuration of this process. Raises ConfigurationError with every mistake.

    Without ``keys_needed`` the file of keys need not be there yet: for the command that makes it.
    """
    where = directory_of(directory, environment)
    checks = Checks(ClientIpResolver, check_keys if keys_needed else _no_notices, parse_redis_url)
    return load(where, environment, load_region_tables(), load_languages().tags, _today(), checks)


def read_again(container: Container, environment: Mapping[str, str]) -> Configuration:
    """The configuration as its files are now, with the settings that are running whatever the files say of those.

    The file of keys is not looked at, for it is followed by itself. Raises ConfigurationError with every mistake.
    """
    running, tags = container.configuration, container.languages.tags
    checks = Checks(ClientIpResolver, _no_notices, parse_redis_url)
    return load(running.directory, environment, container.regions, tags, _today(), checks, running.settings)


def compile_sites(
    configuration: Configuration,
    languages: LanguageTables,
    regions: RegionTables,
    before: Mapping[Key, SiteRules] = MappingProxyType({}),
) -> dict[Key, SiteRules]:
    """The rules of the sites, which are those of ``before`` for an unchanged site."""
    return {
        key: before[key]
        if key in before and before[key].site == site
        else SiteRules.compile(site, languages, regions, fnv1a_32, value_category, may_look_closely)
        for key, site in configuration.sites.items()
    }


def assemble(configuration: Configuration, telemetry: Telemetry, store: StatsStore | None = None) -> Container:
    """The parts for a configuration, counting in a store if there is one: each line from those above it.

    Nothing is opened yet.
    """
    settings, log = configuration.settings, telemetry.log_adapter_event
    # What the world is asked by.
    geo_database = str(configuration.path(settings.geo_database))
    regions, languages = load_region_tables(), load_languages()
    geo = MaxmindGeo(geo_database, regions.normalise_place, on_event=log)
    devices = UserAgentLookup(settings.device_cache_entries)
    keys = KeysFile(configuration.path(settings.keys_file), on_event=log)
    # Where identity ends.
    resolver = ClientIpResolver(settings.trusted_proxies, settings.edge)
    count_prefixes = settings.counting and settings.k_prefixes > 0
    intake = Intake(geo, devices, resolver, regions, settings.device_cache_entries, count_prefixes=count_prefixes)
    # What decides: the first epoch.
    sites = compile_sites(configuration, languages, regions)
    sealer = TokenSealer(settings.secret or (secrets.token_urlsafe(SECRET_BYTES),), settings.release_interval_s)
    personalizer = Personalizer(sealer, regions.continent, settings.answer_ttl_s)
    facts = facts_of(settings, sites, store_name(settings, store), devices.texts_cached_max)
    age = policy_age_of(configuration)
    inputs = Inputs(sites, {}, configuration.policy, age, facts, 0, settings.default_site, personalizer)
    current = Current(epoch_of(inputs))
    # What counts, and from which the next epochs come.
    networks = Networks(resolver, ReportCap(lambda site: current.snapshot(site).reported))

    async def begin_interval(start_s: int) -> None:
        networks.turn()
        await current.swap(current.epoch.in_interval(start_s))

    async def learn(site: Key, snapshot: SiteSnapshot) -> None:
        await current.swap(current.epoch.released(site, snapshot))

    def ranking(site: Key, slot: Key, cohort: CohortKey) -> SlotRanking | None:
        return current.snapshot(site).ranking(slot, (cohort,))

    def served() -> Mapping[Key, SiteRules]:
        return current.epoch.inputs.sites

    counting = None
    if store is not None:
        counting = Counting(settings, served, regions.continent, store, learn, begin_interval, ranking, telemetry)
    return Container(
        configuration=configuration,
        regions=regions,
        languages=languages,
        geo=geo,
        personalizer=personalizer,
        decisions=Decisions(intake, None if counting is None else counting.buffer),
        current=current,
        telemetry=telemetry,
        sealer=sealer,
        keys=keys,
        counting=counting,
        networks=None if counting is None else networks,
    )


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _no_notices(_keys_file: Path) -> list[str]:
    return []
