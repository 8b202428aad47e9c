"""Leaks for the tests of sinks: of every family one, each of a marker of its own, so that finding it tells the family."""

from typing import get_args

from service.audit.marker_encodings import FAMILIES, Family, encodings
from service.audit.markers import Kind, Marker, Mint
from service.audit.search import Piece, Search


class Leaks:
    """``octets`` to plant, and a search that knows them."""

    def __init__(self, seed: int = 21) -> None:
        mint = Mint(seed)
        self.family_of: dict[int, Family] = {}
        self.octets: list[bytes] = []
        markers: list[Marker] = []
        for kind in get_args(Kind):
            families = dict.fromkeys(
                form.family for form in encodings(Marker(0, "control", kind, mint.mint(kind, "").text))
            )
            for family in families:
                marker = mint.mint(kind, "control")
                self.family_of[marker.number] = family
                self.octets.append(next(form.octets for form in encodings(marker) if form.family == family))
                markers.append(marker)
        assert set(self.family_of.values()) == set(FAMILIES)
        self.search = Search(markers)

    def missed(self, pieces: list[Piece]) -> set[Family]:
        """The families of leaks that were not found."""
        found = {finding.marker for finding in self.search.search("sink", pieces).findings}
        return {family for number, family in self.family_of.items() if number not in found}

    def any_found(self, pieces: list[Piece]) -> bool:
        return bool(self.search.search("sink", pieces).findings)
