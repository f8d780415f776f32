"""STORAGE_URL, read into Django's STORAGES entry."""

import pytest

from invorec.storage_url import storage_from_url


def test_a_folder():
    storage = storage_from_url("file:///srv/my%20files")
    assert storage["BACKEND"] == "django.core.files.storage.FileSystemStorage"
    assert storage["OPTIONS"]["location"] == "/srv/my files"
    assert storage["OPTIONS"]["file_permissions_mode"] == 0o600


def test_a_bucket():
    url = "s3://invoices/live/eu?endpoint_url=https://s3.example.org&region=eu-central-1"
    assert storage_from_url(url, access_key="id", secret_key="secret") == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "invoices",
            "location": "live/eu",
            "default_acl": None,
            "endpoint_url": "https://s3.example.org",
            "region_name": "eu-central-1",
            "access_key": "id",
            "secret_key": "secret",
        },
    }


def test_a_bucket_alone_leaves_keys_to_the_environment():
    options = storage_from_url("s3://invoices")["OPTIONS"]
    assert options == {"bucket_name": "invoices", "location": "", "default_acl": None}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "must start with file:/// or s3://"),
        ("/srv/files", "must start with file:/// or s3://"),
        ("file://srv/files", "a file URL names an absolute folder: file:///srv/invorec/files"),
        ("file:///", "a file URL names an absolute folder: file:///srv/invorec/files"),
        ("s3:///prefix", "names no bucket: s3://bucket/prefix"),
        ("s3://bucket?acl=public", "unknown option acl; known: endpoint_url, region"),
    ],
)
def test_what_is_refused(url, message):
    with pytest.raises(ValueError, match="^" + message.replace("?", r"\?").replace(".", r"\.") + "$"):
        storage_from_url(url)
