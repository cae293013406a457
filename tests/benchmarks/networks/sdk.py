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
    there = {net["Name"]: net["Id"] for net in client.networks()}
    with open(sys.argv[1], encoding="utf-8") as stream:
        rows = json.load(stream)["bench_networks"]
    for row in rows:
        if row["state"] == "absent" and row["name"] in there:
            client.remove_network(there[row["name"]])
        elif row["state"] == "present" and row["name"] not in there:
            pool = docker.types.IPAMPool(subnet=row["ipam_config"][0]["subnet"])
            client.create_network(row["name"], driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]))


if __name__ == "__main__":
    main()
