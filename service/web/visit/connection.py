"""A connection: what one visit showed, raw, from a backend's body or from its own request.

An edge can do nothing with a refusal: it is answered for the same visit without the refused cookies. That fails closed:
a refused opt-out stays one, and a refused consent is none.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.privacy import NO_CONSENT, Purpose
from service.web.bodies.schema import COOKIES_MAX_BYTES, VisitBody
from service.web.problems import FieldError, Refusal, refuse
from service.web.visit.client_ip import ClientIpResolver, stated_address
from service.web.visit.cookies import CHOICES, NO_CHOICES, read_cookies, read_jar
from service.web.visit.opt_out_signals import opted_out, says_gpc
from service.web.visit.outcomes import BODY, HEADERS, FieldNames
from service.web.visit.size_limits import DeviceTexts, address_mistake, geo_mistakes

# A request's headers by lower-case name.
Fields = dict[bytes, bytes]


class Connection(Struct, frozen=True, gc=False):
    """What one visit showed, raw. An empty string means: not sent.

    ``names`` is what its fields are called where it came in. ``country subdivision time_zone`` are an edge's or a
    backend's word and beat the address. ``choices`` are the cookies by field of what the visitor chose, and of a wish
    that is not plainly one. It lives for one call and shows nothing of itself.
    """

    names: FieldNames
    address: str
    country: str
    subdivision: str
    time_zone: str
    device_texts: DeviceTexts
    accept_language: str
    device_id: str
    choices: Mapping[str, str]
    consent: frozenset[Purpose]
    gpc: bool
    opt_out: bool

    def __repr__(self) -> str:
        return "Connection(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


def joined_fields(headers: list[tuple[bytes, bytes]], joined: AbstractSet[bytes]) -> Fields:
    """Headers by name. Of those to be joined all lines are, of others the first stays."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        # RFC 9110 5.3: lines of one field join with a comma; cookies, alone, with a semicolon (RFC 9113 8.2.3).
        if name not in fields:
            fields[name] = value
        elif name in joined:
            fields[name] += (b"; " if name == b"cookie" else b",") + value
    return fields


def from_request(peer: str | None, fields: Fields, resolver: ClientIpResolver) -> Connection | Refusal:
    """A connection from the visit's own request, of which ``fields`` are the headers: 4 us."""
    get = fields.get
    country = subdivision = time_zone = ""
    if resolver.vendor_headers and (vendor := {name: fields[name] for name in resolver.vendor_headers & fields.keys()}):
        origin = resolver.resolve_values(peer, get(b"x-forwarded-for"), get(b"forwarded"), vendor)
        address, country = origin.address or "", origin.country or ""
        subdivision, time_zone = origin.subdivision or "", origin.time_zone or ""
    else:
        address = resolver.address(peer, get(b"x-forwarded-for"), get(b"forwarded")) or ""
    jar = get(b"cookie")
    device_id, choices, consent, opt_out = "", NO_CHOICES, NO_CONSENT, False
    if jar is not None and jar.find(b"pb_") >= 0:  # twice as fast as ``in``
        of_jar = read_jar(jar)
        if of_jar is None:
            return refuse(FieldError(HEADERS.pointers["cookies"], "too_large"))
        device_id, choices, consent, opt_out = of_jar
    return Connection(
        HEADERS,
        address,
        country,
        subdivision,
        time_zone,
        (
            "" if (text := get(b"user-agent")) is None else text.decode("latin-1"),
            "" if (text := get(b"sec-ch-ua")) is None else text.decode("latin-1"),
            "" if (text := get(b"sec-ch-ua-mobile")) is None else text.decode("latin-1"),
            "" if (text := get(b"sec-ch-ua-platform")) is None else text.decode("latin-1"),
            "" if (text := get(b"save-data")) is None else text.decode("latin-1"),
        ),
        "" if (text := get(b"accept-language")) is None else text.decode("latin-1"),
        device_id,
        choices,
        consent,
        b"sec-gpc" in fields and says_gpc(fields[b"sec-gpc"]),
        opt_out,
    )


def from_body(body: VisitBody, names: FieldNames = BODY) -> Connection | Refusal:  # noqa: C901  # field by field
    """A connection from a backend's body, in which errors point at fields by these names.

    Only the body counts: the backend's own address and headers are not the visitor's.
    """
    signals = body.signals
    address = country = subdivision = ""
    device_id = user_agent = accept_language = brands = mobile = platform = save_data = ""
    choices: Mapping[str, str] = NO_CHOICES
    gpc = False
    if signals is not UNSET:
        gpc = signals.gpc is True
        if signals.ip is not UNSET:
            if signals.geo is not UNSET:
                return refuse(FieldError(names.pointers["geo"], "invalid_value"))
            stated = stated_address(signals.ip)
            if stated is None:
                return refuse(address_mistake(signals.ip, names))
            address = stated
        elif signals.geo is not UNSET:
            country, subdivision = signals.geo.country, signals.geo.subdivision or ""
            errors = geo_mistakes(country, None if signals.geo.subdivision is UNSET else subdivision, names)
            if errors:
                return refuse(*errors)
        if cookies := signals.cookies:
            texts = cookies.language or "", cookies.region or "", cookies.interests or "", cookies.variants or ""
            if together := "".join(texts):
                if len(together.encode()) > COOKIES_MAX_BYTES:
                    return refuse(FieldError(names.pointers["cookies"], "too_large"))
                choices = dict(zip(CHOICES, texts, strict=False))  # a body has no consent or opt-out among them
        if device := signals.device:
            device_id = device.id or ""
            if device.id == "":
                return refuse(FieldError(names.pointers["device"], "invalid_value"))
            user_agent, accept_language = device.user_agent or "", device.accept_language or ""
            if hints := device.client_hints:
                brands, mobile = hints.sec_ch_ua or "", hints.sec_ch_ua_mobile or ""
                platform, save_data = hints.sec_ch_ua_platform or "", hints.save_data or ""
    return Connection(
        names,
        address,
        country,
        subdivision,
        "",
        (user_agent, brands, mobile, platform, save_data),
        accept_language,
        device_id,
        choices,
        body.consent or NO_CONSENT,
        gpc,
        body.opt_out is True,
    )


def after_other_choice(connection: Connection) -> Connection:
    """The same visit with the opposite choice: its opt-out taken back or, where there is none, made. Only choices stay.

    While an opt-out holds, what identifies a device is not looked at for this either.
    """
    stays = {field: text for field, text in connection.choices.items() if field in ("language", "region")}
    unknown = replace(connection, device_id="", choices=stays)
    if connection.opt_out:
        return replace(unknown, opt_out=False)
    return replace(unknown, opt_out=True, consent=NO_CONSENT)


def without_refused(connection: Connection, refusal: Refusal) -> Connection:
    """The same visit without what the refusal points at. Of consent and opt-out nothing is left to be judged."""
    refused = {connection.names.field_at(error.pointer) for error in refusal.errors} | {"consent", "optout"}
    stays = {field: text for field, text in connection.choices.items() if field not in refused}
    return replace(connection, device_id="" if "device" in refused else connection.device_id, choices=stays)


def without_large_cookies(fields: Fields) -> Fields:
    """The same request without the largest of our cookies, as many as make all of them together too large.

    An opt-out stays one.
    """
    jar = fields[b"cookie"]
    cookies = read_cookies(jar)
    pairs, size = [], 0
    for name in sorted(cookies, key=lambda name: len(cookies[name])):
        size += len(cookies[name])
        if size <= COOKIES_MAX_BYTES and name != "optout":
            pairs.append(f"pb_{name}={cookies[name]}")
    if opted_out([(b"cookie", jar)]):
        pairs.append("pb_optout=1")
    return {**fields, b"cookie": "; ".join(pairs).encode("latin-1")}
