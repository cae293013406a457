#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint
short_description: Attach containers that somebody else owns to Docker networks
description:
  - Attaches containers to networks and detaches them, with all that the engine knows of an endpoint, one or many in one task.
    The containers themselves are left alone.
  - No engine can change an endpoint. A change means to disconnect and connect again, which this module does as a transaction. What was
    requested before is recorded first, and is put back when a step fails. When the run is killed, the next run finishes it.
  - An option that is not given is not managed, a list that is given is exact unless O(appends) is set.
  - Containers that share nothing are changed one after the other. Those that hand a fixed address on are changed together.
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
  - fleetnet.docker.one_run
options:
  network:
    description: The network's name. Exactly one of O(network) and O(endpoints) is required.
    type: str
    aliases: [network_name]
  container:
    description:
      - Names or ids of the containers, running or not.
      - The list may be empty where O(exclusive) is set.
    type: list
    elements: str
    aliases: [containers]
  endpoints:
    description:
      - Several networks, each with its containers and the options below; they are looked at in one round and their order does not matter.
      - Options beside this one that an entry has as well have no effect on the entries.
      - Where the description of an option names another one, that of the same entry is meant.
    type: list
    elements: dict
    suboptions:
      network:
        description: The network's name.
        type: str
        required: true
        aliases: [network_name]
      container:
        description: Names or ids of the containers.
        type: list
        elements: str
        required: true
        aliases: [containers]
      <<: &endpoint
        state:
          description: Whether the containers are to be attached.
          type: str
          choices: [present, absent]
          default: present
        aliases:
          description: Names by which others on the network can reach the container. An empty list removes all; the engine's own stays.
          type: list
          elements: str
        links:
          description: Other containers, by names of the container's own, such as V(database:db).
          type: list
          elements: str
        ipv4_address:
          description:
            - Fixed IPv4 address, in a subnet that was given when the network was made. An empty text asks for no fixed address.
          type: str
        ipv6_address:
          description: Fixed IPv6 address, likewise.
          type: str
        link_local_ips:
          description: Link-local addresses that the interface has besides.
          type: list
          elements: str
        mac_address:
          description:
            - The interface's MAC address. Engines before 29.3 ignore it on connect, so there it can only be checked.
            - Of a container that is down no engine tells it reliably; then it is not compared, and a warning says so.
          type: str
        driver_opts:
          description:
            - Options for the network's driver, such as C(com.docker.network.endpoint.sysctls) (engine 27) and
              C(com.docker.network.endpoint.ifname) (engine 28).
            - What is given must be there; others stay, unless O(exact) is set.
          type: dict
        gw_priority:
          description: The network with the highest gives the container its default route. Needs engine 28.
          type: int
        appends:
          description: Whether aliases, links and link-local addresses that are not given stay.
          type: bool
          default: false
          aliases: [incremental]
        exact:
          description: Whether driver options that are not given are removed.
          type: bool
          default: false
        exclusive:
          description: Whether containers that the task does not name for this network are detached.
          type: bool
          default: false
        on_change:
          description:
            - What to do with a container that is attached and differs.
            - V(replace) attaches it anew, which takes it off the network for a moment, V(fail) ends the task, V(warn) leaves it as it is.
          type: str
          choices: [replace, fail, warn]
          default: replace
  <<: *endpoint
seealso:
  - module: fleetnet.docker.network
notes:
  - A random published host port cannot be given back by any engine, the number of an interface not before engine 28, and a requested MAC address
    not by all of them; RV(impact) says where that happens.
"""

EXAMPLES = r"""
- name: Attach a running container under another name
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    aliases: [web]

- name: A fixed address in both families, found by a link of its own
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    ipv4_address: 10.64.3.9
    ipv6_address: fd00:64:3::9
    link_local_ips: [169.254.8.8]
    links: ["database:db"]

- name: One more alias, those that are there stay
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    aliases: [www]
    appends: true

- name: No fixed address any more, and no alias
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    ipv4_address: ""
    ipv6_address: ""
    aliases: []

- name: Only these two may be on the network
  fleetnet.docker.endpoint:
    network: backend
    container: [shop, database]
    exclusive: true

- name: Two containers change places, and a third one leaves
  fleetnet.docker.endpoint:
    endpoints:
      - network: backend
        container: shop
        ipv4_address: 10.64.3.20
      - network: backend
        container: database
        ipv4_address: 10.64.3.9
      - network: backend
        container: legacy
        state: absent

- name: The name of the interface, its kernel settings and the default route, on engine 28 and later
  fleetnet.docker.endpoint:
    network: uplink
    container: router
    driver_opts:
      com.docker.network.endpoint.ifname: wan0
      com.docker.network.endpoint.sysctls: net.ipv4.conf.IFNAME.log_martians=1
    exact: true
    gw_priority: 100

- name: Check an address that the container's owner asked for, and change nothing
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    mac_address: 02:42:0a:40:03:09
    on_change: warn

- name: Wait longer for another run, and keep the journal elsewhere
  fleetnet.docker.endpoint:
    network: backend
    container: shop
    lock_timeout: 300
    state_dir: /srv/fleetnet
"""

RETURN = r"""
endpoints:
  description:
    - What is attached of all that the task named, and with O(exclusive) all on that network, ordered by network and container.
    - What was requested is listed where it is set.
  returned: success
  type: list
  elements: dict
  contains:
    network:
      description: The network's name.
      type: str
    container:
      description: The container's name.
      type: str
    container_id:
      description: The container's id.
      type: str
    aliases:
      description: The aliases without the engine's own.
      type: list
      elements: str
    links:
      description: The links.
      type: list
      elements: str
    ipv4_address:
      description: The fixed IPv4 address.
      type: str
    ipv6_address:
      description: The fixed IPv6 address.
      type: str
    link_local_ips:
      description: The link-local addresses.
      type: list
      elements: str
    mac_address:
      description: The requested MAC address, where the engine tells it.
      type: str
    driver_opts:
      description: The driver options.
      type: dict
    gw_priority:
      description: The gateway priority.
      type: int
    current:
      description: What is in use, C(addresses) and C(mac_address), be it requested or not.
      type: dict
actions:
  description: The steps that were taken, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["connect container shop on network backend"]
impact:
  description: Which containers lose what, and for about how long.
  returned: always
  type: list
  elements: str
reasons:
  description: For each container why it changes, or that it does not.
  returned: always
  type: list
  elements: str
  sample: ["container shop on network backend is as wanted"]
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
  sample: container shop on network backend
not_begun:
  description: Transactions that were still to come; they are as before.
  returned: on failure after the first effect
  type: list
  elements: str
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, journal_store
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_endpoint import DockerEndpoints
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import RUN_SPEC, engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.endpoint import kind, state

OPTION_SPEC = dict(
    state=dict(type="str", choices=["present", "absent"], default="present"),
    aliases=dict(type="list", elements="str"),
    links=dict(type="list", elements="str"),
    ipv4_address=dict(type="str"),
    ipv6_address=dict(type="str"),
    link_local_ips=dict(type="list", elements="str"),
    mac_address=dict(type="str"),
    driver_opts=dict(type="dict"),
    gw_priority=dict(type="int"),
    appends=dict(type="bool", default=False, aliases=["incremental"]),
    exact=dict(type="bool", default=False),
    exclusive=dict(type="bool", default=False),
    on_change=dict(type="str", choices=["replace", "fail", "warn"], default="replace"),
)


def target_spec(**more):
    return dict(network=dict(type="str", aliases=["network_name"], **more),
                container=dict(type="list", elements="str", aliases=["containers"], **more))


ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    **OPTION_SPEC,
    **target_spec(),
    endpoints=dict(type="list", elements="dict", options=dict(OPTION_SPEC, **target_spec(required=True))),
    **RUN_SPEC,
)


def wire(params):
    world = DockerEndpoints(docker_client.connect(params), state.Observed, state.Engine)
    folder = journal_store.folder(params["state_dir"])
    journal = journal_store.JournalStore(folder, "endpoint", state.JOURNAL_TYPES, world.engine_id)
    lock = engine_lock(folder, world.engine_id, params["lock_timeout"], "endpoints")
    # What is attached here would look to the networks' next run as if it had been so before, and outdo what its journal remembers.
    return world, journal, journal.once_finished("network", lock)


def facts(params, world, outcome, dry):
    return dict(endpoints=kind.facts(kind.desired(params), outcome.observed))


def main():
    entry.run(ARGUMENT_SPEC, kind, wire, facts, required_one_of=[("network", "endpoints")], required_together=[("network", "container")],
              mutually_exclusive=[("network", "endpoints"), ("container", "endpoints")])


if __name__ == "__main__":
    main()
