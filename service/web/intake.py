"""Where identity ends: the only place that holds a visit's address, User-Agent, cookies and device id.

A ``Connection`` is gathered from a request's own headers (edges) or from a body (backends). The intake looks up its
place, asks the policy what this visit may be used for, derives just that as closed values, and lets the rest go with
the function call. What follows, from ``Signals`` on, cannot hold any of it.
"""

import hmac
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any, Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.assignment import NO_ENTRY, Entry
from service.core.counts import HASH_BYTES, Mark
from service.core.device import UNSEEN, Sighting
from service.core.event import Carried
from service.core.interest import Interests
from service.core.location import Place
from service.core.privacy import NO_CONSENT, Permissions, Policy, Purpose
from service.core.region import RegionTables
from service.core.signals import DroppedField, Signals
from service.core.sites import Key, SiteRules
from service.ports import DeviceLookup, GeoLookup
from service.use_cases.census import Needed
from service.web.client_ip import ClientIpResolver, stated_address
from service.web.cookies import (
    NOT_OPTED_OUT,
    PLAIN_OPT_OUTS,
    choose_language,
    choose_region,
    judge_device_id,
    judge_interests,
    judge_variants,
    judge_wishes,
    read_consent,
    read_cookies,
)
from service.web.objection import says_gpc
from service.web.problems import FieldError, Refusal, refuse
from service.web.schema import ACCEPT_LANGUAGE_MAX_BYTES, COOKIES_MAX_BYTES, VisitBody
from service.web.signal_shapes import (
    DeviceTexts,
    UnreadableError,
    address_mistake,
    geo_mistakes,
    is_plain,
    readable,
    readable_languages,
    refuse_unreadable,
)

PLACES_MAX = 1024
# A request's headers by lower-case name.
Fields = dict[bytes, bytes]


class Connection(Struct, frozen=True, gc=False):
    """What one visit showed, raw. An empty string means: not sent.

    ``doubtful`` has the consent and opt-out cookies where they are not plainly what they should be, and is else empty.
    ``country subdivision time_zone`` are an edge's or a backend's word and beat the address. ``from_body`` says whose
    fields to point at in an error. It lives for one call and shows nothing of itself.
    """

    from_body: bool
    address: str
    country: str
    subdivision: str
    time_zone: str
    device_texts: DeviceTexts
    accept_language: str
    device_id: str
    language: str
    region: str
    interests: str
    variants: str
    consent: frozenset[Purpose]
    gpc: bool
    opt_out: bool
    doubtful: tuple[str, ...]

    def __repr__(self) -> str:
        return "Connection(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


class Visit(Struct, frozen=True, gc=False):
    """What the rest of the house learns of a visit."""

    permissions: Permissions
    signals: Signals
    entry: Entry


class Intake:
    """From a request to a ``Visit``, or to the refusal that it deserves."""

    def __init__(
        self,
        geo: GeoLookup,
        devices: DeviceLookup,
        resolver: ClientIpResolver,
        regions: RegionTables,
        device_cache_entries: int,
        *,
        count_prefixes: bool,
    ) -> None:
        self.geo = geo
        self.devices = devices
        self._resolver = resolver
        self._regions = regions
        self._wanted = resolver.wanted | _OWN_HEADERS
        self._count_prefixes = count_prefixes
        self._places: dict[tuple[str | None, ...], Place] = {}
        self._sightings: dict[Sighting, Sighting] = {}  # bounded by the closed vocabularies of a device
        # Looking at a User-Agent is the dearest step of a visit, and few make up most visits.
        self._sight = lru_cache(maxsize=device_cache_entries)(self._look)

    def forget(self) -> None:
        """Let go of every text that is remembered so as not to be looked at twice."""
        self._sight.cache_clear()
        self.devices.forget()

    def fields(self, headers: list[tuple[bytes, bytes]]) -> Fields:
        """The headers by name; of those that are read, several lines are joined."""
        found = dict(headers)
        if len(found) == len(headers):  # nearly always: each field once
            return found
        found = {}
        for name, value in headers:
            # RFC 9110 5.3: lines of one field join with a comma; cookies, alone, with a semicolon (RFC 9113 8.2.3).
            if name not in found:
                found[name] = value
            elif name in self._wanted:
                found[name] += (b"; " if name == b"cookie" else b",") + value
        return found

    def connect(self, peer: str | None, fields: Fields) -> Connection | Refusal:
        """Gather a connection from the visit's own request, by ``fields``: 4 us."""
        get = fields.get
        resolver = self._resolver
        if resolver.vendor_headers:
            vendor = {name: fields[name] for name in resolver.vendor_headers if name in fields}
        else:
            vendor = _NO_VENDOR
        origin = resolver.resolve_values(peer, get(b"x-forwarded-for"), get(b"forwarded"), vendor)
        jar = get(b"cookie")
        if jar is None or jar.find(b"pb_") < 0:  # twice as fast as ``in``
            device_id = language = region = interests = variants = given = optout = ""
        else:
            cookies = read_cookies(jar)
            if len(jar) > COOKIES_MAX_BYTES and sum(map(len, cookies.values())) > COOKIES_MAX_BYTES:
                return refuse(FieldError("/cookies", "too_large"))
            cookie = cookies.get
            device_id, language, region = cookie("device", ""), cookie("language", ""), cookie("region", "")
            interests, variants = cookie("interests", ""), cookie("variants", "")
            given, optout = cookie("consent", ""), cookie("optout", "")
        consent = read_consent(given) if given else NO_CONSENT
        return Connection(
            False,
            origin.address or "",
            origin.country or "",
            origin.subdivision or "",
            origin.time_zone or "",
            (
                str(get(b"user-agent", b""), "latin-1"),
                str(get(b"sec-ch-ua", b""), "latin-1"),
                str(get(b"sec-ch-ua-mobile", b""), "latin-1"),
                str(get(b"sec-ch-ua-platform", b""), "latin-1"),
                str(get(b"save-data", b""), "latin-1"),
            ),
            str(get(b"accept-language", b""), "latin-1"),
            device_id,
            language,
            region,
            interests,
            variants,
            NO_CONSENT if consent is None else consent,
            b"sec-gpc" in fields and says_gpc(fields[b"sec-gpc"]),
            optout not in NOT_OPTED_OUT,
            _NOTHING_DOUBTFUL if consent is not None and optout in PLAIN_OPT_OUTS else (given, optout),
        )

    def derive(self, connection: Connection, rules: SiteRules, policy: Policy) -> Visit | Refusal:  # noqa: C901, PLR0912  # one signal after another
        """Everything this visit's permissions allow to be known, as closed values; or the refusal.

        About 4 us when its parts are remembered. The order is the law: the place first, for it tells the regime; then
        the permissions; and only then, one signal at a time, what they allow.
        """
        asked: Literal["geo", "ip"] | None = None
        place: Place | None = None
        if connection.country:
            asked = "geo"
            place = self._place(connection.country, connection.subdivision or None, connection.time_zone or None)
        if connection.address and (place is None or place.country is None):
            asked = "ip"
            place = self.geo.look_up(connection.address)
        permissions = policy.permit(
            policy.regime_of(place),
            connection.consent,
            connection.gpc,
            connection.opt_out,
            rules.site.child_directed,
        )
        from_body = connection.from_body
        errors: list[FieldError] = []
        dropped: list[DroppedField] = []
        sighting: Sighting = UNSEEN
        if permissions.device:
            try:
                sighting = self._sight(from_body, *connection.device_texts)
            except UnreadableError:
                sighting = self._sight(from_body, *readable(from_body, connection.device_texts, dropped))
        accept_language = connection.accept_language if permissions.language else ""
        if accept_language and not is_plain(accept_language, ACCEPT_LANGUAGE_MAX_BYTES):
            accept_language = readable_languages(from_body, accept_language, dropped)
        counted = bucketed = False
        if connection.device_id:
            if category := rules.refuse_device_id(connection.device_id):
                judge_device_id(from_body, category, permissions, dropped, errors)
            else:
                counted = permissions.statistics
                bucketed = permissions.experiments and bool(rules.running) and not sighting.device.bot
        language = region = None
        if connection.language:
            language = choose_language(from_body, connection.language, rules.matcher, dropped, errors)
        if connection.region:
            region = choose_region(from_body, connection.region, self._regions, dropped, errors)
        interests = _NO_INTERESTS
        if connection.interests:
            interests = judge_interests(
                from_body, connection.interests, rules.site.topics, permissions, dropped, errors
            )
        carried = _NOTHING_CARRIED
        if connection.variants:
            carried = judge_variants(
                from_body, connection.variants, rules.site.experiments, permissions, dropped, errors
            )
        if connection.doubtful:
            judge_wishes(connection.doubtful[0], connection.doubtful[1], dropped, errors)
        if errors:
            return refuse(*errors)
        if sighting.device.bot:
            carried = _NOTHING_CARRIED
        entry = NO_ENTRY
        if bucketed or carried:
            entry = Entry(rules.draws.of(connection.device_id) if bucketed else None, carried)
        return Visit(
            permissions,
            Signals(
                place if permissions.subdivision else permissions.narrowed(place),
                asked,
                language,
                region,
                rules.matcher.prefer(accept_language) if accept_language else None,
                sighting,
                interests,
                counted,
                counted and self._count_prefixes and bool(connection.address),
                bucketed,
                bool(carried) and not bucketed,  # a device id decides; what the cookie says is carried on
                bool(connection.consent) and not connection.opt_out,
                connection.opt_out,
                tuple(dropped),
            ),
            entry,
        )

    def mark(self, connection: Connection, site: Key, salt: bytes, needed: Needed) -> Mark:
        """The device and network prefix of a visit as salted hashes, for counting how many there are: 2 us each.

        HMAC-SHA-256 under a salt that lives a day, cut to 8 octets: enough to tell devices apart, and worth nothing
        once the salt is gone.
        """
        device = prefix = None
        if needed != "prefix":
            device = _hash(salt, f"{site}/device/{connection.device_id}".encode())
        if needed != "device" and connection.address:
            family, octets = (AF_INET6, 6) if ":" in connection.address else (AF_INET, 3)  # /48 and /24
            prefix = _hash(salt, f"{site}/prefix/".encode() + inet_pton(family, connection.address)[:octets])
        return Mark(device, prefix)

    def _place(self, country: str, subdivision: str | None, time_zone: str | None) -> Place:
        """The place that an edge or a backend names: remembered as the tables have it, never as somebody wrote it."""
        named = country, subdivision, time_zone
        place = self._places.get(named)
        if place is None:
            place = self._regions.normalise_place(country, subdivision, time_zone, "edge")
            if named == (place.country, place.subdivision, place.time_zone) and len(self._places) < PLACES_MAX:
                self._places[named] = place
        return place

    def _look(
        self, from_body: bool, user_agent: str, brands: str, mobile: str, platform: str, save_data: str
    ) -> Sighting:
        """The device behind a User-Agent and hints. Raises UnreadableError, so that nothing unread is remembered."""
        refuse_unreadable(from_body, (user_agent, brands, mobile, platform, save_data))
        sighting = self.devices.look_up(user_agent, brands, mobile, platform, save_data)
        # Thousands of User-Agents are a few hundred devices: one object each, quick to compare and small to keep.
        return self._sightings.setdefault(sighting, sighting)


def from_body(body: VisitBody) -> Connection | Refusal:  # noqa: C901  # one field after the other
    """A connection from a backend's body.

    Only the body counts: the backend's own address and headers are not the visitor's.
    """
    signals = body.signals
    address = country = subdivision = ""
    device_id = user_agent = accept_language = brands = mobile = platform = save_data = ""
    language = region = interests = variants = ""
    gpc = False
    if signals is not UNSET:
        gpc = signals.gpc is True
        if signals.ip is not UNSET:
            if signals.geo is not UNSET:
                return refuse(FieldError("/signals/geo", "invalid_value"))
            stated = stated_address(signals.ip)
            if stated is None:
                return refuse(address_mistake(signals.ip))
            address = stated
        elif signals.geo is not UNSET:
            country, subdivision = signals.geo.country, signals.geo.subdivision or ""
            errors = geo_mistakes(country, None if signals.geo.subdivision is UNSET else subdivision)
            if errors:
                return refuse(*errors)
        if given := signals.cookies:
            language, region = given.language or "", given.region or ""
            interests, variants = given.interests or "", given.variants or ""
            if len((language + region + interests + variants).encode()) > COOKIES_MAX_BYTES:
                return refuse(FieldError("/signals/cookies", "too_large"))
        if device := signals.device:
            device_id = device.id or ""
            if device.id == "":
                return refuse(FieldError("/signals/device/id", "invalid_value"))
            user_agent, accept_language = device.user_agent or "", device.accept_language or ""
            if hints := device.client_hints:
                brands, mobile = hints.sec_ch_ua or "", hints.sec_ch_ua_mobile or ""
                platform, save_data = hints.sec_ch_ua_platform or "", hints.save_data or ""
    return Connection(
        True,
        address,
        country,
        subdivision,
        "",
        (user_agent, brands, mobile, platform, save_data),
        accept_language,
        device_id,
        language,
        region,
        interests,
        variants,
        body.consent or NO_CONSENT,
        gpc,
        body.opt_out is True,
        _NOTHING_DOUBTFUL,
    )


def after_other_choice(connection: Connection) -> Connection:
    """The same visit once its opt-out is taken back or, where there is none, made: then only its choices stay.

    While an opt-out holds, what identifies a device is not looked at for this either.
    """
    unknown = replace(connection, device_id="", interests="", variants="", doubtful=())
    if connection.opt_out:
        return replace(unknown, opt_out=False)
    return replace(unknown, opt_out=True, consent=NO_CONSENT)


def _hash(salt: bytes, message: bytes) -> int:
    return int.from_bytes(hmac.digest(salt, message, "sha256")[:HASH_BYTES])


_NOTHING_DOUBTFUL: tuple[str, ...] = ()
_NO_INTERESTS: Interests = ()
_NOTHING_CARRIED: tuple[tuple[Key, Carried], ...] = ()
_NO_VENDOR: dict[bytes, bytes] = {}
_OWN_HEADERS = frozenset({
    b"user-agent", b"accept-language", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"save-data",
    b"sec-gpc", b"cookie",
    b"if-none-match",  # read by OFREP, from the same fields
})  # fmt: skip
