# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's answers about its swarm, as values."""
from __future__ import annotations

import typing as t

from ..values.swarm import DEFAULT_PORT, SETTINGS, Address, Addresses, Cluster, Membership, Node
from .docker_swarm_files import digests

DEFAULT_DATA_PATH_PORT = 4789
DEFAULT_POOLS = ("10.0.0.0/8",)  # answered as such, or as null where the command line made the swarm


def membership(info: t.Mapping[str, t.Any], fixed: Addresses, roots: t.Tuple[str, ...]) -> Membership:
    """:param info: GET /info, :param fixed: and :param roots: what the engine's files say, where they could be read"""
    raw = info.get("Swarm") or {}
    cluster = raw.get("Cluster") or {}
    trusted = (cluster.get("TLSInfo") or {}).get("TrustRoot")
    address = raw.get("NodeAddr") or ""
    if address and fixed.advertise is None:
        fixed = Addresses(Address(address), fixed.listen, fixed.data_path)
    return Membership(
        state=raw.get("LocalNodeState") or "inactive",
        manager=bool(raw.get("ControlAvailable")),
        node_id=raw.get("NodeID") or "",
        address=address,
        error=(raw.get("Error") or "").strip(),
        remotes=tuple(sorted(row["Addr"] for row in raw.get("RemoteManagers") or ())),
        cluster=cluster.get("ID") or "",
        roots=digests(trusted) if trusted else roots,
        fixed=fixed if address else Addresses(),
    )


def cluster(raw: t.Mapping[str, t.Any]) -> Cluster:
    """:param raw: GET /swarm"""
    spec = raw.get("Spec") or {}
    values = []
    for option, path in SETTINGS:
        value = dig(spec, path)
        if option == "signing_ca_cert" and not value:
            value = (raw.get("TLSInfo") or {}).get("TrustRoot")
        if option == "labels":
            value = tuple(sorted((value or {}).items()))
        if option == "ca_force_rotate":
            value = value or 0
        values.append((option, value))
    return Cluster(
        id=raw["ID"],
        settings=tuple(values),
        pools=tuple(raw.get("DefaultAddrPool") or DEFAULT_POOLS),
        subnet_size=raw.get("SubnetSize") or None,
        data_path_port=raw.get("DataPathPort") or DEFAULT_DATA_PATH_PORT,
        rotating=bool(raw.get("RootRotationInProgress")),
    )


def node(raw: t.Mapping[str, t.Any]) -> Node:
    """:param raw: one of GET /nodes"""
    manager = raw.get("ManagerStatus") or {}
    return Node(
        id=raw["ID"],
        hostname=(raw.get("Description") or {}).get("Hostname") or "",
        role=(raw.get("Spec") or {}).get("Role") or "worker",
        state=(raw.get("Status") or {}).get("State") or "unknown",
        address=_node_address(raw, manager),
        reachability=manager.get("Reachability") or "",
        leader=bool(manager.get("Leader")),
        labels=tuple(sorted(((raw.get("Spec") or {}).get("Labels") or {}).items())),
    )


def _node_address(raw, manager) -> str:
    """A manager that just became the leader shows itself as 0.0.0.0 (26.1), but has its address as a manager."""
    seen = (raw.get("Status") or {}).get("Addr") or ""
    if seen in ("", "0.0.0.0", "::"):
        seen = (manager.get("Addr") or ":%d" % DEFAULT_PORT).rpartition(":")[0].strip("[]")
    return seen


def took_certificate(raw: t.Mapping[str, t.Any], certificate: str) -> bool:
    """Whether the swarm has begun to change to the certificate, or has done so; its Spec shows neither (26.1)."""
    found = (raw.get("TLSInfo") or {}).get("TrustRoot") or ""
    return bool(raw.get("RootRotationInProgress")) or found.strip() == certificate.strip()


def dig(spec, path):
    for key in path:
        spec = (spec or {}).get(key)
    return spec
