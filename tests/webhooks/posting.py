"""One POST through a transport of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from webhooks.transport import Answer, Transport


def post(url: str, *, body: bytes = b"{}", **options: Any) -> Answer:
    """The answer to one POST, by a `Transport(**options)`."""

    async def run() -> Answer:
        async with Transport(**options) as transport:
            return await transport.post(endpoint_id="whk_1", url=url, headers={"X-Test": "1"}, body=body)

    return asyncio.run(run())
