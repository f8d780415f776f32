"""How well invoices are read: `python -m tests.accuracy` measures, `tests.accuracy.calibrate` learns from it."""
