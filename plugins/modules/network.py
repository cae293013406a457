#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Declare Docker networks, without losing what hangs on them
description:
  - Creates, changes and removes Docker networks, one or many in one task.
  - The engine's API has no way to update a network, so a change means to make it anew. This module does that as a transaction.
    Every endpoint (of running, paused, restarting and stopped containers) is recorded with what was requested for it, and restored
    afterwards. When a step fails, everything is put back. When the run is killed, the next run finishes it.
  - An option that is not given is not managed, a list that is given is exact.
  - Networks that share a container are one group. Groups are changed one after the other, ordered by name; when one fails, those before
    it stand, it is put back, and those after it are not begun.
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
  - fleetnet.docker.one_run
options:
  name:
    description: The network's name. Exactly one of O(name) and O(networks) is required.
    type: str
    aliases: [network_name]
  networks:
    description:
      - Several networks, each with the options below; they are looked at in one round and their order does not matter.
      - Options beside this one that an entry has as well have no effect on the networks in the list.
      - Where the description of an option names another one, that of the same entry is meant.
    type: list
    elements: dict
    suboptions:
      name:
        description: The network's name.
        type: str
        required: true
      <<: &network
        state:
          description: Whether the network is to exist.
          type: str
          choices: [present, absent]
          default: present
        driver:
          description: Such as V(bridge), V(overlay), V(macvlan), V(ipvlan) or a plugin's name. The engine makes a V(bridge) when it is not given.
          type: str
        driver_options:
          description: Options of the driver. What is given must be there; others stay, unless O(exact) is set.
          type: dict
        ipam_driver:
          description: Driver that hands out addresses.
          type: str
        ipam_driver_options:
          description: Options of that driver.
          type: dict
        ipam_config:
          description:
            - The subnets, all of them; a family that has none here is left to the engine.
          type: list
          elements: dict
          suboptions:
            subnet:
              description: The subnet, such as V(10.64.3.0/24).
              type: str
            iprange:
              description: Part of the subnet that dynamic addresses come from.
              type: str
            gateway:
              description: The gateway's address.
              type: str
            aux_addresses:
              description: Addresses the engine must not hand out, by a name of their own.
              type: dict
        enable_ipv4:
          description: Whether containers get IPv4 addresses. V(false) needs engine 28.
          type: bool
        enable_ipv6:
          description: Whether containers get IPv6 addresses. Engines before 27 need an IPv6 subnet with it.
          type: bool
        internal:
          description: Whether the network has no way to the outside.
          type: bool
        attachable:
          description: Whether containers that are no part of a service may use an overlay network.
          type: bool
        ingress:
          description: Whether this is the swarm's ingress network.
          type: bool
        scope:
          description: How far the network reaches; the driver decides when it is not given.
          type: str
          choices: [local, global, swarm]
        config_only:
          description: >-
            Whether the network is a configuration for others, which no container can be on. V(false) makes a real network of one, a bridge
            unless another driver is given.
          type: bool
        config_from:
          description: Name of the configuration network to take subnets, driver options and labels from. They are checked as its own would be.
          type: str
        labels:
          description: Labels. What is given must be there; others stay, unless O(exact) is set.
          type: dict
        exact:
          description: Whether driver options and labels that are not given are removed.
          type: bool
          default: false
        connected:
          description:
            - Names or ids of containers that must be attached; others are detached, unless O(appends) is set.
            - Without it, containers are left alone.
          type: list
          elements: str
          aliases: [containers]
        appends:
          description: Whether containers that are not in O(connected) stay attached.
          type: bool
          default: false
          aliases: [incremental]
        force:
          description: Replace the network even without a difference.
          type: bool
          default: false
          aliases: [recreate]
        on_change:
          description:
            - What to do when the network exists and differs.
            - V(replace) makes it anew and restores its endpoints, V(fail) ends the task, V(warn) leaves it as it is.
          type: str
          choices: [replace, fail, warn]
          default: replace
        on_label_change:
          description:
            - What to do when nothing but labels differs.
            - V(replace) makes it anew as for any other difference, V(warn) leaves it as it is, also where O(on_change) is V(fail).
          type: str
          choices: [replace, warn]
          default: replace
        allow_overlap:
          description: Whether a subnet may overlap another network's or a route of the host. Of two networks of one list, either may say so.
          type: bool
          default: false
  <<: *network
  purge:
    description:
      - A label, V(key) or V(key=value). Networks that carry it and are not in O(networks) are removed, with the same checks as O(state=absent).
      - Other networks are never touched, nor are those that every engine has. An empty list removes all that carry the label.
      - Needs O(networks); the networks of the list should carry the label, so that a later purge finds them.
    type: str
  max_unavailable:
    description:
      - How many running containers one group of networks may take off the network at once. Without it there is no bound.
      - A network can only be replaced with all its containers off, so a task with a larger group is refused before anything is touched.
    type: int
seealso:
  - module: fleetnet.docker.network_info
notes:
  - A random published host port cannot be given back by any engine, the number of an interface not before engine 28, and a requested MAC address
    not by all of them; RV(impact) says where that happens.
"""

EXAMPLES = r"""
- name: A bridge network with a subnet of its own
  fleetnet.docker.network:
    name: frontend
    ipam_config:
      - subnet: 10.64.3.0/24
        gateway: 10.64.3.1
        aux_addresses:
          printer: 10.64.3.9

- name: Several networks in one task
  fleetnet.docker.network:
    networks:
      - name: frontend
        labels: {tier: web}
      - name: backend
        internal: true

- name: Exactly these networks of ours, however many there were
  fleetnet.docker.network:
    purge: example.com/owner=web-team
    networks:
      - name: frontend
        labels: {example.com/owner: web-team}

- name: No more than five running containers off at once, and none for a label
  fleetnet.docker.network:
    name: frontend
    labels: {tier: web}
    on_label_change: warn
    max_unavailable: 5
    internal: true

- name: An attachable overlay network, on a manager
  fleetnet.docker.network:
    name: myoverlaynetwork
    driver: overlay
    attachable: true

- name: A macvlan network on the LAN of eth0
  fleetnet.docker.network:
    name: lan
    driver: macvlan
    driver_options:
      parent: eth0
    ipam_config:
      - subnet: 192.0.2.0/24
        gateway: 192.0.2.1
        iprange: 192.0.2.128/26

- name: Both families, one address after the other, and no option or label that is not said here
  fleetnet.docker.network:
    name: dual
    enable_ipv4: true
    enable_ipv6: true
    ipam_driver: default
    ipam_driver_options: {com.docker.network.ipam.serial: "true"}
    ipam_config:
      - subnet: 10.64.5.0/24
      - subnet: 2001:db8:64:5::/64
    exact: true

- name: A configuration, and a network of this host that is made from it
  fleetnet.docker.network:
    networks:
      - name: template
        config_only: true
        ipam_config:
          - subnet: 10.64.6.0/24
      - name: made
        config_from: template
        scope: local

- name: Only a warning where the network would have to be made anew
  fleetnet.docker.network:
    name: frontend
    driver_options: {com.docker.network.driver.mtu: "1400"}
    on_change: warn

- name: Anew although nothing differs, over routes that overlap, with one container more, waiting up to five minutes for another run
  fleetnet.docker.network:
    name: backend
    force: true
    allow_overlap: true
    connected: [reporting]
    appends: true
    state_dir: /var/lib/fleetnet
    lock_timeout: 300

- name: The swarm's own ingress network, on a manager that has none
  fleetnet.docker.network:
    name: ingress
    driver: overlay
    ingress: true
    ipam_config:
      - subnet: 10.64.7.0/24

- name: Another host's engine, over TLS
  fleetnet.docker.network:
    name: frontend
    docker_host: tcp://192.0.2.11:2376
    tls: true
    validate_certs: true
    tls_hostname: engine.example.com
    ca_path: /etc/docker/ca.pem
    client_cert: /etc/docker/client.pem
    client_key: /etc/docker/client.key
    api_version: "1.41"
    timeout: 120

- name: Another host's engine, through this host's own SSH client
  fleetnet.docker.network:
    name: frontend
    docker_host: ssh://admin@192.0.2.12
    use_ssh_client: true
    debug: false

- name: Exactly these containers are attached
  fleetnet.docker.network:
    name: frontend
    connected: [web, proxy]

- name: No network of that name
  fleetnet.docker.network:
    name: legacy
    state: absent
"""

RETURN = r"""
network:
  description: The network as the engine shows it (C(docker network inspect)); empty when it does not exist. With O(name) only.
  returned: when O(name) is given
  type: dict
networks:
  description: The networks of the list that exist, as the engine lists them, ordered by name. With O(networks) only.
  returned: when O(networks) is given
  type: list
  elements: dict
actions:
  description: The steps that were taken, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["create network frontend"]
impact:
  description: Which running containers lose what, and for about how long.
  returned: always
  type: list
  elements: str
reasons:
  description: For each network why it changes, or that it does not.
  returned: always
  type: list
  elements: str
  sample: ["network frontend is as wanted"]
not_checked:
  description: What could not be looked at, because the engine runs on another host or a library is missing here; of a task with something to do.
  returned: always
  type: list
  elements: str
rolled_back:
  description: Whether a failed transaction could be undone, V(true), V(partial) or V(false).
  returned: on failure after the first effect
  type: str
left_over:
  description: What could not be undone.
  returned: on failure after the first effect
  type: list
  elements: str
applied:
  description: Transactions that had been completed before the one that failed; they stand.
  returned: on failure after the first effect
  type: list
  elements: str
failed_group:
  description: The transaction that failed; RV(rolled_back) is about it.
  returned: on failure after the first effect
  type: str
  sample: network frontend
not_begun:
  description: Transactions that were still to come; they are as before.
  returned: on failure after the first effect
  type: list
  elements: str
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, journal_store, netlink_routes
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_network import DockerNetworks
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import RUN_SPEC, engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import kind, state
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.options import OPTION_SPEC, ROWS_SPEC

ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    **OPTION_SPEC,
    name=dict(type="str", aliases=["network_name"]),
    networks=ROWS_SPEC,
    purge=dict(type="str"),
    max_unavailable=dict(type="int"),
    **RUN_SPEC,
)


def wire(params):
    client = docker_client.connect(params)
    world = DockerNetworks(client, state.Observed, state.Engine, netlink_routes.view(docker_client.is_local(params)))
    folder = journal_store.folder(params["state_dir"])
    journal = journal_store.JournalStore(folder, "network", state.JOURNAL_TYPES, world.engine_id)
    return world, journal, engine_lock(folder, world.engine_id, params["lock_timeout"], "networks")


def facts(params, world, outcome, dry):
    unseen = list(world.not_checked)
    if params["networks"] is None:
        return dict(network=world.inspect(params["name"]), not_checked=unseen)
    names = {row["name"] for row in params["networks"]}
    found = sorted((raw for raw in world.raw_networks if raw["Name"] in names), key=lambda raw: raw["Name"])
    return dict(networks=found, not_checked=unseen)


def main():
    entry.run(ARGUMENT_SPEC, kind, wire, facts, required_one_of=[("name", "networks")],
              mutually_exclusive=[("name", "networks")], required_by=dict(purge=["networks"]))


if __name__ == "__main__":
    main()
