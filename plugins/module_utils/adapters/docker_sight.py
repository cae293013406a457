# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks with everybody on them, in few reads: two for all networks, and one for each container that is on one of them."""
from __future__ import annotations

import typing as t

from ..core.errors import WishError
from ..values import addresses
from ..values.network import Network
from ..values.sight import Attachment, Sight
from . import docker_read
from .docker_client import explained

NO_MANAGER = (406, 503)
# Engine 29: macvlan and ipvlan (l2) have a gateway only where one is given.
API_WITHOUT_GATEWAYS = (1, 52)
WITHOUT_GATEWAYS = ("macvlan", "ipvlan")


class NetworkSight:
    """:param client: the SDK's APIClient"""

    def __init__(self, client):
        self._client = client
        self._raw: t.List[t.Dict[str, t.Any]] = []
        self._networks: t.List[Network] = []

    def networks(self) -> t.List[Network]:
        with explained("reading networks"):
            self._raw = self._client.networks()
        self._networks = sorted(map(docker_read.network, self._raw), key=lambda net: (net.name, net.id))
        return self._networks

    def whereabouts(self) -> t.Tuple[t.Optional[str], t.FrozenSet[str]]:
        """:returns: the name of the engine's host, and the bridges that it must have"""
        with explained("reading the engine's facts"):
            return docker_read.hostname(self._client.info()), docker_read.bridges(self._raw)

    def one(self, key: str) -> t.Optional[Network]:
        """:param key: name, id, or the beginning of an id

        :raises WishError: where several answer to it
        """
        found = [net for net in self._networks if key in (net.name, net.id)]
        found = found or [net for net in self._networks if net.answers_to(key)]
        if len(found) > 1:
            raise WishError("%d networks answer to %s (%s); give the id of one of them." % (
                len(found), key, ", ".join("%s %s" % (net.name, net.id[:12]) for net in found)))
        return found[0] if found else None

    def inspect(self, net: Network) -> t.Optional[t.Dict[str, t.Any]]:
        """:returns: GET /networks/{id}, or C(None) where it has gone since it was listed"""
        with explained("reading network %s" % net.name):
            return _unless_gone(self._client.inspect_network, net.id)

    def see(self, chosen: t.Sequence[Network], inspected: t.Optional[t.Mapping[str, t.Any]] = None) -> t.List[Sight]:
        """:param inspected: what inspect() gave for the only network chosen; engines since 29 count addresses there"""
        attached = self._attachments({net.name: net for net in chosen})
        swarm = self._swarm() if any(net.scope == "swarm" for net in chosen) else ()
        return [self._sight(net, attached.get(net.id, []), swarm, inspected or {}) for net in chosen]

    def _sight(self, net, attached, swarm, inspected) -> Sight:
        mine = [row for row in swarm or () if net.id in row[0] or net.name in row[0]]
        counted = ((inspected.get("Status") or {}).get("IPAM") or {}).get("Subnets") or {}
        return Sight(
            network=net,
            attachments=tuple(sorted(attached, key=lambda one: (one.requested.name, one.requested.container))),
            services=None if swarm is None and net.scope == "swarm" else tuple(sorted(row[1] for row in mine)),
            elsewhere=tuple(sorted({pair for row in mine for pair in row[2].get(net.id, ())} | _balancer(inspected))),
            told=tuple(sorted((addresses.loose_subnet(subnet), row["IPsInUse"], row["DynamicIPsAvailable"])
                              for subnet, row in counted.items())),
            gatewayless=net.driver in WITHOUT_GATEWAYS and docker_read.version(self._client.api_version) >= API_WITHOUT_GATEWAYS)

    def _attachments(self, chosen: t.Mapping[str, Network]) -> t.Dict[str, t.List[Attachment]]:
        found: t.Dict[str, t.List[Attachment]] = {}
        with explained("reading containers"):
            for raw in self._client.containers(all=True):
                if not set((raw.get("NetworkSettings") or {}).get("Networks") or ()) & set(chosen):
                    continue
                details = _unless_gone(self._client.inspect_container, raw["Id"]) or {}
                for name, end in ((details.get("NetworkSettings") or {}).get("Networks") or {}).items():
                    # A stopped container keeps the id of a network that is gone: it is on no network of that name.
                    if name in chosen and end.get("NetworkID") in (None, "", chosen[name].id):
                        found.setdefault(chosen[name].id, []).append(_attachment(details, name, end))
        return found

    def _swarm(self):
        """:returns: (networks by id or name, service's name, network id to (address, who) pairs), or C(None) where no manager answers"""
        with explained("reading Swarm services"):
            try:
                services, tasks = self._client.services(), self._client.tasks(filters={"desired-state": "running"})
            except Exception as reason:
                if getattr(getattr(reason, "response", None), "status_code", None) in NO_MANAGER:
                    return None
                raise
        given: t.Dict[str, t.Dict[str, t.List]] = {}
        for task in tasks:
            for row in task.get("NetworksAttachments") or ():
                for text in row.get("Addresses") or ():
                    pair = (addresses.address(text), "task %s" % task["ID"])
                    given.setdefault(task.get("ServiceID") or "", {}).setdefault(row["Network"]["ID"], []).append(pair)
        return [_service(row, given.get(row["ID"], {})) for row in services]


def _service(raw, of_tasks):
    spec = raw["Spec"]
    given = {ident: list(pairs) for ident, pairs in of_tasks.items()}
    for row in (raw.get("Endpoint") or {}).get("VirtualIPs") or ():
        if row.get("Addr"):
            given.setdefault(row["NetworkID"], []).append((addresses.address(row["Addr"]), "service %s" % spec["Name"]))
    attached = (spec.get("TaskTemplate") or {}).get("Networks") or spec.get("Networks") or ()
    return {row["Target"] for row in attached} | set(given), spec["Name"], given


def _balancer(inspected) -> t.Set[t.Tuple[str, str]]:
    """This node's own load balancer on an overlay; those of other nodes no API shows."""
    return {(addresses.address(row[key]), "load balancer") for ident, row in (inspected.get("Containers") or {}).items()
            for key in ("IPv4Address", "IPv6Address") if ident.startswith("lb-") and row.get(key)}


def _attachment(details, name, raw) -> Attachment:
    state = (details.get("State") or {}).get("Status") or ""
    live = raw if state in ("running", "paused") else {}  # what else a container shows is left over from its last run
    return Attachment(
        requested=docker_read.endpoint(details, name, raw),
        state=state,
        ipv4_address=_address(live.get("IPAddress")),
        ipv6_address=_address(live.get("GlobalIPv6Address")),
        mac_address=(live.get("MacAddress") or "").lower() or None,
        gateways=tuple(filter(None, (_address(live.get("Gateway")), _address(live.get("IPv6Gateway"))))),
        names=tuple(sorted(set(live.get("DNSNames") or live.get("Aliases") or ()))))


def _address(text) -> t.Optional[str]:
    return addresses.address(text) if text else None


def _unless_gone(read: t.Callable, ident: str):
    try:
        return read(ident)
    except Exception as reason:
        if getattr(getattr(reason, "response", None), "status_code", None) == 404:
            return None
        raise
