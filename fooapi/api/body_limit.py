"""No request has a body of more than 16 KiB: measured as it arrives, whatever its headers say."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fooapi.api.problems import answer, problem_of


class BodyTooLargeError(Exception):
    """More arrived than any request of this service needs."""


class BodyLimit:
    """Reads up to the limit; past it the answer is 413 and nothing else of the body is read."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(receive)
        except BodyTooLargeError:
            detail = f"The body of a request has at most {self._limit_bytes} bytes."
            await answer(problem_of(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail))(scope, receive, send)
            return
        messages = iter([body])

        async def replay() -> Message:
            return next(messages, None) or await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> Message:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self._limit_bytes:
                raise BodyTooLargeError
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}
