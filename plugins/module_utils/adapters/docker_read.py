# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's answers (JSON) as values. Pure; each oddity is named with the engine it was seen on."""
from __future__ import annotations

import re
import typing as t
from datetime import datetime

from ..values import addresses
from ..values.endpoint import Container, Endpoint, Held
from ..values.network import Network, Pool, pairs

STEADY_SECONDS = 10


def network(raw: t.Mapping[str, t.Any]) -> Network:
    """:param raw: one element of GET /networks, or GET /networks/{id}"""
    ipam = raw.get("IPAM") or {}
    return Network(
        name=raw["Name"],
        driver=raw.get("Driver"),
        driver_options=pairs(raw.get("Options") or {}),
        ipam_driver=ipam.get("Driver") or "default",
        ipam_driver_options=pairs(ipam.get("Options") or {}),
        ipam_config=_pools(ipam.get("Config")),
        enable_ipv4=raw.get("EnableIPv4", True),  # absent before engine 28
        enable_ipv6=bool(raw.get("EnableIPv6")),
        internal=bool(raw.get("Internal")),
        attachable=bool(raw.get("Attachable")),
        ingress=bool(raw.get("Ingress")),
        scope=raw.get("Scope"),
        config_only=bool(raw.get("ConfigOnly")),
        config_from=(raw.get("ConfigFrom") or {}).get("Network") or "",
        labels=pairs(raw.get("Labels") or {}),
        id=raw["Id"],
    )


def hostname(info: t.Mapping[str, t.Any]) -> t.Optional[str]:
    """:returns: the host whose network namespace the engine is in, C(None) for one that has its own"""
    return None if rootless(info) else info.get("Name")


def rootless(info: t.Mapping[str, t.Any]) -> bool:
    """:returns: whether the engine has a network namespace of its own"""
    return any("rootless" in text for text in info.get("SecurityOptions") or ())


def bridges(rows: t.Iterable[t.Mapping[str, t.Any]]) -> t.FrozenSet[str]:
    """:returns: names of the links that an engine must have for its bridge networks; a tunnel's or a rootless engine's are not here"""
    return frozenset(bridge(raw) for raw in rows if raw.get("Driver") == "bridge" and not raw.get("ConfigOnly"))


def bridge(raw: t.Mapping[str, t.Any]) -> str:
    return (raw.get("Options") or {}).get("com.docker.network.bridge.name") or "br-%s" % raw["Id"][:12]


def users(services: t.Iterable[t.Mapping[str, t.Any]], networks: t.Iterable[t.Mapping[str, t.Any]]) -> t.Tuple[t.Tuple[str, str], ...]:
    """:returns: (network's name, service's name) pairs; who publishes a port on all nodes does so through the ingress network"""
    rows = list(networks)
    names = {raw["Id"]: raw["Name"] for raw in rows}
    found = set()
    for service in services:
        spec = service["Spec"]
        attached = (spec.get("TaskTemplate") or {}).get("Networks") or spec.get("Networks") or ()
        found.update((names.get(row["Target"], row["Target"]), spec["Name"]) for row in attached)
        if any(port.get("PublishMode") != "host" for port in (spec.get("EndpointSpec") or {}).get("Ports") or ()):
            found.update((raw["Name"], spec["Name"]) for raw in rows if raw.get("Ingress"))
    return tuple(sorted(found))


def _pools(rows) -> t.Tuple[Pool, ...]:
    # IPAM driver null has no pools and answers with the whole address space, which no request may name (seen on 20.10).
    pools = [_pool(row) for row in rows or () if row.get("Subnet") and not row["Subnet"].endswith("/0")]
    return tuple(sorted(pools, key=lambda pool: addresses.order(pool.subnet)))


def _pool(row) -> Pool:
    # Two spellings: the API documents AuxiliaryAddresses, local networks answer AuxAddress (20.10 and later).
    aux = row.get("AuxiliaryAddresses") or row.get("AuxAddress") or {}
    return Pool(
        subnet=addresses.loose_subnet(row["Subnet"]),
        ip_range=addresses.loose_subnet(row["IPRange"]) if row.get("IPRange") else None,
        gateway=addresses.address(row["Gateway"]) if row.get("Gateway") else None,
        aux_addresses=tuple(sorted((key, addresses.address(value)) for key, value in aux.items())) or None,
    )


def container(raw: t.Mapping[str, t.Any], details: t.Optional[t.Mapping[str, t.Any]] = None,
              clock: t.Callable[[], str] = lambda: "") -> Container:
    """:param raw: one element of GET /containers/json; :param details: the same container's GET /containers/{id}/json

    :param clock: tells the engine's time, asked only where it matters
    """
    host = (details or {}).get("HostConfig") or {}
    published = sorted({_published(row) for row in raw.get("Ports") or () if row.get("PublicPort")})
    random = sorted(port for port, bindings in (host.get("PortBindings") or {}).items()
                    if any(not b.get("HostPort") or b["HostPort"] == "0" for b in bindings or ()))
    return Container(
        id=raw["Id"],
        name=_name(raw),
        state="restarting" if details and _unsteady(details, clock) else _state(raw, details or {}),
        network_mode=host.get("NetworkMode") or (raw.get("HostConfig") or {}).get("NetworkMode") or "",
        ports=tuple(published),
        random_ports=tuple(random),
        link_sysctls=tuple(sorted(key for key in host.get("Sysctls") or () if re.search(r"\.eth\d+\.", key))),
        service=(raw.get("Labels") or {}).get("com.docker.swarm.service.name") or "",
    )


def _state(raw, details) -> str:
    """The list still says "restarting" for a moment when a container in back-off has been stopped (seen on 26.1)."""
    return (details.get("State") or {}).get("Status") or raw.get("State") or ""


def _unsteady(details, clock) -> bool:
    """Running for a moment between two crashes: the next one may come while its network is away.

    Engines take a container for steady, and start their back-off anew, when it has run for ten seconds.
    """
    state = details.get("State") or {}
    if not state.get("Running") or state.get("Paused") or not details.get("RestartCount"):
        return False
    started, now = moment(state.get("StartedAt") or ""), moment(clock())
    return started is None or now is None or now - started < STEADY_SECONDS


def moment(text: str) -> t.Optional[float]:
    """Seconds since 1970 of an engine's time: nine digits of a second, and "Z" or an offset behind them."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", text)
    if not found:
        return None
    whole, fraction, zone = found.groups()
    return datetime.fromisoformat(whole + zone.replace("Z", "+00:00")).timestamp() + float(fraction or 0)


def _name(raw) -> str:
    own = [name for name in raw.get("Names") or () if name.count("/") == 1]  # others are links of other containers
    return (own or ["/" + raw["Id"][:12]])[0].lstrip("/")


def _published(row) -> str:
    return "%s->%s/%s" % (row["PublicPort"], row["PrivatePort"], row.get("Type", "tcp"))


def endpoint(details: t.Mapping[str, t.Any], name: str, raw: t.Mapping[str, t.Any]) -> Endpoint:
    """:param details: GET /containers/{id}/json; :param raw: its NetworkSettings.Networks[name]"""
    ipam = raw.get("IPAMConfig") or {}
    return Endpoint(
        network=name,
        container=details["Id"],
        aliases=_aliases(details, raw),
        links=tuple(sorted(raw.get("Links") or ())),
        ipv4_address=_canonical(ipam.get("IPv4Address")),
        ipv6_address=_canonical(ipam.get("IPv6Address")),
        link_local_ips=tuple(sorted(map(addresses.address, ipam.get("LinkLocalIPs") or ()))),
        mac_address=_mac(details, name, raw),
        driver_opts=pairs(raw.get("DriverOpts") or {}),
        gw_priority=raw.get("GwPriority") or 0,
        name=details["Name"].lstrip("/"),
    )


def held(raw: t.Mapping[str, t.Any], ids: t.Mapping[str, str]) -> t.Tuple[Held, ...]:
    """:param raw: one element of GET /containers/json; :param ids: of the networks that are there, by name"""
    found = []
    for name, end in ((raw.get("NetworkSettings") or {}).get("Networks") or {}).items():
        if name in ids and end.get("NetworkID") in ("", None, ids[name]):
            ipam = end.get("IPAMConfig") or {}
            texts = (ipam.get("IPv4Address"), ipam.get("IPv6Address"), end.get("IPAddress"), end.get("GlobalIPv6Address"))
            found.append(Held(name, raw["Id"], tuple(sorted({addresses.address(text) for text in texts if text})),
                              (end.get("MacAddress") or "").lower() or None))
    return tuple(found)


def _aliases(details, raw) -> t.Tuple[str, ...]:
    """Without what engines before 25 add by themselves: the short id."""
    return tuple(sorted(set(raw.get("Aliases") or ()) - {details["Id"][:12]}))


def _mac(details, name, raw) -> t.Optional[str]:
    """Only a requested address: Config.MacAddress (gone since 29) belongs to the network the container was created on."""
    asked = (details.get("Config") or {}).get("MacAddress")
    mode = (details.get("HostConfig") or {}).get("NetworkMode") or ""
    if asked and mode and (mode == name or (raw.get("NetworkID") or "").startswith(mode)):
        return asked.lower()
    shown = (raw.get("MacAddress") or "").lower() or None
    running = (details.get("State") or {}).get("Running")
    return shown if not running or _a_makers(shown) else None


def _a_makers(mac: t.Optional[str]) -> bool:
    """No engine assigns an address without the bit that says "local": somebody asked for it."""
    return mac is not None and not int(mac[:2], 16) & 2


def _canonical(text) -> t.Optional[str]:
    return addresses.address(text) if text else None


def version(text: str) -> t.Tuple[int, ...]:
    """Major and minor: "20.10.24+dfsg1" is (20, 10)."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
