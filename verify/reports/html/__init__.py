"""The report as one HTML page that needs nothing else: no network, no other file.

``page`` puts it together; ``rows`` and ``drawing`` say what is shown of a property, ``texts`` shows manifests,
``picture`` who talks to whom. Beside them lie the page's template, style and scripts.
"""

from .page import render_html

__all__ = ["render_html"]
