"""The process that delivers: one loop for the network, one thread for the database.

A turn settles what has ended and claims what is due; then the loop waits for the next answer, or for the poll. Nothing
but the database says what there is to do, so a message lost, a broker flushed or a process killed costs seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from billing.mail import send_mails
from webhooks.credits import announce_due
from webhooks.deliveries import INTERRUPTED, Claimed, Outcome, claim, settle
from webhooks.mails import tell_owners
from webhooks.signing import headers
from webhooks.transport import Answer, Transport

log = structlog.get_logger(__name__)

USER_AGENT = "InvoRec/1 (+webhooks)"
GATHER_S = 0.005  # answers that come within this are settled together
AFTER_ACCIDENT_S = 1.0  # a database that is away is asked again
STOP_S = 4.0  # what is under way when the process is told to stop gets so long
CHORES_S = 15.0
RESERVED = 4  # one slot of so many is kept for endpoints that answer
UNSIGNED = Answer(status=None, error="secret_unreadable", retry_after=None, excerpt="", seconds=0)

AWAY = (OperationalError, InterfaceError)  # a database that is restarted, and transactions that it gave up

T = TypeVar("T")


class Deliverer:
    """Delivers what is due until `stop` is set."""

    def __init__(self, *, stop: asyncio.Event, slots: int | None = None) -> None:
        self.stop = stop
        self.slots = slots or settings.WEBHOOK_SLOTS
        self.under_way: set[asyncio.Task[None]] = set()
        self.ended: list[Outcome] = []
        self.news = asyncio.Event()  # an attempt has ended, or it is time to stop
        self.database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deliveries")
        self.chores = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chores")

    async def run(self) -> None:
        """Returns when told to stop, with all that was begun settled or handed back."""
        waker = asyncio.create_task(self._wake_to_stop())
        mailer = asyncio.create_task(self._do_chores())
        async with Transport() as transport:
            while not self.stop.is_set():
                found = await self._turn(transport)
                await self._wait(settings.WEBHOOK_POLL_S if found == 0 else GATHER_S)
            await self._finish()
        for task in (waker, mailer):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.database.shutdown()
        self.chores.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, transport: Transport) -> int:
        """Settle and claim; how many deliveries were begun. A database that is away must not end the process."""
        ended, self.ended = self.ended, []
        self.news.clear()
        free, reserve = self.slots - len(self.under_way), self.slots // RESERVED
        unsettled, claimed = await self._in_thread(lambda: _settle_and_claim(ended, free, reserve))
        self.ended += unsettled
        if claimed is None:
            await asyncio.sleep(AFTER_ACCIDENT_S)
            return 0
        for one in claimed:
            task = asyncio.create_task(self._deliver(transport, one))
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)
        return len(claimed)

    async def _deliver(self, transport: Transport, claimed: Claimed) -> None:
        started_at = timezone.now()
        try:
            answer = await self._post(transport, claimed, int(started_at.timestamp()))
        except asyncio.CancelledError:
            answer = Answer(status=None, error=INTERRUPTED, retry_after=None, excerpt="", seconds=0)
        except Exception:  # a fault of ours is an attempt too, or it would be made again and again
            log.exception("delivery_not_attempted", delivery_id=claimed.delivery_id)
            answer = Answer(status=None, error="internal_error", retry_after=None, excerpt="", seconds=0)
        self.ended.append(Outcome(claimed, started_at, answer))
        self.news.set()

    async def _post(self, transport: Transport, claimed: Claimed, at: int) -> Answer:
        if not claimed.keys:
            return UNSIGNED
        sent = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "InvoRec-Event": claimed.event_type,
            "InvoRec-Delivery": claimed.delivery_id,
            **headers(event_id=claimed.event_id, body=claimed.body, keys=claimed.keys, at=at),
        }
        return await transport.post(endpoint_id=claimed.endpoint_id, url=claimed.url, headers=sent, body=claimed.body)

    async def _wait(self, seconds: float) -> None:
        """Until there is something to settle, and a moment more for its neighbours; at most `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.news.wait()
        if self.ended:
            await asyncio.sleep(GATHER_S)

    async def _finish(self) -> None:
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=STOP_S)
        for task in self.under_way:
            task.cancel()
        if self.under_way:
            await asyncio.wait(self.under_way)
        if self.ended:
            await self._in_thread(lambda: _settle_all(self.ended))

    async def _wake_to_stop(self) -> None:
        await self.stop.wait()
        self.news.set()

    async def _do_chores(self) -> None:
        """What must not hold up deliveries: mail servers are slow."""
        loop = asyncio.get_running_loop()
        while True:
            for chore in (announce_due, tell_owners, send_mails):
                await loop.run_in_executor(self.chores, _guarded(partial(chore, now=timezone.now())))
            await asyncio.sleep(CHORES_S)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def connected() -> T:
            close_old_connections()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self.database, connected)


def _settle_and_claim(ended: Sequence[Outcome], free: int, reserve: int) -> tuple[list[Outcome], list[Claimed] | None]:
    """What could not be settled, for another time, and what was claimed; None where the database gave no answer."""
    unsettled = _settle_all(ended)
    if unsettled:
        return unsettled, None
    try:
        return [], claim(now=timezone.now(), limit=free, reserve=reserve) if free > 0 else []
    except AWAY as error:
        log.warning("database_away", error=str(error).strip())
    except Exception:
        log.exception("deliveries_not_claimed")
    return [], None


def _settle_all(ended: Sequence[Outcome]) -> list[Outcome]:
    """Settle in one transaction, or one by one where one of them spoils it for the others."""
    if not ended:
        return []
    try:
        settle(ended, now=timezone.now())
    except AWAY as error:
        log.warning("database_away", error=str(error).strip(), unsettled=len(ended))
        return _young(ended)
    except Exception:
        log.exception("delivery_not_settled", delivery_ids=[outcome.claimed.delivery_id for outcome in ended])
        if len(ended) > 1:
            return [outcome for one in ended for outcome in _settle_all([one])]
    return []


def _young(ended: Sequence[Outcome]) -> list[Outcome]:
    """Those that may still be settled; of the others the lease has run out."""
    oldest = timezone.now() - timedelta(seconds=2 * settings.WEBHOOK_LEASE_S)
    return [outcome for outcome in ended if outcome.started_at > oldest]


def _guarded(chore: Callable[[], object]) -> Callable[[], None]:
    def turn() -> None:
        close_old_connections()
        try:
            chore()
        except AWAY as error:
            log.warning("database_away", error=str(error).strip())
        except Exception:
            log.exception("chore_failed")

    return turn
