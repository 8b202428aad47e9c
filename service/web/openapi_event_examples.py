"""Examples of reports of events, apart from those of visits, which are long."""

from service.web.openapi_example import JSON, PROBLEM, Example, problem

EVENT_EXAMPLES: dict[str, Example] = {
    "report": Example(
        operation="report",
        summary="A visit that permitted no statistics: the report is read, and nothing is counted",
        path="/v1/events",
        status=202,
        answer={
            "accepted": 0,
            "duplicates": 0,
            "reason": "no_token",
            "variants_cookie": None,
            "interests_cookie": None,
        },
        body={
            "site": "demo",
            "token": None,
            "variants": "hero.b",
            "events": [
                {"type": "exposure", "experiment": "hero", "variant": "b"},
                {"type": "reward", "slot": "front", "option": "spring"},
                {"type": "view", "topic": "shoes"},
            ],
        },
        content_type=JSON,
    ),
    "beacon": Example(
        operation="report",
        summary="As `navigator.sendBeacon` sends a text",
        path="/v1/events",
        status=202,
        answer={
            "accepted": 0,
            "duplicates": 0,
            "reason": "no_token",
            "variants_cookie": None,
            "interests_cookie": None,
        },
        body={"token": None, "events": [{"type": "language_chosen", "language": "fr"}]},
        content_type="text/plain",
    ),
    "report-refused": Example(
        operation="report",
        summary="An option that the slot does not have",
        path="/v1/events",
        status=422,
        answer=problem(
            "invalid-value",
            {
                "pointer": "/events/0/option",
                "code": "invalid_value",
                "allowed": ["spring", "app", "outlet"],
                "detail": "Without site, this is a report on the default site.",
            },
        ),
        answer_type=PROBLEM,
        body={"events": [{"type": "reward", "slot": "front", "option": "autumn"}]},
        content_type=JSON,
    ),
}
