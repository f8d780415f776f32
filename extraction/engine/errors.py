"""What can go wrong with a document, each with a stable code and a sentence for the person who sent it."""

from __future__ import annotations


class EngineError(Exception):
    """A document that cannot be read. `code` is stable and goes out on the wire; `str(error)` is for people."""

    code = "engine_error"
    message = "The document could not be read."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class EmptyFile(EngineError):
    code = "empty_file"
    message = "The file is empty."


class UnsupportedFile(EngineError):
    code = "unsupported_file"
    message = "The file is not a PDF, PNG, JPEG, TIFF, WebP, HEIC or XML e-invoice."


class DamagedFile(EngineError):
    code = "damaged_file"
    message = "The file is damaged beyond repair."


class EncryptedFile(EngineError):
    code = "encrypted_file"
    message = "The PDF is protected by a password. Send it without one."


class FileTooLarge(EngineError):
    code = "file_too_large"
    message = "The file is larger than allowed."

    @classmethod
    def beyond(cls, most: int) -> FileTooLarge:
        """For a file of more than `most` bytes."""
        return cls(f"The file is larger than the {most / 1024 / 1024:.3g} MiB allowed.")


class TooManyPages(EngineError):
    code = "too_many_pages"
    message = "The document has more pages than allowed."

    @classmethod
    def beyond(cls, most: int) -> TooManyPages:
        """For a document of more than `most` pages."""
        return cls(f"The document has more than the {most} pages allowed.")


class TooManyPixels(EngineError):
    code = "too_many_pixels"
    message = "A page of the document has more pixels than allowed."

    @classmethod
    def beyond(cls, most: int) -> TooManyPixels:
        """For a page of more than `most` pixels."""
        return cls(f"A page of the document has more than the {most / 1_000_000:.4g} megapixels allowed.")


class NoTextFound(EngineError):
    code = "no_text_found"
    message = "No text was found on the document."


class NotAnInvoice(EngineError):
    code = "not_an_invoice"
    message = "The document is not a recognisable invoice."


class TimedOut(EngineError):
    code = "extraction_timed_out"
    message = "Reading the document took longer than allowed."


class Crashed(EngineError):
    code = "extraction_crashed"
    message = "The document could not be read: reading it ended abnormally."
