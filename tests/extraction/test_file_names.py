import pytest

from extraction.file_names import safe_name


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("bill.pdf", "bill.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\bill.pdf", "bill.pdf"),
        ("a\x00b\r\nc\x1b.pdf", "abc.pdf"),
        ("gpj.\u202efdp.exe", "gpj.fdp.exe"),
        ("  Rechnung Nr. 5.pdf ", "Rechnung Nr. 5.pdf"),
        ("Mu\u0308ller.pdf", "M\u00fcller.pdf"),
        ("", "invoice.pdf"),
        ("..", "invoice.pdf"),
        ("uploads/", "invoice.pdf"),
        ("\x00\x01", "invoice.pdf"),
        ("x" * 300, "x" * 255),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("\ud800.pdf", ".pdf"),
    ],
)
def test_a_name_is_only_a_label(name, label):
    assert safe_name(name, "pdf") == label


def test_the_default_has_the_ending_of_the_content():
    assert safe_name("", "jpeg") == "invoice.jpg"
