"""Phones, tablets and PCs from before today's systems have the labels that the package user-agents gives them."""

import copy
from types import SimpleNamespace

import pytest
import user_agents
from hypothesis import given, settings
from hypothesis import strategies as st
from ua_parser.loaders import load_lazy_builtins

from service.adapters.user_agent.lookup import UserAgentLookup, _old_class

AGENTS, SYSTEMS, _ = load_lazy_builtins()
NOTHING = user_agents.parse("")
# Of a Firefox OS tablet nobody asks: our own rules take every Firefox OS for a phone's.
FAMILIES = sorted({*(rule.family or "Other" for rule in SYSTEMS), "Symbian OS", "Windows Phone OS"} - {"Firefox OS"})
USUAL = ["Android", "BlackBerry OS", "Chrome OS", "Mac OS X", "Maemo", "Solaris", "Symbian OS", "Windows"]
BROWSERS = sorted({rule.family or "Other" for rule in AGENTS})
WORDS = [
    "Mobile Safari", "Mobile", "Windows NT", "Maemo", "Silk", "Linux", "X11", "J2ME", "MIDP", "iPhone;", "NokiaBrowser",
    "Googlebot-Mobile", "Nokia",
]  # fmt: skip
system = st.builds(
    lambda family, major: SimpleNamespace(family=family, major=major),
    st.one_of(st.sampled_from(USUAL), st.sampled_from(FAMILIES)),
    st.sampled_from([None, "RT", "RT 8.1", "ME", "8", "CE"]),
)
browser = st.builds(
    lambda family: SimpleNamespace(family=family),
    st.one_of(st.sampled_from(["Firefox Mobile", "Opera Mini", "IE Mobile"]), st.sampled_from(BROWSERS)),
)


def labelled(text, system, agent):
    """What the package says of a text that is parsed already, through what it documents of its object."""
    labels = copy.copy(NOTHING)
    labels.ua_string = text
    if system is not None:
        labels.os = NOTHING.os._replace(family=system.family, version_string=system.major or "")
    if agent is not None:
        labels.browser = NOTHING.browser._replace(family=agent.family)
    if labels.is_tablet:
        return "tablet"
    return "smartphone" if labels.is_mobile else "desktop" if labels.is_pc else "unknown"


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=5, unique=True), st.none() | system, st.none() | browser)
def test_the_labels_are_the_packages(words, system, agent):
    """Whatever ua-parser found, and whichever words stand in the text."""
    text = " ".join(words)
    assert _old_class(text, system, agent) == labelled(text, system, agent)


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 Example/1; Profile/Other) AppleWebKit/533.4",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows Phone OS 7.0; Trident/3.1; IEMobile/7.0)",
        "Mozilla/5.0 (X11; Linux x86_64; WeTab) AppleWebKit/534.30",
    ],
)
def test_who_is_left_open_by_all_other_rules_has_them(text):
    """The whole package, told the whole text, says the same of such as our own look-up."""
    labels = user_agents.parse(text)
    wanted = "tablet" if labels.is_tablet else "smartphone" if labels.is_mobile else "desktop"
    assert UserAgentLookup().find(text).class_ == wanted
