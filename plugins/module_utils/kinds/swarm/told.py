# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules return about a swarm, with the keys that community.docker gives them."""
from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ...core.errors import FleetError
from ...values.swarm import Membership
from .state import Observed

Raw = t.Mapping[str, t.Any]


@contextmanager
def also_on_failure(flags: Raw):
    """What a module returns in any case."""
    try:
        yield
    except FleetError as reason:
        reason.facts = flags
        raise


def membership(me: Membership) -> t.Dict[str, t.Any]:
    """This host's own view."""
    return dict(
        state=me.state,
        manager=me.manager,
        node_id=me.node_id,
        address=me.address,
        error=me.error,
        remote_managers=list(me.remotes),
        cluster_id=me.cluster,
        root_digests=list(me.roots),
        **{"%s_addr" % key: str(value) if value else "" for key, value in vars(me.fixed).items()},
    )


def for_the_planner(observed: Observed, default_address: str) -> t.Dict[str, t.Any]:
    """What the fleet's planner needs of one host; C(fleet_state.fact) reads it."""
    interfaces: t.Dict[str, t.List[str]] = {}
    for interface, address in observed.addresses or ():
        interfaces.setdefault(interface, []).append(address)
    cluster = observed.cluster
    return dict(
        membership=membership(observed.me),
        host_interfaces=interfaces,
        default_address=default_address,
        taken_ports=[] if observed.me.inside else ["%d/%s" % (port, protocol) for protocol, port in observed.taken],
        fleet_swarm=cluster and {"default_addr_pool": list(cluster.pools), "subnet_size": cluster.subnet_size,
                                 "data_path_port": cluster.data_path_port},
        fleet_nodes=None if observed.nodes is None else [_planners_node(n) for n in observed.nodes],
    )


def _planners_node(n) -> t.Dict[str, t.Any]:
    return dict(id=n.id, hostname=n.hostname, role=n.role, state=n.state, address=n.address, reachability=n.reachability,
                leader=n.leader, labels=dict(n.labels))


def facts(raw: Raw, secrets: bool) -> t.Dict[str, t.Any]:
    """:param raw: GET /swarm"""
    return {key: value for key, value in raw.items() if secrets or key != "JoinTokens"}


def node(raw: Raw) -> t.Dict[str, t.Any]:
    manager = raw.get("ManagerStatus")
    reachability = ("Leader" if manager.get("Leader") else manager.get("Reachability")) if manager else None
    described = raw.get("Description") or {}
    return dict(
        ID=raw["ID"],
        Hostname=described.get("Hostname"),
        Status=(raw.get("Status") or {}).get("State"),
        Availability=raw["Spec"].get("Availability"),
        ManagerStatus=reachability,
        EngineVersion=(described.get("Engine") or {}).get("EngineVersion"),
    )


def service(raw: Raw) -> t.Dict[str, t.Any]:
    mode = raw["Spec"].get("Mode") or {}
    replicated = mode.get("Replicated")
    return dict(
        ID=raw["ID"],
        Name=raw["Spec"]["Name"],
        Mode="Replicated" if replicated is not None else "Global" if "Global" in mode else None,
        Replicas=(replicated or {}).get("Replicas"),
        Image=_image(raw["Spec"].get("TaskTemplate")),
        Ports=(raw["Spec"].get("EndpointSpec") or {}).get("Ports") or [],
    )


def task(raw: Raw, hostnames: t.Mapping[str, str]) -> t.Dict[str, t.Any]:
    status = raw.get("Status") or {}
    return dict(
        ID=raw["ID"],
        ContainerID=(status.get("ContainerStatus") or {}).get("ContainerID"),
        Image=_image(raw.get("Spec")),
        Node=hostnames.get(raw.get("NodeID", "")),
        DesiredState=raw.get("DesiredState"),
        CurrentState=status.get("State"),
        Error=status.get("Err"),
    )


def _image(template: t.Optional[Raw]) -> t.Optional[str]:
    return ((template or {}).get("ContainerSpec") or {}).get("Image")


def short(found: t.Mapping[str, t.Sequence[Raw]], nodes: t.Sequence[Raw]) -> t.Dict[str, t.Any]:
    """Lists of nodes, services and tasks, reduced to what people look at."""
    names = {raw["ID"]: (raw.get("Description") or {}).get("Hostname") for raw in nodes}
    shapes = dict(nodes=node, services=service, tasks=lambda raw: task(raw, names))
    return {what: [shapes[what](raw) for raw in rows] for what, rows in found.items()}
