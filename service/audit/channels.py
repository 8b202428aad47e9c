"""Every channel that a client has into the service: a closed list.

A channel is a header field, a cookie or a parameter, which is put on one carrier after the other, or a request of its
own. That nothing is found must come neither of nothing having been granted nor of nobody having read it: so each must
have the outcomes that it needs, and where an answer tells what of a visit was used, dropped or refused, it must tell
this channel.
"""

from collections.abc import Iterator
from typing import Final

from service.audit.channel import (
    ALL,
    REFUSED,
    Channel,
    context,
    cookie,
    dropped,
    event,
    header,
    path,
    pointed_at,
    posted,
    preflight,
    reasoned,
    report,
    signal,
    used,
    wire,
)
from service.audit.requests import ALLOWED, FLAGS, JSON, LINES, MANY_PATH, OUTCOMES, PHONE, PLACE, Outcome

_POST: Final = "POST /v1/recommendation HTTP/1.1\n"
_CHUNKS: Final = "Transfer-Encoding: chunked\n"
_HOST: Final = "Host: $host\nAuthorization: Bearer $key\n"
_LAST: Final = f"{_HOST}Connection: close\n"
_GRANTED_RAW: Final = frozenset[Outcome]({"success", "shutdown"})

# A header that a visit reads, without the answer telling of it. That it was read shows where the answer tells of
# another header of the same visit; a request that only has a body would not tell of either.
_READ: Final = used("accept_language")
_READ_TOO: Final = used("user_agent")
_CONSENTED: Final = '"country": "CH", "consent": "statistics.experiments"'
_DEVICE: Final = f'{{"signals": {{{PLACE}, "device": {{"id": "$marker"}}}}, {ALLOWED}}}'
_NO_ADDRESS: Final = f'{{"signals": {{"ip": "{"no address at all " * 7}"}}}}'
_LONG_BATCH: Final = ", ".join([_DEVICE, *[_NO_ADDRESS] * 399])
"""A visit, and many mistakes in few octets: milliseconds of work, in which others come in, and a short answer."""
_AGENT: Final = PHONE.partition(": ")[2]
_LONG_AGENT: Final = f"{_AGENT} ({'Webview; ' * 95}$marker)"
"""1,000 octets with the marker last: close to the longest that is read."""
_LONG_LANGUAGES: Final = f"de-CH,{'de;q=0.8,' * 110}en-x-$marker"
"""1,000 octets, likewise."""

CHANNELS: Final[tuple[Channel, ...]] = (
    # Addresses, wherever a proxy or an edge may write one; those of other edges than the deployment's are unknown.
    header("forwarded_for_ipv4", "ipv4", "X-Forwarded-For", granted=_READ),
    header("forwarded_for_ipv6", "ipv6", "X-Forwarded-For", granted=_READ),
    header("forwarded_for_hops", "ipv4", "X-Forwarded-For", "$marker, 127.0.0.1", granted=_READ),
    header("forwarded_ipv4", "ipv4", "Forwarded", "for=$marker;proto=https", granted=_READ),
    header("forwarded_ipv6", "ipv6", "Forwarded", 'for="[$marker]:4711"', granted=_READ),
    header("pb_client_ip", "ipv4", "PB-Client-IP", granted=_READ),
    header("pb_client_ipv6", "ipv6", "PB-Client-IP", granted=_READ),
    header("cf_connecting_ip", "ipv4", "CF-Connecting-IP", granted=_READ),
    header("cf_connecting_ipv6", "ipv6", "CF-Connecting-IPv6", granted=_READ),
    header("true_client_ip", "ipv4", "True-Client-IP", granted=_READ),
    header("fastly_client_ip", "ipv4", "Fastly-Client-IP", granted=_READ),
    header("cloudfront_address", "ipv4", "CloudFront-Viewer-Address", "$marker:46532", granted=_READ),
    header("vercel_forwarded_for", "ipv4", "X-Vercel-Forwarded-For", granted=_READ),
    header("real_ip", "ipv4", "X-Real-IP", granted=_READ),
    header("address_not_one", "word", "X-Forwarded-For", granted=_READ),
    header("geo_country", "word", "PB-Geo-Country", granted=_READ),
    header("edgescape", "word", "X-Akamai-Edgescape", "country_code=CH,city=$marker", granted=_READ),
    header("geo_city", "word", "CloudFront-Viewer-City", granted=_READ),
    signal("body_ipv4", "ipv4", '"ip": "$marker"'),
    signal("body_ipv6", "ipv6", '"ip": "$marker"'),
    signal("body_ip_not_one", "word", '"ip": "$marker"', refused=pointed_at("/signals/ip")),
    context("context_ipv4", "ipv4", '"ip": "$marker"'),
    context("context_ipv6", "ipv6", '"ip": "$marker"'),
    # The device id.
    cookie("cookie_device", "uuid", "pb_device=$marker", used("device_id")),
    cookie("cookie_device_not_one", "word", "pb_device=$marker", dropped("device")),
    cookie("cookie_device_email", "email", "pb_device=$marker", refused=pointed_at("/cookies/pb_device")),
    signal("body_device_id", "uuid",
        f'"ip": "195.65.$net.7", "device": {{"id": "$marker", "user_agent": "{_AGENT}"}}', used("device_id")),
    signal("body_device_id_not_one", "word", '"device": {"id": "$marker"}', refused=pointed_at("/signals/device/id")),
    context("context_targeting_key", "uuid", f'"targetingKey": "$marker", {_CONSENTED}',
        granted=reasoned("split"), needs_site="experiment"),
    context("context_targeting_key_not_one", "hex32", '"targetingKey": "$marker"', REFUSED),
    context("flag_targeting_key", "uuid", '"targetingKey": "$marker"', flag="/language"),
    # Our other cookies with values that are dropped, left out or refused, and those of others.
    cookie("cookie_language", "letters", "pb_language=$marker", dropped("language")),
    cookie("cookie_language_word", "word", "pb_language=$marker", refused=pointed_at("/cookies/pb_language")),
    cookie("cookie_language_tag", "subtag", "pb_language=de-x-$marker", refused=pointed_at("/cookies/pb_language")),
    cookie("cookie_region", "letters", "pb_region=$marker", dropped("region")),
    cookie("cookie_region_phone", "phone", "pb_region=$marker", refused=pointed_at("/cookies/pb_region")),
    cookie("cookie_interests", "word", "pb_interests=$marker:3", _READ),
    cookie("cookie_interests_beside", "word", "pb_interests=$topic:3.$marker:1",
        used("cookie_interests"), needs_site="topic"),
    cookie("cookie_interests_encoded", "word", "pb_interests=$topic%3A3.$marker%3A1",
        used("cookie_interests"), needs_site="topic"),
    cookie("cookie_interests_dropped", "letters", "pb_interests=$marker", dropped("interests")),
    cookie("cookie_interests_email", "email", "pb_interests=$marker", refused=pointed_at("/cookies/pb_interests")),
    cookie("cookie_variants", "word", "pb_variants=$marker.b", _READ),
    cookie("cookie_variants_beside", "word", "pb_variants=$experiment.$variant~$marker.b.ec",
        used("cookie_variants"), needs_site="experiment"),
    cookie("cookie_variants_dropped", "letters", "pb_variants=$marker", dropped("variants")),
    cookie("cookie_variants_word", "word", "pb_variants=$marker", refused=pointed_at("/cookies/pb_variants")),
    cookie("cookie_optout", "word", "pb_optout=$marker", used("opt_out")),
    cookie("cookie_optout_email", "email", "pb_optout=$marker", refused=pointed_at("/cookies/pb_optout")),
    header("cookie_consent", "word", "Cookie", "pb_consent=statistics.$marker", dropped("consent")),
    Channel("cookie_consent_email", "email", "Cookie: pb_consent=$marker", refused=pointed_at("/cookies/pb_consent")),
    cookie("cookie_of_others", "word", "session=$marker"),
    cookie("cookie_name_of_others", "word", "$marker=1"),
    cookie("cookie_name_like_ours", "word", "pb_$marker=1"),
    cookie("cookie_twice", "uuid", "pb_device=; pb_device=$marker"),
    header("cookie_no_pair", "word", "Cookie"),
    # What a browser shows of itself and of its owner's languages.
    header("user_agent", "word", "User-Agent", granted=_READ),
    header("user_agent_browser", "word", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; $marker) Firefox/143.0",
        used("user_agent")),
    header("user_agent_long", "word", "User-Agent", _LONG_AGENT, used("user_agent")),
    header("user_agent_bot", "email", "User-Agent", "Mozilla/5.0 (compatible; Crawler/1.0; +mailto:$marker)", _READ),
    header("user_agent_8bit", "word", "User-Agent", "\xc3\xa9\xff $marker", granted=_READ),
    header("accept_language_subtag", "subtag", "Accept-Language", "de-x-$marker,de;q=0.8", used("accept_language")),
    header("accept_language_tag", "subtag", "Accept-Language", "$marker,fr;q=0.5", used("accept_language")),
    header("accept_language_long", "subtag", "Accept-Language", _LONG_LANGUAGES, used("accept_language")),
    # Longer than is read: all of a User-Agent, of languages what comes after the limit.
    header("user_agent_unread", "word", "User-Agent", f"{_LONG_AGENT}{'x' * 100}", dropped("user_agent")),
    signal("body_user_agent_control", "word", r'"device": {"user_agent": "a\u0007$marker"}', dropped("user_agent")),
    header("accept_language_unread", "subtag", "Accept-Language", f"{_LONG_LANGUAGES},{_LONG_LANGUAGES}",
        dropped("accept_language")),
    header("hint_unread", "word", "Sec-CH-UA", f"{'x' * 256}$marker", dropped("client_hints")),
    header("accept_language_none", "word", "Accept-Language", "$marker;q=$marker", _READ_TOO),
    header("hint_brands", "word", "Sec-CH-UA", '"$marker";v="143", "Chromium";v="143"', granted=_READ),
    header("hint_mobile", "word", "Sec-CH-UA-Mobile", granted=_READ),
    header("hint_platform", "word", "Sec-CH-UA-Platform", '"$marker"', granted=_READ),
    header("hint_save_data", "word", "Save-Data", granted=_READ),
    header("hint_model", "word", "Sec-CH-UA-Model", '"$marker"', granted=_READ),
    header("hint_full_version", "word", "Sec-CH-UA-Full-Version-List", '"Chromium";v="$marker"', granted=_READ),
    header("hint_platform_version", "word", "Sec-CH-UA-Platform-Version", '"$marker"', granted=_READ),
    header("gpc", "word", "Sec-GPC", granted=_READ),
    header("dnt", "word", "DNT", granted=_READ),
    signal("body_user_agent", "word", f'"device": {{"user_agent": "{_AGENT} $marker"}}', used("user_agent"),
        whole=f"{_AGENT} $marker"),
    signal("body_accept_language", "subtag", '"device": {"accept_language": "de-x-$marker"}', used("accept_language"),
        whole="de-x-$marker"),
    signal(
        "body_hint_brands", "word",
        r'"device": {"client_hints": {"sec-ch-ua": "\"$marker\";v=\"143\"", "sec-ch-ua-platform": "\"Linux\""}}',
        used("client_hints"),
    ),
    signal("body_hint_model", "word", '"device": {"client_hints": {"sec-ch-ua-model": "$marker"}}',
        refused=pointed_at("/signals/device/client_hints")),
    signal("body_cookie_language", "letters", '"cookies": {"language": "$marker"}', dropped("language")),
    signal("body_cookie_language_email", "email", '"cookies": {"language": "$marker"}',
        refused=pointed_at("/signals/cookies/language")),
    signal("body_cookie_region", "letters", '"cookies": {"region": "$marker"}', dropped("region")),
    signal("body_cookie_region_email", "email", '"cookies": {"region": "$marker"}',
        refused=pointed_at("/signals/cookies/region")),
    signal("body_cookie_interests", "letters", '"cookies": {"interests": "$marker"}', dropped("interests")),
    signal("body_cookie_interests_beside", "word", '"cookies": {"interests": "$topic:3.$marker:1"}',
        used("cookie_interests"), needs_site="topic"),
    signal("body_cookie_variants", "letters", '"cookies": {"variants": "$marker"}', dropped("variants")),
    signal("body_cookie_variants_beside", "word", '"cookies": {"variants": "$experiment.$variant~$marker.b"}',
        used("cookie_variants"), needs_site="experiment"),
    signal("body_cookie_email", "email", '"cookies": {"variants": "$marker"}',
        refused=pointed_at("/signals/cookies/variants")),
    context(
        "context_user_agent", "word", f'"userAgent": "{_AGENT} $marker", {_CONSENTED}', granted=reasoned("user_agent")
    ),
    context("context_accept_language", "subtag", f'"acceptLanguage": "de-x-$marker", {_CONSENTED}',
        granted=reasoned("accept_language")),
    context("context_variants", "word", f'"variants": "$experiment.$variant~$marker.b", {_CONSENTED}',
        granted=reasoned("cookie"), needs_site="experiment"),
    context("context_consent", "word", '"consent": "$marker"', REFUSED),
    # Headers that say who asks, or what others know the request by.
    header("unknown_header", "word", "X-Unheard-Of"),
    header("unknown_header_name", "word", "$marker", "1"),
    header("referer", "word", "Referer", "https://$marker.example/account?of=1"),
    header("origin", "word", "Origin", "https://$marker.example"),
    header("from", "email", "From"),
    header("if_none_match", "word", "If-None-Match", 'W/"$marker"'),
    header("accept", "word", "Accept", "text/$marker, */*"),
    header("range", "word", "Range", "$marker=0-1"),
    header("x_api_key", "word", "X-API-Key"),
    header("authorization", "word", "Authorization", "Bearer $marker"),
    header("basic", "word", "Authorization", "Basic $marker"),
    header("proxy_authorization", "word", "Proxy-Authorization", "Basic $marker"),
    header("traceparent", "hex32", "Traceparent", "00-$marker-00f067aa0ba902b7-01"),
    header("tracestate", "word", "Tracestate", "vendor=$marker"),
    header("baggage", "word", "Baggage", "userId=$marker"),
    header("request_id", "uuid", "X-Request-Id"),
    header("correlation_id", "number", "X-Correlation-Id"),
    header("forwarded_host", "word", "X-Forwarded-Host", "$marker.example"),
    header("host", "word", "Host", "$marker.example"),
    header("asked_headers", "word", "Access-Control-Request-Headers"),
    preflight("preflight", ("Origin: https://shop.example", "Access-Control-Request-Headers: $marker")),
    # Paths and parameters.
    Channel("query_name", "word", query="$marker=1"),
    Channel("query_value", "word", query="q=$marker"),
    Channel("query_site", "word", query="site=$marker", needs=ALL),
    path("path", "/$marker"),
    path("path_version", "/v1/recommendation/$marker"),
    path("path_problem", "/problems/$marker"),
    path("path_escaped", "/problems/%2F$marker%00"),
    path("path_country", "/v1/cohorts/$marker/$language/smartphone"),
    path("path_language", "/v1/cohorts/CH/$marker/smartphone"),
    path("path_device", "/v1/cohorts/CH/$language/$marker"),
    path("path_site", "/v1/sites/$marker/cohorts"),
    path("path_slot", "/v1/sites/$site/slots/$marker"),
    path("path_experiment", "/v1/sites/$site/experiments/$marker"),
    path("path_flag", f"{FLAGS}/$marker", "POST"),
    path("path_flag_site", f"/sites/$marker{FLAGS}", "POST"),
    # Bodies: names and values that there are not, values that are refused, JSON that is none.
    signal("body_name", "word", '"$marker": "1"', refused=pointed_at("/signals")),
    signal("body_value", "word", '"nickname": "$marker"', refused=pointed_at("/signals")),
    signal("body_number", "number", '"gpc": $marker', refused=pointed_at("/signals/gpc")),
    signal("body_email", "email", '"device": {"id": "$marker"}', refused=pointed_at("/signals/device/id")),
    signal("body_phone", "phone", '"cookies": {"region": "$marker"}', refused=pointed_at("/signals/cookies/region")),
    posted("body_site", "word", "/v1/recommendation", '{"site": "$marker"}'),
    posted("body_consent", "word", "/v1/recommendation", '{"consent": ["$marker"]}'),
    posted("body_broken", "word", "/v1/recommendation", '{"site": "$marker'),
    posted("body_duplicate", "word", "/v1/recommendation", '{"site": "$site", "site": "$marker"}'),
    posted("body_escaped", "word", "/v1/recommendation", r'{"\u0073ite": "\u0041$marker"}'),
    posted("body_not_json", "word", "/v1/recommendation", "$marker=1", lines=("Content-Type: text/$marker",)),
    posted("batch_device_id", "uuid", MANY_PATH, f'{{"site": "$site", "requests": [{_LONG_BATCH}]}}', ALL,
        granted=used("device_id")),
    posted("batch_item", "word", MANY_PATH, '{"requests": [{}, {"$marker": 1}]}', ALL),
    posted("batch_broken", "word", MANY_PATH, '{"requests": [{}, $marker]}'),
    posted("line_device_id", "uuid", MANY_PATH, f"{_DEVICE}\n", ALL, (LINES,), used("device_id")),
    posted("line_broken", "word", MANY_PATH, '{}\n{"$marker\n{}\n', ALL, (LINES,)),
    # Reports of what happened.
    posted("events_token", "word", "/v1/events", '{"token": "$marker", "events": [$event]}'),
    report("events_variants", "word", '"variants": "$marker.b.e"'),
    report("events_interests", "word", '"interests": "$marker:3"'),
    posted("events_stored", "word", "/v1/events?ack=stored",
        '{"site": "$site", "token": $token, "interests": "$marker:3", "events": [$event]}', ALL),
    report("events_email", "email", '"interests": "$marker"', REFUSED),
    event("events_type", "word", '"type": "$marker"'),
    event("events_option", "word", '"type": "reward", "slot": "$slot", "option": "$marker"'),
    event("events_variant", "word", '"type": "exposure", "experiment": "$experiment", "variant": "$marker"'),
    event("events_topic", "word", '"type": "view", "topic": "$marker"'),
    posted("events_name", "word", "/v1/events", '{"$marker": 1, "events": []}'),
    posted("beacon", "word", "/v1/events", '{"token": null, "variants": "$marker.b", "events": [$event]}', ALL,
        ("Content-Type: text/plain",)),
    posted("opt_out_body", "word", "/v1/opt-out", '{"who": "$marker"}', ALL),
    # What HTTP has besides, and what is none.
    wire("method_name", f"$marker / HTTP/1.1\n{_HOST}\n"),
    wire("no_request_line", "$marker\n\n"),
    wire("no_version", "GET /$marker HTTP/x\n\n"),
    wire("absolute_target", f"GET http://$marker.example/v1/recommendation HTTP/1.1\n{_LAST}\n", _GRANTED_RAW),
    wire("user_in_target", f"GET http://$marker:$marker@h.example/ HTTP/1.1\n{_LAST}\n", frozenset({"shutdown"})),
    wire("connect", f"CONNECT $marker.example:443 HTTP/1.1\n{_LAST}\n"),
    wire("upgrade", f"GET / HTTP/1.1\n{_HOST}Connection: upgrade\nUpgrade: $marker\n\n", _GRANTED_RAW),
    wire("header_no_colon", f"GET / HTTP/1.1\n{_HOST}$marker\n\n"),
    wire("header_folded", f"GET / HTTP/1.1\n{_HOST}X-Long: a\n $marker\n\n"),
    wire("header_8bit_name", f"GET / HTTP/1.1\n{_HOST}\xff$marker: 1\n\n"),
    wire("header_nul", f"GET / HTTP/1.1\n{_HOST}X-Nul: $marker\0\n\n"),
    wire("header_too_long", f"GET / HTTP/1.1\n{_HOST}X-Long: {'a' * 20000}$marker\n\n"),
    wire("headers_too_many", f"GET / HTTP/1.1\n{_HOST}" + "X-More: $marker\n" * 80 + "\n"),
    wire("length_no_number", f"POST /v1/events HTTP/1.1\n{_HOST}Content-Length: $marker\n\n"),
    wire("chunk_size", f"POST /v1/events HTTP/1.1\n{_HOST}{JSON}\n{_CHUNKS}\n$marker\n"),
    wire("chunk_extension", f"{_POST}{_LAST}{JSON}\n{_CHUNKS}\n2;of=$marker\n{{}}\n0\n\n", _GRANTED_RAW),
    wire("trailer", f"{_POST}{_LAST}{JSON}\n{_CHUNKS}\n2\n{{}}\n0\nX-Who: $marker\n\n", _GRANTED_RAW),
    wire("body_too_large", f"{_POST}{_LAST}{JSON}\nContent-Length: 9000\n\n$marker{' ' * 8984}"),
    wire("body_unfinished", f'{_POST}{_HOST}{JSON}\nContent-Length: 99\n\n{{"$marker": 1'),
    wire("head_unfinished", "GET / HTTP/1.1\nX-Slow: $marker\n"),
    wire("zero", "\0$marker\0"),
)  # fmt: skip

HOLDING_CHANNEL: Final = "batch_device_id"
"""The channel whose requests overload the service: a batch is in work for a while, whatever the deployment knows yet.

A report that waits for the store need not be: without a token, or where its network reported too much, nothing waits.
"""
SLOW: Final = frozenset({"body_unfinished", "head_unfinished"})
"""They are answered only when the service has waited long enough for their end."""


def needed() -> Iterator[tuple[Channel, Outcome]]:
    """Every channel with each outcome that it needs."""
    return ((channel, outcome) for channel in CHANNELS for outcome in OUTCOMES if outcome in channel.needs)
