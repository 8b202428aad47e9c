"""How much of what a browser sends by itself is read: up to a limit in bytes, without control characters, never refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.core.languages.accept_language import parse_accept_language
from service.core.signals import DroppedField
from service.web.bodies.schema import ACCEPT_LANGUAGE_MAX_BYTES, CLIENT_HINT_MAX_BYTES, USER_AGENT_MAX_BYTES
from service.web.visit.size_limits import (
    DeviceTexts,
    UnreadableError,
    readable,
    readable_languages,
    refuse_unreadable,
    unread,
)

NOTHING: DeviceTexts = ("", "", "", "", "")
HEADER, BODY = "latin-1", "utf-8"


def read(coding: str, *texts: str) -> tuple[DeviceTexts, list[DroppedField]]:
    """What is read of a User-Agent and hints, those left out as if not sent, and what is named as unread."""
    agent, brands, mobile, platform, save_data = (*texts, *NOTHING[len(texts) :])
    shown = (agent, brands, mobile, platform, save_data)
    kept = readable(shown, coding)
    return kept, [*unread(shown, kept)]


@pytest.mark.parametrize("coding", [HEADER, BODY])
@pytest.mark.parametrize("length", [0, 1, 601, 1023, 1024])
def test_a_user_agent_of_a_kilobyte_is_read(coding: str, length: int) -> None:
    assert read(coding, "a" * length) == (("a" * length, "", "", "", ""), [])


@pytest.mark.parametrize("coding", [HEADER, BODY])
@pytest.mark.parametrize("length", [1025, 8192, 16000])
def test_and_a_longer_one_is_left_unread_and_named(coding: str, length: int) -> None:
    assert read(coding, "a" * length) == (NOTHING, ["user_agent"])


@pytest.mark.parametrize("place", [1, 2, 3, 4])
@pytest.mark.parametrize("coding", [HEADER, BODY])
def test_each_hint_is_read_or_not_by_itself(coding: str, place: int) -> None:
    """256 bytes; the User-Agent and the other hints stay, and the hints have one name together."""
    texts = ["agent", "brands", "?1", '"Android"', "on"]
    for length, is_read in ((255, True), (256, True), (257, False)):
        shown = [*texts[:place], "x" * length, *texts[place + 1 :]]
        kept = [*texts[:place], "x" * length if is_read else "", *texts[place + 1 :]]
        assert read(coding, *shown) == (tuple(kept), [] if is_read else ["client_hints"])


def test_several_that_are_not_read_are_named_once_each() -> None:
    assert read(BODY, "a" * 1025, "b" * 257, "c" * 257) == (NOTHING, ["user_agent", "client_hints"])


BYTES = [  # (what, how it comes, whether it is read)
    ("ü" * 1024, HEADER, True),  # Latin-1: a byte each
    ("ü" * 1025, HEADER, False),
    ("ü" * 512, BODY, True),  # UTF-8: two
    ("ü" * 512 + "a", BODY, False),
    ("日" * 341 + "a", BODY, True),  # three
    ("日" * 341 + "ab", BODY, False),
    ("😀" * 256, BODY, True),  # four
    ("😀" * 256 + "a", BODY, False),
    ("Grüße".encode().decode("latin-1"), HEADER, True),  # UTF-8 in a header, as some apps send it
    ("a\tb", HEADER, True),
    ("a\tb", BODY, True),
    ("\xa0 \u200b", BODY, True),
    ("a\0b", HEADER, False),
    ("a\0b", BODY, False),
    ("\x7f", HEADER, False),
    ("\x7f", BODY, False),
    ("a\x1b[31m", HEADER, False),
    ("a\x1b[31m", BODY, False),
    ("a\nb", BODY, False),
    ("a\rb", BODY, False),
    ("a\x85b", BODY, False),  # a C1 control is one in Unicode,
    ("a\x9fb", BODY, False),
    ("a\x85b", HEADER, True),  # but in a header half of a letter in some coding
    ("a\x9fb", HEADER, True),
]


@pytest.mark.parametrize(("text", "coding", "is_read"), BYTES)
def test_bytes_count_and_control_characters(text: str, coding: str, is_read: bool) -> None:
    """In a header's own octets, in a body's UTF-8."""
    assert read(coding, text) == ((text if is_read else "", "", "", "", ""), [] if is_read else ["user_agent"])
    if len(text) < 1000:
        assert readable_languages(text, coding) == (text if is_read else "")


@pytest.mark.parametrize("coding", [HEADER, BODY])
def test_an_accept_language_of_a_kilobyte_is_read_whole(coding: str) -> None:
    for length in (331, 1023, 1024):
        text = ("de-CH," * 200)[:length]
        assert readable_languages(text, coding) == (text)


LONG = [  # (what is sent, what of it is read)
    ("a" * 1025, ""),
    ("a" * 1024 + ",de", "a" * 1024),  # a member that ends with the limit
    ("a" * 1025 + ",de", ""),
    ("de," + "a" * 1021 + ",fr", "de," + "a" * 1021),
    ("de," + "a" * 1022 + ",fr", "de"),
    ("de-CH,fr;q=0." + "9" * 2000, "de-CH"),
    ("," * 1025, "," * 1024),
    ("," * 2000, "," * 1024),
    (" " * 1025, ""),
    ("de" + " " * 1022 + ",fr", "de" + " " * 1022),
    ("de," * 341 + "fr,it", "de," * 340 + "de"),
    ("de," * 340 + "fr-,it", "de," * 340 + "fr-"),
    ("de\0," + "x" * 2000, ""),  # a control character in what would be read
    ("de," + "x" * 2000 + "\0", "de"),  # and one beyond
]


@pytest.mark.parametrize(("text", "kept"), LONG)
@pytest.mark.parametrize("coding", [HEADER, BODY])
def test_of_a_longer_one_the_whole_members_that_end_within_the_limit_are_read(
    coding: str, text: str, kept: str
) -> None:
    assert kept != text
    assert readable_languages(text, coding) == (kept)


CODINGS = st.sampled_from([HEADER, BODY])
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
PIECES = st.lists(
    st.one_of(ANY_TEXT, st.sampled_from(["de-CH", "fr;q=0.5", ",", "ü", "日", "\0", "\x85", "x" * 255, "y" * 1000])),
    max_size=12,
).map("".join)


@given(PIECES, PIECES, PIECES, CODINGS)
@example("a" * 1025, "", "", BODY)
def test_whatever_is_sent_is_read_or_left_and_never_cut(agent: str, hint: str, other: str, coding: str) -> None:
    """A text is the same or empty; it is named when it is not the same; and what is read, is read when it comes again."""
    if coding == HEADER:
        agent, hint, other = (text.encode().decode("latin-1") for text in (agent, hint, other))
    shown = (agent, hint, other, "", "on")
    kept, dropped = read(coding, *shown)
    limits = (USER_AGENT_MAX_BYTES, *[CLIENT_HINT_MAX_BYTES] * 4)
    for text, same, bytes_max in zip(shown, kept, limits, strict=True):
        assert same in (text, "")
        assert len(same.encode(coding)) <= bytes_max
        assert "\0" not in same
    assert ("user_agent" in dropped) == (kept[0] != agent)
    assert ("client_hints" in dropped) == (kept[1:] != shown[1:])
    assert read(coding, *kept) == (kept, [])
    if dropped or read(BODY, *shown)[1]:  # in UTF-8 fewest texts may be read, so it is asked for all
        with pytest.raises(UnreadableError):
            refuse_unreadable(shown)
    else:
        refuse_unreadable(shown)


@given(PIECES, CODINGS)
def test_of_languages_whole_members_are_read_in_their_order(text: str, coding: str) -> None:
    """What is read is the head of what was sent, up to a comma; and says nothing that the whole does not say."""
    if coding == HEADER:
        text = text.encode().decode("latin-1")
    kept = readable_languages(text, coding)
    assert text.startswith(kept)
    assert len(kept.encode(coding)) <= ACCEPT_LANGUAGE_MAX_BYTES
    assert kept in (text, "") or text[len(kept)] == ","
    said = {tag for tag, _ in parse_accept_language(text).ranges}
    assert {tag for tag, _ in parse_accept_language(kept).ranges} <= said | set(parse_accept_language(text).excluded)
