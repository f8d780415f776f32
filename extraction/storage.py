"""Private files: documents as they came, in the store that STORAGES["default"] names (a folder or S3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

ROOT = "invoices"


class StoreDown(OSError):
    """The store did not do as it was asked; another time it may."""


@contextmanager
def _asked() -> Iterator[None]:
    """Turns whatever a store's driver raises into StoreDown; a file that is not there stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BotoCoreError, ClientError) as error:
        raise StoreDown("the document store failed") from error


def save(file: File[bytes] | bytes, *, invoice_id: str, workspace_id: str) -> str:
    """Store a document and return its key, which is made of ids and never of the client's file name.

    Raises StoreDown.
    """
    content = ContentFile(file) if isinstance(file, bytes) else file
    with _asked():
        return default_storage.save(f"{ROOT}/{workspace_id}/{invoice_id}", content)


def open_file(key: str) -> File[bytes]:
    """The document, open for reading. Raises FileNotFoundError, StoreDown."""
    with _asked():
        return default_storage.open(key, "rb")


def read(key: str) -> bytes:
    """The whole document. Raises FileNotFoundError."""
    with open_file(key) as file:
        return file.read()


def delete(key: str) -> None:
    """Remove the document; one that is gone already is no error."""
    default_storage.delete(key)


def keys_by_workspace() -> Iterator[list[str]]:
    """The keys of all stored documents, a workspace at a time."""
    try:
        workspaces, _ = default_storage.listdir(ROOT)
    except FileNotFoundError:
        return
    for workspace in workspaces:
        _, names = default_storage.listdir(f"{ROOT}/{workspace}")
        yield [f"{ROOT}/{workspace}/{name}" for name in names]


def stored_at(key: str) -> datetime:
    """When the document was stored. Raises FileNotFoundError."""
    return default_storage.get_modified_time(key)
