"""Gunicorn's settings: `gunicorn -c python:invorec.gunicorn invorec.wsgi`."""

from environs import Env

from invorec import settings

env = Env()
host, port = env.str("INVOREC_BIND", "127.0.0.1"), env.int("PORT", 8000)
bind = f"{host}:{port}"
worker_class = "invorec.web_worker.WebWorker"  # threads, and errors in the API's form
workers = env.int("INVOREC_WEB_WORKERS", 1)
threads = env.int("INVOREC_WEB_THREADS", 8)
timeout = 60
graceful_timeout = 10
preload_app = True  # a refused configuration ends the whole process, once, instead of every worker in turn
control_socket_disable = True  # nobody here speaks to it
logconfig_dict = settings.LOGGING
