"""Many rules as one matcher: the first that matches answers, and joining them or leaving groups out changes no answer."""

import re

from hypothesis import given
from hypothesis import strategies as st
from ua_parser.loaders import load_lazy_builtins

from service.adapters.user_agent.bot_patterns import LIST_OF_SPIDERS
from service.adapters.user_agent.rule_matcher import alternatives, joined, matcher, uncaptured

AGENTS = list(load_lazy_builtins()[0])
TEXTS = st.text("abcABC/. 1é", max_size=20)
PATTERNS = st.lists(
    st.sampled_from(["abc", "^ab", "c$", "a|b", "(?i)AB", r"\ba", "[^a]b", "é", "1{2}", r"b\.c|/a"]),
    min_size=1,
    max_size=6,
)


def word(rules: object, text: str) -> str | None:
    found = rules.extract(text)  # type: ignore[attr-defined]
    return found.family if found else None


def test_the_first_rule_that_matches_answers() -> None:
    """In the order of the rules, not of the text; nothing where none matches."""
    rules = matcher([("abc", "first"), ("bc", "second")])
    assert word(rules, "bc abc") == "first"
    assert word(rules, "bc") == "second"
    assert word(rules, "c") is None


@given(PATTERNS, st.integers(1, 3), TEXTS)
def test_joined_patterns_match_where_any_of_them_does(patterns: list[str], a_rule: int, text: str) -> None:
    """Whatever each says of its ends, its alternatives and its letter case stays its own."""
    alone = matcher((pattern, "x") for pattern in patterns)
    together = matcher((pattern, "x") for pattern in joined(patterns, a_rule))
    assert word(together, text) == word(alone, text)


def test_joined_rules_are_as_few_as_serve() -> None:
    """Each but the last holds as many patterns as it may."""
    assert [rule.count("|") + 1 for rule in joined(["a"] * 7, 3)] == [3, 3, 1]


def test_of_a_rule_the_first_groups_are_kept() -> None:
    """Escaped parentheses, those in classes and groups that capture nothing are none; of ua-parser's not one is missed."""
    assert uncaptured(r"\((a)(?:b)[(]([^]()])(c)", kept=2) == r"\((a)(?:b)[(]([^]()])(?:c)"
    for agent in AGENTS:
        captured = re.compile(agent.regex).groups
        assert [re.compile(uncaptured(agent.regex, kept)).groups for kept in (0, 1, 9)] == [
            0,
            min(captured, 1),
            min(captured, 9),
        ]


def test_a_list_of_names_is_told_into_its_names() -> None:
    """Bars in groups, in classes and escaped part nothing, and what follows the list is none of it; ua-parser has one."""
    assert alternatives(r"(a(?:b|c)|[|)]|\||(d|e)f)(?:/(\d+)|)") == [r"a(?:b|c)", r"[|)]", r"\|", r"(d|e)f"]
    (spiders,) = [agent for agent in AGENTS if agent.regex.startswith(LIST_OF_SPIDERS)]
    assert len(alternatives(spiders.regex)) > 100
    assert spiders.regex.endswith("|)")
