"""A path means the same however it is written (RFC 3986 section 6.2.2.2), at every address but those of cohorts."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import Application, Container
from service.web.wire.dispatch import Dispatcher
from service.web.wire.messages import Response
from tests.doors import answer, request
from tests.web.wire.test_lifetime import serve
from tests.web.wire.test_two_doors import without_time

FILLED = {
    "name": "not-found", "site": "demo", "key": "hero", "slot": "none", "experiment": "none",
}  # fmt: skip


@pytest.fixture(scope="module")
def dispatcher(house: Container) -> Dispatcher:
    return Application(house).dispatcher


def paths(dispatcher: Dispatcher) -> list[str]:
    """All of them, with parameters that are known.

    But for those of cohorts: caches keep these answers, and to a cache another spelling is another address.
    """
    own = [path for path in dispatcher.paths if not path.startswith("/v1/cohorts/")]
    return [re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], path) for path in own]


def same(one: Response, other: Response) -> bool:
    contents = [without_time(response.content) for response in (one, other)]
    return (one.status, one.headers) == (other.status, other.headers) and contents[0] == contents[1]


def escaped(path: str, places: set[int], *, large: bool = True) -> str:
    """The path with these of its characters as percent signs and digits, slashes aside."""
    form = "%{:02X}" if large else "%{:02x}"
    return "".join(form.format(ord(one)) if at in places and one != "/" else one for at, one in enumerate(path))


@pytest.mark.parametrize("large", [True, False])
def test_any_character_of_a_path_may_be_escaped(dispatcher: Dispatcher, large: bool) -> None:
    """One or all of them: the answer is that of the plain path, and asking again does not change it."""
    for path in paths(dispatcher):
        plain = answer(dispatcher, request("GET", path))
        for places in [*({at} for at in range(1, len(path))), {*range(len(path))}]:
            for _ in range(2):
                assert same(plain, answer(dispatcher, request("GET", escaped(path, places, large=large)))), path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_characters_of_a_path_may_be_escaped(dispatcher: Dispatcher, data: st.DataObject) -> None:
    """Whichever, and by whatever method it is asked for."""
    path = data.draw(st.sampled_from(paths(dispatcher)))
    places = data.draw(st.sets(st.integers(1, max(1, len(path) - 1))))
    method = data.draw(st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS"]))
    plain = answer(dispatcher, request(method, path))
    assert same(plain, answer(dispatcher, request(method, escaped(path, places))))


def test_documents_are_found_so_over_a_socket(house: Container) -> None:
    with serve(house) as serving:
        for path in (b"/%6Fpenapi.json", b"/%70roblems", b"/problems/not%2Dfound", b"/%6civez"):
            assert serving.ask(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n") == 200, path
