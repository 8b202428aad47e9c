"""Markers by the thousand, found in one pass through whatever a sink held.

Of every pattern the first eight octets are a number in an index; every eight octets of a decoding are such a number
too, and the two sets are intersected without a loop in Python. Only what is in both is looked at closely. Decodings
that are ASCII throughout, most of them, are held against a small index, which fits into a processor's cache; others
against the whole one. Digests that were cut short have a third.

Building takes about 100 us and 10 KB for each marker; reading 6 to 9 MB/s of answers, logs and files, 2 MB/s of what is
hexadecimal or base64 throughout.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from msgspec import Struct

from service.audit.decodings import CUT_BYTES, CUT_ENDS, STRETCH, Decoding, decodings
from service.audit.markers import Marker
from service.audit.patterns import DIGESTS, OCTETS_MAX, WINDOW, Pattern, digest_inputs, patterns

block_bytes = 1 << 16
"""As much is read at once: what comes of it stays in a processor's cache."""
FINDINGS_MAX: Final = 1000
_OVERLAP_BYTES: Final = 2 * OCTETS_MAX * STRETCH


class Piece(NamedTuple):
    """Some octets of a sink that belong together (a line, a value, an answer): nothing hides across two pieces.

    ``where`` is what a finding may say of them: a kind of key or the number of a line, never what a client sent. Where
    ``line`` is not 0 they are lines, the first of that number, and a finding tells which.
    """

    where: str
    octets: bytes
    line: int = 0
    repeated: int = 0
    """Of the octets at its beginning, those that the piece before had too."""


class Finding(Struct, frozen=True):
    """A marker that came out where it must not: by which channel it went in, in which form it was found, and where."""

    marker: int
    channel: str
    form: str
    sink: str
    where: str


class Searched(Struct, frozen=True):
    """How many octets were read and what was found, each marker and form once; ``more`` did not fit in the list."""

    octets: int
    findings: list[Finding]
    more: int


class Search:
    """An index of all patterns of some markers. ``patterns`` is how many it holds."""

    def __init__(self, markers: Sequence[Marker]) -> None:
        self._markers = markers
        self._whole: _Index = {}
        self._ascii: _Index = {}
        self._cut: _Index = {}
        self.patterns = 0
        for place, marker in enumerate(markers):
            self._add(place, marker)

    def search(self, sink: str, pieces: Iterable[Piece], *, block_bytes: int = block_bytes) -> Searched:
        """Read all pieces once. Each marker and form is told once, with the first place where it was found."""
        findings: dict[tuple[int, str], Finding] = {}
        more: set[tuple[int, str]] = set()
        octets = 0
        for block in _blocks(pieces, block_bytes):
            octets += sum(len(piece.octets) - piece.repeated for piece in block)
            for together in _by_ascii(block):
                if not self._may_hold(b"\n".join([piece.octets for piece in together])):
                    continue
                for marker, form, where in self._held_where(together):
                    key = marker.number, form
                    if key not in findings and len(findings) < FINDINGS_MAX:
                        findings[key] = Finding(marker.number, marker.channel, form, sink, where)
                    elif key not in findings:
                        more.add(key)
        return Searched(octets, list(findings.values()), len(more))

    def _held_where(self, pieces: list[Piece]) -> Iterator[tuple[Marker, str, str]]:
        """What is held where: of lines each by itself first, then all of them, for what spans two."""
        for piece in pieces:
            if not self._may_hold(piece.octets):
                continue
            if piece.line:
                for number, line in enumerate(piece.octets.split(b"\n"), start=piece.line):
                    for marker, form in self._held_by(line):
                        yield marker, form, f"{piece.where} {number}"
            for marker, form in self._held_by(piece.octets):
                yield marker, form, f"{piece.where} {piece.line} or after" if piece.line else piece.where

    def _add(self, place: int, marker: Marker) -> None:
        for pattern in patterns(marker):
            self._point(pattern.octets, place, self._whole, self._ascii)
        for octets in digest_inputs(marker):
            for digest in DIGESTS.values():
                whole = digest(octets).digest().lower()
                self._point(whole, place, self._whole, *[self._ascii] * whole[:WINDOW].isascii())
                self._point(whole[:CUT_BYTES] + CUT_ENDS, place, self._cut)

    def _point(self, octets: bytes, place: int, *indexes: "_Index") -> None:
        self.patterns += 1
        window = int.from_bytes(octets[:WINDOW], sys.byteorder)
        for index in indexes:
            places = index.setdefault(window, place)
            if places == place or (isinstance(places, tuple) and place in places):
                continue
            index[window] = (*places, place) if isinstance(places, tuple) else (places, place)

    def _may_hold(self, octets: bytes) -> bool:
        return any(self._hits(decoding, decoding.octets.lower()) for decoding in decodings(octets))

    def _index(self, decoding: Decoding, lowered: bytes) -> "_Index":
        if decoding.is_cut:
            return self._cut
        return self._ascii if lowered.isascii() else self._whole

    def _hits(self, decoding: Decoding, lowered: bytes) -> set[int]:
        index = self._index(decoding, lowered)
        hits: set[int] = set()
        for shift in range(1 if decoding.is_cut else min(WINDOW, len(lowered) - WINDOW + 1)):
            end = shift + (len(lowered) - shift) // WINDOW * WINDOW
            hits |= index.keys() & memoryview(lowered)[shift:end].cast("Q")
        return hits

    def _held_by(self, octets: bytes) -> Iterator[tuple[Marker, str]]:
        """Each marker that these octets hold, in the first form and decoding in which it is found at a place."""
        seen: set[tuple[int, str]] = set()
        for decoding in decodings(octets):
            lowered = decoding.octets.lower()
            index = self._index(decoding, lowered)
            for window in self._hits(decoding, lowered):
                places = index[window]
                for place in places if isinstance(places, tuple) else (places,):
                    for form in _forms_at(self._markers[place], window, lowered):
                        if (place, form) not in seen:
                            seen.add((place, form))
                            yield self._markers[place], f"{form} in {decoding.name}" if decoding.name else form


_Index = dict[int, int | tuple[int, ...]]


def _forms_at(marker: Marker, window: int, lowered: bytes) -> Iterator[str]:
    """The forms of a marker that begin with these eight octets and really stand there; one for each place."""
    begins = window.to_bytes(WINDOW, sys.byteorder)
    same_begin = [pattern for pattern in patterns(marker) if pattern.octets.startswith(begins)]
    at = lowered.find(begins)
    while at >= 0 and same_begin:
        pattern = next((pattern for pattern in same_begin if _stands(pattern, lowered, at)), None)
        if pattern is not None:
            yield pattern.form
        at = lowered.find(begins, at + 1)
    for octets, name in digest_inputs(marker).items():
        for algorithm, digest in DIGESTS.items():
            whole = digest(octets).digest().lower()
            if whole[:WINDOW] == begins:
                yield f"{algorithm} of {name}"
            elif whole[:CUT_BYTES] + CUT_ENDS == begins:
                yield f"{algorithm} of {name}, cut"


def _stands(pattern: Pattern, lowered: bytes, at: int) -> bool:
    end = at + len(pattern.octets)
    around = lowered[max(0, at - 1) : at] + lowered[end : end + 1]
    return lowered.startswith(pattern.octets, at) and not any(octet in pattern.border for octet in around)


def _blocks(pieces: Iterable[Piece], block_bytes: int) -> Iterator[list[Piece]]:
    """Pieces by the block; a piece longer than that in parts that overlap by more than any form is long."""
    block: list[Piece] = []
    block_size = 0
    for piece in chain.from_iterable(_parts(piece, block_bytes) for piece in pieces):
        if block_size + len(piece.octets) > block_bytes and block:
            yield block
            block, block_size = [], 0
        block.append(piece)
        block_size += len(piece.octets)
    if block:
        yield block


def _parts(piece: Piece, block_bytes: int) -> Iterator[Piece]:
    if len(piece.octets) <= block_bytes:
        yield piece
        return
    for begin in range(0, len(piece.octets) - _OVERLAP_BYTES, block_bytes - _OVERLAP_BYTES):
        repeated = _OVERLAP_BYTES if begin else piece.repeated
        yield Piece(piece.where, piece.octets[begin : begin + block_bytes], repeated=repeated)


def _by_ascii(block: list[Piece]) -> Iterator[list[Piece]]:
    """Equal answers and lines once, and those that are ASCII apart from those that are not."""
    unlike = list({piece.octets: piece for piece in reversed(block)}.values())[::-1]
    for is_ascii in (True, False):
        if together := [piece for piece in unlike if piece.octets.isascii() is is_ascii]:
            yield together
