"""Runs network-config-analyzer (nca) again and again, in the Python that nca is installed in.

A program of its own, which imports nothing of this project: it is run by another interpreter. Its first line says
whether nca is there; then each line of its input gives arguments of nca and the file that they send its table to, and
is answered by a line.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer until the input ends. What nca itself prints is part of the answers; the real output is only theirs."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Parts of nca keep the streams that they see when they are imported, so these must be there before.
    said = io.StringIO()
    sys.stdout = sys.stderr = said
    del sys.path[0]  # this folder, whose modules are none of nca's
    try:
        nca = importlib.import_module("nca.nca_cli")
    except ImportError as error:
        print(json.dumps({"ready": False, "said": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        print(json.dumps(_answer(nca, request["arguments"], request["table"], said)), file=answers, flush=True)


def _answer(nca: Any, arguments: list[str], table: str, said: io.StringIO) -> dict[str, object]:
    """nca's exit code (None if it raised instead), its table (None if it wrote none) and what it said."""
    said.seek(0)
    said.truncate()
    code: object = None
    try:
        code = nca.nca_main(arguments)
    except SystemExit as error:
        code = error.code
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=said)
    try:
        with open(table, encoding="utf-8") as file:  # noqa: PTH123 - as plain as can be, for any Python
            text = file.read()
    except OSError:
        text = None
    return {"code": code, "table": text, "said": said.getvalue()}


if __name__ == "__main__":
    main()
