"""Legal names: label keys and values, DNS names and port names, in the API server's words.

Source of the rules and texts:
kubernetes/kubernetes:staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go (and
pkg/api/validate/content beside it). Each function returns the API's messages, an empty list for a legal name.
Lengths count bytes, as Go does. It trusts nothing: any text may be asked about.
"""

from __future__ import annotations

import re

LABEL_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
LABEL_VALUE = f"({LABEL_NAME})?"
DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
DNS_SUBDOMAIN = rf"{DNS_LABEL}(\.{DNS_LABEL})*"

_LABEL_NAME = re.compile(LABEL_NAME)
_LABEL_VALUE = re.compile(LABEL_VALUE)
_DNS_LABEL = re.compile(DNS_LABEL)
_DNS_SUBDOMAIN = re.compile(DNS_SUBDOMAIN)
_PORT_CHARACTERS = re.compile("[-a-z0-9]+")

LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253
LONGEST_PORT_NAME = 15

_ENDS = "and must start and end with an alphanumeric character"


def label_key_problems(key: str) -> list[str]:
    """What keeps ``key`` from being a label key ``[prefix/]name`` (IsQualifiedName)."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        text = f"a qualified name must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
        examples = _with_examples(text, LABEL_NAME, "MyName", "my.name", "123-abc")
        return [f"{examples} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    problems: list[str] = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        problems += [f"prefix part {problem}" for problem in dns_subdomain_problems(prefix)]
    if not name:
        problems.append("name part must be non-empty")
    elif _size(name) > LONGEST_LABEL:
        problems.append(f"name part {_no_more_than(LONGEST_LABEL)}")
    if not _LABEL_NAME.fullmatch(name):
        text = f"name part must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
        problems.append(_with_examples(text, LABEL_NAME, "MyName", "my.name", "123-abc"))
    return problems


def label_value_problems(value: str) -> list[str]:
    """What keeps ``value`` from being a label value (IsValidLabelValue); the empty string is one."""
    problems = [_no_more_than(LONGEST_LABEL)] if _size(value) > LONGEST_LABEL else []
    if not _LABEL_VALUE.fullmatch(value):
        text = f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS}"
        problems.append(_with_examples(text, LABEL_VALUE, "MyValue", "my_value", "12345"))
    return problems


def dns_label_problems(name: str) -> list[str]:
    """What keeps ``name`` from being an RFC 1123 label, such as a namespace's name (IsDNS1123Label)."""
    problems = [_no_more_than(LONGEST_LABEL)] if _size(name) > LONGEST_LABEL else []
    if _DNS_LABEL.fullmatch(name):
        return problems
    if _DNS_SUBDOMAIN.fullmatch(name):
        return [*problems, "must not contain dots"]
    text = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}"
    return [*problems, _with_examples(text, DNS_LABEL, "my-name", "123-abc")]


def dns_subdomain_problems(name: str) -> list[str]:
    """What keeps ``name`` from being an RFC 1123 subdomain, as most objects' names (IsDNS1123Subdomain)."""
    problems = [_no_more_than(LONGEST_SUBDOMAIN)] if _size(name) > LONGEST_SUBDOMAIN else []
    if not _DNS_SUBDOMAIN.fullmatch(name):
        text = f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}"
        problems.append(_with_examples(text, DNS_SUBDOMAIN, "example.com"))
    return problems


def port_name_problems(name: str) -> list[str]:
    """What keeps ``name`` from being a port's name, an IANA service name (IsValidPortName): each fault."""
    rules = (
        (_size(name) > LONGEST_PORT_NAME, _no_more_than(LONGEST_PORT_NAME)),
        (
            not _PORT_CHARACTERS.fullmatch(name),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (not re.search("[a-z]", name), "must contain at least one letter (a-z)"),
        ("--" in name, "must not contain consecutive hyphens"),
        (name.startswith("-") or name.endswith("-"), "must not begin or end with a hyphen"),
    )
    return [message for broken, message in rules if broken]


def port_number_problems(number: int) -> list[str]:
    """What keeps ``number`` from being a port (IsValidPortNum)."""
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def template_hint(text: str) -> str:
    """What to do about a text that is part of a template, or ""."""
    if "{{" in text or "${" in text or "$(" in text:
        return "this looks like a template that is not rendered: render it first"
    return ""


def name_hint(name: str) -> str:
    """What to do about an illegal DNS name, such as the legal one that somebody may have meant, or ""."""
    if template_hint(name):
        return template_hint(name)
    likely = re.sub(r"[_\s/:]+", "-", name.strip().lower()).strip("-.")
    if likely == name or dns_subdomain_problems(likely):
        return ""
    return f'names are lower case letters, digits and "-": did you mean "{likely}"?'


def _no_more_than(length: int) -> str:
    return f"must be no more than {length} characters"


def _with_examples(text: str, pattern: str, *examples: str) -> str:
    # Two blanks before "or": so the API server writes it.
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {listed}regex used for validation is '{pattern}')"


def _size(text: str) -> int:
    return len(text.encode("utf-8", errors="surrogatepass"))
