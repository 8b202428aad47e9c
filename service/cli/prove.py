"""``passerby prove``: an audit of a running deployment by markers, or simulated attacks, as tables and as JSON.

Exit codes: 0 nothing was found and everything that shows it was had; 1 a leak, or an audit that proves nothing, or a
figure that is not as it must be; 2 wrong usage.
"""

# ruff: noqa: D301, PLC0415  # see the package

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

import click
from click.core import ParameterSource

from service import __version__
from service.audit import MARKERS_MIN, MARKERS_WHOLE
from service.cli.console import UNUSABLE, fail, print_rows, print_table, progress_bar

if TYPE_CHECKING:
    from service.attacks.measures import Measure
    from service.audit.deployment import Target
    from service.audit.report import AuditReport

MARKERS_MAX: Final = 50_000
_OF_RUNNING: Final = ("url", "redis", "logs", "metrics", "traces", "key", "stop_pid", "allow_overload", "trust_logs")
_OF_AUDITS: Final = (*_OF_RUNNING, "embedded", "markers", "seed")
_BIG: Final = 1000
_FILE: Final = click.Path(dir_okay=False)


@click.command()
@click.option("--url", metavar="URL", help="Where the service listens.")
@click.option("--redis", metavar="URL", envvar="PASSERBY_REDIS_URL", help="Where its counts are, as `redis_url`.")
@click.option("--logs", multiple=True, type=_FILE, metavar="FILE", help="A file that it logs to; may be given again.")
@click.option("--metrics", metavar="URL", help="Where its metrics are.")
@click.option("--traces", multiple=True, type=_FILE, metavar="FILE", help="A file of traces in OTLP's JSON.")
@click.option(
    "--markers",
    default=MARKERS_WHOLE,
    show_default=True,
    type=click.IntRange(MARKERS_MIN, MARKERS_MAX),
    help="How many to send; with fewer not every channel goes on every route.",
)
@click.option("--key", envvar="PASSERBY_KEY", metavar="KEY", help="A key of scope admin; better in PASSERBY_KEY.")
@click.option("--site", metavar="ID", help="The site that is visited; else demo, or with --embedded the default one.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False), metavar="FILE", help="Write the record there.")
@click.option("--stop-pid", type=click.IntRange(2), metavar="PID", help="Stop this process with requests under way.")
@click.option("--trust-logs", is_flag=True, help="Your word that these logs and traces are of this service.")
@click.option("--allow-overload", is_flag=True, help="Fill the service until it refuses visits.")
@click.option("--embedded", is_flag=True, help="Start a deployment for the audit, and stop it afterwards.")
@click.option("--simulate", is_flag=True, help="Simulate attacks on what the service tells, instead of an audit.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Of the markers, to repeat an audit.")
@click.pass_obj
def prove(directory: Path | None, /, **options: Any) -> None:
    """Send markers by every channel that a client has, and look for them in all that the service writes.

    Leaks are planted in each place where it looked, and must be found, or the audit fails. It says so too where a
    channel was never granted or refused anything, and where nothing tells that a log or metrics are of this service.
    What the last line excepts was not audited; --embedded audits all of it.

    Of a running service it writes to the log, which must be open in append mode: made-up leaks, a moment each, which it
    cuts off again. Who ships its lines ships them too, and may take it that the file was cut; where the service writes
    in that moment, a blank line stays. Counts of thousands of made-up visits stay in the site. With --stop-pid the
    service is also told (SIGHUP) to read its configuration anew, so that it writes a line of its own.

    \b
    Example:
      passerby prove --embedded --markers 14000
      passerby prove --url http://127.0.0.1:8080 --redis redis://127.0.0.1/0 --logs service.log --json audit.json
      passerby prove --simulate
    """
    if options["simulate"]:
        _refuse("simulate", "is no audit", _OF_AUDITS, options)
        _check_writable(options["json_file"])
        _simulate(directory, options)
        return
    _check_usage(options)
    _check_writable(options["json_file"])
    from secrets import randbits

    from service.audit.deployment import DeploymentError, embedded
    from service.audit.recorder import SinkError

    seed = randbits(32) if options["seed"] is None else options["seed"]
    try:
        if options["embedded"]:
            with embedded(directory, options["site"] or _default_site(directory)) as target:
                record = _audit(target, options, seed)
        else:
            record = _audit(_target(options), options, seed)
    except (DeploymentError, SinkError) as error:
        _break_off(options, seed, str(error).splitlines())
    except OSError:
        _break_off(options, seed, ["the service, or what it writes to, is no longer there"])
    _show(record)
    if options["json_file"]:
        from service.audit.report import to_json

        _write(options["json_file"], to_json(record) + "\n")
    if not record.passed:
        raise SystemExit(UNUSABLE)


def _check_usage(options: dict[str, Any]) -> None:
    """What excludes each other, what is missing, and what cannot be read."""
    if options["embedded"]:
        _refuse("embedded", "starts its own deployment", _OF_RUNNING, options)
    else:
        lacking = [name for name in ("url", "redis", "logs") if not options[name]]
        if lacking:
            raise click.UsageError(f"--{lacking[0]} is missing; or --embedded, to audit a deployment of its own.")
        from service.adapters.redis_store.url import parse_redis_url
        from service.audit.client import address_of

        for name, read in (("url", address_of), ("redis", parse_redis_url)):
            _read(name, read, options[name])


def _refuse(option: str, does: str, names: tuple[str, ...], options: dict[str, Any]) -> None:
    """Say which option does not go with another. What is in the environment may be for other commands."""
    source = click.get_current_context().get_parameter_source
    for name in names:
        if options[name] and source(name) == ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{option} {does}, without --{name.replace('_', '-')}.")


def _check_writable(file: str | None) -> None:
    """Before minutes are spent on what is to be written there."""
    if file is None:
        return
    path = Path(file)
    was_there = path.exists()
    try:
        path.open("ab").close()
        if not was_there:
            path.unlink()
    except OSError:
        raise click.UsageError("--json: that file cannot be written.") from None


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError:
        fail(["--json: that file can no longer be written"])


def _default_site(directory: Path | None) -> str:
    """Of the configuration that a deployment of our own has: that in the directory, and nothing of the environment."""
    from service.app import read_configuration
    from service.settings import ConfigurationError

    try:
        return read_configuration(directory, {}, keys_needed=False).settings.default_site
    except ConfigurationError:
        return ""  # the service does not start with it, and says so itself


def _read(name: str, read: Callable[[str], object], text: str) -> None:
    try:
        read(text)
    except ValueError as error:
        raise click.UsageError(f"--{name}: {error}.") from None


def _target(options: dict[str, Any]) -> "Target":
    from service.audit.deployment import Target

    return Target(
        options["url"], options["redis"], options["logs"], options["metrics"] or "", options["traces"],
        options["key"] or "", options["site"] or "demo", options["stop_pid"] or 0,
        may_overload=options["allow_overload"], are_logs_trusted=options["trust_logs"],
    )  # fmt: skip


def _break_off(options: dict[str, Any], seed: int, why: list[str]) -> NoReturn:
    """Say why an audit did not get to its end, in its record as well."""
    if options["json_file"]:
        from service.audit.report import broken_off, to_json

        of: Literal["embedded", "running"] = "embedded" if options["embedded"] else "running"
        record = broken_off(of, options["site"] or "", __version__, seed, why)
        _write(options["json_file"], to_json(record) + "\n")
    fail(why)


def _audit(target: "Target", options: dict[str, Any], seed: int) -> "AuditReport":
    from service.audit.run import audit, seconds_about

    click.echo(f"{options['markers']:,} markers; about {seconds_about(options['markers'], target)} seconds", err=True)
    with progress_bar("Sending and looking") as progress:
        return audit(target, options["markers"], __version__, seed, progress)


def _show(record: "AuditReport") -> None:
    from service.audit.report import (
        CHANNEL_COLUMNS,
        FINDING_COLUMNS,
        SINK_COLUMNS,
        channel_rows,
        finding_rows,
        known_by,
        sink_rows,
        verdict,
    )

    print_table(CHANNEL_COLUMNS, channel_rows(record))
    print_table(SINK_COLUMNS, sink_rows(record))
    print_rows("Known to be of this deployment by", known_by(record))
    if record.findings:
        print_table(FINDING_COLUMNS, finding_rows(record))
    *lines, passed = verdict(record)
    for line in lines:
        click.echo(line)
    click.secho(passed, fg="green" if record.passed else "red", bold=True)


def _simulate(directory: Path | None, options: dict[str, Any]) -> None:
    """Attacks on what the service tells, by its configuration, and how far each gets."""
    from service.attacks.simulations import Attacked, simulate
    from service.cli.console import configuration_in, open_container
    from service.core.groups.counts import PrivacyParameters

    configuration = configuration_in(directory)
    container, settings = open_container(configuration), configuration.settings
    site = options["site"] or settings.default_site
    if site not in container.current.epoch.sites:
        fail(["--site: no site of this configuration has this id"])
    terms = PrivacyParameters(settings.k, settings.k_prefixes, settings.epsilon, settings.noise)
    epoch, intake = container.current.epoch, container.decisions.intake
    attacked = Attacked(intake, epoch, site, terms, container.regions, container.languages)
    click.echo("about two minutes", err=True)
    with progress_bar("Simulating attacks") as progress:
        measures = simulate(attacked, lambda _what, done, total: progress(done, total))
    columns = ("figure", "value", "limit", "unit", "passed", "note")
    print_table(columns, (tuple(_measure(measure)) for measure in measures))
    passed = all(measure.passed for measure in measures)
    if options["json_file"]:
        import msgspec

        from service.audit.report import now

        about = {"schema": 1, "date": now(), "version": __version__, "site": site, "terms": terms}
        figures = msgspec.json.encode({**about, "measures": measures, "passed": passed})
        _write(options["json_file"], msgspec.json.format(figures, indent=2).decode() + "\n")
    if not passed:
        raise SystemExit(UNUSABLE)


def _measure(measure: "Measure") -> Iterator[str]:
    """A line of the table."""
    sign = {"at_most": "<= ", "at_least": ">= ", "told": ""}[measure.bound]
    yield measure.name
    yield _number(measure.value)
    yield "" if measure.limit is None else sign + _number(measure.limit)
    yield measure.unit
    yield ("yes" if measure.passed else "NO") if measure.limit is not None else ""
    yield measure.note


def _number(value: float) -> str:
    """Four figures of small ones, every one of those that are counted."""
    return f"{value:,.0f}" if abs(value) >= _BIG else f"{value:.4g}"
