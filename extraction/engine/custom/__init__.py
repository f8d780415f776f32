"""Custom fields: what a workspace defines by JSON Schema, read with the labels, candidates and scores of the rest."""
