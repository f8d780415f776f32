from django.apps import AppConfig


class InvorecConfig(AppConfig):
    """The composing app: it owns no models, only management commands and wiring."""

    name = "invorec"

    def ready(self) -> None:
        """Load the Celery app, so that `shared_task` binds to it in every process that runs Django."""
        import invorec.celery  # noqa: F401
