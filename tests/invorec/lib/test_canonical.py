import hashlib

import pytest

from invorec.lib.canonical import canonical_json, digest


def test_order_of_keys_and_blanks_make_no_difference():
    assert canonical_json({"b": [1, 2.5, None], "a": "Müller"}) == '{"a":"Müller","b":[1,2.5,null]}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


def test_values_that_differ_have_other_digests():
    assert len({digest(value) for value in (1, "1", [1], {"1": 1}, None, True)}) == 6


def test_the_digest_is_sha256_of_the_text():
    assert digest({"a": "ü"}) == hashlib.sha256('{"a":"ü"}'.encode()).hexdigest()


def test_an_unpaired_surrogate_has_a_digest_too():
    assert digest("\ud800") != digest("\ud801")


def test_what_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))
