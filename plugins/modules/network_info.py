#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network_info
short_description: Look at Docker networks
description:
  - Shows one network as C(docker network inspect) does, or lists all of an engine.
  - Reads only; two reads of the engine's API, however many networks there are.
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
attributes:
  check_mode:
    description: Can run in C(check_mode); nothing is ever modified.
    support: full
  diff_mode:
    description: Nothing is changed, so there is nothing to show.
    support: N/A
options:
  name:
    description: Name or id of the network; all networks when it is not given.
    type: str
    aliases: [network_name]
seealso:
  - module: fleetnet.docker.network
"""

EXAMPLES = r"""
- name: Look at one network
  fleetnet.docker.network_info:
    name: myoverlaynetwork
  register: overlay

- name: It must be there
  ansible.builtin.assert:
    that: overlay.exists

- name: List all networks
  fleetnet.docker.network_info:
  register: all_networks
"""

RETURN = r"""
exists:
  description: Whether the network exists.
  returned: when O(name) is given
  type: bool
network:
  description: The network as the engine shows it, with the running containers on it; V(none) when it does not exist.
  returned: when O(name) is given
  type: dict
networks:
  description: All networks as the engine lists them, ordered by name.
  returned: when O(name) is not given
  type: list
  elements: dict
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_network import DockerNetworks
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import state

ARGUMENT_SPEC = dict(docker_client.CONNECTION_SPEC, name=dict(type="str", aliases=["network_name"]))


def read(params):
    world = DockerNetworks(docker_client.connect(params), state.Observed, state.Engine)
    world.observe(state.Scope())
    if params["name"] is None:
        return dict(networks=sorted(world.raw_networks, key=lambda raw: raw["Name"]))
    found = [raw["Name"] for raw in world.raw_networks if params["name"] in (raw["Name"], raw["Id"])]
    network = world.inspect(found[0]) if found else None
    return dict(exists=bool(network), network=network)


def main():
    entry.inform(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
