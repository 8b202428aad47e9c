"""Scores this project's own sets: JSON lines in ``own/`` or in another folder of the same form, as ``own/NOTE.md`` says.

Every line is read strictly, so that a mistake in a set is a message with its file and line and no case that silently
passes. A file that is absent has no rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from device import ACCEPTED, COARSE, FOUR, ask_device
from language import canonical, matcher_of
from msgspec import Struct

from service.adapters.user_agent.lookup import UserAgentLookup
from service.core.device import BotKind, DeviceClass, DeviceResult
from service.core.identity import DEFAULT_DEVICE_ID_FORMATS, device_id_checker, identifying_name, identifying_value

FOLDER = Path(__file__).parent / "own"


class Browser(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person browses with."""

    ua: str
    source: str


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """A visit's device. ``headers`` are those that it sends beside the User-Agent."""

    ua: str
    class_: DeviceClass | Literal["mobile"] = msgspec.field(name="class")
    source: str
    headers: dict[str, str] = {}


class Bot(Struct, frozen=True, forbid_unknown_fields=True):
    """A program, by what it comes for where that is known. A person may hold it in the hand: a reader, a player."""

    ua: str
    kind: BotKind | None
    operated_by_person: bool
    source: str


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody reads, what a site has, and which of it is right; None where that is the site's default."""

    desired: str | list[str]
    supported: list[str]
    expect: str | None
    part: str
    source: str
    why: str
    default: str | None = None
    country: str | None = None
    mode: str = "normal"


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that may say who a visitor is, in one of the two places where it may come."""

    value: str
    identifying: bool
    as_: Literal["device_id", "cookie_value"] = msgspec.field(name="as")
    why: str


class Name(Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a field that may hold such a thing."""

    name: str
    identifying: bool
    source: str


class Row(NamedTuple):
    """One row of the table, and each case that counts against it, in words."""

    name: str
    score: str
    bar: str
    passed: bool
    misses: tuple[str, ...]


class Result(NamedTuple):
    """One case: whether it came out as expected, and what to say of it if not."""

    right: bool
    miss: str


Line = TypeVar("Line", bound=Struct)


def score(folder: Path = FOLDER) -> list[Row]:
    """A row or more for each set in the folder. Raises ValueError for a line that is none of its file's."""
    rows: list[Row] = []
    for file, kind, rows_of in _SETS:
        if (folder / file).is_file():
            lines = list(_read(folder / file, kind))
            rows += rows_of(lines) if lines else ()
    return rows


def _read(path: Path, kind: type[Line]) -> Iterator[Line]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=kind)
            except (msgspec.DecodeError, UnicodeDecodeError) as mistake:
                raise ValueError(f"{path}:{number}: {mistake}") from None


def _row(name: str, results: Iterable[Result], bar: float | None = None) -> Iterator[Row]:
    """A share of right cases, with the least that it must be or, without one, reported. Without cases there is none."""
    results = list(results)
    if not results:
        return
    right = sum(result.right for result in results)
    share = right / len(results)
    misses = tuple(result.miss for result in results if not result.right)
    told = "reported" if bar is None else f">= {bar:.0%}"
    yield Row(f"own: {name}", f"{share:.2%} ({right} of {len(results)})", told, bar is None or share >= bar, misses)


def _sight(lookup: UserAgentLookup, text: str) -> DeviceResult:
    return lookup.look_up(text, "", "", "", "")


def _browsers(browsers: list[Browser]) -> Iterator[Row]:
    lookup = UserAgentLookup()
    called = [browser for browser in browsers if _sight(lookup, browser.ua).device.bot]
    share = len(called) / len(browsers)
    misses = tuple(f"{browser.ua!r} ({browser.source})" for browser in called)
    told = f"{share:.2%} ({len(called)} of {len(browsers)})"
    yield Row("own: browsers called bots", told, "<= 0.3 %", share <= 0.003, misses)


def _devices(devices: list[Device]) -> Iterator[Row]:
    lookup = UserAgentLookup()
    classes: dict[str, list[Result]] = defaultdict(list)
    for device in devices:
        got = ask_device(lookup, {"ua": device.ua, "headers": device.headers}).class_
        kind = _MOBILE.get(device.class_, device.class_)
        right = got in ACCEPTED.get(device.class_, _MOBILE_CLASSES if kind == "mobile" else {kind})
        classes[kind].append(Result(right, f"{got} for {device.class_}: {device.ua!r} ({device.source})"))
    four = (result for kind, results in classes.items() if kind in FOUR for result in results)
    yield from _row("devices, 4 classes", four, 0.97)
    recall = sum(sum(result.right for result in results) / len(results) for results in classes.values()) / len(classes)
    rest = (result for kind, results in classes.items() if kind not in FOUR for result in results)
    misses = tuple(result.miss for result in rest if not result.right)
    yield Row(f"own: devices, {len(classes)} classes, macro recall", f"{recall:.2%}", ">= 90 %", recall >= 0.9, misses)


def _bots(bots: list[Bot]) -> Iterator[Row]:
    lookup = UserAgentLookup()
    seen = [(bot, _sight(lookup, bot.ua)) for bot in bots]
    yield from _row("bots, recall", (_is_bot(bot, sight) for bot, sight in seen if not bot.operated_by_person), 0.97)
    held = (_is_bot(bot, sight) for bot, sight in seen if bot.operated_by_person)
    yield from _row("programs in a person's hand, called no bot", held)
    kinds = (
        Result(sight.bot_kind == bot.kind, f"{sight.bot_kind} for {bot.kind}: {bot.ua!r} ({bot.source})")
        for bot, sight in seen
        if bot.kind is not None
    )
    yield from _row("bots, kind", kinds)


def _is_bot(bot: Bot, sight: DeviceResult) -> Result:
    """Right is a bot that nobody holds, and no bot that somebody does."""
    right = sight.device.bot is not bot.operated_by_person
    return Result(right, f"{sight.device.class_}: {bot.ua!r} ({bot.source})")


def _language(wishes: list[Wish]) -> Iterator[Row]:
    parts: dict[str, list[Result]] = defaultdict(list)
    modes: dict[str, list[Result]] = defaultdict(list)
    for wish in wishes:
        result = _wish(wish)
        modes[wish.mode].append(result)
        if wish.mode == "normal":
            parts[wish.part].append(result)
    yield from _row("language", modes.pop("normal", ()), 0.97)
    for part, results in parts.items():
        yield from _row(f"language, {part}", results)
    for mode, results in modes.items():
        yield from _row(f"language, mode {mode}", results)


def _wish(wish: Wish) -> Result:
    header = wish.desired if isinstance(wish.desired, str) else ",".join(wish.desired)
    default = wish.default or wish.supported[0]
    matcher = matcher_of([*wish.supported, default], default)
    got = matcher.decide(matcher.prefer(header), None, wish.country, wish.country and "ip").tag
    expected = default if wish.expect is None else wish.expect
    place = f" from {wish.country}" if wish.country else ""
    miss = f"{got} for {expected}: {header!r}{place} on {', '.join(wish.supported)} ({wish.why}; {wish.source})"
    return Result(canonical(got) == canonical(expected), miss)


def _values(values: list[Value]) -> Iterator[Row]:
    is_device_id = device_id_checker(DEFAULT_DEVICE_ID_FORMATS)
    for as_, place, judge in (
        ("device_id", "a device id", is_device_id),
        ("cookie_value", "a cookie's value", identifying_value),
    ):
        judged = [(it.identifying, _judged(judge, it.value, it.identifying, it.why)) for it in values if it.as_ == as_]
        yield from _row(f"identifying, as {place}, refused", (result for is_one, result in judged if is_one), 0.99)
        yield from _row(f"innocent, as {place}, let pass", (result for is_one, result in judged if not is_one), 1.0)


def _names(names: list[Name]) -> Iterator[Row]:
    judged = [(it.identifying, _judged(identifying_name, it.name, it.identifying, it.source)) for it in names]
    yield from _row("identifying names, refused", (result for is_one, result in judged if is_one), 0.97)
    yield from _row("innocent names, let pass", (result for is_one, result in judged if not is_one), 0.97)


def _judged(judge: Callable[[str], Any], text: str, identifying: bool, why: str) -> Result:
    category = judge(text)
    return Result((category is not None) == identifying, f"{category or 'let pass'}: {text!r} ({why})")


_MOBILE_CLASSES = frozenset({"smartphone", "feature_phone"})
_MOBILE = {**COARSE, "feature_phone": "mobile"}
_SETS: tuple[tuple[str, type[Any], Callable[[list[Any]], Iterator[Row]]], ...] = (
    ("browsers.jsonl", Browser, _browsers),
    ("devices.jsonl", Device, _devices),
    ("bots.jsonl", Bot, _bots),
    ("language.jsonl", Wish, _language),
    ("identity_values.jsonl", Value, _values),
    ("identity_names.jsonl", Name, _names),
)
