"""A no is heard wherever it stands among headers and cookies; anything unclear in a cookie is one."""

from hypothesis import given
from hypothesis import strategies as st

from service.web.visit.opt_out_signals import opt_out_signal, opted_out, says_gpc


def test_what_is_a_no():
    """``Sec-GPC`` is exactly 1; of an opt-out everything is one but empty and 0."""
    assert [says_gpc(value) for value in (b"1", b" 1", b"0,1", b"", b"0", b"true", b"1.0", b"11")] == [
        True, True, True, False, False, False, False, False,
    ]  # fmt: skip
    jars = [
        b"pb_optout=1",
        b"x=y;pb_optout =no",
        b'pb_optout="1"',
        b"pb_optout=0",
        b"pb_optout=",
        b"x=pb_optout=1",
        b"",
    ]
    assert [opted_out([(b"cookie", jar)]) for jar in jars] == [True, True, True, False, False, False, False]


lines = st.sampled_from(
    [
        (b"cookie", b"pb_optout=0"),
        (b"cookie", b"a=b; pb_x=1"),
        (b"sec-gpc", b"0"),
        (b"dnt", b"1"),
        (b"x", b"pb_optout=1"),
    ]
)


@given(
    st.lists(lines, max_size=5), st.integers(0, 5), st.sampled_from([(b"cookie", b"pb_optout=1"), (b"sec-gpc", b"1")])
)
def test_one_line_among_others_is_enough(headers, position, no):
    """Wherever it stands; and without it nobody objected."""
    assert opt_out_signal(headers) is None
    told = opt_out_signal([*headers[:position], no, *headers[position:]])
    assert told == ("opt_out" if no[0] == b"cookie" else "gpc")


def test_the_signal_is_named_before_the_cookie():
    """Whichever of the two comes first."""
    lines = [(b"cookie", b"pb_optout=1"), (b"sec-gpc", b"1")]
    assert opt_out_signal(lines) == opt_out_signal(lines[::-1]) == "gpc"
