#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network_info
short_description: Look at Docker networks, who is on them and how full they are
description:
  - Shows networks with their configuration, their endpoints (of running and of stopped containers), the Swarm services that use them,
    and the addresses in use and free in each pool.
  - Reads only. However many networks there are, it takes two reads of the engine's API and one for each container on them;
    one more with O(name), two more where a network spans a swarm, and one more with O(host).
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
    description:
      - Name or id of one network, or the beginning of its id.
      - Excludes O(names). Without both, all networks are shown.
    type: str
    aliases: [network_name]
  names:
    description: Names or ids of several networks. Those that do not exist are in RV(missing).
    type: list
    elements: str
  endpoints:
    description: Whether to look at containers and services. Without, RV(networks[].config) is all that is known of each, in one read, or in two with O(name).
    type: bool
    default: true
  host:
    description: Whether to look at the addresses and routes of the host, too.
    type: bool
    default: false
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

- name: Look at two networks, and at the routes of the host
  fleetnet.docker.network_info:
    names: [frontend, backend]
    host: true
  register: looked

- name: Stop where a pool is nearly full
  ansible.builtin.assert:
    that: looked.networks | map(attribute='pools') | flatten | selectattr('free', 'lt', 10) | list == []

- name: List the configuration of all networks, in one read
  fleetnet.docker.network_info:
    endpoints: false
  register: all_networks

- name: Bring another engine's bridge networks here
  fleetnet.docker.network:
    networks: "{{ bridges | map(attribute='config') | list }}"
  vars:
    bridges: "{{ all_networks.networks | selectattr('config.driver', 'equalto', 'bridge') | rejectattr('name', 'equalto', 'bridge') }}"
"""

RETURN = r"""
exists:
  description: Whether the network exists.
  returned: when O(name) is given
  type: bool
network:
  description: The network as the engine shows it (C(docker network inspect)); V(none) when it does not exist.
  returned: when O(name) is given
  type: dict
networks:
  description: The networks, ordered by name. One where O(name) is given and exists.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The network's name.
      type: str
    id:
      description: The network's id.
      type: str
    config:
      description:
        - The configuration in canonical form, with the options of M(fleetnet.docker.network). Given to that module, it is no difference.
        - It includes what the engine filled in, but of a network with C(config_from) nothing that it takes from there.
      type: dict
      sample: {name: frontend, driver: bridge, ipam_config: [{subnet: 10.64.3.0/24, gateway: 10.64.3.1}], internal: false}
    subnets:
      description: The subnets it has, be they asked for, taken from a configuration network or filled in by the engine.
      type: list
      elements: str
    endpoints:
      description: Who is on it, ordered by name, running or not. Only containers of this engine can be seen.
      type: list
      elements: dict
      contains:
        container:
          description: The container's name.
          type: str
        container_id:
          description: The container's id.
          type: str
        state:
          description: As the engine says.
          type: str
          sample: running
        requested:
          description: >-
            What its owner asked for, such as C(aliases), C(links), C(ipv4_address), C(ipv6_address), C(link_local_ips), C(mac_address),
            C(driver_opts) and C(gw_priority). Where an engine does not tell a requested MAC address from another, it is V(none).
          type: dict
        current:
          description: What it has, C(ipv4_address), C(ipv6_address), C(mac_address) and C(names) in DNS. A container that does not run has none.
          type: dict
    services:
      description: Swarm services that use it, or V(none) for a network of a swarm on a host that is no manager.
      type: list
      elements: str
    pools:
      description: One entry a subnet, as they are in C(config). A configuration network has none, for nothing is allocated from it.
      type: list
      elements: dict
      contains:
        subnet:
          description: The subnet.
          type: str
        iprange:
          description: The part of it that dynamic addresses come from, if it is not the whole.
          type: str
        in_use:
          description: Addresses nobody else can have, with the subnet's first and, for IPv4, last one.
          type: int
        free:
          description: Dynamic addresses that are left.
          type: int
        addresses:
          description: Each C(address) that is known to be in use, with C(used_by).
          type: list
          elements: dict
        source:
          description: V(engine) where the engine counts (29 or later, with O(name)), else V(computed).
          type: str
        estimated:
          description: >-
            Whether more may be in use than can be seen: overlays, where the load balancers of other nodes and those containers there that
            are no part of a service are not shown, and IPAM drivers other than the default.
          type: bool
missing:
  description: The names of O(names) that no network answers to.
  returned: when O(names) is given
  type: list
  elements: str
host:
  description: >-
    C(routes) with C(subnet), C(interface) and C(gateway) each, and C(addresses) with C(interface) and C(address). Each is V(none) where the
    engine is not on the host the module runs on (nor is one behind a tunnel, or a rootless one), and where the host does not tell.
  returned: when O(host) is set
  type: dict
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, host_addresses, netlink_routes
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_sight import NetworkSight
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import report

ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    name=dict(type="str", aliases=["network_name"]),
    names=dict(type="list", elements="str"),
    endpoints=dict(type="bool", default=True),
    host=dict(type="bool", default=False),
)


def read(params):
    sight = NetworkSight(docker_client.connect(params))
    found = sight.networks()
    result = dict(host=report.host(*_host(params, sight))) if params["host"] else {}
    if params["name"] is not None:
        chosen = sight.one(params["name"])
        raw = sight.inspect(chosen) if chosen else None
        result.update(exists=raw is not None, network=raw)
        found = [chosen] if raw else []
    elif params["names"] is not None:
        asked = {key: sight.one(key) for key in params["names"]}
        result.update(missing=[key for key, net in asked.items() if net is None])
        found = [net for net in found if net in asked.values()]
    if not params["endpoints"]:
        return dict(result, networks=[report.outline(net) for net in found])
    return dict(result, networks=[report.report(one) for one in sight.see(found, result.get("network"))])


def _host(params, sight):
    if not docker_client.is_local(params) or netlink_routes.out_of_sight(True, *sight.whereabouts()):
        return None, None
    return netlink_routes.routes(), host_addresses.addresses()


def main():
    entry.inform(ARGUMENT_SPEC, read, mutually_exclusive=[("name", "names")])


if __name__ == "__main__":
    main()
