"""Files whose text is not what it stands for: encrypted files, pointers to files kept elsewhere, binary data.

Reading such a file as empty or unknown would silently lose policies, so each is refused with its own hint.
"""

from __future__ import annotations

from typing import Any

from ..written import Map
from .mistakes import EXCLUDE, NO_MANIFEST, UnreadableError

_HEADS = (
    ("\0GITCRYPT\0", "the file is encrypted with git-crypt", "unlock the repository"),
    ("$ANSIBLE_VAULT;", "the file is encrypted with ansible-vault", "decrypt it first"),
    ("age-encryption.org/", "the file is encrypted with age", "decrypt it first"),
    ("-----BEGIN AGE ", "the file is encrypted with age", "decrypt it first"),
    ("-----BEGIN PGP ", "the file is encrypted with PGP", "decrypt it first"),
    (
        "version https://git-lfs.github.com/spec/",
        "the file is a Git LFS pointer, not the content",
        "run git lfs pull",
    ),
)
SOPS_MESSAGE = "the document is encrypted with SOPS"
SOPS_HINT = f"decrypt it first (sops decrypt …), or {EXCLUDE}"


def refuse_cipher_bytes(data: bytes) -> None:
    """Raises UnreadableError for a git-crypt file, whose bytes after the head are no text in any encoding."""
    if data.startswith(b"\0GITCRYPT\0"):
        raise UnreadableError(0, _HEADS[0][1], _HEADS[0][2], EXCLUDE)


def refuse_cipher_text(text: str) -> None:
    """Raises UnreadableError for whole-file encryption, Git LFS pointers and text with NUL bytes."""
    for head, message, hint in _HEADS:
        if text.startswith(head):
            raise UnreadableError(0, message, hint, EXCLUDE)
    place = text.find("\0")
    if place >= 0:
        line = text.count("\n", 0, place) + 1
        raise UnreadableError(line, "the file contains NUL bytes, so it is not text", "save it as UTF-8", NO_MANIFEST)


def is_sops(document: Map) -> bool:
    """Whether SOPS encrypted (parts of) a document: a top-level ``sops`` record, or ``ENC[AES256_GCM,…]`` values."""
    record = document.get("sops")
    if isinstance(record, Map) and ("mac" in record or "version" in record):
        return True
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if value.startswith("ENC[AES256_GCM,"):
                return True
        elif isinstance(value, Map):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)  # pyright: ignore[reportUnknownArgumentType]
    return False
