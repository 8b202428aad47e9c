"""``passerby stats``: the counts that a running service may tell, as a table.

It asks over HTTP, because the counts are where the service keeps them, which may be a Redis that nobody else can reach.
It shows what the service says and reckons nothing itself.
"""

# ruff: noqa: D301, PLC0415  # see the package

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click

from service.cli.console import fail, print_json, print_rows, print_table

TIMEOUT_S = 15
ANSWER_MAX_BYTES = 64 * 1024 * 1024
LANGUAGES_SHOWN_MAX = 3
ALMOST = 0.001
NOT_TOLD = "-"
NOT_OURS = "the answer is {}, and not from this service"
_PORTS = {"http": 80, "https": 443}
# How a p-value is to be read, by how the test was made.
_RELATIONS = {"counts": "=", "bounds": "at most"}


@click.command()
@click.option("--site", metavar="ID", help="The site; else `default_site`.")
@click.option("--window", default="24h", show_default=True, metavar="WINDOW", help="1h to 168h, or 1d to 7d.")
@click.option("--slot", metavar="KEY", help="One of the site's slots, instead of its cohorts.")
@click.option("--experiment", metavar="KEY", help="One of the site's experiments, instead of its cohorts.")
@click.option("--url", metavar="URL", help="Where the service listens; else `host` and `port`.")
@click.option("--key", envvar="PASSERBY_KEY", metavar="KEY", help="A key of scope statistics; better in PASSERBY_KEY.")
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, one row for each figure.")
@click.option("--json", "as_json", is_flag=True, help="As the JSON that the service answers.")
@click.pass_obj
def stats(directory: Path | None, /, **options: Any) -> None:
    """Show the counts of a running service: what was released, added up over a window of time.

    A count that is marked + is of some of the window's intervals only; - stands for what was held back throughout. One
    that is marked ! was clipped in some of them: more was reported than can be.

    \b
    Example:
      passerby stats
      passerby stats --site demo --slot front --window 7d
      passerby stats --experiment hero --window 7d
      passerby stats --csv > counts.csv
    """
    if options["as_csv"] and options["as_json"]:
        raise click.UsageError("--csv and --json exclude each other.")
    if options["slot"] and options["experiment"]:
        raise click.UsageError("--slot and --experiment exclude each other.")
    url, site = options["url"], options["site"]
    if url is None or site is None:
        url, site = _configured(directory, url, site)
    path = f"/v1/sites/{quote(site, safe='')}/{_place_in_site(options['slot'], options['experiment'])}"
    query = urlencode({"window": options["window"], "format": "csv" if options["as_csv"] else "json"})
    answer = _ask(url.rstrip("/") + f"{path}?{query}", options["key"])
    if options["as_csv"]:
        click.echo(answer, nl=False)
    elif options["as_json"]:
        print_json(answer)
    else:
        _show(_report(answer))


def _place_in_site(slot: str | None, experiment: str | None) -> str:
    if slot:
        return f"slots/{quote(slot, safe='')}"
    return f"experiments/{quote(experiment, safe='')}" if experiment else "cohorts"


def _configured(directory: Path | None, url: str | None, site: str | None) -> tuple[str, str]:
    """Where the service of this configuration listens, and its default site, unless they were given."""
    from service.cli.console import configuration_in

    settings = configuration_in(directory).settings
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # asked, not bound
    return url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}", site or settings.default_site


def _ask(url: str, key: str | None) -> str:
    """The answer's body, or an exit that says what to do. Neither a proxy nor another server gets to see the key."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, Request, build_opener

    place = _place(url)
    request = Request(url)  # noqa: S310  # see above
    if key:
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as response:
            body: bytes = response.read(ANSWER_MAX_BYTES)
            return body.decode("utf-8")
    except HTTPError as error:
        fail(_refusal(error))
    except (OSError, HTTPException, ValueError):
        fail([f"nothing answers at {place}; is `passerby serve` running there?"])


def _place(url: str) -> str:
    """The host and port of an address, or wrong usage. What else may stand in one is not repeated."""
    try:
        parts = urlsplit(url)
        default_port = _PORTS.get(parts.scheme)
        port = parts.port or default_port
    except ValueError:
        default_port = None
    if default_port is None or not parts.hostname:
        raise click.UsageError("--url is such as http://127.0.0.1:8080.")
    return f"{parts.hostname} port {port}"


def _refusal(error: Any) -> Iterator[str]:
    """What the service said no with, in words, and what to do about it."""
    try:
        problem = json.loads(error.read(ANSWER_MAX_BYTES))
        name = problem["type"].removeprefix("/problems/")
        yield f"{problem['title']} ({name})"
    except (ValueError, LookupError, TypeError, AttributeError):
        yield NOT_OURS.format(error.code)
        return
    pointers = {mistake["pointer"] for mistake in problem.get("errors", ())}
    if "/query/window" in pointers:
        yield "--window is 1h to 168h, or 1d to 7d"
    elif name in ("unauthorized", "forbidden"):
        yield "pass a key of scope statistics for this site in PASSERBY_KEY; `passerby keys new` makes one"
    elif name == "not-found":
        yield "the site has no such slot or experiment, or nothing is counted there; a draft has no results"


def _report(answer: str) -> dict[str, Any]:
    """What the service told, or an exit where it is another's page."""
    try:
        report = json.loads(answer)
    except ValueError:
        report = None
    if not isinstance(report, dict) or not {"cohorts", "variants"} & report.keys():
        fail([NOT_OURS.format(200)])
    return report


def _show(report: Mapping[str, Any]) -> None:
    if "variants" in report:
        _show_results(report)
        return
    about = f"{report['site']}, slot {report['slot']}" if "slot" in report else report["site"]
    print_rows(f"Counts of {about}", _terms(report))
    if "slot" in report:
        print_table(("cohort", "option", "offered", "rewarded", "rate", "95 % interval"), _options(report))
        remarks = [("warning", warning["text"]) for warning in report["warnings"]]
        if remarks:
            print_rows("Before you believe it", remarks)
    else:
        print_table(("cohort", "in use", "visits", "devices", "visits by language", "changed to"), _cohorts(report))


def _show_results(report: Mapping[str, Any]) -> None:
    """An experiment: its terms, a line for each variant, then what to know before believing it."""
    test = report["sample_ratio_test"]
    shares = (
        f"p {_RELATIONS[test['method']]} {test['p_value']:.3g}, intervals: {test['intervals']}" if test else NOT_TOLD
    )
    rows = [("status", report["status"]), *_terms(report), ("sample ratio", shares)]
    print_rows(f"Results of {report['site']}, experiment {report['experiment']}", rows)
    columns = (
        "variant", "weight", "exposures", "conversions", "rate", "95 % interval", "lift", "95 % interval",
        "beats control",
    )  # fmt: skip
    print_table(columns, (tuple(_variant(row)) for row in report["variants"]))
    remarks = [(kind, remark["text"]) for kind in ("warning", "note") for remark in report[f"{kind}s"]]
    print_rows("Before you believe it", remarks)


def _variant(row: Mapping[str, Any]) -> Iterator[str]:
    conversions = _count(row["conversions"], clipped=row["clipped"])
    yield from (row["variant"], f"{row['weight']:.4g}", _count(row["exposures"]), conversions)
    yield from _with_interval(row["rate"], "{:.2%}")
    yield from _with_interval(row["lift"], "{:+.1%}")
    yield _probability(row["probability_to_beat_control"])


def _probability(value: float | None) -> str:
    """One that is not quite 0 or 1 is not shown as either: there is always some doubt."""
    if value is None:
        return NOT_TOLD
    if value < ALMOST:
        return f"<{ALMOST:.1%}"
    return f">{1 - ALMOST:.1%}" if value > 1 - ALMOST else f"{value:.1%}"


def _with_interval(figure: Mapping[str, Any] | None, form: str) -> tuple[str, str]:
    if figure is None:
        return NOT_TOLD, NOT_TOLD
    return form.format(figure["value"]), f"{form.format(figure['low'])} to {form.format(figure['high'])}"


def _terms(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from service.core.groups.counts import PrivacyParameters
    from service.core.groups.weak_parameters import weak_parameters

    yield "window", f"{report['window']}: {report['from']} to {report['to']}"
    released, minutes = f"{report['intervals_released']} of {report['intervals']}", report["release_minutes"]
    yield "released", f"{released} intervals of {minutes:g} minutes"
    networks = f" from {report['k_prefixes']} networks" if report["k_prefixes"] else ""
    weak = [*weak_parameters(PrivacyParameters(report["k"], report["k_prefixes"], report["epsilon"], report["noise"]))]
    small = ": a closed test bed" if {"few_devices", "few_networks"} & {*weak} else ""
    yield "k", f"{report['k']} devices{networks}{small}; counts below k are held back"
    noise = f"epsilon {report['epsilon']:g} for each interval" if report["noise"] == "on" else "off: a closed test bed"
    noise += ", which hides next to nothing: a closed test bed" if "much_epsilon" in weak else ""
    yield "noise", noise + (", earlier on other terms" if report["terms_differ"] else "")
    if report.get("cohorts_left_out"):
        yield "left out", f"{report['cohorts_left_out']} smaller cohorts"


def _cohorts(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in report["cohorts"]:
        devices = ("≥ " if row["devices"]["at_least"] else "") + _count(row["devices"], is_sum=False)
        yield (
            row["key"],
            "yes" if row["current"] else "no",
            _count(row["visits"]),
            devices,
            _languages(row["languages"], "shown", "wanted"),
            _languages(row["languages"], "chosen"),
        )


def _languages(rows: list[Mapping[str, Any]], *figures: str) -> str:
    """The languages with the largest sums of these figures."""
    totals = [(sum(row[name]["count"] or 0 for name in figures), row["language"]) for row in rows]
    largest = sorted((pair for pair in totals if pair[0]), key=lambda pair: -pair[0])
    first = largest[:LANGUAGES_SHOWN_MAX]
    more = [f"{len(largest) - len(first)} more"] if len(largest) > len(first) else []
    return ", ".join([f"{language} {total:,}" for total, language in first] + more) or NOT_TOLD


def _options(report: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in report["cohorts"]:
        for option in row["options"]:
            rate = _with_interval(option["rate"], "{:.2%}")
            rewarded = _count(option["rewarded"], clipped=option["clipped"])
            yield row["key"], option["option"], _count(option["offered"]), rewarded, *rate


def _count(figure: Mapping[str, Any], *, is_sum: bool = True, clipped: int = 0) -> str:
    clipped_sign = "!" if clipped else ""
    if figure["count"] is None:
        return NOT_TOLD + clipped_sign
    return f"{figure['count']:,}" + ("+" if is_sum and figure["suppressed"] else "") + clipped_sign
