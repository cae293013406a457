#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: macvlan_parent
short_description: Declare the links that macvlan and ipvlan networks hang on, and the host's own way to their containers
description:
  - Makes VLAN sub-interfaces (802.1Q) for networks to hang on, one or many in one task, with the names that Docker expects (C(eth0.50)).
  - Makes shims. A host cannot talk to containers on a macvlan or ipvlan network of its own; a shim, a link of the same kind on the
    host's side, with an address and routes, is the way.
  - Writes both in the host's own network configuration, so that they are there after a reboot before Docker starts its containers, where the
    host waits for its network at boot as distributions have it (C(systemd-networkd-wait-online.service) or C(NetworkManager-wait-online.service)).
  - Removes and changes only what it has made itself, which it keeps a record of. A VLAN that Docker made, and would take away with its
    last network, is adopted. A VLAN that somebody else made, or that the host's own configuration makes by now, is used as it is. One that
    has networks and no address, and that no record knows, is taken for Docker's.
  - When a step fails, everything of that parent is put back. When the run is killed, the next run finishes it.
  - An option that is not given stays as it was declared before. A O(shim) is declared whole, with all of its options.
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
  - fleetnet.docker.one_run
options:
  link:
    description: The network card, bond or bridge below. Exactly one of O(link) and O(parents) is required.
    type: str
  parents:
    description:
      - Several parents, each with the options below; they are looked at in one round and their order does not matter.
      - Options beside this one that an entry has as well have no effect on the list.
      - Where the description of an option names another one, that of the same entry is meant.
    type: list
    elements: dict
    suboptions:
      link:
        description: The network card, bond or bridge below.
        type: str
        required: true
      <<: &parent
        vlan_id:
          description: Number of the VLAN, from 1 to 4094. Without it, the parent is O(link) itself.
          type: int
        mtu:
          description:
            - Largest packet on the VLAN; the kernel takes that of O(link) when it is not given.
            - Not for a parent without O(vlan_id), which the host configures.
          type: int
        promiscuous:
          description:
            - Whether the parent takes frames for every MAC address. Some hypervisors and cards need that. Given back on O(state=absent).
            - A VLAN that somebody else made is not changed, and refused where it is not so already.
          type: bool
        shim:
          description: The host's own link on the parent. Left alone when it is not given; when it is, options that it lacks have their defaults.
          type: dict
          suboptions:
            name:
              description: The link's name, at most 15 characters; V(shim-) and the parent's name when it is not given.
              type: str
            state:
              description: Whether the shim is to exist.
              type: str
              choices: [present, absent]
              default: present
            driver:
              description: That of the networks on the parent, for the kernel cannot have both on one parent.
              type: str
              choices: [macvlan, ipvlan]
              default: macvlan
            mode:
              description: V(bridge) or V(vepa) for macvlan, V(l2), V(l3) or V(l3s) for ipvlan, as the networks have it. The first of these when not given.
              type: str
              choices: [bridge, vepa, l2, l3, l3s]
            addresses:
              description:
                - All addresses of the shim, at least one, with a prefix length or as a single address.
                - Reserve them in the network's O(fleetnet.docker.network#module:ipam_config[].aux_addresses), or the engine may give them away.
              type: list
              elements: str
            routes:
              description: All subnets that are reached through the shim, such as the network's range.
              type: list
              elements: str
            mtu:
              description: Largest packet on the shim; the kernel takes that of the parent when it is not given.
              type: int
        persist:
          description:
            - Which system makes the links at boot. It must run on the host, and no other one may configure O(link).
            - V(auto) is the one that configures O(link). Where none does, V(auto) is networkd or ifupdown, whichever runs.
            - V(none) is until the next reboot only. A VLAN on a VLAN that was made so is V(none) with V(auto) too.
            - When it is not given, it is what was declared before, and V(auto) for a parent that was not.
          type: str
          choices: [auto, networkd, networkmanager, netplan, ifupdown, none]
        state:
          description:
            - Whether the parent is to be there.
            - V(absent) removes the VLAN and the shim that were made here, and their files. It is refused while networks use the parent.
          type: str
          choices: [present, absent]
          default: present
  coming_networks:
    description:
      - Names of networks that another task makes, changes or removes, so that neither a shim nor the removal of a parent is held against
        what the engine has by these names now.
      - Meant for check mode, in which that task has done nothing yet. Role P(fleetnet.docker.macvlan#role) tries all of its list with it before
        its first change.
    type: list
    elements: str
    default: []
  rollback_after:
    description:
      - Seconds after which the host takes back a change that may cut the way Ansible came in by, unless a new connection of the controller
        has confirmed it before. The timer runs on the host, whatever becomes of the connection and of the controller.
      - Only where the connection is SSH, and the change touches the link it comes in through or the route to the controller; all
        else is done at once. Files for the next boot are written when the change is confirmed.
      - V(0) trusts the change.
    type: int
    default: 30
  confirm:
    description:
      - Which part of the work this run does. The task itself goes through V(try) and V(confirm), and nobody else needs this option.
      - V(try) arms the timer where that is needed, and sets the links; V(confirm) writes the files and disarms it; V(keep) does all at once.
    type: str
    choices: [keep, try, confirm]
    default: keep
  <<: *parent
requirements:
  - pyroute2 0.7.2 or later (C(python3-pyroute2)) on the host the module runs on, and root.
notes:
  - The Docker SDK is needed only where an engine is; without an answer from it, networks are not looked at, and removing, or making a
    shim, warns.
  - The module sets the links at once and leaves the host's network service alone; that reads the files at the next boot.
  - Hypervisors that drop frames of unknown MAC addresses cannot be seen from inside; only a probe from another host can tell.
seealso:
  - module: fleetnet.docker.macvlan_parent_info
  - module: fleetnet.docker.network
"""

EXAMPLES = r"""
- name: A VLAN for containers
  fleetnet.docker.macvlan_parent:
    link: eth0
    vlan_id: 50

- name: Let the host talk to its containers on the LAN
  fleetnet.docker.macvlan_parent:
    link: eth0
    shim:
      addresses: [192.0.2.190]
      routes: [192.0.2.192/28]

- name: Two VLANs with larger frames, one with an ipvlan shim, until the next reboot only
  fleetnet.docker.macvlan_parent:
    parents:
      - link: bond0
        vlan_id: 50
        mtu: 9000
        persist: none
      - link: bond0
        vlan_id: 60
        promiscuous: true
        persist: none
        shim:
          name: shim60
          driver: ipvlan
          mode: l2
          mtu: 1500
          addresses: [198.51.100.2/24, "2001:db8:60::2"]
          routes: ["2001:db8:60:1::/64"]

- name: Give the host two minutes to answer again, for the way to it is slow
  fleetnet.docker.macvlan_parent:
    link: eth0
    promiscuous: true
    rollback_after: 120

- name: Try it for a network that another task is about to make, waiting up to five minutes for another run
  fleetnet.docker.macvlan_parent:
    link: eth0
    shim:
      addresses: [192.0.2.190]
      routes: [192.0.2.192/28]
    coming_networks: [lan]
    state_dir: /var/lib/fleetnet
    lock_timeout: 300
  check_mode: true

- name: Take the shim away
  fleetnet.docker.macvlan_parent:
    link: eth0
    shim:
      state: absent

- name: Take the VLAN away
  fleetnet.docker.macvlan_parent:
    link: eth0
    vlan_id: 50
    state: absent
"""

RETURN = r"""
parents:
  description:
    - The parents of the task as they are now, or in check mode as they were found, ordered by name;
      as RV(fleetnet.docker.macvlan_parent_info#module:parents).
  returned: always
  type: list
  elements: dict
actions:
  description: The steps that were taken, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["create link eth0.50"]
impact:
  description: Who loses what, and for how long.
  returned: always
  type: list
  elements: str
reasons:
  description: For each parent why it changes, or that it does not.
  returned: always
  type: list
  elements: str
  sample: ["parent eth0.50 is as wanted"]
path:
  description: Address and port of the controller and of the host, as the SSH connection of this run has them; empty where it is no such one.
  returned: always
  type: list
  elements: str
pending:
  description: Token of the roll-back timer that runs; empty without one.
  returned: always
  type: str
unconfirmed:
  description: Whether there is something left to confirm.
  returned: always
  type: bool
rolled_back:
  description: Whether a failed transaction could be undone, V(true), V(partial) or V(false); V(true) also where the host took back a change
    that nobody confirmed.
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
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import (
    docker_client, host_parents, journal_store, netlink_links, parents_guard, ssh_path)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import RUN_SPEC, engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.macvlan_parent import info, kind, state

SHIM_SPEC = dict(
    name=dict(type="str"),
    state=dict(type="str", choices=["present", "absent"], default="present"),
    driver=dict(type="str", choices=["macvlan", "ipvlan"], default="macvlan"),
    mode=dict(type="str", choices=["bridge", "vepa", "l2", "l3", "l3s"]),
    addresses=dict(type="list", elements="str"),
    routes=dict(type="list", elements="str"),
    mtu=dict(type="int"),
)
OPTION_SPEC = dict(
    vlan_id=dict(type="int"),
    mtu=dict(type="int"),
    promiscuous=dict(type="bool"),
    shim=dict(type="dict", options=SHIM_SPEC),
    persist=dict(type="str", choices=["auto", "networkd", "networkmanager", "netplan", "ifupdown", "none"]),
    state=dict(type="str", choices=["present", "absent"], default="present"),
)
ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    **OPTION_SPEC,
    link=dict(type="str"),
    parents=dict(type="list", elements="dict", options=dict(OPTION_SPEC, link=dict(type="str", required=True))),
    coming_networks=dict(type="list", elements="str", default=[]),
    rollback_after=dict(type="int", default=30),
    confirm=dict(type="str", choices=["keep", "try", "confirm"], default="keep"),
    **RUN_SPEC,
)


def wire(params):
    folder = journal_store.folder(params["state_dir"])
    links, files = netlink_links.NetlinkLinks(), host_parents.host_files(folder)
    guard = parents_guard.ParentsGuard(params["rollback_after"], links, files.place)
    world = host_parents.HostParents(state.Observed, state.Attached, links, files, lambda: docker_client.connect_here(params), guard=guard)
    journal = journal_store.JournalStore(folder, "macvlan_parent", state.JOURNAL_TYPES, lambda: "links of this host")
    return world, journal, engine_lock(folder, lambda: "links of this host", params["lock_timeout"], "macvlan parents")


def facts(params, world, outcome, dry):
    names = {wish.parent for wish in kind.desired(params).wishes}
    return dict(parents=[row for row in info.parents(outcome.observed) if row["name"] in names], path=list(ssh_path.ends()),
                **kind.left(params, outcome.observed, dry))


def main():
    entry.run(ARGUMENT_SPEC, kind, wire, facts, required_one_of=[("link", "parents")], mutually_exclusive=[("link", "parents")])


if __name__ == "__main__":
    main()
