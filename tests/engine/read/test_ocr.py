from extraction.engine.read.language import guess_language
from extraction.engine.read.tesseract import combine
from extraction.engine.words import Box, Word


def word(text, x, confidence):
    return Word(text, Box(x, 0.5, x + 0.1, 0.52), 1, confidence)


def test_gaps_of_the_better_reading_are_filled_from_the_other():
    better = (word("Total", 0.1, 0.98), word("due", 0.3, 0.98))
    worse = (word("Tota1", 0.11, 0.9), word("642.00", 0.6, 0.6), word("~~", 0.8, 0.3))
    assert combine(worse, better) == combine(better, worse) == (*better, worse[1])


def test_one_reading_stands_for_itself():
    assert combine((), (word("Total", 0.1, 0.9),)) == (word("Total", 0.1, 0.9),)
    assert combine((), ()) == ()


ALL = ("eng", "deu", "fra", "spa", "ita", "nld", "por", "pol")


def test_language_is_guessed_from_frequent_words():
    german = ["Rechnung Nr. 7 vom 3. Mai: bitte zahlen Sie den Betrag auf das Konto, Datum und Menge siehe unten"]
    french = ["Facture numéro 7, à régler pour le 3 mai, montant TVA comprise, quantité et prix"]
    assert guess_language(german, "eng", ALL) == "deu"
    assert guess_language(french, "eng", ALL) == "fra"
    assert guess_language(["the invoice is due to be paid for your order"], "eng", ALL) == "eng"


def test_language_stays_where_little_speaks_for_another():
    assert guess_language(["Rechnung", "4711"], "eng", ALL) == "eng"
    assert guess_language([], "eng", ALL) == "eng"


def test_language_that_is_not_among_those_asked_for_is_not_guessed():
    german = ["Rechnung bitte zahlen Sie den Betrag auf das Konto und die Menge"]
    assert guess_language(german, "eng", ("eng", "fra")) == "eng"
