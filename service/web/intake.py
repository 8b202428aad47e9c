"""Where identity ends: the only place that holds a visit's address, User-Agent, cookies and device id.

A ``Connection`` is gathered from a request's own headers (edges) or from a body (backends). The intake looks up its
place, asks the policy what this visit may be used for, derives just that as closed values, and lets the rest go with
the function call. What follows, from ``Signals`` on, cannot hold any of it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from msgspec import UNSET, Struct

from service.core.device import UNSEEN
from service.core.identity import Category, identifying_value
from service.core.location import Place
from service.core.privacy import NO_CONSENT, Permissions, Policy, Purpose
from service.core.region import RegionTables
from service.core.signals import DroppedField, Signals
from service.core.sites import KEY_PATTERN, SiteRules
from service.ports import DeviceLookup, GeoLookup
from service.web.addresses import public_address
from service.web.client_ip import ClientIpResolver
from service.web.cookies import NOT_OPTED_OUT, read_consent, read_cookies
from service.web.problems import FieldError, Refusal, refuse
from service.web.schema import (
    ACCEPT_LANGUAGE_MAX_BYTES,
    CLIENT_HINT_MAX_BYTES,
    COOKIES_MAX_BYTES,
    USER_AGENT_MAX_BYTES,
    VisitBody,
)


class Connection(Struct, frozen=True):
    """What one visit showed, raw. An empty string means: not sent.

    ``country subdivision time_zone`` are an edge's or a backend's word and beat the address. ``from_body`` says whose
    fields to point at in an error. It lives for one call and shows nothing of itself.
    """

    from_body: bool
    address: str
    country: str
    subdivision: str
    time_zone: str
    user_agent: str
    accept_language: str
    brands: str
    mobile: str
    platform: str
    save_data: str
    device_id: str
    language: str
    region: str
    interests: str
    variants: str
    consent: frozenset[Purpose]
    consent_given: bool
    gpc: bool
    opt_out: bool

    def __repr__(self) -> str:
        return "Connection(...)"


class Visit(Struct, frozen=True):
    """What the rest of the house learns of a visit."""

    permissions: Permissions
    signals: Signals


class Intake:
    """From a request to a ``Visit``, or to the refusal that it deserves."""

    def __init__(
        self, geo: GeoLookup, devices: DeviceLookup, policy: Policy, resolver: ClientIpResolver, regions: RegionTables
    ) -> None:
        self.geo = geo
        self.devices = devices
        self.policy = policy
        self._resolver = resolver
        self._regions = regions
        self._wanted = resolver.wanted | _OWN_HEADERS
        self._place = lru_cache(maxsize=1024)(self._regions.normalise_place)

    def connect(self, peer: str | None, headers: list[tuple[bytes, bytes]]) -> Connection | Refusal:
        """Gather a connection from the visit's own request: one pass over the headers, about 3 us."""
        found: dict[bytes, bytes] = {}
        wanted = self._wanted
        for name, value in headers:
            if name in wanted:
                # RFC 9110 5.3: lines of one field join with a comma; cookies, alone, with a semicolon (RFC 9113 8.2.3).
                found[name] = (
                    value if name not in found else found[name] + (b"; " if name == b"cookie" else b",") + value
                )
        origin = self._resolver.resolve_values(
            peer, found.pop(b"x-forwarded-for", None), found.pop(b"forwarded", None), found
        )
        cookies = _NO_COOKIES
        if b"pb_" in (jar := found.get(b"cookie", b"")):
            cookies = read_cookies(jar)
            if sum(map(len, cookies.values())) > COOKIES_MAX_BYTES:
                return refuse(FieldError("/cookies", "too_large"))
        given = cookies.get("consent", "")
        consent = read_consent(given)
        return Connection(
            False,
            origin.address or "",
            origin.country or "",
            origin.subdivision or "",
            origin.time_zone or "",
            found.get(b"user-agent", b"").decode("latin-1"),
            found.get(b"accept-language", b"").decode("latin-1"),
            found.get(b"sec-ch-ua", b"").decode("latin-1"),
            found.get(b"sec-ch-ua-mobile", b"").decode("latin-1"),
            found.get(b"sec-ch-ua-platform", b"").decode("latin-1"),
            found.get(b"save-data", b"").decode("latin-1"),
            cookies.get("device", ""),
            cookies.get("language", ""),
            cookies.get("region", ""),
            cookies.get("interests", ""),
            cookies.get("variants", ""),
            NO_CONSENT if consent is None else consent,
            bool(given),
            b"sec-gpc" in found and b"1" in [field.strip() for field in found[b"sec-gpc"].split(b",")],
            cookies.get("optout", "") not in NOT_OPTED_OUT,
        )

    def derive(self, connection: Connection, rules: SiteRules) -> Visit | Refusal:
        """Everything this visit's permissions allow to be known, as closed values; or the refusal.

        About 6 us when its parts are cached. The order is the law: the place first, for it tells the regime; then the
        permissions; and only then, one signal at a time, what they allow.
        """
        errors = _oversized(connection)
        if errors:
            return refuse(*errors)
        asked: Literal["geo", "ip"] | None = None
        place: Place | None = None
        if connection.country:
            asked = "geo"
            place = self._place(
                connection.country, connection.subdivision or None, connection.time_zone or None, "edge"
            )
        elif connection.address:
            asked = "ip"
            place = self.geo.look_up(connection.address)
        permissions = self.policy.permit(
            self.policy.regime_of(place),
            connection.consent,
            connection.gpc,
            connection.opt_out,
            rules.site.child_directed,
        )
        dropped: list[DroppedField] = []
        if connection.device_id and (category := rules.refuse_device_id(connection.device_id)):
            if category != "other":
                errors.append(_identifying(connection, "device", category))
            elif connection.from_body:
                errors.append(FieldError(_POINTERS["device"], "invalid_value"))
            elif permissions.experiments or permissions.cohort or permissions.statistics:
                dropped.append("device")
        language = None
        if connection.language:
            language = rules.matcher.spelling(connection.language)
            if language is None:
                _judge(connection, "language", connection.language, _LANGUAGE_SHAPE, dropped, errors)
        region = None
        if connection.region:
            region = self._regions.parse_region(connection.region)
            if region is None:
                _judge(connection, "region", connection.region, None, dropped, errors)
        if connection.interests:
            ignored = dropped if permissions.interests else []
            _judge(connection, "interests", connection.interests, _INTERESTS_SHAPE, ignored, errors)
        if connection.variants:
            ignored = dropped if permissions.experiments else []
            _judge(connection, "variants", connection.variants, _VARIANTS_SHAPE, ignored, errors)
        if connection.consent_given and not connection.consent:
            dropped.append("consent")
        if errors:
            return refuse(*errors)
        return Visit(
            permissions,
            Signals(
                place if permissions.region else None,
                asked,
                language,
                region,
                rules.matcher.prefer(connection.accept_language)
                if permissions.language and connection.accept_language
                else None,
                self.devices.look_up(
                    connection.user_agent,
                    connection.brands,
                    connection.mobile,
                    connection.platform,
                    connection.save_data,
                )
                if permissions.device
                else UNSEEN,
                bool(connection.consent),
                connection.opt_out,
                tuple(dropped),
            ),
        )


def from_body(body: VisitBody) -> Connection | Refusal:
    """A connection from a backend's body. Only the body counts: the backend's own address and headers are not the visitor's."""
    signals = body.signals
    address = country = subdivision = ""
    cookies: Mapping[str, str] = _NO_COOKIES
    device_id = user_agent = accept_language = brands = mobile = platform = save_data = ""
    gpc = False
    if signals is not UNSET:
        gpc = signals.gpc is True
        if signals.ip is not UNSET:
            if signals.geo is not UNSET:
                return refuse(FieldError("/signals/geo", "invalid_value"))
            address = public_address(signals.ip) or ""
            if not address and not _is_address(signals.ip):
                category = identifying_value(signals.ip)
                return refuse(FieldError("/signals/ip", "identifying_value" if category else "invalid_value", category))
        elif signals.geo is not UNSET:
            country, subdivision = signals.geo.country, signals.geo.subdivision or ""
            errors = _geo_mistakes(country, subdivision)
            if errors:
                return refuse(*errors)
        if signals.cookies is not UNSET:
            given = signals.cookies
            cookies = {name: value for name in _BODY_COOKIES if (value := getattr(given, name)) is not UNSET}
            if sum(len(value.encode()) for value in cookies.values()) > COOKIES_MAX_BYTES:
                return refuse(FieldError("/signals/cookies", "too_large"))
        if signals.device is not UNSET:
            device = signals.device
            device_id = device.id or ""
            if device.id == "":
                return refuse(FieldError("/signals/device/id", "invalid_value"))
            user_agent, accept_language = device.user_agent or "", device.accept_language or ""
            if device.client_hints is not UNSET:
                hints = device.client_hints
                brands, mobile = hints.sec_ch_ua or "", hints.sec_ch_ua_mobile or ""
                platform, save_data = hints.sec_ch_ua_platform or "", hints.save_data or ""
    consent = body.consent or NO_CONSENT
    return Connection(
        True,
        address,
        country,
        subdivision,
        "",
        user_agent,
        accept_language,
        brands,
        mobile,
        platform,
        save_data,
        device_id,
        cookies.get("language", ""),
        cookies.get("region", ""),
        cookies.get("interests", ""),
        cookies.get("variants", ""),
        consent,
        False,
        gpc,
        body.opt_out is True,
    )


_NO_COOKIES: Mapping[str, str] = {}
_BODY_COOKIES = ("language", "region", "interests", "variants")
_OWN_HEADERS = frozenset({
    b"user-agent", b"accept-language", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"save-data", b"sec-gpc", b"cookie",
})  # fmt: skip

_LANGUAGE_SHAPE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
_KEY = KEY_PATTERN.strip("^$")
_INTERESTS_SHAPE = re.compile(rf"{_KEY}:[1-3](\.{_KEY}:[1-3]){{0,2}}")
_VARIANTS_SHAPE = re.compile(rf"{_KEY}\.{_KEY}(\.e?c?)?(~{_KEY}\.{_KEY}(\.e?c?)?)*")

# Where an error points, in a body and in the visit's own request.
_POINTERS = {
    "device": "/signals/device/id",
    "language": "/signals/cookies/language",
    "region": "/signals/cookies/region",
    "interests": "/signals/cookies/interests",
    "variants": "/signals/cookies/variants",
}


def _oversized(connection: Connection) -> list[FieldError]:
    """Signals over their size in bytes, or with control characters. They are never refused for what they say."""
    errors: list[FieldError] = []
    user_agent, accept_language = connection.user_agent, connection.accept_language
    hints = connection.brands + connection.mobile + connection.platform + connection.save_data
    text = user_agent + accept_language + hints
    if (
        text.isascii()
        and text.isprintable()
        and len(user_agent) <= USER_AGENT_MAX_BYTES
        and len(accept_language) <= ACCEPT_LANGUAGE_MAX_BYTES
        and len(hints) <= CLIENT_HINT_MAX_BYTES
    ):  # nearly every visit
        return errors
    for value, size_max, header, member in (
        (connection.user_agent, USER_AGENT_MAX_BYTES, "user-agent", "user_agent"),
        (connection.accept_language, ACCEPT_LANGUAGE_MAX_BYTES, "accept-language", "accept_language"),
        (connection.brands, CLIENT_HINT_MAX_BYTES, "sec-ch-ua", "client_hints/sec-ch-ua"),
        (connection.mobile, CLIENT_HINT_MAX_BYTES, "sec-ch-ua-mobile", "client_hints/sec-ch-ua-mobile"),
        (connection.platform, CLIENT_HINT_MAX_BYTES, "sec-ch-ua-platform", "client_hints/sec-ch-ua-platform"),
        (connection.save_data, CLIENT_HINT_MAX_BYTES, "save-data", "client_hints/save-data"),
    ):
        if value.isprintable() and value.isascii() and len(value) <= size_max:
            continue
        size = len(value.encode("utf-8" if connection.from_body else "latin-1"))
        pointer = f"/signals/device/{member}" if connection.from_body else f"/headers/{header}"
        if size > size_max:
            errors.append(FieldError(pointer, "too_large"))
        elif _CONTROL.search(value):
            errors.append(FieldError(pointer, "invalid_value"))
    return errors


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def _geo_mistakes(country: str, subdivision: str) -> list[FieldError]:
    errors = []
    for name, value, shape in (("country", country, _COUNTRY_SHAPE), ("subdivision", subdivision, _SUBDIVISION_SHAPE)):
        if shape.fullmatch(value) is None:
            category = identifying_value(value)
            errors.append(
                FieldError(f"/signals/geo/{name}", "identifying_value" if category else "invalid_value", category)
            )
    return errors


_COUNTRY_SHAPE = re.compile(r"[A-Z]{2}")
_SUBDIVISION_SHAPE = re.compile(r"([A-Z0-9]{1,3})?")


def _judge(
    connection: Connection,
    field: DroppedField,
    value: str,
    shape: re.Pattern[str] | None,
    dropped: list[DroppedField],
    errors: list[FieldError],
) -> None:
    """A cookie's value that says nothing usable: refused when identifying, named as dropped when not of its shape."""
    if shape is not None and field in ("interests", "variants") and shape.fullmatch(value):
        return
    if category := identifying_value(value):
        errors.append(_identifying(connection, field, category))
    elif shape is None or shape.fullmatch(value) is None:
        dropped.append(field)


def _identifying(connection: Connection, field: DroppedField, category: Category) -> FieldError:
    pointer = _POINTERS[field] if connection.from_body else f"/cookies/pb_{field}"
    return FieldError(pointer, "identifying_value", category)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
