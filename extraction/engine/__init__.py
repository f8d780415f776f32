"""A pure library: document bytes in, `Extraction` out. No Django, no settings, no clock, no network, no database."""
