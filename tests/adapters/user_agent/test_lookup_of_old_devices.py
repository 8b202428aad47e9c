"""Phones, tablets and PCs from before today's systems have the labels that the package user-agents gives them."""

import subprocess
import sys

import pytest
import user_agents
from hypothesis import given, settings
from hypothesis import strategies as st
from ua_parser.loaders import load_lazy_builtins

from service.adapters.user_agent.lookup import UserAgentLookup, _browser_rules, _labelled
from service.adapters.user_agent.rule_matcher import matcher, system_matcher

AGENTS, SYSTEMS, _ = load_lazy_builtins()
READ_SYSTEM = system_matcher(SYSTEMS).extract
READ_BROWSER = matcher(_browser_rules(AGENTS)).extract
PARTS = [
    "Mozilla/5.0 (", "Opera/9.80 (", "J2ME/MIDP; Opera Mini/9.80; ", "SymbianOS/9.4; Series60/5.0; ", "Maemo; ",
    "Linux armv7l; ", "X11; ", "Windows NT 6.2; ARM; ", "Windows 98; ", "Windows ME; ", "Windows CE; IEMobile 7.11; ",
    "Windows Phone OS 7.0; ", "Android 2.3; ", "Bada/1.2; ", "BlackBerry9900/7.0; ", "SunOS; ", "CrOS armv7l; ",
    "Mac OS X 10_6; ", "iPhone; ", ") ", "Silk/1.0 ", "Mobile Safari/533 ", "NokiaBrowser/7.3 Mobile ", "Firefox/4.0 ",
    "Opera Mobi/12 ", "Googlebot-Mobile/2.1 ",
]  # fmt: skip


def labelled(labels):
    if labels.is_tablet:
        return "tablet"
    return "smartphone" if labels.is_mobile else "desktop" if labels.is_pc else "unknown"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=8).map("".join))
def test_the_labels_are_the_packages(text):
    """What the package says when it parses the text by itself, but for devices' families, which it is not told here."""
    parsed = user_agents.parse(text)
    parsed.device = user_agents.parse("").device
    assert _labelled(text, READ_SYSTEM(text), READ_BROWSER(text)) == labelled(parsed)


def test_each_text_has_labels_of_its_own():
    """Nothing is left of the text before, for what the labels are asked of is a copy."""
    phone = "Example (SymbianOS/9.4)"
    assert _labelled(phone, READ_SYSTEM(phone), None) == "smartphone"
    assert _labelled("Example", None, None) == "unknown"


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
    assert UserAgentLookup().find(text).class_ == labelled(user_agents.parse(text))


def test_all_of_the_package_is_loaded_before_the_first_text():
    """No visitor waits for an import: looking up, an old phone too, loads no module."""
    program = (
        "import sys; from service.adapters.user_agent.lookup import UserAgentLookup; look_up = UserAgentLookup(); "
        "before = set(sys.modules); assert 'user_agents.parsers' in before; "
        "found = look_up.find('Example/1.0 (Palm; J2ME)').class_; print(found, *set(sys.modules) - before)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert len(told.stdout.split()) == 1
