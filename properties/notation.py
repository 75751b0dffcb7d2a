"""What is wrong with the notation of one value, before anyone knows in which file and on which line it stands."""

from __future__ import annotations

from ..encodings.written import Path


class NotationError(ValueError):
    """A value that means nothing: ``message``, ``hint`` ("" for none), and ``path`` inside the value."""

    def __init__(self, message: str, hint: str = "", path: Path = ()) -> None:
        self.message = message
        self.hint = hint
        self.path = path
        super().__init__(message + (f" ({hint})" if hint else ""))
