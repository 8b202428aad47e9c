"""The ceiling: uvicorn with an application that does nothing but send the same kilobyte. Raw ASGI, no framework."""

import json

_ANSWER = {
    "site": "demo",
    "language": {"tag": "de-CH", "confidence": 0.9, "source": "accept_language", "alternatives": []},
    "region": {"country": "CH", "subdivision": None, "market": "dach", "currency": "CHF", "source": "ip"},
    "device": {"class": "smartphone", "os": "android", "browser": "chrome", "tier": "standard", "bot": False},
    "note": "",
}
_ANSWER["note"] = "." * (1024 - len(json.dumps(_ANSWER)))
_BODY = json.dumps(_ANSWER).encode()
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
