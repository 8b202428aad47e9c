"""Examples of what is told about the service itself. A whole disclosure is too long to stand in the document."""

from service.web.openapi_example import PROBLEM, Example

PEOPLE_EXAMPLES: dict[str, Example] = {
    "gpcSupport": Example(
        operation="supportsGpc",
        summary="Global Privacy Control is honoured",
        path="/.well-known/gpc.json",
        status=200,
        answer={"gpc": True, "lastUpdate": "2026-11-30"},
    ),
    "noDisclosure": Example(
        operation="disclose",
        summary="A site that there is not",
        path="/v1/privacy?site=shop",
        status=404,
        answer={"type": "/problems/unknown-site", "title": "There is no such site", "status": 404},
        answer_type=PROBLEM,
    ),
}
