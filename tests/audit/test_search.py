"""Whatever form a marker takes is found wherever it stands, and nothing is found where there is none."""

import hashlib
import json
import random
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.audit.marker_encodings import FAMILIES, Encoding, Family, encodings
from service.audit.markers import Kind, Marker, Mint
from service.audit.search import FINDINGS_MAX, Piece, Search

KINDS = get_args(Kind)
MINT = Mint(seed=11)
MARKERS = [MINT.mint(kind, f"channel of {kind}") for kind in KINDS]
PLANTS: list[tuple[Marker, Encoding]] = [(marker, form) for marker in MARKERS for form in encodings(marker)]
# What encodings may touch without being told apart from it, and what numbers may.
TOUCHING = {"hex", "base64", "digest", "digest_truncated"}
DIGESTED = {"word", "ipv4"}
AROUND = b' "\n:=,;|<'


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(MARKERS)


@pytest.fixture(scope="module")
def many() -> Search:
    """Thousands of markers, as an audit sends them."""
    mint = Mint(seed=12)
    return Search([mint.mint(KINDS[number % len(KINDS)], "channel") for number in range(2000)])


def test_every_form_of_every_kind_is_found_and_taken_for_no_other_marker(search: Search) -> None:
    around = random.Random(5)
    for marker, form in PLANTS:
        if form.family.startswith("digest") and marker.kind not in DIGESTED:
            continue  # of one kind that is packed and one that is not: they are made alike
        octets = around.randbytes(40) + b" " + form.octets + b'"' + around.randbytes(40)
        searched = search.search("sink", [Piece("here", octets)])
        assert {finding.marker for finding in searched.findings} == {marker.number}, (marker, form)
        assert {(finding.channel, finding.sink, finding.where) for finding in searched.findings} == {
            (marker.channel, "sink", "here")
        }


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_form_is_found_at_any_offset_and_across_any_border(search: Search, data: st.DataObject) -> None:
    """In octets of any kind, read in blocks so small that most forms are cut by one."""
    marker, form = data.draw(st.sampled_from(PLANTS))
    seed = data.draw(st.integers(0, 2**32))
    around = random.Random(seed)
    before = around.randbytes(data.draw(st.integers(0, 9000)))
    close = st.sampled_from([bytes((octet,)) for octet in AROUND])
    if form.family in TOUCHING:
        close |= st.sampled_from([b"a", b"7", b"x", b"Q"])
    octets = before + data.draw(close) + form.octets + data.draw(close) + around.randbytes(3000)
    searched = search.search("sink", [Piece("here", octets)], block_bytes=4096)
    assert {finding.marker for finding in searched.findings} == {marker.number}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_form_that_a_block_would_cut_is_found(search: Search, family: Family) -> None:
    """The longest of each family, with the end of the first block at a tenth of it, at two tenths, ..."""
    plants = [(marker, form) for marker, form in PLANTS if form.family == family]
    marker, form = max(plants, key=lambda plant: len(plant[1].octets))
    for tenths in range(1, 10):
        before = b"." * (4095 - len(form.octets) * tenths // 10)
        pieces = [Piece("here", before + b" " + form.octets + b" " + b"." * 4096)]
        searched = search.search("sink", pieces, block_bytes=4096)
        assert {finding.marker for finding in searched.findings} == {marker.number}


def test_a_digest_that_happens_to_be_text_is_found_in_text() -> None:
    marker, digest = next(made for made in digests() if made[1][:8].isascii())
    searched = Search([marker]).search("logs", [Piece("line", b"id=" + digest[:8] + b".")])
    assert [finding.form for finding in searched.findings] == ["md5 of text"]


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_is_found_in_random_octets(search: Search, seed: int) -> None:
    octets = random.Random(seed).randbytes(20_000)
    assert search.search("sink", [Piece("here", octets), Piece("as digits", octets.hex().encode())]).findings == []


def test_of_thousands_of_markers_none_is_found_in_real_answers_or_files(many: Search, client: TestClient) -> None:
    """And it takes seconds, not minutes, to say so."""
    answers = [
        client.get(path).content
        for path in ("/", "/v1/recommendation", "/openapi.json", "/problems/unknown-field", "/nowhere")
    ]
    files = [path.read_bytes() for path in (Path(__file__).parents[2] / "config").rglob("*") if path.is_file()]
    pieces = [Piece("an answer", octets) for octets in answers] + [
        Piece("a file", octets[:500_000]) for octets in files
    ]
    began_s = time.process_time()
    searched = many.search("sink", pieces)
    assert searched.findings == []
    assert searched.octets == sum(len(piece.octets) for piece in pieces) > 300_000
    assert time.process_time() - began_s < searched.octets / 400_000  # a million octets in 2.5 s, at the very slowest


def test_of_thousands_of_markers_each_is_found_among_the_others(many: Search) -> None:
    lines = b"\n".join(marker.text.encode() for marker in many._markers[:300])
    assert {finding.marker for finding in many.search("sink", [Piece("line", lines, 1)]).findings} == set(range(1, 301))


@pytest.mark.parametrize(
    "kind, octets",
    [
        ("ipv4", bytes((195, 165, 110, 107))),
        ("ipv4", b"195.165.110"),
        ("ipv4", b"1195.165.110.107"),
        ("ipv4", b"13282398827"),
        ("ipv4", b"a9c3a56e6b01"),
    ],
)
def test_what_occurs_by_chance_is_not_taken_for_an_address(kind: Kind, octets: bytes) -> None:
    """Four packed octets, three numbers without a dot behind, and an address inside a longer number."""
    searched = Search([Marker(1, "channel", kind, "195.165.110.107")]).search("sink", [Piece("here", octets * 2)])
    assert [finding for finding in searched.findings if finding.form != "prefix"] == []


def test_escapes_within_escapes_and_encodings_within_escapes_are_read(search: Search) -> None:
    """A log line in JSON that tells a header in which a name was escaped; base64 in JSON or in a query."""
    marker = MARKERS[0]
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in marker.text)
    in_json = json.dumps({"value": escaped}).encode()
    slashed = b64encode(b"???" + marker.text.encode()).replace(b"/", rb"\/")
    in_a_query = b64encode(b"~~~" + marker.text.encode()).replace(b"+", b"%2B")
    assert rb"\/" in slashed
    assert b"%2B" in in_a_query
    for octets in (in_json, slashed, in_a_query):
        assert [finding.marker for finding in search.search("sink", [Piece("here", octets)]).findings] == [
            marker.number
        ]


@pytest.mark.parametrize("cut", ["{}", "{}a", "{}abc"])
def test_a_digest_cut_to_six_octets_is_found_where_it_stands_by_itself(cut: str) -> None:
    """In a log line or a value, in any case; also with some digits more. Within another number it may be chance."""
    marker, digest = next(digests())
    short = cut.format(digest[:6].hex())
    search = Search([marker])
    for line in (f'{{"agent": "{short}"}}', f"agent={short.upper()} seen", f"agents:{short}", short):
        assert [one.form for one in search.search("logs", [Piece("line", line.encode(), 1)]).findings] == [
            "md5 of text, cut in hex"
        ], line
    assert search.search("logs", [Piece("line", b"00" + short.encode(), 1)]).findings == []


@pytest.mark.parametrize("octets_n", [6, 7])
def test_a_digest_cut_to_eight_characters_of_base64_is_found(octets_n: int) -> None:
    for marker, digest in islice(digests(), 20):
        for encode in (b64encode, urlsafe_b64encode):
            line = b'"agent": "%s"' % encode(digest[:octets_n])
            found = Search([marker]).search("logs", [Piece("line", line, 1)]).findings
            assert [one.form for one in found] == ["md5 of text, cut in base64"]


def test_a_digest_of_what_a_marker_was_a_part_of_is_found() -> None:
    whole = "Mozilla/5.0 (abcdefghijklmnop)"
    search = Search([Marker(1, "user_agent", "word", "abcdefghijklmnop", whole)])
    searched = search.search(
        "redis", [Piece("counts (hash)", hashlib.sha1(whole.encode(), usedforsecurity=False).digest()[:8])]
    )
    assert [finding.form for finding in searched.findings] == ["sha1 of whole"]


def test_a_finding_tells_the_line_also_of_what_spans_two(search: Search) -> None:
    """Octets of a digest may well be line breaks."""
    word, uuid = MARKERS[0], MARKERS[KINDS.index("uuid")]
    broken, digest = next(made for made in digests() if made[1][3] == ord("\n"))
    lines = b"first\nsecond " + word.text.encode() + b"\nthird\n" + uuid.text.upper().encode()
    searched = search.search("logs", [Piece("line", lines, 120)])
    assert {(finding.marker, finding.where) for finding in searched.findings} == {
        (word.number, "line 121"),
        (uuid.number, "line 123"),
    }
    spanning = Search([broken]).search("logs", [Piece("line", b"one\ntwo " + digest, 7)])
    assert [finding.where for finding in spanning.findings] == ["line 7 or after"]


def digests() -> Iterator[tuple[Marker, bytes]]:
    """Any number of markers with the octets of their MD5."""
    mint = Mint(seed=4)
    while True:
        marker = mint.mint("word", "channel")
        yield marker, hashlib.md5(marker.text.encode(), usedforsecurity=False).digest()


def test_each_marker_and_form_is_told_once_and_the_list_has_an_end() -> None:
    mint = Mint(seed=2)
    markers = [mint.mint("word", "channel") for _ in range(FINDINGS_MAX + 25)]
    text = b" ".join(marker.text.encode() for marker in markers)
    searched = Search(markers).search("sink", [Piece("here", text), Piece("there", b"again " + text)])
    assert len(searched.findings) == FINDINGS_MAX
    assert searched.more == 25
    assert {finding.where for finding in searched.findings} == {"here"}


def test_a_text_that_is_too_short_to_be_told_from_chance_is_no_marker() -> None:
    with pytest.raises(ValueError, match="8 to 64"):
        Search([Marker(1, "channel", "word", "short12")])
