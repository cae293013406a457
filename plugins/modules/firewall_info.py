#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_info
short_description: Look at the firewall of a Docker host
description:
  - Shows the policy that M(fleetnet.docker.firewall) put in force, as the kernel has it, with the counters of each rule, and the published
    ports that are open to everyone.
  - Reads only.
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
requirements:
  - nftables 1.0 or later (C(nft)), or iptables 1.8 with ipset 7, and root, on the engine's own host.
seealso:
  - module: fleetnet.docker.firewall
"""

EXAMPLES = r"""
- name: Look at the firewall
  fleetnet.docker.firewall_info:
  register: firewall

- name: No database is open to everyone
  ansible.builtin.assert:
    that: firewall.open_to_everyone | selectattr('port', 'in', [3306, 5432]) | length == 0
"""

RETURN = r"""
exists:
  description: Whether a policy is in force.
  returned: always
  type: bool
backend:
  description: What renders the policy on this host.
  returned: always
  type: str
  sample: nftables
policy:
  description: The policy in force, named like the options of M(fleetnet.docker.firewall), with canonical addresses.
  returned: always
  type: dict
foreign:
  description: Lines in our table that the module did not make.
  returned: always
  type: list
  elements: str
counters:
  description: Packets and bytes of each rule, of each default and of what is always there.
  returned: always
  type: list
  elements: dict
  sample: [{rule: published 1, text: accept tcp port 443, packets: 12, bytes: 720}]
open_to_everyone:
  description:
    - Published ports that anybody may ask for, with the C(container) that has them, or the C(service) of a swarm, and the families.
    - What a service publishes by the ingress mesh each host of the swarm serves. A worker does not know whose a port is, so C(service) is
      empty there.
  returned: always
  type: list
  elements: dict
  sample: [{container: web, protocol: tcp, port: 443, families: [IPv4, IPv6]}]
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, docker_firewall, docker_ingress
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import backend, exposure, state

ARGUMENT_SPEC = docker_client.CONNECTION_SPEC


def read(params):
    client = docker_client.connect_here(params)
    world = docker_firewall.Firewall(client, state.Observed, state.Through)
    name, ruleset = backend.in_force("auto", world.observe(state.Scope()))
    return dict(
        exists=ruleset is not None,
        backend=name,
        policy=exposure.policy(ruleset),
        foreign=list(ruleset.foreign) if ruleset else [],
        counters=exposure.counters(ruleset),
        open_to_everyone=exposure.report(ruleset, (*docker_firewall.published_by(world.containers), *docker_ingress.openings(client, world.info()))),
    )


def main():
    entry.inform(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
