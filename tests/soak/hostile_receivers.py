"""Receivers that drip, hang, never end or lie, all at once, against the real time-out of one process.

python -m tests.soak.hostile_receivers

Each attempt must end by 15.5 s, nothing may come to the trap that the redirect names, and the process must not grow by
20 MiB.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import sys
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection

os.environ["INVOREC_WEBHOOK_ALLOWED_NETWORKS"] = "127.0.0.0/8"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")

from tests.soak.serving import verdict
from tests.webhooks import receivers
from tests.webhooks.receivers import Handle, listening, never_accepting
from webhooks.transport import Answer, Transport

MOST_S = 15.5
MOST_GROWTH_MIB = 20
AT_ONCE = 4  # to each: what an endpoint may have in flight
BODY = b"x" * 30_000
HANDLES: dict[str, Handle] = {
    "says nothing": receivers.silent,
    "drips its body, 1 B/s": receivers.drip_body,
    "drips its head, 1 B/s": receivers.drip_head,
    "never reads": receivers.slow_reader,
    "body without end": receivers.endless_body,
    "gzip of 1 GiB": receivers.gzip_bomb,
    "head without end": receivers.endless_head,
    "100 Continue for ever": receivers.always_continue,
    "100 Continue at once": receivers.continue_at_once,
    "chunks of a byte": receivers.tiny_chunks,
    "long chunk extensions": receivers.long_extensions,
    "no HTTP": receivers.not_http,
    "half an answer": receivers.half_an_answer,
    "reset": receivers.reset,
}


def serve(pipe: Connection) -> None:
    """The receivers, in a process of their own; tells their ports, and at the end who came to the trap."""

    async def all_of_them() -> None:
        async with AsyncExitStack() as stack:
            trap = await stack.enter_async_context(listening(receivers.healthy))
            elsewhere = receivers.redirect_to(f"http://127.0.0.1:{trap.port}/")
            handles = HANDLES | {"308 to a trap": elsewhere}
            open_ones = {name: await stack.enter_async_context(listening(one)) for name, one in handles.items()}
            open_ones["TLS that stalls"] = await stack.enter_async_context(listening(receivers.slow_reader))
            open_ones["never accepts"] = await stack.enter_async_context(never_accepting())
            open_ones["healthy"] = await stack.enter_async_context(listening(receivers.healthy))
            pipe.send({name: receiver.port for name, receiver in open_ones.items()})
            await asyncio.to_thread(pipe.recv)
            pipe.send(trap.connections)

    asyncio.run(all_of_them())


async def post_to_all(ports: dict[str, int]) -> dict[str, list[Answer]]:
    """Four answers of each, all asked for at once, through one transport."""
    async with Transport() as transport:

        async def post(name: str, number: int) -> Answer:
            scheme = "https" if name.startswith("TLS") else "http"
            url = f"{scheme}://127.0.0.1:{ports[name]}/{number}"
            return await transport.post(endpoint_id=f"whk_{name}", url=url, headers={}, body=BODY)

        await asyncio.gather(*(post("healthy", number) for number in range(50)))  # all that is loaded once, is
        before = memory_mib()
        names = [name for name in ports for _ in range(AT_ONCE)]
        answers = await asyncio.gather(*(post(name, number) for number, name in enumerate(names)))
        global grown
        grown = memory_mib() - before
    found: dict[str, list[Answer]] = {name: [] for name in ports}
    for name, answer in zip(names, answers, strict=True):
        found[name].append(answer)
    return found


grown = 0.0


def memory_mib() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Prints what came of each; 1 where a bound did not hold."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    answers = asyncio.run(post_to_all(ours.recv()))
    ours.send("done")
    trapped = ours.recv()
    process.terminate()
    for name, several in answers.items():
        said = sorted({f"{answer.status or 'no answer'} {answer.error}".strip() for answer in several})
        print(f"{name:24} {max(answer.seconds for answer in several):6.2f} s   {', '.join(said)}")
    print(f"memory grew by {grown:.1f} MiB")
    return verdict(
        {
            f"each attempt ended by {MOST_S} s": all(a.seconds <= MOST_S for each in answers.values() for a in each),
            f"memory grew by less than {MOST_GROWTH_MIB} MiB": grown < MOST_GROWTH_MIB,
            "nobody came to the trap": trapped == 0,
            "the healthy one was reached meanwhile": all(answer.succeeded for answer in answers["healthy"]),
        }
    )


if __name__ == "__main__":
    import django

    django.setup()
    sys.exit(main())
