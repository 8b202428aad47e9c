"""``/v1/recommendation`` and ``/v1/recommendations`` as their callers see them, through the whole application."""

import json
from urllib.parse import quote

import pytest

from tests.refusals import pointed

PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)

DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
VISIT = {
    "site": "demo",
    "signals": {
        "ip": "195.65.10.7",
        "cookies": {"language": "fr", "region": "CH", "interests": "outdoor:3.shoes:1", "variants": "hero.b"},
        "device": {
            "id": DEVICE_ID,
            "user_agent": PHONE,
            "accept_language": "de-CH,de;q=0.9,en;q=0.5",
            "client_hints": {
                "sec-ch-ua": '"Chromium";v="141", "Google Chrome";v="141"',
                "sec-ch-ua-mobile": "?1",
                "sec-ch-ua-platform": '"Android"',
                "save-data": "on",
            },
        },
        "gpc": False,
    },
    "consent": ["statistics", "experiments"],
    "opt_out": False,
}


def headers(**more):
    found = {
        "x-forwarded-for": "195.65.10.7",
        "user-agent": PHONE,
        "accept-language": "de-CH,de;q=0.9,en;q=0.5",
        "sec-ch-ua": '"Chromium";v="141", "Google Chrome";v="141"',
        "sec-ch-ua-mobile": "?1",
        "sec-ch-ua-platform": '"Android"',
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in found.items() if value is not None}


def post(client, body, **more):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/recommendation", content=content, headers={"content-type": "application/json", **more})


def test_a_backend_asks_with_explicit_signals(client):
    """The request of the contract gets the whole answer, every field present."""
    answer = post(client, VISIT).json()
    assert answer["language"] == {
        "tag": "fr",
        "confidence": 1.0,
        "source": "cookie",
        "alternatives": answer["language"]["alternatives"],
    }
    assert answer["region"] == {
        "country": "CH", "subdivision": None, "market": "dach", "currency": "CHF", "time_zone": "Europe/Zurich",
        "measurement": "metric", "first_day": "mon", "confidence": 1.0, "source": "cookie",
    }  # fmt: skip
    assert answer["device"] == {
        "class": "smartphone", "os": "android", "browser": "chrome", "tier": "lite", "bot": False, "source": "client_hints",
    }  # fmt: skip
    assert (answer["cohort"], answer["experiments"], answer["interests"]) == (
        None,
        {"hero": {"variant": "b", "in_experiment": True, "reason": "split"}},
        [],
    )
    assert answer["slots"] == {"front": {"options": ["spring", "app", "outlet"], "source": "default"}}
    assert answer["privacy"] == {
        "regime": "CH",
        "policy_version": "2026-11-30",
        "signals_used": ["ip", "client_hints", "device_id", "cookie_language", "cookie_region", "consent"],
        "allowed": ["language", "region", "device", "cohort", "statistics", "experiments"],
        "withheld": [{"purpose": "interests", "reason": "consent_required"}],
        "dropped": [],
        "signal_status": {"gpc": "absent"},
    }
    assert answer["ttl"] == 300


def test_an_edge_asks_with_the_visits_own_request(client):
    """The same visit in headers and cookies gets the same answer."""
    cookies = f"theme=dark; pb_device={DEVICE_ID}; pb_language=fr; pb_region=CH; pb_interests=outdoor:3.shoes:1; pb_variants=hero.b"
    cookie = cookies + "; pb_consent=statistics.experiments"
    response = client.get("/v1/recommendation?site=demo", headers=headers(cookie=cookie, save_data="on"))
    assert response.json() == post(client, VISIT).json()
    assert {name: value for name, value in response.headers.items() if name.startswith("pb-")} == {
        "pb-language": "fr", "pb-region": "CH", "pb-device": "smartphone", "pb-cohort": "", "pb-variants": "hero.b",
    }  # fmt: skip
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["cdn-cache-control"] == "no-store"


def test_nothing_known_is_said_as_nothing(client):
    """An empty request is a visit too: defaults, nulls, confidence 0, and the strictest regime."""
    answer = post(client, {}).json()
    assert answer["language"] == {"tag": "en", "confidence": 0.0, "source": "default", "alternatives": []}
    assert answer["region"]["country"] is None
    assert answer["device"]["class"] == "unknown"
    assert answer["privacy"]["regime"] == "ZZ"
    assert answer["privacy"]["signals_used"] == []


def test_the_backends_own_request_is_not_the_visitors(client):
    """Headers and cookies beside a body change nothing."""
    plain = post(client, {})
    assert (
        post(client, {}, cookie="pb_language=fr", **{"x-forwarded-for": "195.65.10.7", "sec-gpc": "1"}).content
        == plain.content
    )


def test_headers_alone_for_edges_that_read_no_body(client):
    """``format=headers`` is 204 with the PB headers; unknown is sent empty so that a client's own is overwritten."""
    response = client.get(
        "/v1/recommendation?format=headers",
        headers=headers(
            x_forwarded_for=None, user_agent=None, sec_ch_ua_mobile=None, sec_ch_ua_platform=None, sec_ch_ua=None
        ),
    )  # one visit
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["pb-language"] == "de-CH"
    assert (response.headers["pb-region"], response.headers["pb-device"]) == ("", "")
    assert "pb-problem" not in response.headers
    assert "content-length" not in response.headers


def test_headers_alone_even_when_refused(client):
    """nginx's auth_request knows 2xx, 401 and 403 only: a refusal is 204 with the rest of the visit and the problem."""
    response = client.get("/v1/recommendation?format=headers", headers=headers(cookie="pb_device=anna@example.com"))
    assert response.status_code == 204
    assert response.headers["pb-problem"] == "identifying-value"
    assert (response.headers["pb-language"], response.headers["pb-region"]) == ("de-CH", "CH")


@pytest.mark.parametrize("ending", [{"sec_gpc": "1"}, {"cookie": "pb_optout=1"}, {"cookie": "pb_optout=anything"}])
def test_refusal_makes_identity_invisible(client, ending):
    """With GPC or an opt-out the answer is byte for byte that of a visit without device id, interests and variants."""
    jar = ending.get("cookie", "pb_language=fr")
    more = f"; pb_device={DEVICE_ID}; pb_interests=outdoor:3; pb_variants=hero.b; pb_consent=interests.statistics"
    less = "; pb_consent=interests.statistics"
    with_ids = client.get("/v1/recommendation", headers=headers(**{**ending, "cookie": jar + more}))
    without = client.get("/v1/recommendation", headers=headers(**{**ending, "cookie": jar + less}))
    ill_formed = client.get(
        "/v1/recommendation",
        headers=headers(**{**ending, "cookie": jar + less + "; pb_interests=outdoor; pb_variants=hero"}),
    )
    assert with_ids.content == without.content == ill_formed.content
    assert with_ids.headers == without.headers


@pytest.mark.parametrize(
    ("jar", "opted_out"),
    [
        ("pb_optout=1", True),
        ("pb_optout=0", False),
        ("pb_optout=", False),
        ("pb_optout=false", True),
        ("pb_optout=0; pb_optout=1", True),
        ("pb_optout=1; pb_optout=0", True),
        ("pb_optout = yes", True),
        ('pb_optout="0"', True),
        ("my_pb_optout=1", False),
    ],
)
def test_opt_out_fails_closed(client, jar, opted_out):
    """Any opt-out but empty or 0 counts, wherever it stands, and beats consent."""
    answer = client.get(
        "/v1/recommendation", headers=headers(cookie=jar + "; pb_consent=statistics.experiments.cohort")
    ).json()
    assert ("statistics" in answer["privacy"]["allowed"]) != opted_out
    assert ("opt_out" in answer["privacy"]["signals_used"]) == opted_out


@pytest.mark.parametrize(
    ("given", "allowed", "dropped"),
    [
        ("statistics.experiments", True, []),
        ("statistics", True, []),
        ("", False, []),
        ("statistics.ads", False, ["consent"]),
        ("statistics,experiments", False, ["consent"]),
        ("all", False, ["consent"]),
        ("STATISTICS", False, ["consent"]),
    ],
)
def test_consent_fails_closed(client, given, allowed, dropped):
    """A consent cookie that is ill-formed or partly unknown is no consent, and is named as dropped."""
    answer = client.get(
        "/v1/recommendation", headers=headers(x_forwarded_for="5.9.9.9", cookie=f"pb_consent={given}")
    ).json()
    assert answer["privacy"]["regime"] == "EU"
    assert ("statistics" in answer["privacy"]["allowed"]) == allowed
    assert answer["privacy"]["dropped"] == dropped


def test_a_cookie_sent_twice_counts_once(client):
    """The first of two is the visitor's."""
    answer = client.get("/v1/recommendation", headers=headers(cookie="pb_language=it; pb_language=fr")).json()
    assert answer["language"]["tag"] == "it"


@pytest.mark.parametrize(
    ("cookie", "dropped"),
    [
        ("pb_language=not_a_tag", ["language"]),
        ("pb_language=nl", []),
        ("pb_region=Narnia", ["region"]),
        ("pb_variants=hero", ["variants"]),
        ("pb_device=short", ["device"]),
        ("pb_interests=outdoor", []),
    ],
)
def test_ill_formed_cookies_are_dropped_and_named(client, cookie, dropped):
    """What is merely ill-formed spoils nothing and is named by its field; what may not be used is not even read."""
    response = client.get("/v1/recommendation", headers=headers(cookie=cookie))
    assert response.status_code == 200
    assert response.json()["privacy"]["dropped"] == dropped


@pytest.mark.parametrize("value", ["中文", "é", "français", "العربية", "Türkçe", "हिन्दी", "fr’", "русский,en;q=0.5"])
@pytest.mark.parametrize("name", ["language", "region", "variants"])
def test_what_is_ill_formed_is_dropped_in_every_script(client, name, value):
    """In the body, percent-encoded, and as the octets of UTF-8, as a script in a page may set it."""
    octets = f"pb_{name}={value}".encode()
    in_header = {**headers(), "cookie": f"pb_{name}={quote(value)}"}, {**headers(), "cookie": octets}
    answers = [
        post(client, {"site": "demo", "signals": {"geo": {"country": "CH"}, "cookies": {name: value}}}),
        *(client.get("/v1/recommendation", headers=sent) for sent in in_header),
    ]
    assert [(answer.status_code, answer.json()["privacy"]["dropped"]) for answer in answers] == [(200, [name])] * 3


@pytest.mark.parametrize("value", ["hero.grün", "hero.GREEN", "hero.grün~checkout.blå"])
def test_the_dot_of_variants_joins_no_first_and_last_name(client, value):
    """Each part is judged by itself, so that what has a person's name in it is still refused."""
    answer = client.get("/v1/recommendation", headers=headers(cookie=f"pb_variants={quote(value)}"))
    assert (answer.status_code, answer.json()["privacy"]["dropped"]) == (200, ["variants"])
    answer = client.get("/v1/recommendation", headers=headers(cookie=f"pb_variants={quote(value)}~anna.GREEN"))
    assert [error["category"] for error in answer.json()["errors"]] == ["name"]


@pytest.mark.parametrize(("subdivision", "code"), [("Zürich", "invalid_value"), ("Анна", "identifying_value")])
def test_a_subdivision_is_a_code_and_no_word_in_any_script(client, subdivision, code):
    """A name of a place is a mistake; a name of a person is identity."""
    body = {"site": "demo", "signals": {"geo": {"country": "CH", "subdivision": subdivision}}}
    errors = post(client, body).json()["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [("/signals/geo/subdivision", code)]


@pytest.mark.parametrize(
    ("cookie", "pointer", "category"),
    [
        ("pb_device=anna.schmidt@example.com", "/cookies/pb_device", "email"),
        ("pb_language=anna@example.com", "/cookies/pb_language", "email"),
        ("pb_region=+41791234567", "/cookies/pb_region", "phone"),
        ("pb_interests=anna@example.com", "/cookies/pb_interests", "email"),
        ("pb_variants=https://example.com/?u=7", "/cookies/pb_variants", "url"),
    ],
)
def test_identifying_cookies_are_refused(client, cookie, pointer, category):
    """An identifying value is refused with our field's pointer and its category, and nothing of it comes back."""
    response = client.get("/v1/recommendation", headers=headers(cookie=cookie))
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem | {"errors": pointed(problem["errors"])} == {
        "type": "/problems/identifying-value",
        "title": "An identifying value was refused",
        "status": 422,
        "errors": [{"pointer": pointer, "code": "identifying_value", "category": category}],
    }
    assert response.headers["pb-language"] == "en"


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        (
            "site=demo&email=x",
            422,
            {"pointer": "/query", "code": "identifying_name", "category": "email", "position": 1},
        ),
        ("foo=1", 422, {"pointer": "/query", "code": "unknown_field", "position": 0}),
        ("site=demo&site=demo", 422, {"pointer": "/query/site", "code": "duplicate_field", "position": 1}),
        ("format=xml", 422, {"pointer": "/query/format", "code": "invalid_value"}),
        ("site=nowhere", 404, None),
    ],
)
def test_the_query_is_strict(client, query, status, error):
    """Unknown, repeated and ill-formed parameters are refused at /query."""
    response = client.get(f"/v1/recommendation?{query}", headers=headers())
    assert response.status_code == status
    assert pointed(response.json().get("errors")) == (None if error is None else [error])


@pytest.mark.parametrize(("size", "status"), [(2047, 200), (2048, 200), (2049, 422)])
def test_our_cookies_have_a_limit(client, size, status):
    """2 KB for all of ours together; the others' size is their own affair."""
    whole, rest = divmod(size - len("fr") - 6, 7)
    text = "hero.b~" * whole + "hero.b" + "b" * rest
    cookie = f"other={'y' * 3000}; pb_language=fr; pb_variants={text}"
    assert client.get("/v1/recommendation", headers=headers(cookie=cookie)).status_code == status
    assert post(client, {"signals": {"cookies": {"language": "fr", "variants": text}}}).status_code == status


@pytest.mark.parametrize(("size", "status"), [(8191, 200), (8192, 200), (8193, 413)])
def test_a_single_body_has_a_limit(client, size, status):
    """8 KB."""
    body = json.dumps({"signals": {}}).encode()
    assert post(client, body + b" " * (size - len(body))).status_code == status


def test_sizes_of_bodies_without_a_length_are_bounded_too(client):
    """A body in chunks is counted as it comes."""

    def chunks():
        yield b'{"signals":{}}'
        for _ in range(9):
            yield b" " * 1000

    response = client.post("/v1/recommendation", content=chunks(), headers={"content-type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b'{"signals":{"gpc":NaN}}', 400, None),
        (b"[]", 422, {"pointer": "", "code": "invalid_value"}),
        (b'{"foo":1}', 422, {"pointer": "", "code": "unknown_field", "position": 0}),
        (b'{"signals":{},"email":1}', 422, {"pointer": "", "code": "identifying_name", "category": "email", "position": 1}),
        (b'{"signals":{"gpc":true,"gpc":false}}', 422, {"pointer": "/signals/gpc", "code": "duplicate_field", "position": 1}),
        (b'{"opt_out":true,"opt_out":false}', 422, {"pointer": "/opt_out", "code": "duplicate_field", "position": 1}),
        (b'{"signals":{"gpc":true,"\\u0067pc":false}}', 422, {"pointer": "/signals/gpc", "code": "duplicate_field", "position": 1}),
        (b'{"signals":null}', 422, {"pointer": "/signals", "code": "invalid_value"}),
        (b'{"signals":{"gpc":"yes"}}', 422, {"pointer": "/signals/gpc", "code": "invalid_value"}),
        (b'{"signals":{"gpc":1}}', 422, {"pointer": "/signals/gpc", "code": "invalid_value"}),
        (b'{"signals":{"geo":{}}}', 422, {"pointer": "/signals/geo/country", "code": "missing_field"}),
        (b'{"signals":{"geo":{"country":"ch"}}}', 422, {"pointer": "/signals/geo/country", "code": "invalid_value"}),
        (b'{"signals":{"ip":"1.1.1.1","geo":{"country":"CH"}}}', 422, {"pointer": "/signals/geo", "code": "invalid_value"}),
        (b'{"signals":{"ip":"999.1.1.1"}}', 422, None),
        (b'{"consent":["ads"]}', 422, {"pointer": "/consent/0", "code": "invalid_value"}),
        (b'{"consent":"statistics"}', 422, {"pointer": "/consent", "code": "invalid_value"}),
        (b'{"signals":{"device":{"id":"nope"}}}', 422, {"pointer": "/signals/device/id", "code": "invalid_value"}),
        (b'{"signals":{"device":{"id":"anna@example.com"}}}', 422, {"pointer": "/signals/device/id", "code": "identifying_value", "category": "email"}),  # a table
        (b'{"signals":{"device":{"user_agent":7}}}', 422, {"pointer": "/signals/device/user_agent", "code": "invalid_value"}),
        (b'{"signals":{"device":{"accept_language":["de"]}}}', 422, {"pointer": "/signals/device/accept_language", "code": "invalid_value"}),
        (b'{"signals":{"device":{"user_agent":"a\\ud800b"}}}', 422, {"pointer": "/signals/device/user_agent", "code": "invalid_value"}),
        (b'{"a":' * 7 + b"1" + b"}" * 7, 422, {"pointer": "", "code": "too_large"}),
        (b'{"a":' * 1500 + b"1", 422, {"pointer": "", "code": "too_large"}),
    ],
)  # fmt: skip
def test_bodies_that_are_refused(client, body, status, error):
    """Each mistake is named by its place and code, in our own words only."""
    response = post(client, body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if error is not None:
        assert pointed(response.json()["errors"]) == [error]


@pytest.mark.parametrize("consent", [[], ["region"]])
def test_a_canadian_has_a_country_and_with_consent_a_part_of_it(client, consent):
    """By address, by an edge's word, in headers and in a body: Quebec asks before it tells the part."""
    told = {"country": "CA", "subdivision": "QC" if consent else None, "currency": "CAD"}
    for place in ({"ip": "24.48.0.1"}, {"geo": {"country": "CA", "subdivision": "QC"}}):
        response = post(client, {"signals": place, "consent": consent})
        region = response.json()["region"]
        assert {name: region[name] for name in told} == told
        assert (region["time_zone"] is None) is (consent == [])
        assert response.headers["pb-region"] == ("CA-QC" if consent else "CA")
        privacy = response.json()["privacy"]
        assert (privacy["regime"], "region" in privacy["allowed"]) == ("CA-QC", True)
        assert "region" not in {withheld["purpose"] for withheld in privacy["withheld"]}
    cookie = "pb_consent=region" if consent else None
    found = client.get("/v1/recommendation", headers=headers(x_forwarded_for="24.48.0.1", cookie=cookie))
    assert found.headers["pb-region"] == ("CA-QC" if consent else "CA")
    assert post(client, {"signals": {"geo": {"country": "CA"}}}).json()["region"]["country"] == "CA"


OPTED_OUT_IN = [
    (country, part, consent) for country, part in (("CA", "QC"), ("CA", "ON"), ("US", "CA"), ("CH", "ZH"), ("DE", "BE"))
    for consent in ("region", "statistics.experiments", "cohort.interests", "language.region.device.cohort.statistics")
]  # fmt: skip


@pytest.mark.parametrize(("country", "part", "consent"), OPTED_OUT_IN)
def test_beside_an_opt_out_a_consent_changes_not_one_byte(client, country, part, consent):
    """In cookies, in a body and in flags: who opted out and once agreed is answered as who never agreed."""
    where = {"country": country, "subdivision": part}

    def answers(cookie, agreed):
        jar = headers(cookie=cookie, x_forwarded_for="24.48.0.1")
        context = {"context": where | {"consent": agreed, "optOut": True}}
        yield client.get("/v1/recommendation", headers=jar).content
        yield post(client, {"signals": {"geo": where}, "consent": agreed, "opt_out": True}).content
        yield client.post("/ofrep/v1/evaluate/flags", json=context).content

    agreed = [*answers(f"pb_optout=1; pb_consent={consent}", consent.split("."))]
    assert agreed == [*answers("pb_optout=1", [])]
    assert json.loads(agreed[1])["region"]["subdivision"] == (None if (country, part) == ("CA", "QC") else part)


def test_what_a_canadian_chose_is_shown_whole(client):
    """One's own choice of a region needs no consent, and is used for nothing else."""
    body = {"signals": {"geo": {"country": "CA", "subdivision": "QC"}, "cookies": {"region": "CA-QC"}}}
    region = post(client, body).json()["region"]
    assert (region["country"], region["subdivision"], region["source"]) == ("CA", "QC", "cookie")
    assert region["time_zone"] == "America/Toronto"


def test_every_mistake_of_a_body_is_named(client):
    """Several mistakes are several errors, the gravest names the problem."""
    body = {"nom": 1, "signals": {"ip": 7, "geo": {"planet": "x"}, "device": {"id": True}}, "opt_out": "no"}
    problem = post(client, body).json()
    assert problem["type"] == "/problems/identifying-name"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("", "identifying_name"),
        ("/signals/ip", "invalid_value"),
        ("/signals/geo", "unknown_field"),
        ("/signals/geo/country", "missing_field"),
        ("/signals/device/id", "invalid_value"),
        ("/opt_out", "invalid_value"),
    ]


def test_a_text_with_colons_and_escapes_is_no_duplicate(client):
    """The test for duplicates counts colons; an address, an escape and white space must not fool it."""
    body = b'{ "signals" : { "ip" : "2a02:1200::7", "device" : { "client_hints" : {"sec-ch-ua" : "\\"a:b\\";v=\\"1\\""}, "user_agent" : "\\u003a:" } } }'
    response = post(client, body)
    assert response.status_code == 200
    assert response.json()["region"]["subdivision"] == "ZH"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON; Charset="UTF-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_media_types(client, content_type, status):
    """JSON in UTF-8 and nothing else."""
    assert post(client, b"{}", **{"content-type": content_type}).status_code == status


def test_other_methods_are_refused_by_name(client):
    """405 says what is allowed."""
    response = client.put("/v1/recommendation")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


def test_a_listed_origin_may_read_the_answer(client):
    """CORS by site: the listed origin is named, any other is not."""
    allowed = client.get("/v1/recommendation", headers=headers(origin="https://shop.example"))
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    assert allowed.headers["vary"] == "origin"
    refused = client.get("/v1/recommendation", headers=headers(origin="https://evil.example"))
    assert "access-control-allow-origin" not in refused.headers
    preflight = client.options("/v1/recommendation", headers={"origin": "https://shop.example"})
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "GET, HEAD, POST")
    assert (
        "access-control-allow-origin"
        not in client.options("/v1/recommendation", headers={"origin": "https://evil.example"}).headers
    )


def test_many_visits_in_one_body(client):
    """Answers in order; a bad item is a problem whose pointers start at itself, and spoils nothing."""
    item = {name: value for name, value in VISIT.items() if name != "site"}
    bad = {"signals": {"device": {"id": "anna@example.com"}}}
    response = client.post("/v1/recommendations", json={"site": "demo", "requests": [item, bad, {}, {"site": "demo"}]})
    first, second, third, fourth = response.json()["recommendations"]
    assert first == post(client, VISIT).json()
    assert pointed(second["errors"]) == [
        {"pointer": "/signals/device/id", "code": "identifying_value", "category": "email"}
    ]
    assert third == post(client, {}).json()
    assert pointed(fourth["errors"]) == [{"pointer": "", "code": "unknown_field", "position": 0}]


@pytest.mark.parametrize(("count", "status"), [(0, 200), (999, 200), (1000, 200), (1001, 422)])
def test_a_batch_has_a_limit_of_items(client, count, status):
    """1000 items."""
    response = client.post("/v1/recommendations", json={"requests": [{}] * count})
    assert response.status_code == status
    if status == 200:
        assert len(response.json()["recommendations"]) == count
    else:
        assert pointed(response.json()["errors"]) == [{"pointer": "/requests", "code": "too_large"}]


@pytest.mark.parametrize(("size", "status"), [(1048575, 200), (1048576, 200), (1048577, 413)])
def test_a_batch_has_a_limit_of_bytes(client, size, status):
    """1 MB."""
    body = b'{"requests":[{}]}'
    response = client.post(
        "/v1/recommendations", content=body + b" " * (size - len(body)), headers={"content-type": "application/json"}
    )
    assert response.status_code == status


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}", {"pointer": "/requests", "code": "missing_field"}),
        (b'{"requests":{}}', {"pointer": "/requests", "code": "invalid_value"}),
        (b'{"requests":[],"requests":[]}', {"pointer": "/requests", "code": "duplicate_field", "position": 1}),
        (
            b'{"site":"demo","requests":[{"opt_out":true}],"site":"demo"}',
            {"pointer": "/site", "code": "duplicate_field", "position": 2},
        ),
        (
            b'{"requests":[],"user":1}',
            {"pointer": "", "code": "identifying_name", "category": "account", "position": 1},
        ),
    ],
)
def test_envelopes_that_are_refused(client, body, error):
    """The envelope of a batch is as strict as what it holds."""
    response = client.post("/v1/recommendations", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, pointed(response.json()["errors"])) == (422, [error])


def test_a_stream_of_lines(client):
    """A line in, an answer or problem a line out, in order; blank lines are nothing."""
    lines = [
        json.dumps(VISIT),
        "",
        "{",
        json.dumps({"signals": {"ip": "8.8.8.8"}}),
        json.dumps({"signals": {"tel": 1}}),
        '{"site":"x"}',
    ]
    response = client.post(
        "/v1/recommendations", content="\n".join(lines), headers={"content-type": "application/x-ndjson"}
    )
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert response.headers["content-type"] == "application/x-ndjson"
    assert answers[0] == post(client, VISIT).json()
    assert [answer.get("status") for answer in answers] == [None, 400, None, 422, 404]
    assert answers[2]["region"]["country"] == "US"


@pytest.mark.parametrize(("size", "good"), [(8191, True), (8192, True), (8193, False), (100_000, False)])
def test_a_line_has_a_limit(client, size, good):
    """8 KB a line; a longer one is a problem and the stream goes on."""
    line = b"{}" + b" " * (size - 2)

    def chunks():
        whole = line + b"\n{}\n"
        for start in range(0, len(whole), 3000):
            yield whole[start : start + 3000]

    response = client.post("/v1/recommendations", content=chunks(), headers={"content-type": "application/x-ndjson"})
    first, second = [json.loads(text) for text in response.text.splitlines()]
    assert (first.get("type") is None) == good
    assert second["ttl"] == 300


def stream(app, receive, send):
    """The task of one NDJSON stream, asked straight of the application."""
    scope = {
        "type": "http", "method": "POST", "path": "/v1/recommendations", "query_string": b"", "client": None,
        "headers": [(b"content-type", b"application/x-ndjson")],
    }  # fmt: skip
    return app(scope, receive, send)


@pytest.mark.parametrize("stuck", ["silent", "deaf", "blank lines", "half a line"])
def test_a_stream_that_stands_still_is_let_go(house, stuck):
    """Whoever says no line, or does not read, for long enough keeps no place, whatever octets come."""
    import asyncio

    from service.app import Application

    app = Application(house, stream_idle_max_s=0.05)

    async def receive():
        if stuck == "silent":
            await asyncio.Event().wait()
        if stuck != "deaf":
            await asyncio.sleep(0.02)
        octets = {"blank lines": b"\n \n", "half a line": b"{"}.get(stuck, b"{}\n")
        return {"type": "http.request", "body": octets, "more_body": True}

    async def send(message):
        if stuck == "deaf" and message["type"] == "http.response.body":
            await asyncio.Event().wait()

    asyncio.run(asyncio.wait_for(stream(app, receive, send), 2))
    assert app.dispatcher.in_work == 0


def test_streams_leave_room_for_single_visits(house):
    """At most a quarter of the places are for streams; one more gets 503. Those that never begin take none."""
    import asyncio

    import msgspec

    from service.app import Application

    settings = msgspec.structs.replace(house.configuration.settings, requests_in_flight_max=8)
    configuration = msgspec.structs.replace(house.configuration, settings=settings)
    app = Application(msgspec.structs.replace(house, configuration=configuration))

    async def run():
        statuses = []

        async def silence():
            return await asyncio.Event().wait()

        def begun():
            messages = iter([{"type": "http.request", "body": b"{", "more_body": True}])

            async def receive():
                return next(messages, None) or await asyncio.Event().wait()

            return receive

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        tasks = [asyncio.create_task(stream(app, silence, send)) for _ in range(20)]
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(stream(app, begun(), send)) for _ in range(3)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return statuses

    assert sorted(asyncio.run(run())) == [200, 200, 503]


def test_a_user_agent_in_any_alphabet_is_read(client):
    """Applications write their names in their own alphabets, in UTF-8: no control characters, whatever Latin-1 makes of them."""
    text = "МояПрограмма/1.0 CFNetwork/1410 Darwin/22.6.0"
    by_header = client.get("/v1/recommendation", headers=[(b"user-agent", text.encode())])
    assert by_header.status_code == 200
    assert (
        by_header.json()["device"]["os"]
        == post(client, {"signals": {"device": {"user_agent": text}}}).json()["device"]["os"]
    )


@pytest.mark.parametrize(
    ("cookie", "pointer"),
    [
        ("pb_consent=anna.schmidt@example.com", "/cookies/pb_consent"),
        ("pb_optout=anna.schmidt@example.com", "/cookies/pb_optout"),
    ],
)
def test_identity_is_refused_in_the_wishes_too(client, cookie, pointer):
    """A consent or an opt-out is no place for an address either."""
    response = client.get("/v1/recommendation", headers=headers(cookie=cookie))
    assert pointed(response.json()["errors"]) == [
        {"pointer": pointer, "code": "identifying_value", "category": "email"}
    ]


def test_a_page_may_read_why_it_was_refused(client):
    """Refusals and batches carry the CORS headers that a browser wants to see; other addresses do not answer preflights."""
    origin = {"origin": "https://shop.example"}
    allowed = [
        client.get("/v1/recommendation?x=1", headers=headers(**origin)),
        post(client, b"{", **origin),
        client.post("/v1/recommendations", json={"requests": []}, headers=origin),
        client.post("/v1/recommendations", content=b"{", headers={**origin, "content-type": "application/json"}),
    ]
    assert {response.headers["access-control-allow-origin"] for response in allowed} == {"https://shop.example"}
    assert client.options("/livez", headers=origin).status_code == 405


def test_coded_bodies_are_not_read(client):
    """Nothing here unpacks: a Content-Encoding is refused, not guessed at."""
    assert post(client, b"{}", **{"content-encoding": "gzip"}).status_code == 415


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        ("/v1/recommendation", "application/json", b'{"signals":{"geo":{"country":"CH"}}}'),
        ("/v1/recommendations", "application/json", b'{"requests":[{"signals":{"geo":{"country":"CH"}}}]}'),
        ("/v1/recommendations", "application/x-ndjson", b'{"signals":{"geo":{"country":"CH"}}}\n{}\n'),
        ("/v1/recommendations", "application/x-ndjson", b"\n{}\n"),
        ("/v1/events", "application/json", b'{"events":[{"type":"view","topic":"shoes"}]}'),
        ("/v1/events", "text/plain", b'{"events":[{"type":"view","topic":"shoes"}]}'),
        ("/ofrep/v1/evaluate/flags", "application/json", b'{"context":{"country":"CH"}}'),
        ("/ofrep/v1/evaluate/flags", "application/json; charset=utf-8", b'{"context":{"country":"CH"}}'),
        ("/ofrep/v1/evaluate/flags/language", "application/json", b'{"context":{"country":"CH"}}'),
        ("/sites/demo/ofrep/v1/evaluate/flags", "application/json", b'{"context":{"country":"CH"}}'),
    ],
)
def test_a_byte_order_mark_is_passed_over_in_every_body(client, path, media_type, body):
    """Editors write it; the answer is as without it."""
    fields = {"content-type": media_type}
    plain, marked = (client.post(path, content=content, headers=fields) for content in (body, MARK + body))
    assert plain.status_code in (200, 202)
    assert (marked.status_code, marked.content) == (plain.status_code, plain.content)


@pytest.mark.parametrize(("size", "status"), [(8191, 200), (8192, 200), (8193, 413)])
def test_a_byte_order_mark_counts_as_any_octet_does(client, size, status):
    body = MARK + b"{}"
    padded = body + b" " * (size - len(body))
    assert (
        client.post("/v1/recommendation", content=padded, headers={"content-type": "application/json"}).status_code
        == status
    )


@pytest.mark.parametrize(
    "pieces", [(MARK[:1], MARK[1:] + b"{}\n{}\n"), (MARK, b"{}\n", b"{}"), (MARK + b"\n", b"{}\n{}")]
)
def test_a_byte_order_mark_before_lines_may_come_in_pieces(client, pieces):
    response = client.post(
        "/v1/recommendations", content=iter(pieces), headers={"content-type": "application/x-ndjson"}
    )
    lines = response.content.splitlines()
    assert [json.loads(line)["site"] for line in lines] == ["demo", "demo"]
