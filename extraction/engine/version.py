"""Which engine read a document: stored with every result, so that a difference between two can be explained."""

VERSION = "1.0.0"  # grows with every change of what is read
MODEL = "rules-1"  # names the weights that rank candidates, and changes with them
