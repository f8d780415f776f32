"""Model fields and the abstract row that every app builds on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from invorec.lib.ids import new_id

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    TextColumn = models.CharField[str, str]
else:
    TextColumn = models.CharField

ID_LENGTH = 30  # three letters, an underscore, 26 characters of ULID


class IdField(TextColumn):
    """A primary key `prefix_ULID`, compared byte by byte, so that id order is time order on every database.

    PostgreSQL is told so by collation "C", which foreign keys inherit; SQLite compares bytes by itself.
    """

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        fixed = {"primary_key": True, "max_length": ID_LENGTH, "editable": False, "default": partial(new_id, prefix)}
        super().__init__(**{**kwargs, **fixed})

    def deconstruct(self) -> Any:
        """The prefix alone makes the field again."""
        name, path, _, kwargs = super().deconstruct()
        for fixed in ("primary_key", "max_length", "editable", "default"):
            kwargs.pop(fixed, None)
        return name, path, [self.prefix], kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """CharField's. On PostgreSQL by the type's long name: at "varchar" Django adds a second index for LIKE, which
        under collation "C" the first one serves.
        """
        column = super().db_type(connection)
        return column.replace("varchar", "character varying") if column else column

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """CharField's, with the collation of the vendor."""
        parameters = super().db_parameters(connection)
        return {**parameters, "collation": "C"} if connection.vendor == "postgresql" else parameters


class Timestamped(models.Model):
    """When a row was made and last changed. `QuerySet.update` must set `updated_at` itself."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
