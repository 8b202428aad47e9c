"""``passerby recommend`` and ``passerby explain``: a visit given by options, decided on as if it came in a body.

The options become the JSON of ``POST /v1/recommendation`` and go through the very same reading and intake, so that a
command refuses what the service refuses, in the same words, and repeats nothing of it.
"""

# ruff: noqa: D301, PLC0415  # see the package

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from service.cli.console import UNUSABLE, configuration_in, open_container, print_json, print_rows

if TYPE_CHECKING:
    from service.app import Container
    from service.web.answers import Answer

Command = Callable[..., None]

# The visitor's own cookies, by the member of the body that they go to.
COOKIES = {"pb_language": "language", "pb_region": "region", "pb_interests": "interests", "pb_variants": "variants"}
HINTS = {name: name for name in ("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "save-data")}
# As ``web.pages.words`` has them, which is too much to import for a help text.
SPOKEN = ("en", "de", "fr", "es", "zh", "ar")
OPTIONS = (
    click.option("--ip", metavar="ADDRESS", help="The visitor's address."),
    click.option("--geo", metavar="CC[-SUB]", help="The place, where an edge resolved it; instead of --ip."),
    click.option("--accept-language", metavar="TEXT", help="The Accept-Language header."),
    click.option("--user-agent", metavar="TEXT", help="The User-Agent header."),
    click.option("--client-hint", "hints", multiple=True, metavar="NAME=VALUE", help=f"NAME is {', '.join(HINTS)}."),
    click.option("--cookie", "cookies", multiple=True, metavar="NAME=VALUE", help=f"NAME is {', '.join(COOKIES)}."),
    click.option("--device-id", metavar="ID", help="The random id that the site minted for this device."),
    click.option("--consent", metavar="PURPOSES", help="What the visitor consented to, separated by commas."),
    click.option("--gpc", is_flag=True, help="The visit carries Global Privacy Control (Sec-GPC: 1)."),
    click.option("--opt-out", is_flag=True, help="The visitor opted out."),
    click.option("--site", metavar="ID", help="The site; else `default_site`."),
)


def _describes_a_visit(command: Command) -> Command:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command()
@_describes_a_visit
@click.pass_obj
def recommend(directory: Path | None, /, **visit: Any) -> None:
    """Decide on a visit given by options, without a server, and print the answer as JSON.

    A refused visit is printed as a problem on stderr, and nothing of it is repeated.

    \b
    Example:
      passerby recommend --ip 195.65.10.7 --accept-language 'de-CH,de;q=0.9' --cookie pb_language=fr
      passerby recommend --geo CH-ZH --gpc | jq .privacy
    """
    import msgspec

    print_json(msgspec.json.encode(_decide(_container(directory), visit).decision).decode())


@click.command()
@_describes_a_visit
@click.option("--in", "language", type=click.Choice(SPOKEN), default="en", help="The language to tell it in; else en.")
@click.pass_obj
def explain(directory: Path | None, /, language: str, **visit: Any) -> None:
    """Decide on a visit as `recommend` does, and tell the answer and its reasons in words.

    \b
    Example:
      passerby explain --ip 195.65.10.7 --accept-language de-CH --consent statistics,experiments
      passerby explain --geo CA --gpc --in fr
    """
    from service.core.privacy import why_no_subdivision
    from service.use_cases.transparency.explanation import explain_decision as reasons_for
    from service.use_cases.transparency.explanation import is_outdated
    from service.use_cases.transparency.sentences import Context
    from service.web.pages.words import say

    container = _container(directory)
    answer, settings = _decide(container, visit), container.configuration.settings
    policy = container.current.epoch.policy
    decision = answer.decision
    context = Context(
        counting=settings.counting,
        networks_counted=settings.k_prefixes > 0,
        rules_outdated=is_outdated(policy),
        subdivision_withheld=why_no_subdivision(answer.permissions, policy.rows_of(decision.privacy.regime)),
    )
    sentences = reasons_for(decision, context)
    texts = say(sentences, language)
    print_rows(f"A visit to {decision.site}", [(row.topic, text) for row, text in zip(sentences, texts, strict=True)])


def _container(directory: Path | None) -> "Container":
    return open_container(configuration_in(directory))


def _decide(container: "Container", visit: Mapping[str, Any]) -> "Answer":
    """What the service would answer to this visit in a body, or an exit with the problem."""
    import json

    from service.web.problems import Refusal, encode

    # An argument that is no UTF-8 stays what it is, and is refused as in a body.
    body = json.dumps(_body(visit), ensure_ascii=False).encode("utf-8", "surrogateescape")
    answer = container.decisions.for_body(body, container.current.epoch)
    if not isinstance(answer, Refusal):
        return answer
    click.echo(encode(answer), err=True)
    raise SystemExit(UNUSABLE)


def _body(visit: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a request's body: an option that was not given is a member left out."""
    signals: dict[str, Any] = {
        "ip": visit["ip"],
        "cookies": _pairs("cookie", visit["cookies"], COOKIES),
        "device": _given({
            "id": visit["device_id"],
            "user_agent": visit["user_agent"],
            "accept_language": visit["accept_language"],
            "client_hints": _pairs("client-hint", visit["hints"], HINTS),
        }),
        "gpc": visit["gpc"] or None,
    }  # fmt: skip
    if visit["geo"] is not None:
        country, dash, subdivision = visit["geo"].partition("-")
        signals["geo"] = {"country": country, "subdivision": subdivision} if dash else {"country": country}
    body: dict[str, Any] = {"site": visit["site"], "signals": _given(signals), "opt_out": visit["opt_out"] or None}
    if visit["consent"] is not None:
        body["consent"] = [purpose.strip() for purpose in visit["consent"].split(",")]
    return _given(body)


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value != {}}


def _pairs(option: str, texts: tuple[str, ...], members: Mapping[str, str]) -> dict[str, str]:
    """``NAME=VALUE`` by the member that NAME goes to. A NAME that is none of ours is wrong usage, and not repeated."""
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        member = members.get(name.strip().lower())
        if not equals or member is None:
            raise click.UsageError(f"--{option} takes NAME=VALUE, where NAME is one of {', '.join(members)}.")
        values[member] = value
    return values
