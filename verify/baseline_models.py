"""The models of a baseline's JSON: the report's classes (``reports/json_report``) read back, unknown keys refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..encodings.addresses import parse_network
from ..encodings.policy import Direction, Protocol
from .classes.model import ConnectionClass, EndClass, Kind, LabelCondition, NameCondition
from .recorded import Recorded, RecordedClass


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Names(_Model):
    in_: list[str] | None = Field(alias="in")
    not_in: list[str] = Field(alias="notIn")

    def condition(self) -> NameCondition:
        return NameCondition(None if self.in_ is None else tuple(self.in_), tuple(self.not_in))


class _Label(_Model):
    key: str
    in_: list[str] | None = Field(alias="in")
    not_in: list[str] = Field(alias="notIn")
    absent: bool

    def condition(self) -> LabelCondition:
        values = None if self.in_ is None else tuple(self.in_)
        return LabelCondition(self.key, values, tuple(self.not_in), self.absent)


class _Declared(_Model):
    protocol: Protocol
    name: str
    declared: bool


class _End(_Model):
    kinds: list[Kind]
    declared: bool | None
    workloads: _Names
    namespaces: _Names
    namespace_labels: list[_Label] = Field(alias="namespaceLabels")
    labels: list[_Label]
    node_labels: list[_Label] = Field(alias="nodeLabels", default_factory=list[_Label])
    host_network: bool | None = Field(alias="hostNetwork", default=None)
    networks: list[str]
    not_networks: list[str] = Field(alias="notNetworks")
    declares: list[_Declared] = Field(alias="declaresPort")

    @field_validator("networks", "not_networks")
    @classmethod
    def _cidrs(cls, texts: list[str]) -> list[str]:
        for text in texts:
            parse_network(text)
        return texts

    def condition(self) -> EndClass:
        return EndClass(
            kinds=tuple(self.kinds),
            declared=self.declared,
            workloads=self.workloads.condition(),
            namespaces=self.namespaces.condition(),
            namespace_labels=tuple(each.condition() for each in self.namespace_labels),
            labels=tuple(each.condition() for each in self.labels),
            node_labels=tuple(each.condition() for each in self.node_labels),
            host_network=self.host_network,
            networks=tuple(self.networks),
            outside=tuple(self.not_networks),
            declares=tuple((each.protocol, each.name, each.declared) for each in self.declares),
        )


class _Class(_Model):
    text: str = Field(alias="class")
    direction: Direction | None
    source: _End
    destination: _End
    protocols: list[Protocol]
    ports: tuple[int, int] = Field(strict=False)
    families: list[Literal["IPv4", "IPv6"]]
    same: dict[str, bool] = Field(alias="sameNamespaceLabel")
    ip_block_matches_pods: bool | None = Field(alias="ipBlockMatchesPods")

    @field_validator("ports")
    @classmethod
    def _are_ports(cls, ports: tuple[int, int]) -> tuple[int, int]:
        if not 1 <= ports[0] <= ports[1] <= 65535:
            raise ValueError("these are no ports")
        return ports

    def recorded(self) -> RecordedClass:
        condition = ConnectionClass(
            source=self.source.condition(),
            destination=self.destination.condition(),
            protocols=tuple(self.protocols),
            first=self.ports[0],
            last=self.ports[1],
            families=tuple(self.families),
            same_namespace_label=tuple(self.same.items()),
            ip_block_matches_pods=self.ip_block_matches_pods,
        )
        return RecordedClass(self.direction, condition)


class Entry(_Model):
    """One property of a baseline; ``counterexample`` only where the classes are not all there were."""

    id: str
    variant: str | None
    verdict: Literal["proved", "refuted", "vacuous", "unknown"]
    complete: bool
    classes: list[_Class]
    counterexample: dict[str, Any] | None

    def recorded(self, file: str) -> Recorded:
        """The same as the engine takes it."""
        classes = tuple(each.recorded() for each in self.classes)
        return Recorded(file, self.verdict, self.complete, classes, self.counterexample)


class BaselineFile(_Model):
    """A whole baseline."""

    baseline: Literal["netpol-verify/v1"]
    properties: list[Entry]
