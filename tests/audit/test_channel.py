"""What an answer tells of a visit is read out of it exactly: another name, or another list, is not it."""

import pytest

from service.audit.channel import dropped, meets, pointed_at, reasoned, used

HEAD = b"HTTP/1.1 200 OK\r\ncache-control: private, no-store\r\n\r\n"
DECISION = HEAD + b'{"privacy":{"signals_used":["ip","device_id"],"withheld":[],"dropped":["region","variants"]}}'


def test_a_decision_tells_what_was_used_and_what_was_dropped() -> None:
    assert meets(DECISION, used("ip"))
    assert meets(DECISION, used("device_id"))
    assert meets(DECISION, dropped("variants"))
    assert not meets(DECISION, used("device"))
    assert not meets(DECISION, used("region"))
    assert not meets(DECISION, dropped("ip"))


def test_an_example_in_a_description_of_the_service_tells_of_no_visit() -> None:
    assert not meets(DECISION.replace(b"private, no-store", b"public, max-age=300"), used("ip"))


def test_a_refusal_tells_where_the_mistake_is() -> None:
    refusal = b'{"errors":[{"pointer":"/cookies/pb_device","code":"identifying_value"}]}'
    assert meets(refusal, pointed_at("/cookies/pb_device"))
    assert not meets(refusal, pointed_at("/cookies/pb_devic."))


def test_a_flag_tells_its_reason() -> None:
    assert meets(HEAD + b'{"key":"hero","reason":"SPLIT","metadata":{"reason":"split"}}', reasoned("split"))
    assert not meets(HEAD + b'{"key":"hero","reason":"split","metadata":{"reason":"cookie"}}', reasoned("split"))


def test_of_nothing_to_be_told_every_answer_tells() -> None:
    assert meets(b"", "")
    assert not meets(b"", used("ip"))


def test_only_names_of_ours_are_asked_for() -> None:
    with pytest.raises(ValueError, match="small letters"):
        used('ip"].*')
