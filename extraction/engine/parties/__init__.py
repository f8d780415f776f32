"""Vendor and customer: whose names, addresses and identifiers a document shows.

Mentions of parties are gathered first (`mentions`), put together by name, given their roles at once (`roles`), and
only then do names, addresses and identifiers become fields (`fields`).
"""

from extraction.engine.parties.fields import assign_parties, find_identifiers

__all__ = ["assign_parties", "find_identifiers"]
