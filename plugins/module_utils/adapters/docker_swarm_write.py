# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Swarm requests. The SDK's spec drops the settings beside the one given, SDK 5 has no data path port,

and an init through it always names address pools: so the bodies are made here and sent through its transport.
"""
from __future__ import annotations

import copy
import typing as t

from ..values.swarm import DEFAULT_PORT, SETTINGS, Address, Init, Join, Role, Rotation, Settings
from .docker_write import post

DEFAULT_LISTEN = Address("0.0.0.0", DEFAULT_PORT)


def enter(client, wish: t.Union[Init, Join]) -> None:
    body: t.Dict[str, t.Any] = {"ListenAddr": str(wish.own.listen or DEFAULT_LISTEN)}
    if wish.own.advertise:
        body["AdvertiseAddr"] = str(wish.own.advertise)
    if wish.own.data_path:
        body["DataPathAddr"] = str(wish.own.data_path)
    if isinstance(wish, Join):
        body.update(RemoteAddrs=[str(remote) for remote in wish.remotes], JoinToken=wish.token)
        post(client, "/swarm/join", None, body)
        return
    body.update(ForceNewCluster=wish.recover, Spec=_merged({}, wish.settings))
    for key, value in (("DataPathPort", wish.data_path_port), ("SubnetSize", wish.subnet_size)):
        if value is not None:
            body[key] = value
    if wish.pools is not None:
        body["DefaultAddrPool"] = list(wish.pools)
    post(client, "/swarm/init", None, body)


def update(client, wish: Settings) -> None:
    now = client.inspect_swarm()
    client.update_swarm(version=now["Version"]["Index"], swarm_spec=_merged(now["Spec"], wish.values))


def rotate(client, wish: Rotation) -> None:
    now = client.inspect_swarm()
    client.update_swarm(
        version=now["Version"]["Index"],
        swarm_spec=now["Spec"],
        rotate_worker_token=wish.whose == "worker",
        rotate_manager_token=wish.whose == "manager",
    )


def assign(client, wish: Role) -> None:
    now = client.inspect_node(wish.node)
    client.update_node(wish.node, now["Version"]["Index"], dict(now["Spec"], Role=wish.role))


def removed(client, node: str) -> bool:
    """:returns: false where the managers have not yet let go of a former manager"""
    try:
        client.remove_node(node, force=True)
    except Exception as reason:
        if _status(reason) == 404:
            return True
        if "demoted" in str(reason):
            return False
        raise
    return True


def no_leader(reason) -> bool:
    """swarmkit's words when the managers have lost their quorum."""
    return _status(reason) in (500, 503) and "leader" in str(reason)


def _merged(spec, values):
    merged = copy.deepcopy(spec)
    paths = dict(SETTINGS)
    for option, value in values:
        place = merged
        for key in paths[option][:-1]:
            place = place.setdefault(key, {})
        place[paths[option][-1]] = dict(value) if option == "labels" else value
    return merged


def _status(reason) -> t.Optional[int]:
    return getattr(getattr(reason, "response", None), "status_code", None)
