"""A folder that a tool makes manifests of, and how what it makes and says is shown.

A rendered object has no line of its own in what people wrote. Its place is the line in the tool's output, and the file
it came from stands beside it where that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .sources import shown_path


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder (or packaged chart) to render: where it is, and how it is shown.

    ``root`` and ``shown_root``, of a tree that is not the user's own folder: what stands before a path below ``root``.
    """

    path: Path
    shown: str
    root: Path | None = None
    shown_root: str = ""

    def name_of(self, path: Path) -> str:
        """How a file that took part in the rendering is shown."""
        if self.root is None:
            return shown_path(path)
        inside = path.is_relative_to(self.root)
        return f"{self.shown_root}{path.relative_to(self.root).as_posix()}" if inside else path.name

    @property
    def hidden(self) -> dict[str, str]:
        """What to show in a tool's complaints in place of absolute paths."""
        root = Path.cwd() if self.root is None else self.root
        above = {} if root == Path(root.anchor) else {f"{root}/": self.shown_root, str(root): self.shown_root or "."}
        return {**above, str(self.path): self.shown, f"{self.path}/": f"{self.shown.rstrip('/')}/"}


def rendered(folder: Folder, tool: str, source: str | None) -> str:
    """The place of a rendered object: ``overlays/prod (kustomize, from base/db.yaml:3)``."""
    return f"{folder.shown} ({tool})" if source is None else f"{folder.shown} ({tool}, from {source})"
