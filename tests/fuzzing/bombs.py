"""Inputs that are small to write and large to read: aliases, nesting, long scalars, many documents; and odd YAML.

Each is a manifest file with the exit codes that reading it may end with.
"""

from __future__ import annotations

from collections.abc import Iterator

from .texts import EITHER, READ, REFUSED, Case

HEAD = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\n"
PORT = POLICY + "spec: {podSelector: {}, ingress: [{ports: [{port: %s}]}]}\n"
MEGABYTE = 1_000_000


def aliases() -> Iterator[Case]:
    """Anchors and aliases: exponential, self-referring, unknown, merged."""
    for width, depth, codes in ((2, 40, REFUSED), (9, 30, REFUSED), (2, 10, READ), (1, 150, READ), (1, 250, REFUSED)):
        for kind in "[{<":
            yield _laughs(kind, width, depth).encode(), EITHER if kind == "<" else codes
    for text in (
        "a: &a [*a]",
        "a: &a {b: *a}",
        "&a {<<: *a}",
        "a: &a {b: [{c: *a}]}",
        "&a [*a]",
        "a: *b",
        "a: *",
        "a: &",
        "a: &b &c d",
        "a: &a b\n---\nc: *a",
        "<<: 1",
        "<<: [1]",
        "<<: [[{a: b}]]",
        "a: &a [1]\n<<: *a",
        "<<: ~",
    ):
        yield f"{HEAD}{text}\n".encode(), REFUSED
    for text in ("a: &a b\nc: *a", "a: &a {b: c}\nd: {<<: *a, b: e}", "a: &a [b]\nc: [*a, *a]", "a: &a\nb: *a"):
        # Unknown fields of a Namespace are refused, so the aliases stand where anything may.
        yield f"{HEAD}---\n{text}\n".encode(), READ
    yield f"{HEAD}---\n{'a: &a b' + chr(10)}{''.join(f'k{i}: *a{chr(10)}' for i in range(50_000))}".encode(), READ


def _laughs(kind: str, width: int, depth: int) -> str:
    """The billion laughs as lists, as mappings, or merged."""
    lines = [HEAD + "---", "a0: &a0 {k: v}"]
    for level in range(1, depth):
        parts = [f"*a{level - 1}"] * width
        if kind == "[":
            value = f"[{', '.join(parts)}]"
        elif kind == "{":
            value = "{" + ", ".join(f"k{number}: {part}" for number, part in enumerate(parts)) + "}"
        else:
            value = "{<<: [" + ", ".join(parts) + f"], k{level}: v" + "}"
        lines.append(f"a{level}: &a{level} {value}")
    return "\n".join(lines) + "\n"


def nesting() -> Iterator[Case]:
    """Brackets and indentation, from a few levels to many; opened and closed, or only opened."""
    for depth in (10, 50, 150, 199, 250, 1_000, 10_000, 100_000):
        codes = READ if depth < 199 else EITHER if depth == 199 else REFUSED
        for open_, close in (("[", "]"), ('{"a":', "}"), ("{a: ", "}"), ("[{a: ", "}]")):
            levels = depth if len(open_) < 5 or open_ == '{"a":' else depth // 2
            yield f"{HEAD}---\na: {open_ * levels}1{close * levels}\n".encode(), codes
            yield f"{open_ * levels}1{close * levels}\n".encode(), REFUSED
            yield f"{HEAD}---\na: {open_ * levels}".encode(), REFUSED
        yield f"{HEAD}---\n{'- ' * depth}a\n".encode(), codes
        yield f"{HEAD}---\n{'? ' * min(depth, 1000)}a\n".encode(), REFUSED
        if depth <= 1_000:
            yield (f"{HEAD}---\n" + "".join(f"{' ' * level}a:\n" for level in range(depth))).encode(), codes
    for depth in (50, 199, 250, 100_000):
        inner = '{"matchLabels":' * depth + "{}" + "}" * depth
        yield f"{POLICY}spec: {{podSelector: {inner}}}\n".encode(), REFUSED
        listed = '{"apiVersion": "v1", "kind": "List", "items": [' * (depth // 2) + HEAD[:0] + "]}" * (depth // 2)
        yield listed.encode(), REFUSED


def scalars() -> Iterator[Case]:
    """Long texts and long numbers wherever a policy has a text or a number."""
    long = "x" * MEGABYTE
    for value in (long, f'"{long}"', f"'{long}'", "a." * 200_000 + "!", "-" * MEGABYTE, "1" * 100_000, f"{{? {long}}}"):
        yield HEAD.replace("name: x", f"name: {value}").encode(), REFUSED
        yield f"{HEAD}  labels: {{a: {value}}}\n".encode(), REFUSED
        yield f"{HEAD}  labels: {{{value[:1000]}: a, {value.strip('{? }')}: b}}\n".encode(), REFUSED
        yield f"{HEAD}{value}: 1\n".encode(), REFUSED
        yield (PORT % value).encode(), REFUSED
        cidr = f"spec: {{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: {value}}}}}]}}]}}\n"
        yield (POLICY + cidr).encode(), REFUSED
        yield f"{POLICY}spec: {{podSelector: {{}}, policyTypes: [{value}]}}\n".encode(), REFUSED
        # Where anything may stand.
        yield f"{HEAD}---\na: {value}\n".encode(), READ
    yield f"{HEAD}  annotations: {{a: {long}}}\n".encode(), REFUSED
    yield f"{HEAD}  annotations: {{a: {'x' * 200_000}}}\n".encode(), READ
    yield f"apiVersion: {long}\nkind: Namespace\nmetadata: {{name: x}}\n".encode(), EITHER
    yield f"apiVersion: v1\nkind: {long}\nmetadata: {{name: x}}\n".encode(), READ
    yield f"{HEAD}# {long}\n".encode(), READ
    digits = "9" * 5_000
    for number in (
        *(digits, f"-{digits}", f"0x{'f' * 5_000}", f"1e{digits}", f"0.1{digits}", f"{digits}e-{digits}", "1e400"),
        *(
            "-1e400",
            f"0b{'1' * 900}",
            f"0o{'7' * 900}",
            f"0x{'f' * 900}",
            "9" * 900,
            "1_" * 400 + "1",
            "1e-400",
            "1e308",
        ),
        *("9223372036854775808", "18446744073709551616", "2147483648", "65536", "0", "-1", "1.5", ".inf", ".nan", "-0"),
    ):
        yield (PORT % number).encode(), READ if number == "1e400" else REFUSED
        text = (
            '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}, '
            f'"spec": {{"podSelector": {{}}, "ingress": [{{"ports": [{{"port": {number}}}]}}]}}}}'
        )
        yield text.encode(), REFUSED


def many() -> Iterator[Case]:
    """Many documents, keys, items and lines."""
    yield (HEAD + "---\n" * 30_000).encode(), READ
    yield (HEAD + "...\n---\n" * 10_000).encode(), READ
    yield (HEAD + "---\na: b\n" * 20_000).encode(), READ
    yield "".join(f"---\n{HEAD.replace('name: x', f'name: x{number}')}" for number in range(3_000)).encode(), READ
    yield (f"---\n{HEAD}" * 3_000).encode(), READ
    yield "".join(f"---\n{HEAD}  labels: {{a: b{number}}}\n" for number in range(1_000)).encode(), REFUSED
    yield (HEAD + "  labels:\n" + "".join(f"    k{number}: v\n" for number in range(20_000))).encode(), READ
    yield (HEAD + "  labels:\n" + "".join(f"    k{number}: 1\n" for number in range(300))).encode(), REFUSED
    yield (HEAD + "  labels:\n" + "    k: v\n" * 300).encode(), REFUSED
    yield f"{HEAD}---\na: [{'1,' * 100_000}]\n".encode(), READ
    yield f"{HEAD}---\na: [{'012,' * 50_000}]\n".encode(), READ
    yield ("{}" * 10_000).encode(), REFUSED
    yield ("[]\n" * 20_000).encode(), REFUSED
    yield ("\n" * MEGABYTE).encode(), REFUSED
    yield (" " * MEGABYTE).encode(), REFUSED
    yield ("\t" * 1_000).encode(), REFUSED


TRAPS = (
    *("y", "Y", "yes", "Yes", "YES", "n", "no", "on", "On", "off", "true", "True", "FALSE", "012", "0o14", "0x1F"),
    *("0b101", "1:20", "1e3", "1.10", "1_000", "+1", "-1", ".5", "1.", "685_230.15", "190:20:30", "2001-01-01", "1.0"),
)
NOT_STRINGS = frozenset(TRAPS) - {"1:20", "190:20:30", "2001-01-01"}
SPELLED = tuple(trap for trap in TRAPS if trap in NOT_STRINGS)
NULLS = ("~", "null", "Null", "", "!!null ''")
TEXTS = (
    "=",
    "<<",
    "1:20",
    "2001-01-01",
    "yEs",
    "nULL",
    "tRue",
    "oN",
    "Y.",
    "12e03x",
    "0o9",
    "_1",
    "!!str 5",
    "!!str yes",
)


def traps() -> Iterator[Case]:
    """Scalars that are no texts although they look so, and texts that look like something else, as labels and keys."""
    for value in TRAPS:
        yield f"{HEAD}  labels: {{a: {value} }}\n".encode(), REFUSED if value in NOT_STRINGS else EITHER
        yield f"{HEAD}  labels:\n    a: {value}\n".encode(), REFUSED if value in NOT_STRINGS else EITHER
        yield f"{HEAD}  labels:\n    a: '{value}'\n".encode(), EITHER
        yield f"{HEAD}  labels:\n    {value}: a\n".encode(), EITHER
        yield HEAD.replace("name: x", f"name: {value}").encode(), REFUSED if value in NOT_STRINGS else EITHER
    for value in NULLS:
        yield f"{HEAD}  labels:\n    a: {value}\n".encode(), READ
        yield HEAD.replace("name: x", f"name: {value}").encode(), REFUSED
    for value in TEXTS:
        yield f"{HEAD}  labels:\n    a: {value}\n".encode(), EITHER


TAGS = (
    *(
        "!!python/object:os.system",
        "!!python/name:os.system",
        "!!set",
        "!!omap",
        "!custom",
        "!!float",
        "!!int",
        "!!bool",
    ),
    *("!!timestamp", "!!binary", "!<tag:x,2000:y>", "!e!x", "!!", "!<>", "!!map", "!!seq", "!!str"),
)


def tags() -> Iterator[Case]:
    """Tags, which mean nothing here but those of JSON's own types."""
    for tag in TAGS:
        for value in ("a", "[a]", "{a: b}", "''"):
            yield f"{HEAD}  annotations: {{a: {tag} {value}}}\n".encode(), EITHER
    for tag in ("!!python/object:os.system", "!!set", "!custom", "!<tag:x,2000:y>", "!e!x", f"!{'x' * 100_000}"):
        yield f"{HEAD}---\na: {tag} b\n".encode(), REFUSED
    yield f"{HEAD}---\na: !!binary {'A' * 400_000}\nb: !!binary '*'\n".encode(), REFUSED
    yield f"%YAML 1.1\n---\n{HEAD}".encode(), READ
    yield f"%YAML 9.9\n---\n{HEAD}".encode(), EITHER
    yield f"%TAG ! tag:x,2000:\n---\n{HEAD}a: !b c\n".encode(), REFUSED
    yield f"%FOO bar\n---\n{HEAD}".encode(), EITHER


def duplicates() -> Iterator[Case]:
    """Keys that stand twice, also when written differently."""
    for first, second in (
        ("a", "a"),
        ("a", "'a'"),
        ("1", "'1'"),
        ("yes", "'true'"),
        ("1", "1.0"),
        ("0x1", "1"),
        ("? a\n    ", "a"),
    ):
        yield f"{HEAD}  labels:\n    {first}: b\n    {second}: c\n".encode(), REFUSED
        yield f"{HEAD}---\nx:\n    {first}: b\n    {second}: c\n".encode(), REFUSED
    yield (HEAD + "kind: Namespace\n").encode(), REFUSED
    yield b'{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}, "kind": "Pod"}', REFUSED


FIXED = (aliases, nesting, scalars, many, traps, tags, duplicates)
