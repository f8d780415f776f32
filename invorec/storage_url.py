"""STORAGE_URL: where documents are kept, as one URL.

file:///srv/invorec/files
s3://bucket/prefix?endpoint_url=https://s3.example.org&region=eu-central-1
"""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

S3_OPTIONS = {"endpoint_url": "endpoint_url", "region": "region_name"}


def file_storage(location: str) -> dict[str, Any]:
    """Django's STORAGES entry for a folder that only this service's user may read."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": location,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def storage_from_url(url: str, *, access_key: str = "", secret_key: str = "") -> dict[str, Any]:
    """Django's STORAGES entry for `url`; without keys, boto3's own chain finds them. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _from_file_url(parts.netloc, unquote(parts.path))
    if parts.scheme == "s3":
        options = _s3_options(parts.netloc, unquote(parts.path), dict(parse_qsl(parts.query)))
        if access_key:
            options |= {"access_key": access_key, "secret_key": secret_key}
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ValueError("must start with file:/// or s3://")


def _from_file_url(host: str, path: str) -> dict[str, Any]:
    if host or path in ("", "/"):
        raise ValueError("a file URL names an absolute folder: file:///srv/invorec/files")
    return file_storage(path)


def _s3_options(bucket: str, prefix: str, query: dict[str, str]) -> dict[str, Any]:
    if not bucket:
        raise ValueError("names no bucket: s3://bucket/prefix")
    unknown = sorted(set(query) - set(S3_OPTIONS))
    if unknown:
        raise ValueError(f"unknown option {', '.join(unknown)}; known: {', '.join(sorted(S3_OPTIONS))}")
    options: dict[str, Any] = {"bucket_name": bucket, "location": prefix.strip("/"), "default_acl": None}
    return options | {S3_OPTIONS[name]: value for name, value in query.items()}
