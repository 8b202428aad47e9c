"""Why a rule of GrowthBook is left out, and what is not quite the same of those that are taken: closed words.

All that can be said stands on one screen, and what of a payload may be repeated is decided once.
"""

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

LeftOutReason = Literal[
    "odd_feature", "not_as_specified", "force", "no_value", "inactive", "prerequisite", "filters", "holdout",
    "personal_split", "other_split", "unnamed_split", "fallback_split", "hash_version", "seed", "namespace",
    "ranges", "variants", "key", "device_attribute", "personal_attribute", "unknown_attribute", "saved_group",
    "condition_form", "condition_value", "reaches_nobody", "earlier_rule", "earlier_force_rule", "ambiguous_key",
    "taken_key", "exists", "same_experiment", "other_experiment", "web",
]  # fmt: skip
Note = Literal["default_is_not_control", "force_rules_before", "device_words", "language_words"]

DEVICE_ATTRIBUTES = frozenset(
    {"id", "deviceid", "anonymousid", "anonid", "browserid", "visitorid", "installationid", "cookieid"}
)
"""Attributes, folded, by which an experiment may split: what may be the device id that the site sends us."""

SHOWN_CHARS_MAX = 64

REASONS: Mapping[LeftOutReason, str] = {
    "odd_feature": "it is not as GrowthBook specifies a feature",
    "not_as_specified": "it is not as GrowthBook specifies a rule",
    "force": "it serves one value and is no experiment",
    "no_value": "it serves no value and is no experiment",
    "inactive": "it is not running",
    "prerequisite": "it depends on another feature",
    "filters": "it filters by further hashes",
    "holdout": "it is a holdout, which lets visits through to the next rule",
    "personal_split": "it splits by an attribute of a person, and only device ids are known here",
    "other_split": "it splits by an attribute that is no device id",
    "unnamed_split": "its hash attribute is empty: some of GrowthBook's SDKs then split by id, and others not at all",
    "fallback_split": "it falls back on an attribute that is no device id",
    "hash_version": "its hash version is neither 1 nor 2",
    "seed": "its seed has more than 128 characters, or control characters",
    "namespace": "its namespace has no id, or no part of the numbers from 0 to 1",
    "ranges": "no weights and coverage give its ranges",
    "variants": "it has fewer than 2 variations or more than 16",
    "key": "its key has no spelling here (up to 32 of a-z 0-9 _ -, a letter first); --rename gives it another",
    "device_attribute": "its condition asks for the device id, of which nothing but the variant is known here",
    "personal_attribute": "its condition asks for an attribute of a person",
    "unknown_attribute": "its condition asks for an attribute that is no trait here",
    "saved_group": "its condition asks for a saved group",
    "condition_form": "its condition is more than plain values of country, device and language",
    "condition_value": "its condition names a value that is not known here",
    "reaches_nobody": "its condition lets nobody in",
    "earlier_rule": "an earlier rule of its feature decides first for some visits",
    "earlier_force_rule": "a force rule decides first for some visits; --despite-force-rules takes it all the same",
    "ambiguous_key": "the key of another experiment has the same spelling here; --rename gives it another",
    "taken_key": "its key is that of a flag or a slot; --rename gives it another",
    "exists": "the site has an experiment of this key; --replace puts this one in its place",
    "same_experiment": "it is taken from another rule already",
    "other_experiment": "another rule has an experiment of the same key that splits otherwise or is for others",
    "web": "it changes pages by itself (visual editor, redirect)",
}
NOTES: Mapping[Note, str] = {
    "default_is_not_control": "outside the experiment GrowthBook serves the feature's default, here it is control",
    "force_rules_before": "whom force rules decide for in GrowthBook is in the experiment here",
    "device_words": "what counts as which device is decided here, by this service's classes",
    "language_words": "the language is the recommended one, and a language has its varieties in it",
}


class Obstacle(Struct, frozen=True):
    """Why something cannot be taken. ``detail`` is the name of an attribute or of an experiment, or nothing."""

    reason: LeftOutReason
    detail: str = ""


def folded(attribute: str) -> str:
    """An attribute's name without case and separators: ``deviceType`` is ``device_type``."""
    return attribute.casefold().replace("_", "").replace("-", "")


def printable(text: str) -> str:
    """A name out of the payload as it may be printed: short, on one line, and nothing with the shape of an address."""
    head = text[:SHOWN_CHARS_MAX]
    if _PLAIN_NAME.fullmatch(head) is None:
        return "(not shown)"
    return head if head == text else f"{head}..."


_PLAIN_NAME = re.compile(r"[\w$.:|/ -]+")
