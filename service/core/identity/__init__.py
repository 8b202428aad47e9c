"""Detection of identity in what a client sent: three questions for the rest of the house.

* ``device_id_checker(formats)`` builds the question "is this an opaque device id?" for a site,
* ``identifying_value`` says whether any other string that met no grammar of ours tells who someone is,
* ``identifying_name`` says the same of a field's name that is not in the schema.

All three are pure, total over every ``str``, linear in its length, and answer with a category from a closed vocabulary
or None. None of them repeats what it was given. The tables that only refusals need are made when first asked for;
``prepare`` makes them beforehand.
"""

from service.core.identity import composed
from service.core.identity.category import Category
from service.core.identity.device_ids import DEFAULT_DEVICE_ID_FORMATS, DeviceIdFormat, device_id_checker
from service.core.identity.names import folded_words, identifying_name
from service.core.identity.persons import words_of_persons
from service.core.identity.scripts import names_by_sound
from service.core.identity.shapes import rules
from service.core.identity.values import identifying_value

__all__ = [
    "DEFAULT_DEVICE_ID_FORMATS",
    "Category",
    "DeviceIdFormat",
    "device_id_checker",
    "identifying_name",
    "identifying_value",
    "prepare",
]


def prepare() -> None:
    """Make the tables of refusal now, so that the first refusal does not wait 100 ms for them."""
    folded_words()
    words_of_persons()
    rules()
    names_by_sound()
    composed.make_tables()
