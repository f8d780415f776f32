"""The WSGI entry: `gunicorn -c python:invorec.gunicorn invorec.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "invorec.settings")

application = get_wsgi_application()
