"""The answers of a site, joined of parts that many visits share: each is made once and remembered by what decides it.

There are as many answers as combinations of languages, regions, devices, groups and explanations, and a few hundred of
each of those. So these are what is remembered, each with its JSON and its header line: an answer that nobody had before
costs what a known one does. What decides a part are closed values, which identify nobody.

Variants are not among the parts. Each experiment would double their number, and many together tell a device from
others. They are looked up.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from service.core.cache import Cache
from service.core.device import Device, DeviceClass, DeviceResult, OperatingSystem
from service.core.experiments.assignment import (
    Assigned,
    AssignmentTable,
    BucketingInput,
    Visitor,
    assign,
    visitor_of,
)
from service.core.groups.snapshot import SiteSnapshot
from service.core.interest import Interests
from service.core.languages.matching import Language, LanguageTag
from service.core.location import CountryCode, Place
from service.core.privacy import Permissions, WithheldReason
from service.core.recommendation import Cohort, Decision, Privacy
from service.core.region import Region, RegionChoice
from service.core.signals import Signals
from service.core.sites import Key, SiteRules, SlotRanking
from service.use_cases.counting.buffer import Tally
from service.use_cases.personalize import (
    Group,
    Personalizer,
    answered_interests,
    explain,
    explanation_inputs,
    increment_of,
    language_inputs,
    preferred,
    ungrouped,
)
from service.web.decision_headers import cohort_head, device_head, language_head, region_head
from service.web.wire.messages import Head, head_of

T = TypeVar("T")
KINDS_OF_PARTS = 6
"""The language, region, device, group, order of slots and explanation."""
_NO_HEAD = head_of([])
Slots = tuple[Mapping[Key, SlotRanking], tuple[Key, ...]]
"""The slots of an answer, and the topics of the interests that had a part in their order."""


class Part(Struct, Generic[T], eq=False, gc=False):
    """A part of an answer, its JSON as it stands between the others', and what edges are told of it in a header.

    ``flags`` are its flags as OFREP sends them, by the reason for which it was withheld if it was: made when asked for.
    """

    value: T
    encoded: bytes
    head: Head = _NO_HEAD
    flags: dict[WithheldReason | None, Any] | None = None


class GroupParts(Struct, frozen=True, eq=False):
    """What a visit's group adds to its answer. Compared by identity."""

    group: Group
    cohort: Part[Cohort | None]
    slots: Part[Slots]


class Answer(Struct, frozen=True, gc=False):
    """The answer to a visit in its parts.

    ``tally`` counts visits so answered: None where its permissions or the device say no.
    """

    site: Key
    language: Part[Language]
    region: Part[Region]
    device: Part[Device]
    cohort: Part[Cohort | None]
    assigned: Assigned
    slots: Part[Slots]
    privacy: Part[Privacy]
    ttl: int
    tally: Tally | None
    permissions: Permissions

    @property
    def decision(self) -> Decision:
        """The whole decision."""
        slots, interests = self.slots.value
        return Decision(
            self.site,
            self.language.value,
            self.region.value,
            self.device.value,
            self.cohort.value,
            self.assigned.experiments,
            slots,
            interests,
            self.privacy.value,
            self.ttl,
        )

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The same as the JSON that is sent, in pieces."""
        return (
            self.language.encoded,
            self.region.encoded,
            self.device.encoded,
            self.cohort.encoded,
            self.assigned.encoded,
            self.slots.encoded,
            self.privacy.encoded,
        )

    @property
    def body(self) -> bytes:
        """The pieces put together."""
        return b"".join(self.pieces)


class Answers:
    """Decides on visits to a site in one epoch, but for whether they are counted.

    ``tables`` has the assignments of each kind of visitor. Of each kind of part at most ``parts_max`` are remembered.
    """

    def __init__(
        self,
        rules: SiteRules,
        snapshot: SiteSnapshot,
        tables: Callable[[Visitor], AssignmentTable],
        personalizer: Personalizer,
        interval_start_s: int,
        parts_max: int,
    ) -> None:
        makers = _Makers(rules, snapshot, tables, personalizer, interval_start_s, parts_max)
        self._rules = rules
        self._ttl = personalizer.ttl_s
        self._is_targeted = any((rules.targeted.device, rules.targeted.countries, rules.targeted.languages))
        self._languages: Cache[Any, Part[Language]] = Cache(makers.language, parts_max)
        self._regions: Cache[Any, Part[Region]] = Cache(makers.region, parts_max)
        self._devices: Cache[Any, Part[Device]] = Cache(makers.device, parts_max)
        self._groups: Cache[Any, GroupParts] = Cache(makers.group, parts_max)
        self._ungrouped = makers.parts_of(ungrouped(rules))
        self._slots: Cache[Any, Part[Slots]] = Cache(makers.slots, parts_max)
        self._explanations: Cache[Any, Part[Privacy]] = Cache(makers.explanation, parts_max)
        self._tallies: Cache[Any, Tally] = Cache(makers.tally, parts_max)
        self._tables: Cache[Any, AssignmentTable] = Cache(makers.table, parts_max)
        self._shared = makers.shared

    @property
    def remembered(self) -> int:
        """How many parts are remembered by what they follow from, and counts and tables with them."""
        return sum(map(len, self._caches())) - len(self._shared)

    def forget(self) -> Iterator[None]:
        """Forget all of it, a millisecond's work at a time."""
        for cache in self._caches():
            cache.clear()
            yield

    def _caches(self) -> tuple[dict[Any, Any], ...]:
        return (
            self._languages, self._regions, self._devices, self._groups, self._slots, self._explanations,
            self._tallies, self._tables, self._shared,
        )  # fmt: skip

    def answer(self, permissions: Permissions, signals: Signals, entry: BucketingInput) -> Answer:
        """The answer to a visit: 2 us, and some 5 more for each part that nobody had."""
        place, result = signals.place, signals.device_result
        device = result.device
        if permissions.cohort and not device.bot:
            country = None if place is None else place.country
            parts = self._groups[country, device.class_, device.os, permissions.statistics, permissions.interests]
        else:
            parts = self._ungrouped
        language = self._languages[language_inputs(permissions, signals, parts.group)]
        region = self._regions[place, signals.region_choice]
        slots, interests = parts.slots, signals.interests
        if interests and (interests := answered_interests(self._rules, interests)):
            slots = self._slots[parts, interests]
        if self._is_targeted:
            targets = permissions.region, device.class_, region.value.country, language.value.tag
            table = self._tables[permissions.experiments, device.bot, *targets]
        else:
            table = self._tables[permissions.experiments, device.bot]
        return Answer(
            self._rules.site.id,
            language,
            region,
            self._devices[result,],
            parts.cohort,
            assign(table, entry),
            slots,
            self._explanations[explanation_inputs(permissions, signals, region.value, interests)],
            self._ttl,
            self._tallies[parts, language] if permissions.statistics and not device.bot else None,
            permissions,
        )


class _Makers:
    """What makes the parts of a site's answers."""

    def __init__(
        self,
        rules: SiteRules,
        snapshot: SiteSnapshot,
        tables: Callable[[Visitor], AssignmentTable],
        personalizer: Personalizer,
        interval_start_s: int,
        parts_max: int,
    ) -> None:
        self._rules = rules
        self._snapshot = snapshot
        self._table_of = tables
        self._personalizer = personalizer
        self._interval_start_s = interval_start_s
        self._parts_max = parts_max
        self.shared: dict[bytes, Part[Any]] = {}
        """The parts by their JSON: different inputs often come to the same, and are to share it."""
        self._before_language = b'{"site":"%b","language":' % rules.site.id.encode()
        self._after_explanation = b',"ttl":%d}' % personalizer.ttl_s

    def language(self, *inputs: Any) -> Part[Language]:
        language = self._rules.matcher.decide(*inputs)
        return self._share(self._before_language, language, b"", language_head(language.tag))

    def region(self, place: Place | None, choice: RegionChoice | None) -> Part[Region]:
        region = self._rules.regions.decide(place, choice)
        return self._share(b',"region":', region, b"", region_head(region))

    def device(self, result: DeviceResult) -> Part[Device]:
        device = result.device
        return self._share(b',"device":', device, b"", device_head(device.class_))

    def group(
        self,
        country: CountryCode | None,
        class_: DeviceClass,
        os: OperatingSystem,
        statistics: bool,
        interests: bool,
    ) -> GroupParts:
        rules, snapshot, start_s = self._rules, self._snapshot, self._interval_start_s
        return self.parts_of(
            self._personalizer.group_of(rules, snapshot, start_s, country, class_, os, statistics, interests)
        )

    def parts_of(self, group: Group) -> GroupParts:
        cohort = self._share(b',"cohort":', group.cohort, b',"experiments":', cohort_head(group.cohort))
        return GroupParts(group, cohort, self._slots_part(group.slots, ()))

    def slots(self, parts: GroupParts, interests: Interests) -> Part[Slots]:
        return self._slots_part(preferred(self._rules, parts.group, interests), tuple(topic for topic, _ in interests))

    def explanation(self, *inputs: Any) -> Part[Privacy]:
        return self._share(b',"privacy":', explain(*inputs), self._after_explanation)

    def tally(self, parts: GroupParts, language: Part[Language]) -> Tally:
        return Tally(increment_of(self._rules, parts.group, language.value))

    def table(
        self,
        experiments: bool,
        bot: bool,
        region: bool = False,
        class_: DeviceClass = "unknown",
        country: CountryCode | None = None,
        language: LanguageTag = "",
    ) -> AssignmentTable:
        return self._table_of(visitor_of(self._rules, experiments, region, bot, class_, country, language))

    def _slots_part(self, slots: Mapping[Key, SlotRanking], topics: tuple[Key, ...]) -> Part[Slots]:
        tail = b',"interests":' + msgspec.json.encode(topics)
        return self._share(b',"slots":', slots, tail, value=(slots, topics))

    def _share(self, before: bytes, told: Any, after: bytes, head: Head = _NO_HEAD, *, value: Any = None) -> Part[Any]:
        encoded = before + msgspec.json.encode(told) + after
        part = self.shared.get(encoded)
        if part is None:
            if len(self.shared) >= self._parts_max:
                self.shared.clear()
            part = self.shared[encoded] = Part(told if value is None else value, encoded, head)
        return part
