"""Where results go: ``-o FORMAT[:FILE]``, standard output and its encoding, and a reader that has gone away.

Results go to standard output or to files, the rest to standard error. Nothing here knows what it prints.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ..encodings.problems import InputErrors, Notice, Problem, did_you_mean
from .reports.lines import Look, can_encode_signs, clean


@dataclass(frozen=True, slots=True)
class Output:
    """One ``-o``: a format, and the file to write (None: standard output)."""

    format: str
    file: str | None = None


def usage_error(option: str, message: str, hint: str = "") -> InputErrors:
    """The error for a wrong use of one option, to be raised."""
    return InputErrors([Problem(option, 0, "", message, hint)])


def parse_outputs(texts: Sequence[str], formats: Collection[str]) -> tuple[Output, ...]:
    """What ``-o`` asks for, by default text to the terminal.

    Raises InputErrors for an unknown format, two outputs in one place, and a file in no folder: before the
    work and not after it.
    """
    outputs = tuple(_parse(text, formats) for text in texts) or (Output("text"),)
    places = [output.file for output in outputs]
    for place in places:
        if places.count(place) > 1:
            where = "standard output" if place is None else f'the file "{place}"'
            raise usage_error("--output", f"two outputs go to {where}", "write FORMAT:FILE to give each its own file")
    return outputs


def _parse(text: str, formats: Collection[str]) -> Output:
    name, colon, file = text.partition(":")
    if name not in formats:
        known = f"the formats are {', '.join(formats)}"
        near = did_you_mean(name, tuple(formats))
        raise usage_error("--output", f'unknown format "{name}"', f"{near} {known}".strip())
    if not colon or file == "-":
        return Output(name)
    if not file:
        raise usage_error("--output", f'"{text}" names no file after the colon')
    path = Path(file)
    if path.is_dir():
        raise usage_error("--output", f'"{file}" is a folder, not a file')
    if not path.parent.is_dir():
        raise usage_error("--output", f'the folder of "{file}" does not exist')
    return Output(name, file)


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the options and the environment say about how results are printed."""

    quiet: bool
    verbose: bool
    no_color: bool
    env: Mapping[str, str]

    def look(self, output: Output) -> Look:
        """How text looks there: colour only on a terminal that wants it, signs where the encoding has them.

        ``NO_COLOR`` (if not empty) and a ``dumb`` terminal mean no colour, as does ``--no-color``.
        """
        if output.file is not None:
            return Look(quiet=self.quiet, verbose=self.verbose)
        unwanted = self.no_color or self.env.get("NO_COLOR") or self.env.get("TERM") == "dumb"
        return Look(
            unicode=can_encode_signs(_encoding(sys.stdout)),
            color=not unwanted and is_terminal(sys.stdout),
            quiet=self.quiet,
            verbose=self.verbose,
        )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads this stream as it is written; a closed or missing stream is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def write_output(output: Output, text: str) -> None:
    """Write the text where the output goes.

    Standard output gets text in its own encoding and every other format in UTF-8; what an encoding lacks is
    written as an escape (which inside JSON is JSON's own).

    Raises InputErrors if the place cannot be written.
    """
    if output.file is None:
        encoding = _encoding(sys.stdout) if output.format == "text" else "utf-8"
        write_stdout(text, encoding)
        return
    try:
        Path(output.file).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise usage_error("--output", f'cannot write "{output.file}": {error.strerror}') from error


def write_stdout(text: str, encoding: str = "utf-8") -> None:
    """Write to standard output; a reader that has gone away (``| head``) is no error: the outcome stands.

    Raises InputErrors if the output cannot be written for another reason, such as a full disk.
    """
    stream: TextIO | None = sys.stdout
    if stream is None:
        return
    try:
        stream.flush()
        stream.buffer.write(text.encode(encoding, "backslashreplace"))
        stream.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        raise usage_error("standard output", f"cannot be written: {error.strerror}") from error


def silence_stdout() -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush does not complain."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return


def complain(text: str) -> None:
    """Print on standard error, harmless to terminals, in an encoding it has; be silent if nobody listens."""
    stream: TextIO | None = sys.stderr
    if stream is None:
        return
    encoding = _encoding(stream)
    safe = "\n".join(clean(line) for line in text.split("\n"))
    try:
        stream.write(safe.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()
    except (OSError, ValueError):
        return


def complain_of(notices: Iterable[Notice]) -> None:
    """Print notices on standard error, each on a line."""
    for notice in notices:
        where = f"{notice.file}:{notice.line}" if notice.file and notice.line else notice.file
        text = f"notice: {where}: {notice.message}" if where else f"notice: {notice.message}"
        complain(text.replace("\n", "\\n"))


def _encoding(stream: TextIO | None) -> str:
    return getattr(stream, "encoding", None) or "utf-8"
