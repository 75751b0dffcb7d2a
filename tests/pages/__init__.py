"""Support for the tests of the documentation: a page as a script of blocks, run and checked in the order of the page.

What may stand behind the language of a block of code, and what it means (docs/architecture.md tells it to writers):

``console``: every command is run, and what it prints compared; ``not-run``: only parsed (it needs a network or a
cluster); ``installs``: parts that install something are not run. ``sh``: run, or ``not-run``. ``yaml`` says what it is:
``suite``, ``groups``, ``properties``, ``part`` (of a suite or of a property), ``manifests`` or ``other``; ``file=PATH``
writes it for later commands of the page, ``refused`` expects a mistake. ``json``: ``report`` or ``part``. ``python``:
run, all blocks of a page as one module; ``quote=PATH``: stands in that file. ``text``: a drawing.
"""
