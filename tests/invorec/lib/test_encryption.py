import pytest

from invorec.lib.encryption import DecryptionFailed, decrypt, encrypt

TEXT = "whsec_Größe"


def test_what_was_encrypted_can_be_read_and_looks_like_nothing():
    token = encrypt(TEXT, purpose="a")
    assert decrypt(token, purpose="a") == TEXT
    assert "whsec" not in token and encrypt(TEXT, purpose="a") != token


@pytest.mark.parametrize(
    "spoil",
    [lambda t: t[:-2], lambda t: "", lambda t: TEXT, lambda t: t[:40] + ("B" if t[40] == "A" else "A") + t[41:]],
)
def test_what_was_changed_cannot_be_read(spoil):
    token = encrypt(TEXT, purpose="a")
    assert spoil(token) != token
    with pytest.raises(DecryptionFailed):
        decrypt(spoil(token), purpose="a")


def test_each_purpose_has_its_own_key():
    with pytest.raises(DecryptionFailed):
        decrypt(encrypt(TEXT, purpose="a"), purpose="b")


def test_the_key_can_be_changed_while_the_old_one_is_known(settings):
    old = encrypt(TEXT, purpose="a")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    new = encrypt(TEXT, purpose="a")
    assert decrypt(old, purpose="a") == decrypt(new, purpose="a") == TEXT
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(new, purpose="a") == TEXT
    with pytest.raises(DecryptionFailed):
        decrypt(old, purpose="a")
