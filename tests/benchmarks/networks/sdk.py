# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor: what a bare script needs that only calls the engine, knows nothing and keeps nothing."""
from __future__ import annotations

import json
import sys

import docker


def main() -> None:
    client = docker.APIClient(version="auto", timeout=120)
    there = {net["Name"]: net for net in client.networks()}
    with open(sys.argv[1], encoding="utf-8") as stream:
        rows = json.load(stream)["bench_networks"]
    for row in rows:
        have = there.get(row["name"])
        subnet = row["ipam_config"][0]["subnet"] if row["state"] == "present" else None
        if have and have["IPAM"]["Config"][0]["Subnet"] != subnet:
            replace(client, have, row["name"], subnet)
        elif not have and subnet:
            create(client, row["name"], subnet)


def replace(client, have, name, subnet) -> None:
    """Reconnects the running containers bare: aliases, addresses and all else are lost."""
    containers = list(client.inspect_network(have["Id"])["Containers"])
    for container in containers:
        client.disconnect_container_from_network(container, have["Id"])
    client.remove_network(have["Id"])
    if subnet:
        made = create(client, name, subnet)["Id"]
        for container in containers:
            client.connect_container_to_network(container, made)


def create(client, name, subnet):
    pool = docker.types.IPAMPool(subnet=subnet)
    return client.create_network(name, driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]))


if __name__ == "__main__":
    main()
