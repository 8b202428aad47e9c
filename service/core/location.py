"""The place of a visit: country, perhaps a large subdivision, perhaps a time zone.

It comes normalised from a geo database or an edge. No type is finer: none has a city, postcode, coordinates or network.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2, as CLDR uses it")]
SubdivisionCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,3}$", description="the part of ISO 3166-2 after the country")
]
TimeZone = Annotated[
    str, Meta(pattern=r"^[A-Z][A-Za-z]{1,13}(/[A-Z][A-Za-z_-]{1,29}){1,2}$", description="IANA time zone")
]
PlaceSource = Literal["edge", "ip"]


class Place(Struct, frozen=True, gc=False, cache_hash=True):
    """A place from an edge's geo header or looked up from the address. Unknown parts are None, never guessed."""

    country: CountryCode | None
    subdivision: SubdivisionCode | None
    time_zone: TimeZone | None
    source: PlaceSource
