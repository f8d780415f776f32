import hashlib
import re
import zlib

import pytest

from invorec.lib.tokens import ALPHABET, KEY_PATTERN, RANDOM_LENGTH, hash_key, is_key, key_hint, key_livemode, mint_key

KNOWN = "invr_live_" + "0123456789ABCDEFGHIJKLMNOPQRSTUV"


@pytest.mark.parametrize(("livemode", "prefix"), [(True, "invr_live_"), (False, "invr_test_")])
def test_a_key_says_its_mode_and_matches_the_published_pattern(livemode, prefix):
    key = mint_key(livemode=livemode)
    assert key.startswith(prefix)
    assert re.fullmatch(KEY_PATTERN, key)
    assert is_key(key)
    assert key_livemode(key) is livemode


def test_keys_are_random_over_the_whole_alphabet():
    keys = [mint_key(livemode=True) for _ in range(500)]
    assert len(set(keys)) == 500
    assert {c for key in keys for c in key[10 : 10 + RANDOM_LENGTH]} == set(ALPHABET)
    assert len(ALPHABET) ** RANDOM_LENGTH > 2**190


def test_any_single_changed_character_is_noticed():
    key = mint_key(livemode=True)
    for place in range(10, len(key)):
        other = "x" if key[place] != "x" else "y"
        assert not is_key(key[:place] + other + key[place + 1 :])


def test_the_mode_is_part_of_the_checksum():
    assert not is_key(mint_key(livemode=True).replace("live", "test"))


@pytest.mark.parametrize("token", ["", "invr_live_", "invr_live_8a3f...c91", "sk_live_" + "a" * 38, KNOWN + "000000"])
def test_what_was_never_minted_is_no_key(token):
    assert not is_key(token)


def test_the_checksum_is_crc32_in_base_62():

    key = KNOWN
    value = zlib.crc32(key.encode())
    expected = "".join(ALPHABET[value // 62**power % 62] for power in range(5, -1, -1))

    assert is_key(key + expected)


def test_only_a_hash_and_a_hint_are_kept():
    key = mint_key(livemode=True)
    assert hash_key(key) == hashlib.sha256(key.encode()).hexdigest()
    assert key_hint(key) == f"{key[:14]}…{key[-4:]}"
