"""The answer to a visit with its explanation: the type that every endpoint, page and command renders."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from service.core.device import BotKind, Device
from service.core.experiments.assignment import Assignment
from service.core.groups.cohort import CohortKey, Generalized
from service.core.languages.matching import Language
from service.core.privacy import GpcStatus, PolicyVersion, Purpose, RegimeKey, Withheld
from service.core.region import Region
from service.core.signals import DroppedField, SignalName
from service.core.sites import Key, SlotRanking

CohortToken = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]+$", max_length=128)]


class Cohort(Struct, frozen=True, gc=False):
    """The finest group of traits that holds enough devices. ``generalized`` names the traits it had to give up."""

    key: CohortKey
    generalized: tuple[Generalized, ...]
    token: CohortToken | None


class SignalStatus(Struct, frozen=True, gc=False):
    """What became of a signal that people have a right to see honoured."""

    gpc: GpcStatus


class Privacy(Struct, frozen=True, gc=False):
    """Why this answer was allowed: the regime, what was used, what was not and why; and of a bot what it comes for."""

    regime: RegimeKey
    policy_version: PolicyVersion
    signals_used: tuple[SignalName, ...]
    allowed: tuple[Purpose, ...]
    withheld: tuple[Withheld, ...]
    dropped: tuple[DroppedField, ...]
    signal_status: SignalStatus
    bot_kind: Annotated[
        BotKind | UnsetType,
        Meta(
            description="What a bot comes for, as far as its User-Agent says: `search` gathers pages for an index, "
            "`assistant` fetches one because a person asked for something now, `training` gathers what models learn "
            "from, `preview` shows what somebody shared, `monitor` looks whether a site works, `tool` is a program or "
            "library that anybody can point at anything, `other` comes for something else or does not say. Absent "
            "where `device.bot` is false. It changes nothing in the answer."
        ),
    ] = UNSET


class Decision(Struct, frozen=True, gc=False):
    """What to show this visit and why. Every field is always present, but that only bots have a ``privacy.bot_kind``.

    ``null`` and ``unknown`` say what is not known. ``ttl`` is the number of seconds for which the caller may keep this
    visitor's answer in its own memory.
    """

    site: Key
    language: Language
    region: Region
    device: Device
    cohort: Cohort | None
    experiments: Mapping[Key, Assignment]
    slots: Mapping[Key, SlotRanking]
    interests: tuple[Key, ...]
    privacy: Privacy
    ttl: int


class CohortPage(Struct, frozen=True, gc=False):
    """What may be said to everyone in a country, language and device class alike: the answer a CDN may keep."""

    site: Key
    language: Language
    region: Region
    device: Device
    cohort: Cohort | None
    slots: Mapping[Key, SlotRanking]
    policy_version: PolicyVersion
    ttl: int
