"""The language of a page, from a first reading that need not be good: frequent words tell, letters do not."""

from __future__ import annotations

import re
from collections.abc import Iterable

# By Tesseract's names: articles, prepositions, and what stands on every bill. Without diacritics, which a reading in
# another language loses.
_TEXTS = {
    "eng": (
        "the of and to for from with your our this is by invoice bill amount due date tax number payment quantity qty "
        "price description subtotal ship customer please thank you unit order receipt cash change balance"
    ),
    "deu": (
        "der die das und fur mit von den dem ein eine ist bei zum zur auf nach wir ihre ihr sie rechnung datum betrag "
        "rechnungsnummer rechnungsdatum kunde kundennummer menge preis einzelpreis gesamtpreis steuer mwst ust netto "
        "brutto gesamtbetrag zwischensumme summe zahlung zahlbar bitte vielen dank inkl zzgl bezeichnung"
    ),
    "fra": (
        "le la les des du et pour par avec une sur est votre vos nous vous facture montant tva ht ttc client numero "
        "quantite prix unitaire echeance reglement paiement siret merci designation commande adresse net payer"
    ),
    "spa": (
        "el los las del y para por con una su es factura importe iva fecha cliente numero cantidad precio unitario "
        "pago base imponible cif nif direccion gracias vencimiento descripcion concepto pedido forma"
    ),
    "ita": (
        "il lo gli della del dei di e per con una alla fattura importo iva data cliente numero quantita prezzo totale "
        "unitario pagamento imponibile partita codice fiscale scadenza descrizione banca imposta grazie"
    ),
    "nld": (
        "de het een van en voor met op uw bij naar wij is factuur bedrag btw datum klant klantnummer nummer aantal "
        "prijs totaal betaling factuurnummer factuurdatum vervaldatum omschrijving subtotaal excl incl gelieve"
    ),
    "por": (
        "o os as do da dos das e para por com uma seu fatura factura valor iva data cliente numero quantidade preco "
        "unitario pagamento nif contribuinte vencimento descricao obrigado total morada"
    ),
    "pol": (
        "i w na do z ze od dla faktura kwota data nabywca sprzedawca ilosc cena razem zaplaty nip netto brutto numer "
        "sprzedazy wystawienia termin platnosci wartosc stawka jednostkowa nazwa konto bankowe"
    ),
}
FREQUENT = {name: frozenset(text.split()) for name, text in _TEXTS.items()}
_MIN_HITS = 4  # different words; fewer prove nothing
_LEAD = 1.5  # how many times more than the language that was read in
_PLAIN = str.maketrans("àáâäãåąçćéèêëęíìîïñńóòôöõøúùûüśźżł", "aaaaaaacceeeeeiiiinnoooooouuuuszzl")


def guess_language(texts: Iterable[str], read_in: str, among: Iterable[str]) -> str:
    """The Tesseract name of the language of these words: one of `among`, or `read_in` where none is clearly better."""
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold().translate(_PLAIN))}
    hits = {name: len(words & FREQUENT[name]) for name in among if name in FREQUENT}
    best = max(hits, key=lambda name: hits[name], default=read_in)
    clear = hits.get(best, 0) >= max(_MIN_HITS, _LEAD * hits.get(read_in, 0))
    return best if clear else read_in
