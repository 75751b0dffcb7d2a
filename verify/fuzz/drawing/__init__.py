"""Random clusters and flows, as hypothesis strategies. Only this folder and ``shrink`` need hypothesis."""

from .clusters import admin_policies, clusters, namespaces, network_policies, pods
from .flows import flows, interesting_addresses, interesting_ports
from .one import draw_one

__all__ = [
    "admin_policies",
    "clusters",
    "draw_one",
    "flows",
    "interesting_addresses",
    "interesting_ports",
    "namespaces",
    "network_policies",
    "pods",
]
