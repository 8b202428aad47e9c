"""The intake, where identity ends: the only place that holds a visit's address, User-Agent, cookies and device id.

A ``Connection`` is made of a request's own headers (edges) or of a body (backends). The intake looks up its place, asks
the policy what this visit may be used for, derives just that as closed values, and drops the connection with the
function call. What follows, from ``Signals`` on, cannot hold any of it.
"""

import hmac
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any, NamedTuple

from msgspec import Struct

from service.core.device import UNKNOWN_RESULT, DeviceResult
from service.core.event import Carried
from service.core.experiments.assignment import NO_BUCKETING_INPUT, BucketingInput
from service.core.groups.cohort import Ladders, Rungs
from service.core.groups.counts import HASH_BYTES, DeviceHash
from service.core.interest import Interests
from service.core.languages.matching import LanguageTag
from service.core.location import Place
from service.core.privacy import Permissions, Policy
from service.core.region import RegionChoice, RegionTables
from service.core.signals import DroppedField, Signals
from service.core.sites import Key, SiteRules
from service.ports import DeviceLookup, GeoLookup
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.distinct import Needed
from service.web.bodies.schema import ACCEPT_LANGUAGE_MAX_BYTES, VisitBody
from service.web.problems import Refusal, refuse
from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.connection import (
    Connection,
    Fields,
    after_other_choice,
    from_body,
    from_request,
    joined_fields,
    without_large_cookies,
    without_refused,
)
from service.web.visit.cookies import (
    CHOICES,
    drop_or_refuse_id,
)
from service.web.visit.outcomes import BODY, Dropped, FieldNames, Refused, settle
from service.web.visit.refusal_details import explained
from service.web.visit.size_limits import (
    UnreadableError,
    is_plain,
    readable,
    readable_languages,
    refuse_unreadable,
    unread,
)

PLACES_MAX = 1024


class Visit(Struct, frozen=True, gc=False):
    """What is known of a visit after the intake. ``device_hash`` is None where it is not to be counted."""

    permissions: Permissions
    signals: Signals
    entry: BucketingInput
    device_hash: DeviceHash | None


class Choices(NamedTuple):
    """What a visitor's cookies hold: a language, a region, interests, and the variants that a visit carries."""

    language: LanguageTag | None = None
    region: RegionChoice | None = None
    interests: Interests = ()
    variants: tuple[tuple[Key, Carried], ...] = ()


class Intake:
    """Turns a request or a body into a ``Visit``, or into its refusal."""

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
        self._header_names = resolver.header_names | _OWN_HEADERS
        self._ladders = Ladders(regions.continent)
        self._count_prefixes = count_prefixes
        self._places: dict[tuple[str | None, ...], Place] = {}
        self._results: dict[DeviceResult, DeviceResult] = {}  # bounded by the closed vocabularies of a device
        # Looking at a User-Agent is the dearest step of a visit, and few make up most visits.
        self._look_up_cached = lru_cache(maxsize=device_cache_entries)(self._look_up)

    def forget(self) -> None:
        """Drop every cached text."""
        self._look_up_cached.cache_clear()
        self.devices.forget()

    def fields(self, headers: list[tuple[bytes, bytes]] | Fields) -> Fields:
        """The headers by name; of those that are read, several lines are joined."""
        return headers if isinstance(headers, dict) else joined_fields(headers, self._header_names)

    def of_request(
        self, peer: str | None, fields: Fields, rules: SiteRules, policy: Policy, buffer: CountBuffer | None = None
    ) -> Visit | Refusal:
        """What is known of a visit by its own request. Its device is hashed as far as ``buffer`` wants it."""
        connection = from_request(peer, fields, self._resolver)
        if isinstance(connection, Refusal):
            return explained(connection)
        return self.derive(connection, rules, policy, buffer)

    def of_body(
        self, body: VisitBody, rules: SiteRules, policy: Policy, buffer: CountBuffer | None, names: FieldNames = BODY
    ) -> Visit | Refusal:
        """The same of a visit that a backend describes. A refusal points at fields by these names."""
        connection = from_body(body, names)
        if isinstance(connection, Refusal):
            return explained(connection)
        return self.derive(connection, rules, policy, buffer)

    def despite(
        self,
        refusal: Refusal,
        peer: str | None,
        fields: Fields,
        rules: SiteRules,
        policy: Policy,
        buffer: CountBuffer | None = None,
    ) -> Visit | Refusal:
        """What is known of the same visit without the cookies that it was refused for."""
        connection = from_request(peer, fields, self._resolver)
        if isinstance(connection, Refusal):
            connection = from_request(peer, without_large_cookies(fields), self._resolver)
            if isinstance(connection, Refusal):
                return connection
            visit = self.derive(connection, rules, policy, buffer)
            if not isinstance(visit, Refusal):
                return visit
            refusal = visit
        return self.derive(without_refused(connection, refusal), rules, policy, buffer)

    def with_and_without_opt_out(
        self, peer: str | None, fields: Fields, rules: SiteRules, policy: Policy
    ) -> tuple[Visit, Visit] | Refusal:
        """A visit by its own request, and the one after its other choice: opted out, or no longer."""
        connection = from_request(peer, fields, self._resolver)
        if isinstance(connection, Refusal):
            return connection
        visit = self.derive(connection, rules, policy)
        if isinstance(visit, Refusal):
            return visit
        opposite = self.derive(after_other_choice(connection), rules, policy)
        return opposite if isinstance(opposite, Refusal) else (visit, opposite)

    def derive(  # noqa: C901, PLR0912  # one signal after another
        self, connection: Connection, rules: SiteRules, policy: Policy, buffer: CountBuffer | None = None
    ) -> Visit | Refusal:
        """Everything this visit's permissions allow to be known, as closed values; or the refusal.

        About 3 us when its parts are cached. The order is the law: the place first, for it decides the regime; then the
        permissions; and only then, one signal at a time, what they allow. What is not kept of a signal is added to
        ``unkept``. What every visit has stands here as lines, for calls would cost a tenth of all of it; what few
        visits have is in functions, and of cookies in the table ``CHOICES``.
        """
        place: Place | None = None  # what an edge or a backend says, else what the address tells
        if connection.country:
            place = self._place(connection.country, connection.subdivision or None, connection.time_zone or None)
        if connection.address and (place is None or place.country is None):
            place = self.geo.look_up(connection.address)
        permissions = policy.permissions[
            place, connection.consent, connection.gpc, connection.opt_out, rules.site.child_directed
        ]
        unkept: list[Dropped | Refused] = []
        device_result = UNKNOWN_RESULT
        if permissions.device:
            try:
                device_result = self._look_up_cached(*connection.device_texts)
            except UnreadableError:
                device_result = self._look_up_readable(connection, unkept)
        accept_language = connection.accept_language if permissions.language else ""
        if accept_language and not is_plain(accept_language, ACCEPT_LANGUAGE_MAX_BYTES):
            accept_language = _read_languages(connection, unkept)
        has_id = False
        if connection.device_id:
            category = rules.refuse_device_id(connection.device_id)
            has_id = category is None
            if category is not None:
                outcome = drop_or_refuse_id(category, connection.names, permissions)
                unkept.append(outcome)
        language, region, interests, carried = _NOTHING_CHOSEN
        if connection.choices:
            language, region, interests, carried = _choose(connection, permissions, rules, unkept)
        dropped: tuple[DroppedField, ...] = ()
        if unkept:
            dropped, errors = settle(unkept, connection.names)
            if errors:
                return explained(refuse(*errors), rules)
        bot = device_result.device.bot
        place_known = place if permissions.subdivision else permissions.narrowed(place)
        counted = has_id and permissions.statistics
        bucketed = has_id and permissions.experiments and bool(rules.running) and not bot
        if bot:
            carried = ()
        entry = NO_BUCKETING_INPUT
        if bucketed or carried:
            entry = BucketingInput(rules.bucketer.bucket(connection.device_id) if bucketed else None, carried)
        device_hash = None
        if counted and buffer is not None and not bot and buffer.may_look():
            site, device = rules.site.id, device_result.device
            rungs = self._ladders.rungs(place_known, device, grouped=permissions.cohort)
            if salt_and_need := buffer.wants_hash(site, rungs, has_prefix=bool(connection.address)):
                device_hash = _hash_device(connection, site, rungs, *salt_and_need)
        return Visit(
            permissions,
            Signals(
                place_known,
                "geo" if place is not None and place.source == "edge" else ("ip" if connection.address else None),
                language,
                region,
                rules.matcher.prefer(accept_language) if accept_language else None,
                device_result,
                interests,
                counted,
                counted and self._count_prefixes and bool(connection.address),
                bucketed,
                bool(carried) and not bucketed,  # a device id decides; what the cookie says is carried on
                bool(connection.consent) and not connection.opt_out,
                connection.opt_out,
                dropped,
            ),
            entry,
            device_hash,
        )

    def _place(self, country: str, subdivision: str | None, time_zone: str | None) -> Place:
        """The place that an edge or a backend names: cached as the tables write it, never as somebody else did."""
        codes = country, subdivision, time_zone
        place = self._places.get(codes)
        if place is None:
            place = self._regions.normalise_place(country, subdivision, time_zone, "edge")
            if codes == (place.country, place.subdivision, place.time_zone) and len(self._places) < PLACES_MAX:
                self._places[codes] = place
        return place

    def _look_up_readable(self, connection: Connection, unkept: list[Dropped | Refused]) -> DeviceResult:
        """The device behind what may be read of a User-Agent and hints. It is not cached."""
        readable_texts = readable(connection.device_texts, connection.names.coding)
        dropped = Dropped(unread(connection.device_texts, readable_texts))
        unkept.append(dropped)
        return self.devices.look_up(*readable_texts)

    def _look_up(self, user_agent: str, brands: str, mobile: str, platform: str, save_data: str) -> DeviceResult:
        """The device behind readable texts. Raises UnreadableError, so that nothing unread is cached."""
        refuse_unreadable((user_agent, brands, mobile, platform, save_data))
        result = self.devices.look_up(user_agent, brands, mobile, platform, save_data)
        # Thousands of User-Agents are a few hundred devices: one object each, quick to compare and small to keep.
        return self._results.setdefault(result, result)


def _read_languages(connection: Connection, unkept: list[Dropped | Refused]) -> str:
    """As much of an Accept-Language as may be read. No matcher, which caches texts, sees any of the rest."""
    readable_part = readable_languages(connection.accept_language, connection.names.coding)
    if readable_part != connection.accept_language:
        unkept.append(Dropped(("accept_language",)))
    return readable_part


def _choose(
    connection: Connection, permissions: Permissions, rules: SiteRules, unkept: list[Dropped | Refused]
) -> Choices:
    """The language, region, interests and variants that the visitor's cookies hold, as far as they may be used."""
    choices: dict[str, Any] = {}
    names = connection.names
    for field, raw in connection.choices.items():
        if raw:
            outcome = CHOICES[field](raw, names, permissions, rules)
            if type(outcome) is Dropped or type(outcome) is Refused:
                unkept.append(outcome)
            else:
                choices[field] = outcome
    get = choices.get
    return Choices(get("language"), get("region"), get("interests", ()), get("variants", ()))


def _hash_device(connection: Connection, site: Key, rungs: Rungs, salt: bytes, need: Needed) -> DeviceHash:
    """The device and network prefix of a visit as salted hashes, for counting how many there are: 2 us each.

    HMAC-SHA-256 under a salt that lives a day, cut to 8 octets: enough to tell devices apart, and worth nothing once
    the salt is gone.
    """
    device = prefix = None
    if need != "prefix":
        device = _hash(salt, f"{site}/device/{connection.device_id}".encode())
    if need != "device" and connection.address:
        family, octets = (AF_INET6, 6) if ":" in connection.address else (AF_INET, 3)  # /48 and /24
        prefix = _hash(salt, f"{site}/prefix/".encode() + inet_pton(family, connection.address)[:octets])
    return DeviceHash(rungs, device, prefix)


def _hash(salt: bytes, message: bytes) -> int:
    return int.from_bytes(hmac.digest(salt, message, "sha256")[:HASH_BYTES])


_NOTHING_CHOSEN = Choices()
_OWN_HEADERS = frozenset({
    b"user-agent", b"accept-language", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform", b"save-data",
    b"sec-gpc", b"cookie",
    b"if-none-match",  # read by OFREP, from the same fields
})  # fmt: skip
