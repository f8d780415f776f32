"""The HTML doors: staff today."""
