"""The Celery app: `celery -A invorec worker` and `celery -A invorec beat`.

A message carries one id and means "look at this row now"; the row is the job (see `extraction.jobs`). Lost, doubled or
late messages therefore change nothing, and every option of it stands in `invorec.settings` under `CELERY_`.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")

app = Celery("invorec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
