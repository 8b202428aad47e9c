"""A real browser for journeys: Chromium without a window, spoken to over its debugging pipe (the DevTools protocol).

Clicks are clicks, cookies are kept by the browser, and every request and every complaint of a page is seen.
"""

import base64
import fcntl
import json
import os
import select
import signal
import time
from pathlib import Path
from typing import Any, Literal

ANSWER_MAX_S = 20
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
Ground = Literal["light", "dark"]
PHONE_WIDTH_PX, DESK_WIDTH_MIN_PX = 390, 700
KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}


class Browser:
    """One page of a headless Chromium. What it asked for and what it complained of stand in ``events``."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._commands = os.pipe()
        self._answers, to_write = os.pipe()
        # The pipe is descriptors 3 and 4 of the browser; ours are first moved out of their way.
        ours = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_read, to_write)]
        arguments = [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                     "about:blank"]  # fmt: skip
        self._log = (profile.parent / "browser.log").open("wb")
        self._pid = os.posix_spawn(
            program,
            arguments,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ours[0], 3),
                (os.POSIX_SPAWN_DUP2, ours[1], 4),
                (os.POSIX_SPAWN_DUP2, self._log.fileno(), 2),
            ],
        )
        for end in (to_read, to_write, *ours):
            os.close(end)
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        self._session = None
        (page,) = [target for target in self.do("Target.getTargets")["targetInfos"] if target["type"] == "page"]
        self._session = self.do("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command, and its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def wait_for(self, method: str, told_before: int) -> None:
        """Until there are more events of this kind than before what brings one about."""
        while len(self.told(method)) <= told_before:
            self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_MAX_S
        while b"\0" not in self._rest:
            said, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            assert said, "the browser does not answer"
            self._rest += os.read(self._answers, 1 << 20)
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url: str) -> None:
        before = len(self.told("Page.loadEventFired"))
        self.do("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired", before)

    def told(self, method: str) -> list[dict[str, Any]]:
        """What the browser told of this kind since the test began."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, or of the promise that it is, asked from outside: a page may run no script."""
        told = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return told["result"].get("value")

    def click(self, selector: str) -> None:
        """A real click in the middle of an element, and the page that it leads to."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.evaluate(f"{found}.getBoundingClientRect().toJSON()")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = len(self.told("Page.loadEventFired"))
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.wait_for("Page.loadEventFired", before)

    def press(self, key: Literal["Tab", "Enter"]) -> None:
        """A key of the keyboard, down and up."""
        code, text = KEYS[key]
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.do("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **named)
        self.do("Input.dispatchKeyEvent", type="keyUp", **named)

    def visitor(self, languages: str, address: str) -> None:
        """A phone whose owner reads these languages, seen from this address by the proxy in front of the service."""
        self.look(PHONE_WIDTH_PX, "light")
        self.do("Emulation.setUserAgentOverride", userAgent=PHONE, acceptLanguage=languages)
        self.do("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": address})

    def look(self, width_px: int, ground: Ground) -> None:
        """How wide the screen is, and whether its owner likes it light or dark."""
        mobile = width_px < DESK_WIDTH_MIN_PX
        scale = 2 if mobile else 1
        self.do(
            "Emulation.setDeviceMetricsOverride", width=width_px, height=844, deviceScaleFactor=scale, mobile=mobile
        )
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": ground}])

    def picture(self) -> bytes:
        """The whole page as a PNG, beyond what the screen shows, a dot for each of its pixels."""
        width, height = self.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        scale = 1 / self.evaluate("devicePixelRatio")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        shot = self.do("Page.captureScreenshot", captureBeyondViewport=True, clip=clip, optimizeForSpeed=True)
        return base64.b64decode(shot["data"])

    def close(self) -> None:
        os.close(self._commands)
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)
        os.close(self._answers)
        self._log.close()
