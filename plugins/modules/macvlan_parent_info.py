#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: macvlan_parent_info
short_description: Look at the links that macvlan and ipvlan networks hang on
description:
  - Shows the parents that M(fleetnet.docker.macvlan_parent) has made, the host's other VLANs, and every link that a network names as
    its parent. Of each it tells the shim, and which networks and containers hang on it.
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
options:
  name:
    description: Name of one parent, such as V(eth0.50); all of them when it is not given.
    type: str
  state_dir:
    description: Folder with the records, as given to M(fleetnet.docker.macvlan_parent).
    type: path
requirements:
  - pyroute2 0.7.2 or later (C(python3-pyroute2)) on the host the module runs on.
seealso:
  - module: fleetnet.docker.macvlan_parent
"""

EXAMPLES = r"""
- name: Look at all parents
  fleetnet.docker.macvlan_parent_info:
  register: found

- name: Look at one, which a run with a folder of its own has made
  fleetnet.docker.macvlan_parent_info:
    name: eth0.50
    state_dir: /var/lib/fleetnet
  register: vlan

- name: Name the containers on VLAN 50
  ansible.builtin.debug:
    msg: "{{ (found.parents | selectattr('name', 'equalto', 'eth0.50') | first).networks | map(attribute='containers') | flatten }}"
"""

RETURN = r"""
parents:
  description: The parents, ordered by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The parent's name, as networks give it in their driver option C(parent).
      type: str
      sample: eth0.50
    link:
      description: The link below a VLAN; without a VLAN the parent itself.
      type: str
    vlan_id:
      description: Number of the VLAN.
      type: int
    exists:
      description: Whether the kernel has it now.
      type: bool
    declared:
      description: Whether M(fleetnet.docker.macvlan_parent) keeps a record of it.
      type: bool
    made_by:
      description: V(created) by this collection, V(adopted) from Docker, or V(foreign).
      type: str
    persist:
      description: The system that makes it at boot; V(none) and V(null) where none does so for this collection.
      type: str
    files:
      description: The files that say so.
      type: list
      elements: str
    mtu:
      description: Largest packet.
      type: int
    up:
      description: Whether it is up.
      type: bool
    promiscuous:
      description: Whether somebody made it promiscuous.
      type: bool
    shim:
      description: The host's own link on it, with C(name), C(exists), C(driver), C(mode), C(mtu), C(up), C(addresses) and C(routes); V(null) without.
      type: dict
    networks:
      description: Networks on it, each with C(name), C(driver), C(mode), C(subnets) and C(containers). Missing where no engine answered.
      type: list
      elements: dict
engine:
  description: Why no engine answered; empty when one did.
  returned: always
  type: str
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, host_parents, journal_store, netlink_links
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import info, state

ARGUMENT_SPEC = dict(docker_client.CONNECTION_SPEC, name=dict(type="str"), state_dir=dict(type="path"))


def read(params):
    files = host_parents.host_files(journal_store.folder(params["state_dir"]))
    world = host_parents.HostParents(state.Observed, state.Attached, netlink_links.NetlinkLinks(), files,
                                     lambda: docker_client.connect_here(params))
    observed = world.observe(state.Scope(networks=True))
    found = [row for row in info.parents(observed) if params["name"] in (None, row["name"])]
    return dict(parents=found, engine=observed.silent)


def main():
    entry.inform(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
