"""Celery's door to the same functions that the embedded worker calls. A message is a hint; the row is the job."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from extraction import jobs, orphans, retention, worker


@shared_task(bind=True)
def run_job(self, job_id: str) -> None:
    """There is something to do: this job, or what is due in its place."""
    worker.work_once(worker=f"celery {self.request.hostname}", job_id=job_id)


@shared_task
def sweep_jobs() -> None:
    """Recover what a dead worker or a lost message left behind."""
    jobs.sweep(now=timezone.now())


@shared_task
def sweep_orphan_files() -> None:
    """Remove files that no invoice knows of."""
    orphans.sweep_orphan_files(now=timezone.now())


@shared_task
def remove_old_files() -> None:
    """Remove files that their plan keeps no longer."""
    retention.remove_old_files(now=timezone.now())
