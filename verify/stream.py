"""Results that may be larger than memory: written piece by piece where an output goes, as ``output`` does for a text.

A reader that has gone away (``| head``) ends the writing and is no error: the outcome stands.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from .output import Output, silence_stdout, usage_error

_BUFFER = 1 << 16


def write_pieces(output: Output, pieces: Iterable[str]) -> None:
    """Write the pieces one after another; standard output gets text in its own encoding, the rest is UTF-8.

    Raises InputErrors if the place cannot be written.
    """
    if output.file is not None:
        try:
            with Path(output.file).open("wb", _BUFFER) as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise usage_error("--output", f'cannot write "{output.file}": {error.strerror}') from error
        return
    stream: TextIO | None = sys.stdout
    if stream is not None:
        _to_stdout(stream, pieces, (stream.encoding or "utf-8") if output.format == "text" else "utf-8")


def _to_stdout(stream: TextIO, pieces: Iterable[str], encoding: str) -> None:
    try:
        stream.flush()
        for batch in _gathered(pieces):
            stream.buffer.write(batch.encode(encoding, "backslashreplace"))
        stream.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        raise usage_error("standard output", f"cannot be written: {error.strerror}") from error


def _gathered(pieces: Iterable[str]) -> Iterable[str]:
    """The pieces in larger ones."""
    batch: list[str] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece)
        if size >= _BUFFER:
            yield "".join(batch)
            batch, size = [], 0
    yield "".join(batch)
