"""A cluster's objects read and validated without writing files."""

from __future__ import annotations

from ....encodings.manifests import Manifests
from ....encodings.problems import InputErrors, Problem
from ....encodings.reading.documents import Document
from ....encodings.reading.duplicates import Distinct
from ....encodings.reading.interpret import Interpreter, NoObject
from ....encodings.reading.kinds import Class
from ....encodings.validation import validate
from ....encodings.written import written
from ..model import Cluster


def manifests_of(cluster: Cluster) -> Manifests:
    """What reading the cluster's files gives, as far as policies and pods go. InputErrors if they are not valid."""
    problems: list[Problem] = []
    modelled, unmodelled = Distinct("error"), Distinct("error")
    namespaces: set[str] = set()
    for number, positions in enumerate(cluster.layout):
        interpreter = Interpreter(f"{number:02}.yaml", "default", problems)
        for position in positions:
            for item in interpreter.interpret(Document(written(cluster.objects[position], 1), 1)):
                if isinstance(item, NoObject):
                    problems.append(Problem(f"{number:02}.yaml", item.line, "", "is no Kubernetes object"))
                    continue
                namespaces.update([item.written.namespace] if item.written.namespace else ())
                if item.kind_class in (Class.MODELLED, Class.WORKLOAD):
                    modelled.add(item.written)
                elif item.kind_class is Class.UNMODELLED:
                    unmodelled.add(item.written)
    problems += [*modelled.problems, *unmodelled.problems]
    if not problems:
        problems += validate(modelled.objects)[0]
    if problems:
        raise InputErrors(problems)
    named = tuple(sorted(namespaces))
    return Manifests(tuple(modelled.objects), tuple(unmodelled.objects), named_namespaces=named)
