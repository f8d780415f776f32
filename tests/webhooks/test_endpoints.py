import pytest
from django.core.management import call_command

from invorec.lib.encryption import DecryptionFailed, decrypt
from tests.factories import make_endpoint
from webhooks.endpoints import PURPOSE, rotate_secret

pytestmark = pytest.mark.django_db


def test_secrets_outlive_a_change_of_the_key(tenant, settings, capsys):
    endpoint = make_endpoint(tenant)
    make_endpoint(tenant)
    old = decrypt(endpoint.secret, purpose=PURPOSE)
    endpoint, new = rotate_secret(endpoint=endpoint)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    call_command("reencrypt_secrets")
    assert capsys.readouterr().out == "2 webhooks are encrypted with the present SECRET_KEY.\n"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(DecryptionFailed):
        decrypt(endpoint.secret, purpose=PURPOSE)
    endpoint.refresh_from_db()
    assert [decrypt(one, purpose=PURPOSE) for one in (endpoint.secret, endpoint.pending_secret)] == [old, new]
