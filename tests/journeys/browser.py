"""A real browser for journeys: Chromium without a window, spoken to over its debugging pipe (the DevTools protocol).

Clicks are clicks, cookies are kept by the browser, and every request and every complaint of a page is seen.
"""

import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

ANSWER_MAX_S = 20
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)


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
        os.set_blocking(self._answers, False)
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

    def wait_for(self, method: str) -> None:
        """Until the next event of this kind."""
        while True:
            self.events.append(self._message())
            if self.events[-1].get("method") == method:
                return

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_MAX_S
        while b"\0" not in self._rest:
            assert time.monotonic() < deadline, "the browser does not answer"
            try:
                self._rest += os.read(self._answers, 1 << 20)
            except BlockingIOError:
                time.sleep(0.002)
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url: str) -> None:
        self.do("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

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
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.wait_for("Page.loadEventFired")

    def visitor(self, languages: str, address: str) -> None:
        """A phone whose owner reads these languages, seen from this address by the proxy in front of the service."""
        self.do("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.do("Emulation.setUserAgentOverride", userAgent=PHONE, acceptLanguage=languages)
        self.do("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": address})

    def close(self) -> None:
        os.close(self._commands)
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)
        os.close(self._answers)
        self._log.close()
