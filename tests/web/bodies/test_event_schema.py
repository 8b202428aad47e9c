"""A report shows nothing of itself, and what comes of it can hold no word that its sender made up."""

import msgspec
import pytest

from service.core import event
from service.web.bodies import event_schema
from service.web.bodies.event_schema import EventsBody, read_events
from service.web.bodies.schema import ClientText

BODIES = [kind for kind in vars(event_schema).values() if isinstance(kind, type) and issubclass(kind, ClientText)]
BODIES = [kind for kind in BODIES if kind.__module__ == event_schema.__name__]


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_shows_what_it_holds(kind):
    """Neither ``repr``, which tracebacks and logs print, nor rich's own tells anything of a client."""
    body = kind(**{field.name: "anna@example.org" for field in msgspec.structs.fields(kind)})
    assert repr(body) == str(body) == f"{kind.__name__}(...)"
    assert not [*body.__rich_repr__()]


def test_a_whole_report_shows_nothing():
    """Nor do its events."""
    found = read_events(b'{"events":[{"type":"view","topic":"shoes"}],"variants":"hero.b"}')
    assert isinstance(found, EventsBody)
    assert repr([found, found.events]) == "[EventsBody(...), [ViewBody(...)]]"


def test_every_kind_of_event_has_a_body():
    """The wire's kinds and the core's are the same."""
    assert {kind.__name__ for kind in event.Event.__args__} == {
        kind.__name__.removesuffix("Body") for kind in event_schema.AnyEventBody.__args__
    }
