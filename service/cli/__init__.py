"""The ``passerby`` command: each subcommand asks the service one thing and prints the answer.

One file a command; ``console`` has what they share:

    __init__.py         the command itself, serve, openapi
    init.py             init
    recommend.py        recommend, explain: a visit given by options
    check.py            check
    health.py           health
    geo.py              geo update, geo show
    keys.py             keys new, keys list, keys revoke
    stats.py            stats
    experiments.py      experiments import
    privacy/            privacy report: the record, as Markdown or JSON
    prove.py            prove: an audit by markers, simulated attacks
    console.py          how commands come by a configuration, and what they print with

Everything but click is imported inside the commands, so that ``passerby --help`` answers at once. What is asked for
goes to stdout, plain where that is no terminal; mistakes, refusals and progress to stderr. Exit codes: 0 done, 1 a
configuration, a port or a request that cannot be used, 2 wrong usage.
"""

# ruff: noqa: D301  # click takes a backspace as "do not wrap what follows"

import os
import sys
from pathlib import Path

import click

from service import __version__
from service.cli.check import check
from service.cli.console import UNUSABLE, configuration_in, fail
from service.cli.experiments import experiments
from service.cli.geo import geo
from service.cli.health import health
from service.cli.init import init
from service.cli.keys import keys
from service.cli.privacy import privacy
from service.cli.prove import prove
from service.cli.recommend import explain, recommend
from service.cli.stats import stats


def _say_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    click.echo(f"passerby {__version__}")
    context.exit()


class _Passerby(click.Group):
    """The command as a whole."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except FileNotFoundError as error:
            if "usable temporary directory" not in str(error):  # tempfile has no other sign
                raise
            fail(["no directory for temporary files can be written to; set TMPDIR to one"])


@click.group(cls=_Passerby, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="The directory of passerby.toml, regimes.toml and sites/. Else PASSERBY_CONFIG, else the one that ships.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_say_version, help="Say the version."
)
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Language, region and device recommendations for a visit, without knowing the visitor.

    \b
    Example:
      passerby --config /etc/passerby check && passerby --config /etc/passerby serve
    """
    context.obj = config


@main.command()
@click.option("--host", help="Where to listen; overrides `host`.")
@click.option("--port", type=click.IntRange(0, 65535), help="Overrides `port`.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; overrides `workers`.")
@click.pass_obj
def serve(directory: Path | None, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve until told to stop (SIGTERM or Ctrl-C).

    `passerby health` knows the configuration and the environment, but none of these options: where a health check asks
    beside it, as in a container, set PASSERBY_HOST and PASSERBY_PORT instead.

    \b
    Example:
      passerby serve --port 8080 --workers 2
    """
    from service.app import serve as run  # noqa: PLC0415  # see above
    from service.settings import ConfigurationError  # noqa: PLC0415

    overrides = {"HOST": host, "PORT": port, "WORKERS": workers}
    # Through the environment, because worker processes read their configuration anew.
    os.environ |= {f"PASSERBY_{name}": str(value) for name, value in overrides.items() if value is not None}
    try:
        run(configuration_in(directory), _say_where)
    except ConfigurationError as error:  # a port that cannot be had
        fail(error.mistakes)
    except SystemExit as stop:  # uvicorn's own codes
        raise SystemExit(UNUSABLE if stop.code else 0) from None


def _say_where(url: str) -> None:
    """For people, who have a terminal. Everybody else reads the log, of which every line is JSON: its `listening`."""
    if sys.stdout is not None and sys.stdout.isatty():  # None where it was begun without (`>&-`)
        click.echo(f"Passerby {__version__}: open {url} (Ctrl-C ends it)")


@main.command()
def openapi() -> None:
    """Print the OpenAPI document, as the service has it at /openapi.json.

    \b
    Example:
      passerby openapi > openapi.json
    """
    import json  # noqa: PLC0415  # see above

    from service.web.openapi import document  # noqa: PLC0415  # see above

    click.echo(json.dumps(document(), indent=2, ensure_ascii=False))


for command in (init, recommend, explain, check, health, geo, keys, stats, experiments, privacy, prove):
    main.add_command(command)
