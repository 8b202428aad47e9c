"""``/problems`` and ``/problems/{name}``: what each refusal means, for the person who reads its ``type``."""

from service.web.asgi import Receive, Scope, Send, respond, respond_problem
from service.web.pages.frame import Frame
from service.web.pages.problem_pages import problem_pages
from service.web.problems import Refusal

MAX_AGE_S = 3600


class ProblemPages:
    """All pages, rendered at start and served as they are."""

    def __init__(self, frame: Frame) -> None:
        self._pages = problem_pages(frame)
        self._headers = [*frame.headers(), (b"cache-control", b"public, max-age=%d" % MAX_AGE_S)]

    async def get(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """The page, or 404 for a name that is no problem's. The query is not read."""
        page = self._pages.get(scope["path"])
        if page is None:
            return await respond_problem(send, Refusal("not-found"))
        return await respond(send, 200, self._headers, page)
