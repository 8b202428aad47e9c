"""The two opt-out signals of a request: Global Privacy Control, and the opt-out cookie.

A report of events is checked for these two alone. Whoever opts out keeps the language and region they chose, unless
such a cookie gets every visit refused (``refused_choices``).
"""

from typing import Literal

from service.core.sites import SiteRules
from service.web.bodies.schema import COOKIES_MAX_BYTES
from service.web.visit.cookies import NOT_OPTED_OUT, parse_language, parse_region, read_cookies
from service.web.visit.outcomes import HEADERS, Refused
from service.web.wire.messages import Headers


def opt_out_signal(headers: Headers) -> Literal["gpc", "opt_out"] | None:
    """The signal by which a request says that nothing may be counted, if any: the header before the cookie."""
    if any(name == b"sec-gpc" and says_gpc(value) for name, value in headers):
        return "gpc"
    return "opt_out" if opted_out(headers) else None


def says_gpc(value: bytes) -> bool:
    """Whether a ``Sec-GPC`` header, its lines joined by commas or not, is one: exactly ``1``."""
    return b"1" in [line.strip(b" \t") for line in value.split(b",")]


def opted_out(headers: Headers) -> bool:
    """Whether any cookie is an opt-out. It fails closed: only an empty one and ``0`` are none."""
    jar = b"; ".join(value for name, value in headers if name == b"cookie")
    return b"pb_optout" in jar and read_cookies(jar).get("optout", "") not in NOT_OPTED_OUT


def refused_choices(headers: Headers, rules: SiteRules) -> list[str]:
    """Which of the cookies ``language`` and ``region`` identify somebody, or are too long to be read: by our names.

    They hold no choice, and every visit with them is refused.
    """
    cookies = read_cookies(b"; ".join(value for name, value in headers if name == b"cookie"))
    language, region = cookies.get("language", ""), cookies.get("region", "")
    if len(language) + len(region) > COOKIES_MAX_BYTES:
        return ["language", "region"]
    chosen = {
        "language": parse_language(language, HEADERS, None, rules),
        "region": parse_region(region, HEADERS, None, rules),
    }
    return [field for field, outcome in chosen.items() if isinstance(outcome, Refused)]
