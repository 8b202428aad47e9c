"""``/metrics`` on a listener of its own, apart from the public port."""

import asyncio
import contextlib

import uvicorn
import uvicorn.server

from service.app.listening import BACKLOG, listen, metrics_ports, port_of
from service.settings import Settings
from service.telemetry import Telemetry
from service.web.asgi import Receive, Scope, Send, respond, respond_problem
from service.web.problems import Refusal
from service.web.protocol import bounded_protocol


async def serve_metrics(settings: Settings, telemetry: Telemetry, stack: contextlib.AsyncExitStack) -> None:
    """Serve until the stack is closed: of several workers the n-th on the n-th port from ``admin_port``."""

    async def metrics(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  # ASGI
        if scope["type"] != "http" or scope["path"] != "/metrics":
            await respond_problem(send, Refusal("not-found"))
            return
        body, media_type = telemetry.exposition()
        await respond(send, 200, [(b"content-type", media_type.encode())], body)

    config = uvicorn.Config(
        metrics,
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_s,  # type: ignore[arg-type]  # seconds, for the loop's clock
    )
    config.load()
    state = uvicorn.server.ServerState()
    protocol = bounded_protocol(
        settings.header_block_max_bytes,
        settings.header_fields_max,
        settings.header_read_timeout_s,
        write_timeout_s=settings.write_timeout_s,
    )
    for port in metrics_ports(settings):
        try:
            listeners = listen(settings.admin_host, port)
        except OSError:  # another worker's, or taken since the start
            continue
        served = {"host": settings.admin_host, "port": port_of(listeners)}
        for listener in listeners:
            server = await asyncio.get_running_loop().create_server(
                lambda: protocol(config=config, server_state=state, app_state={}), sock=listener, backlog=BACKLOG
            )
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
        telemetry.log("metrics_served", fields=served)
        return
    wanted = {"host": settings.admin_host, "port": settings.admin_port}
    telemetry.log("metrics_not_served", "warning", fields=wanted)
