"""A place among the requests in work is held from a body's end to its answer's beginning, and never lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.admission import Admission, Crowded, Place

WHOLE = {"type": "http.request", "body": b"{}"}


def piece(octets: int, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * octets, "more_body": more}


def receiving(place: Place, *messages: Any) -> Callable[[], Any]:
    left = list(messages)

    async def receive() -> Any:
        return left.pop(0)

    return place.receiving(receive)


async def ignore(_: Any) -> None:
    """Nobody listens."""


def entered(admission: Admission) -> Place:
    place = admission.enter(always=False)
    assert place is not None
    return place


@pytest.mark.parametrize(("taken", "let_in"), [(0, True), (1, True), (2, True), (3, False)])
def test_there_are_so_many_places_and_no_more(taken: int, let_in: bool) -> None:
    """n - 1, n, n + 1; who is always let in is let in."""
    admission = Admission(3)
    held = [entered(admission) for _ in range(taken)]
    assert (admission.enter(always=False) is not None) == let_in
    assert admission.enter(always=True) is not None
    assert len(held) == taken


@pytest.mark.parametrize(("octets", "fits"), [(99, True), (100, True), (101, False)])
def test_beginnings_of_bodies_are_bounded_all_together(octets: int, fits: bool) -> None:
    """However many clients they are of; what is whole counts no more."""

    async def work() -> None:
        admission = Admission(10, unfinished_max_bytes=100)
        first, second = entered(admission), entered(admission)
        begun, ended = receiving(first, piece(60), piece(1, more=False)), receiving(second, piece(octets - 60))
        await begun()
        if fits:
            await ended()
        else:
            with pytest.raises(Crowded):
                await ended()
        assert admission.unfinished_bytes == octets
        await begun()
        assert admission.unfinished_bytes == octets - 60
        first.leave()
        second.leave()
        assert (admission.in_flight, admission.unfinished_bytes) == (0, 0)

    asyncio.run(work())


def test_a_place_is_free_while_a_body_is_on_its_way() -> None:
    async def work() -> None:
        admission = Admission(1)
        slow = entered(admission)
        receive = receiving(slow, piece(3), WHOLE)
        await receive()
        quick = entered(admission)
        with pytest.raises(Crowded):
            await receive()
        quick.leave()
        assert admission.in_flight == 0

    asyncio.run(work())


def test_an_answer_that_begins_gives_the_place_back_once() -> None:
    async def work() -> None:
        admission = Admission(2)
        other, place = entered(admission), entered(admission)
        send = place.sending(ignore)
        for _ in range(3):
            await send({"type": "http.response.body"})
        await receiving(place, piece(10))()  # a stream reads on, and holds none
        place.leave()
        assert (admission.in_flight, admission.unfinished_bytes) == (1, 0)
        other.leave()

    asyncio.run(work())


@given(st.lists(st.lists(st.sampled_from(["piece", "whole", "send", "leave"]), max_size=6), max_size=6))
def test_whatever_happens_all_places_come_back(requests: list[list[str]]) -> None:
    """In any order, also where a body found none."""

    async def work() -> None:
        admission = Admission(3, unfinished_max_bytes=25)
        for steps in requests:
            place = admission.enter(always=True)
            assert place is not None
            receive = receiving(
                place, *(piece(10, more=step == "piece") for step in steps if step in ("piece", "whole"))
            )
            send = place.sending(ignore)
            try:
                for step in steps:
                    if step == "leave":
                        place.leave()
                    elif step == "send":
                        await send({})
                    else:
                        await receive()
            except Crowded:
                pass
            finally:
                place.leave()
        assert (admission.in_flight, admission.unfinished_bytes) == (0, 0)

    asyncio.run(work())
