"""``passerby health``: whether the service of this configuration lives, asked on its own machine."""

# ruff: noqa: D301, PLC0415  # see the package

import os
from ipaddress import ip_address
from pathlib import Path

import click

from service.cli.console import fail

PATIENCE_S = 1.5


@click.command()
@click.pass_obj
def health(directory: Path | None) -> None:
    """Ask the service on this machine whether it lives. For the health check of a container.

    It is asked where its settings say that it listens, so a port is written down once. Exits 1 when it does not answer.

    \b
    Example:
      passerby health
    """
    import http.client

    from service.settings import ConfigurationError, directory_of, read_settings

    try:
        settings = read_settings(directory_of(directory, os.environ), os.environ)
    except ConfigurationError as error:
        fail(error.mistakes)
    if not settings.port:
        fail(["port: the system chooses it where it is 0, so nobody can know where to ask"])
    host = asked_host(settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        fail([f"nobody answers on {host} port {settings.port} ({type(error).__name__})"])
    finally:
        connection.close()
    if status != http.client.OK:
        fail([f"what answers on {host} port {settings.port} is not well: {status}"])
    click.echo("live")


def asked_host(host: str) -> str:
    """Where to ask a service that listens on this host: on loopback, where that is among its addresses."""
    from service.settings import addresses_of

    addresses = addresses_of(host)
    if not addresses:  # a name, with which no service starts
        return host
    return "127.0.0.1" if ip_address(addresses[0]).is_unspecified else addresses[0]
