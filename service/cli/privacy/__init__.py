"""``passerby privacy report``: the record of what is done with visits to a site, with durations that were measured.

It reads the same configuration as ``serve``, discloses it as ``/v1/privacy`` does, and then looks whether Redis keeps
those promises: in the Redis that is configured or given; else in one that it starts itself and ends again, with one
made-up visit in it.
"""

# ruff: noqa: D301, PLC0415  # see the package

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service import __version__
from service.cli.console import STORE_FAILURES, configuration_in, fail, print_json

if TYPE_CHECKING:
    from service.adapters.redis_store.embedded import EmbeddedRedis
    from service.adapters.redis_store.ttl_audit import Durations
    from service.adapters.redis_store.url import RedisUrl
    from service.cli.privacy.record import ProcessingRecord, StoreLook
    from service.settings import Configuration
    from service.use_cases.transparency.disclosure import Disclosure

READY_TIMEOUT_S = 10.0


@click.group()
def privacy() -> None:
    """What is done with visits, for whoever has to answer for it.

    \b
    Example:
      passerby privacy report --site demo
    """


@privacy.command()
@click.option("--site", metavar="ID", help="The site; else `default_site`.")
@click.option("--redis", metavar="URL", help="The Redis to look at; else `redis_url`. Better in PASSERBY_REDIS_URL.")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of Markdown.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there instead of to stdout.",
)
@click.pass_obj
def report(directory: Path | None, /, site: str | None, redis: str | None, as_json: bool, output: Path | None) -> None:
    """Write the record that an audit asks for, as Markdown or JSON.

    Purposes, signals, policy rows and dates are those of the configuration, durations are measured in Redis, and what
    only the operator knows is left blank. Exits 1 when Redis does not keep what is promised: a key without an end or
    beyond it, one of an unknown kind or of another release interval, a copy on a disk. Without a Redis to look at it
    measures one visit in a redis-server that it starts itself. To look at that of a running `serve`, give the
    `redis_url` that its log line `redis_started` names.

    \b
    Example:
      passerby privacy report
      passerby privacy report --site demo --json --output record.json
      passerby privacy report --redis unix:///tmp/passerby-redis-abc123/socket
    """
    import msgspec

    from service.cli.privacy.markdown import finding_text, markdown

    record = _record(_configuration(directory, redis), site)
    text = msgspec.json.format(msgspec.json.encode(record), indent=2).decode() if as_json else markdown(record)
    if output is not None:
        try:
            output.write_text(text.removesuffix("\n") + "\n", encoding="utf-8")
        except OSError as error:
            fail([f"--output cannot be written: {error.strerror}"])
    elif as_json:
        print_json(text)
    else:
        click.echo(text, nl=False)
    if record.durations is not None and record.durations.findings:
        fail(f"finding: {finding_text(finding)}" for finding in record.durations.findings)


def _configuration(directory: Path | None, redis: str | None) -> "Configuration":
    """That of the service, with another Redis where one is given."""
    import msgspec

    from service.adapters.redis_store.url import parse_redis_url

    configuration = configuration_in(directory, keys_needed=False)
    if redis is None:
        return configuration
    try:
        parse_redis_url(redis)
    except ValueError as error:  # which repeats nothing of it
        raise click.UsageError(f"--redis: {error}.") from None
    settings = msgspec.structs.replace(configuration.settings, redis_url=redis)
    return msgspec.structs.replace(configuration, settings=settings)


def _record(configuration: "Configuration", site: str | None) -> "ProcessingRecord":
    from service.adapters.redis_store.embedded import start_embedded_redis
    from service.app.privacy_facts import POLICY_WARN_AGE_DAYS
    from service.cli.privacy.record import processing_record

    settings = configuration.settings
    chosen = configuration.sites.get(site or settings.default_site)
    if chosen is None:
        fail([f"--site: there is no such site; there are {', '.join(configuration.sites)}"])
    embedded = start_embedded_redis() if settings.counting and not settings.redis_url else None
    try:
        disclosure = _disclosure(configuration, embedded, chosen.id)
        look = _look(configuration, disclosure, embedded)
    finally:
        if embedded is not None:
            embedded.stop()
    policy = configuration.policy
    return processing_record(chosen, settings, policy, POLICY_WARN_AGE_DAYS, disclosure, look, __version__, time.time())


def _disclosure(configuration: "Configuration", embedded: "EmbeddedRedis | None", site: str) -> "Disclosure":
    """What a service of this configuration would disclose: it is assembled as for serving, and opens nothing."""
    import io

    from msgspec.structs import replace

    from service.adapters.redis_store.embedded import is_embedded_url
    from service.app import assemble
    from service.telemetry import Telemetry
    from service.use_cases.transparency.disclosure import disclose
    from service.use_cases.transparency.inventory import StoreName

    settings = configuration.settings
    store: StoreName = "off"
    if settings.counting and settings.redis_url:
        store = "embedded" if is_embedded_url(settings.redis_url) else "redis"
    elif settings.counting:
        store = "process" if embedded is None else "embedded"
    epoch = assemble(configuration, Telemetry(stream=io.StringIO())).current.epoch
    facts = replace(epoch.inputs.facts, store=store)
    return disclose(epoch.sites[site].rules.site, epoch.policy, epoch.inputs.policy_age, facts)


def _look(configuration: "Configuration", disclosure: "Disclosure", embedded: "EmbeddedRedis | None") -> "StoreLook":
    """Measure where there is something to measure. Exits where the Redis that there is cannot be looked at."""
    from service.adapters.redis_store.embedded import is_embedded_url
    from service.adapters.redis_store.url import parse_redis_url
    from service.cli.privacy.record import StoreLook
    from service.ports import StoreError

    settings = configuration.settings
    url = settings.redis_url or (embedded.url if embedded is not None else "")
    if not url:
        place = "counts stay in the service's own process" if settings.counting else "nothing is counted"
        return StoreLook(place, "nothing", None)
    if embedded is not None and not embedded.wait(READY_TIMEOUT_S):
        fail(["redis: no redis-server could be started here; --redis gives one to look at"])
    parsed = parse_redis_url(url)
    try:
        durations = _measure(configuration, disclosure, parsed, url, embedded is not None)
    except StoreError as error:
        fail([f"redis: {_MAY_NOT_LOOK if error.kind == 'permission' else STORE_FAILURES[error.kind]}"])
    is_ours = embedded is not None or is_embedded_url(url)
    return StoreLook(
        "a redis-server that the service starts, on a private socket" if is_ours else _place(parsed),
        "deployment" if embedded is None else "made_up_visit",
        durations,
        safe_link=parsed.tls is not None or parsed.stays_here,
        has_password=parsed.password is not None,
    )


def _measure(
    configuration: "Configuration", disclosure: "Disclosure", parsed: "RedisUrl", url: str, made_up: bool
) -> "Durations":
    """Raises StoreError."""
    import asyncio

    from service.adapters.redis_store.embedded import is_embedded_url
    from service.adapters.redis_store.ttl_audit import measure_durations, write_one_visit
    from service.core.groups.counts import PrivacyParameters
    from service.core.groups.interval import HOUR_S

    settings, site = configuration.settings, disclosure.site.id
    interval_s, retention_s = settings.release_interval_s, settings.retention_hours * HOUR_S
    promised = {
        kind: kept.hours_max for kept in disclosure.retention for kind in kept.keys if kept.hours_max is not None
    }

    async def both() -> "Durations":
        if made_up:
            terms = PrivacyParameters(settings.k, settings.k_prefixes, settings.epsilon, settings.noise)
            await write_one_visit(url, site, terms, interval_s, retention_s, time.time())
        return await measure_durations(parsed, site, interval_s, promised, alone=is_embedded_url(url))

    return asyncio.run(both())


def _place(url: "RedisUrl") -> str:
    """Where a Redis is, without what opens it."""
    if url.kind == "unix":
        return "Redis on a socket of this machine"
    hosts = ", ".join(f"{host}:{port}" for host, port in url.addresses)
    if url.kind == "sentinel":
        return f"the Redis that sentinels at {hosts} name for {url.service}"
    return f"Redis at {hosts}" + (f", database {url.db}" if url.db else "")


_MAY_NOT_LOOK = (
    "the user may not look at names and times: +eval +scan +pttl +time ~pb:*, in a Cluster also +cluster|slots, and "
    "for more of the report +memory|usage +config|get"
)
