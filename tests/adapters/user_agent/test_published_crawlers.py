"""The published list of crawlers as it is installed."""

import re

from service.adapters.user_agent.bot_kinds import TAGS
from service.adapters.user_agent.published_crawlers import published_crawlers


def test_the_list_is_read_with_its_tags() -> None:
    """Hundreds of patterns that Python knows too, none twice, and every tag that we give a kind to is one of the list's."""
    crawlers = published_crawlers()
    patterns = [crawler.pattern for crawler in crawlers]
    assert len(set(patterns)) == len(patterns) > 1000
    assert all(re.compile(pattern) for pattern in patterns)
    assert {tag for crawler in crawlers for tag in crawler.tags} >= TAGS.keys()
