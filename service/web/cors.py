"""Cross-origin requests from browsers, site by site (the Fetch standard's CORS protocol).

A site names the origins its pages are served from. The answer to a request is readable there only; requests carry the
site's own cookies, so an origin is always named and never ``*``.
"""

from collections.abc import Mapping

from service.web.wire.messages import Headers, Request

EXPOSED = b"PB-Language, PB-Region, PB-Device, PB-Cohort, PB-Variants, PB-Problem, ETag, Retry-After"
# The last three are what a page's own tracing adds to its requests (W3C Trace Context, Baggage). They are left unread.
ALLOWED_HEADERS = b"content-type, authorization, x-api-key, if-none-match, sec-gpc, traceparent, tracestate, baggage"
PREFLIGHT_MAX_AGE_S = 600


class Cors:
    """The origins of all sites, which are those of one epoch."""

    def __init__(self, origins: Mapping[str, tuple[str, ...]]) -> None:
        self._of_site = {site: frozenset(origin.encode() for origin in allowed) for site, allowed in origins.items()}
        self._any = frozenset().union(*self._of_site.values())
        self.enabled = bool(self._any)
        """Whether any site names an origin."""

    def headers(self, origin: bytes, site: str) -> Headers:
        """What lets the page that asked, empty for none, read an answer of this site; nothing where it may not."""
        return self._headers(origin, self._of_site.get(site, frozenset()))

    def headers_for_any(self, origin: bytes) -> Headers:
        """The same for a refusal that came before its site was known."""
        return self._headers(origin, self._any)

    def _headers(self, origin: bytes, allowed: frozenset[bytes]) -> Headers:
        if not allowed:
            return []
        if origin not in allowed:
            return [(b"vary", b"origin")]
        return [
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", EXPOSED),
        ]

    def preflight(self, request: Request, methods: list[str]) -> Headers:
        """The answer to OPTIONS. The site may stand in a body still to come: any site's origin may ask.

        Of a method that pages may not ask with, nothing is said.
        """
        origin = request.header(b"origin")
        method = request.header(b"access-control-request-method").decode("latin-1")
        if origin not in self._any or (method and method not in methods):
            return [(b"vary", b"origin")]
        return [
            (b"vary", b"origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", ", ".join(sorted(methods)).encode()),
            (b"access-control-allow-headers", ALLOWED_HEADERS),
            (b"access-control-max-age", b"%d" % PREFLIGHT_MAX_AGE_S),
        ]


NO_ORIGINS = Cors({})
