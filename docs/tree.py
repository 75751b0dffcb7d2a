"""Hooks of the site's builder: the repository's tree becomes the site's, read as GitHub reads it.

A page may link to an example or a manifest by its path, and the link works on GitHub and on the site alike. Trusts the
builder for following links; nothing here knows of the product.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from properdocs.config.defaults import MkDocsConfig
from properdocs.structure.files import File, Files
from pygments.formatters.html import HtmlFormatter

ROOT = Path(__file__).resolve().parent.parent
PATTERNS = ("README.md", "LICENSE", "docs/**/*", "examples/**/*", "benchmarks/README.md")
COLOURS = "docs/colours.css"
SUFFIXES = frozenset((".md", ".yaml", ".jsonl", ".css", ""))


def slug(title: str, separator: str) -> str:
    """The anchor of a heading as GitHub makes it: each blank becomes a ``-``, other signs than ``_`` and ``-`` go."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", separator)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Anchors as on GitHub."""
    extensions = cast("dict[str, dict[str, object]]", config.mdx_configs)
    extensions.setdefault("toc", {})["slugify"] = slug
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The site's files under their paths in the repository, beside those of the theme."""
    own = Path(config.docs_dir)
    tree = Files([file for file in files if file.src_dir is None or not Path(file.src_dir).is_relative_to(own)])
    for path in sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern)}):
        if path.is_file() and path.suffix in SUFFIXES:
            name = path.relative_to(ROOT).as_posix()
            tree.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    tree.append(File.generated(config, COLOURS, content=colours()))
    return tree


def colours() -> str:
    """The style sheet of highlighted code, for light and dark pages."""
    return "\n".join((_sheet("default", ".codehilite"), _sheet("github-dark", "[data-bs-theme=dark] .codehilite")))


def _sheet(style: str, scope: str) -> str:
    formatter: HtmlFormatter[str] = HtmlFormatter(style=style)
    return str(formatter.get_style_defs(scope))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def on_page_markdown(markdown: str, **_: object) -> str:
    """The page as GitHub shows it, where the builder would read it differently.

    GitHub hides the words after a block's language (they tell the tests what it is), and in the code of a table's cell
    it reads ``\\|`` as ``|``.
    """
    without_words = re.sub(r"^(```\w+) .*$", r"\1", markdown, flags=re.MULTILINE)
    return re.sub(r"^\|.*$", _unescaped, without_words, flags=re.MULTILINE)


def _unescaped(row: re.Match[str]) -> str:
    return re.sub(r"`[^`]*`", lambda code: code[0].replace(r"\|", "|"), row[0])
