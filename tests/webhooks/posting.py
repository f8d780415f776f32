"""POSTs through a transport of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from tests.webhooks.receivers import Receiver
from webhooks.transport import Answer, Transport

Post = Callable[..., Awaitable[Answer]]


def post(url: str, *, body: bytes = b"{}", **options: Any) -> Answer:
    """The answer to one POST, by a `Transport(**options)`."""

    async def run() -> Answer:
        async with Transport(**options) as transport:
            return await transport.post(endpoint_id="whk_1", url=url, headers={"X-Test": "1"}, body=body)

    return asyncio.run(run())


def run(receiver: AbstractAsyncContextManager[Receiver], test: Callable[[Post, Receiver], Awaitable[None]], **options):
    """Run the test with a function that posts to the receiver, through one transport."""

    async def all_of_it() -> None:
        async with receiver as server, Transport(**options) as sender:

            async def post(
                *, url: str = f"http://127.0.0.1:{server.port}/in?a=1", body: bytes = b"{}", endpoint: str = "whk_1"
            ) -> Answer:
                return await sender.post(endpoint_id=endpoint, url=url, headers={"X-Test": "ü"}, body=body)

            await test(post, server)

    asyncio.run(all_of_it())


def outcome(answer: Answer) -> tuple[int | None, str]:
    return answer.status, answer.error
