from pathlib import Path

from tests.invoices import sample

SAMPLE = Path(__file__).parents[1] / "invorec" / "sample" / "invoice.pdf"


def test_the_sample_is_what_the_generator_draws():
    assert SAMPLE.read_bytes() == sample().pdf
    assert sample().truth["totalAmount"] == "4877.64"
