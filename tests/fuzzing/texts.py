"""Broken texts: bytes that are no text, texts that are no YAML, and YAML that blows up when it is read.

Each generator gives contents of a manifest file with the exit codes that reading it may end with.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import yaml

Case = tuple[bytes, tuple[int, ...]]

REFUSED = (2,)
READ = (0,)
EITHER = (0, 2)

PLAIN = """\
# The web tier may be reached by anyone on port 80.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
  labels: {team: "a", 'tier': front}
spec:
  podSelector:
    matchLabels: &labels
      app: web
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchLabels: *labels}
    - ipBlock:
        cidr: 10.0.0.0/8
        except:
          - 10.1.0.0/16
    ports:
      - {protocol: TCP, port: 80}
      - port: http
  egress: []
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {env: "prod"}
  annotations:
    note: >-
      folded
      text
    other: |
      kept: as it is
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec:
  containers:
  - name: c
    ports:
    - {name: http, containerPort: 8080}
"""
JSON = """\
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"env": "pr\\u006fd"}}},
  {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "web", "namespace": "shop"},
   "spec": {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"ports": [{"port": 80}]}]}}
]}
"""
LEGAL = (PLAIN, JSON)


def pick(chance: random.Random) -> bytes:
    """One of the legal files."""
    return chance.choice(LEGAL).encode()


def random_bytes(chance: random.Random, number: int) -> Iterator[Case]:
    """Anything at all: no object can come of it."""
    letters = b"abc:{}[]&*-|>!%@`,#'\"\\ \t\r\n\x00\x7f\xc2\x85\xef\xbb\xbf0123.~<=?"
    for _ in range(number):
        size = chance.choice((0, 1, 2, 5, 40, 400))
        if chance.random() < 0.5:
            yield chance.randbytes(size), REFUSED
        else:
            yield bytes(chance.choice(letters) for _ in range(size)), REFUSED


def not_utf8(chance: random.Random, number: int) -> Iterator[Case]:
    """Bytes that no UTF-8 text has, at random places."""
    broken = (b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xf4\x90\x80\x80")
    for _ in range(number):
        data = pick(chance)
        place = chance.randrange(len(data))
        yield data[:place] + chance.choice(broken) + data[place:], REFUSED


def other_encodings(chance: random.Random, number: int) -> Iterator[Case]:
    """UTF-16 and UTF-32 with their mark, which are read, and without, which are not; also cut in a character."""
    for _ in range(number):
        text = pick(chance).decode()
        name = chance.choice(("utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8-sig"))
        data = text.encode(name)
        if chance.random() < 0.3 and name in ("utf-16", "utf-32"):
            yield data[:-1], REFUSED
        else:
            yield data, READ if name in ("utf-16", "utf-32", "utf-8-sig") else REFUSED


def control_characters(chance: random.Random, number: int) -> Iterator[Case]:
    """Control characters at random places. NUL, and what YAML calls not printable, is never right."""
    allowed = "\t\r\x85\u2028\u2029\ufeff\xa0"
    refused = "\0\1\7\b\x0b\x0c\x0e\x1b\x1f\x7f\x80\x9f\ufffe\uffff"
    for _ in range(number):
        text = pick(chance).decode()
        place = chance.randrange(len(text))
        character = chance.choice(refused if chance.random() < 0.6 else allowed)
        in_json = text == JSON and character > "\x1f"  # JSON takes any character in a string but those below U+0020
        codes = REFUSED if character in refused and not in_json else EITHER
        yield (text[:place] + character + text[place:]).encode(), codes


def readable(data: bytes) -> bool:
    """Whether another reader of YAML finds documents in it."""
    try:
        return bool(list(yaml.compose_all(data.decode(), Loader=yaml.CSafeLoader)))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False


def _either(data: bytes) -> Case:
    """What is no YAML for another reader is none for us; JSON with tabs is the exception, and has none here."""
    return data, EITHER if readable(data) else REFUSED


def truncated(chance: random.Random, number: int) -> Iterator[Case]:
    """A legal file cut off, or with its beginning lost."""
    for _ in range(number):
        data = pick(chance)
        place = chance.randrange(len(data))
        yield _either(data[:place] if chance.random() < 0.7 else data[place:])


def spliced(chance: random.Random, number: int) -> Iterator[Case]:
    """Parts of legal files put together: lines moved, doubled and joined, spans cut out, characters changed."""
    for _ in range(number):
        data = pick(chance)
        for _ in range(chance.randint(1, 3)):
            first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
            other = pick(chance)
            place = chance.randrange(len(other))
            data = chance.choice(
                (
                    data[:first] + data[second:],
                    data[:first] + other[place : place + chance.randrange(200)] + data[first:],
                    data[:first] + data[second : second + 100] + data[first:],
                    _shuffled_lines(chance, data),
                    data[:first] + bytes((chance.randrange(32, 127),)) + data[first + 1 :],
                    data.replace(b"  ", b"\t", chance.randint(1, 3)),
                )
            )
        yield (data, EITHER) if b"\t" in data else _either(data)


def _shuffled_lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


RANDOM = (random_bytes, not_utf8, other_encodings, control_characters, truncated, spliced)
