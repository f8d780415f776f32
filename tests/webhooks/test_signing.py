import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from webhooks.signing import headers, mint_secret

BODY = '{"id":"evt_1","data":{"vendorName":"Müller"}}'.encode()


def test_a_secret_is_32_random_bytes_in_base64():
    secret = mint_secret()
    assert secret.startswith("whsec_") and len(base64.b64decode(secret[6:], validate=True)) == 32
    assert mint_secret() != secret


def test_our_header_has_exactly_two_values_in_order():
    made = headers(event_id="evt_1", body=b"{}", keys=["whsec_AAAA"], at=1716638400)
    # computed with: printf '1716638400.{}' | openssl dgst -sha256 -hmac whsec_AAAA
    digest = "8202403c27123a7b43b2fce99364fe4ca532a9f484a89a1e139f3a6f95a4bf28"
    assert made["InvoRec-Signature"] == f"t=1716638400,v1={digest}"


def test_while_a_rotation_is_under_way_the_pending_secret_signs_third():
    one, two = mint_secret(), mint_secret()
    alone = [headers(event_id="evt_1", body=BODY, keys=[key], at=5)["InvoRec-Signature"] for key in (one, two)]
    both = headers(event_id="evt_1", body=BODY, keys=[one, two], at=5)["InvoRec-Signature"]
    assert both.split(",") == [*alone[0].split(","), alone[1].split(",")[1]]


@pytest.mark.parametrize("position", [0, 1])
def test_a_stock_library_verifies_with_either_secret(position):
    keys, at = [mint_secret(), mint_secret()], int(datetime.now(UTC).timestamp())
    made = headers(event_id="evt_1", body=BODY, keys=keys, at=at)
    assert Webhook(keys[position]).verify(BODY, made)["id"] == "evt_1"
    with pytest.raises(WebhookVerificationError):
        Webhook(keys[position]).verify(BODY + b" ", made)
    with pytest.raises(WebhookVerificationError):
        Webhook(mint_secret()).verify(BODY, made)
