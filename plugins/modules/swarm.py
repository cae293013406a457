#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm
short_description: Make, enter, change and leave a Docker Swarm
description:
  - Brings one host into a swarm or out of it, and keeps the swarm's settings.
  - Whatever can be checked is checked before the first effect, such as addresses that are not the host's own, ports that are taken, managers
    that do not answer, a token of another swarm, or a manager whose leaving would cost the others their quorum.
  - A host that is in the wished swarm already is left alone. A host in B(another) swarm is never touched.
  - Several hosts at once, in an order that keeps the quorum, are the job of the role P(fleetnet.docker.swarm#role).
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
  - fleetnet.docker.one_run
options:
  state:
    description:
      - V(present) makes a swarm with this host as its first manager, or changes the settings of the swarm that this host manages.
      - V(join) enters the swarm of O(remote_addrs), as worker or as manager, whichever the token is for. A member keeps the role it has.
      - V(absent) leaves. A manager hands its part over to the others first, where they are a quorum without it.
      - V(remove) takes a node that is down off the list, on a manager. A manager among these is demoted first.
    type: str
    choices: [present, join, absent, remove]
    default: present
  advertise_addr:
    description:
      - Address that the other hosts reach this one at, such as V(192.0.2.11), V(192.0.2.11:2377), or an interface such as V(eth0).
      - It must be this host's own. The engine chooses when it is not given, and refuses where it cannot.
      - Fixed when the host enters; see O(on_drift).
    type: str
  listen_addr:
    description:
      - Address or interface, with a port or without, that a manager listens on. The engine takes V(0.0.0.0:2377) when it is not given.
      - Fixed when the host enters; see O(on_drift). Only root on the engine's own host can compare it.
    type: str
  data_path_addr:
    description:
      - Address or interface for the traffic of overlay networks; that of O(advertise_addr) when it is not given.
      - Fixed when the host enters; see O(on_drift). Only root on the engine's own host can compare it.
    type: str
  data_path_port:
    description: UDP port for the traffic of overlay networks, 1024 to 49151; the engine takes 4789. Fixed when the swarm is made.
    type: int
  default_addr_pool:
    description: IPv4 subnets that overlay networks get theirs from. Fixed when the swarm is made.
    type: list
    elements: str
  subnet_size:
    description: Prefix length of the subnets taken from O(default_addr_pool); the engine takes 24. Fixed when the swarm is made.
    type: int
  on_drift:
    description:
      - What to do when something that is fixed differs from what is given here.
      - V(warn) says so and goes on, V(fail) ends the task before anything is done. It is never changed on the quiet.
    type: str
    choices: [warn, fail]
    default: warn
  allow_foreign_addr:
    description: Accept an O(advertise_addr) that is not the host's own, for hosts behind a NAT.
    type: bool
    default: false
  remote_addrs:
    description: Managers of the swarm to enter, with a port or without (2377). Needed with O(state=join).
    type: list
    elements: str
  join_token:
    description:
      - Token for workers or for managers. Needed with O(state=join).
      - Ansible replaces the same text wherever this module returns it.
    type: str
  node_id:
    description: Id of the node to remove, or its hostname where only one node has it. Needed with O(state=remove).
    type: str
  force:
    description:
      - With O(state=present), make this manager the only one where others have been lost. Where all answer, nothing is done.
      - With O(state=absent), leave even where that ends the swarm or costs its quorum.
      - With O(state=remove), remove a node that is not down.
    type: bool
    default: false
  name:
    description: The swarm's name. Every engine calls it V(default) and refuses another.
    type: str
  labels:
    description: The swarm's own labels, all of them. For labels of nodes see M(community.docker.docker_node).
    type: dict
  task_history_retention_limit:
    description: How many finished tasks of a service are kept.
    type: int
  snapshot_interval:
    description: Entries of the managers' log between two snapshots.
    type: int
  keep_old_snapshots:
    description: Snapshots to keep beside the newest.
    type: int
  log_entries_for_slow_followers:
    description: Entries of the log to keep for managers that lag behind.
    type: int
  heartbeat_tick:
    description: Ticks (of a second) between two heartbeats of the leader.
    type: int
  election_tick:
    description: Ticks (of a second) without a leader before another is elected; more than O(heartbeat_tick).
    type: int
  dispatcher_heartbeat_period:
    description: Nanoseconds between two heartbeats of a node.
    type: int
  node_cert_expiry:
    description: Nanoseconds after which a node's certificate expires.
    type: int
  signing_ca_cert:
    description: The certificate (PEM) that signs those of the nodes, with O(signing_ca_key).
    type: str
  signing_ca_key:
    description: The key (PEM) of O(signing_ca_cert). The engine never shows it, so a new key alone is no difference.
    type: str
  ca_force_rotate:
    description: A number; when it changes, the swarm makes itself a new certificate.
    type: int
  autolock_managers:
    description: Whether managers need a key after a restart of their engine.
    type: bool
  rotate_worker_token:
    description: Make the token for workers anew. This is a change each time.
    type: bool
    default: false
  rotate_manager_token:
    description: Make the token for managers anew. This is a change each time.
    type: bool
    default: false
  return_secrets:
    description: Whether RV(swarm_facts) has join tokens and unlock key. Without them the task needs no C(no_log).
    type: bool
    default: true
notes:
  - Leaving a swarm and making tokens anew cannot be undone. These steps come last, and a failure says what is left over.
  - Use C(no_log) on tasks that register RV(swarm_facts) with secrets.
seealso:
  - module: fleetnet.docker.swarm_info
  - module: community.docker.docker_node
"""

EXAMPLES = r"""
- name: The first manager
  fleetnet.docker.swarm:
    advertise_addr: 192.0.2.11
    default_addr_pool: [10.64.0.0/16]
  register: first
  no_log: true

- name: The same with everything that is fixed when a swarm is made, watched from then on
  fleetnet.docker.swarm:
    advertise_addr: 192.0.2.11:2377
    listen_addr: 0.0.0.0:2377
    data_path_addr: 192.0.2.11
    data_path_port: 4790
    default_addr_pool: [10.64.0.0/16]
    subnet_size: 25
    on_drift: fail
    state_dir: /var/lib/fleetnet
    lock_timeout: 120
  no_log: true

- name: A manager that others know by an address that is not its own
  fleetnet.docker.swarm:
    advertise_addr: 198.51.100.7
    allow_foreign_addr: true
  no_log: true

- name: A worker
  fleetnet.docker.swarm:
    state: join
    advertise_addr: 192.0.2.12
    join_token: "{{ first.swarm_facts.JoinTokens.Worker }}"
    remote_addrs: [192.0.2.11]

- name: Keep fewer finished tasks
  fleetnet.docker.swarm:
    task_history_retention_limit: 2
    return_secrets: false

- name: What a swarm may have otherwise later
  fleetnet.docker.swarm:
    name: default
    labels: {site: north}
    autolock_managers: true
    snapshot_interval: 20000
    keep_old_snapshots: 1
    log_entries_for_slow_followers: 1000
    heartbeat_tick: 1
    election_tick: 10
    dispatcher_heartbeat_period: 10000000000
    node_cert_expiry: 5184000000000000
  no_log: true

- name: A certificate authority of one's own
  fleetnet.docker.swarm:
    signing_ca_cert: "{{ lookup('ansible.builtin.file', 'swarm-ca.pem') }}"
    signing_ca_key: "{{ lookup('ansible.builtin.file', 'swarm-ca.key') }}"
    ca_force_rotate: 1
  no_log: true

- name: New tokens, for somebody may know the old ones
  fleetnet.docker.swarm:
    rotate_worker_token: true
    rotate_manager_token: true
  no_log: true

- name: Leave, and hand over first where this is a manager
  fleetnet.docker.swarm:
    state: absent

- name: Remove a node that is gone for good
  fleetnet.docker.swarm:
    state: remove
    node_id: qw8fwxaoiibjxvym1yrdnnca3

- name: Leave although that ends the swarm
  fleetnet.docker.swarm:
    state: absent
    force: true
"""

RETURN = r"""
swarm_facts:
  description:
    - The swarm as a manager sees it (C(docker swarm inspect)), with C(JoinTokens), and with C(UnlockKey) where O(autolock_managers=true).
    - Empty on a host that is no manager.
  returned: always
  type: dict
membership:
  description: This host's own view.
  returned: always
  type: dict
  contains:
    state:
      description: What the engine calls the node's state, one of V(inactive), V(pending), V(active), V(error), V(locked).
      type: str
    manager:
      description: Whether the host is a manager.
      type: bool
    node_id:
      description: The host's id as a node.
      type: str
    address:
      description: The address that it advertises.
      type: str
    error:
      description: What the engine complains about.
      type: str
    remote_managers:
      description: Addresses of the managers the host knows.
      type: list
      elements: str
    cluster_id:
      description: The swarm's id, on managers.
      type: str
    root_digests:
      description: SHA-256 of the swarm's root certificate, where it can be read; the join tokens of a swarm carry the same.
      type: list
      elements: str
    advertise_addr:
      description: The address it advertises, with the port where it can be read.
      type: str
    listen_addr:
      description: The address a manager listens on, where it can be read.
      type: str
    data_path_addr:
      description: The address for the traffic of overlay networks, where it can be read.
      type: str
actions:
  description: The steps that were taken, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["init a swarm, advertised as 192.0.2.11"]
impact:
  description: Who loses what.
  returned: always
  type: list
  elements: str
reasons:
  description: Why something changes, or why nothing does, and what could not be compared.
  returned: always
  type: list
  elements: str
  sample: ["this host is already in that swarm, as worker"]
rolled_back:
  description: Whether what a failed run had done could be undone, V(true), V(partial) or V(false).
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
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, journal_store
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_swarm import DockerSwarm
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import RUN_SPEC, engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import kind, state, told

NUMBERS = ("data_path_port", "subnet_size", "task_history_retention_limit", "snapshot_interval", "keep_old_snapshots",
           "log_entries_for_slow_followers", "heartbeat_tick", "election_tick", "dispatcher_heartbeat_period",
           "node_cert_expiry", "ca_force_rotate")
TEXTS = ("advertise_addr", "listen_addr", "data_path_addr", "node_id", "name", "signing_ca_cert")
SWITCHES = ("force", "allow_foreign_addr", "rotate_worker_token", "rotate_manager_token")
ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    **{option: dict(type="int") for option in NUMBERS},
    **{option: dict(type="str") for option in TEXTS},
    **{option: dict(type="bool", default=False, no_log=False) for option in SWITCHES},
    state=dict(type="str", choices=["present", "join", "absent", "remove"], default="present"),
    default_addr_pool=dict(type="list", elements="str"),
    remote_addrs=dict(type="list", elements="str"),
    labels=dict(type="dict"),
    join_token=dict(type="str", no_log=True),
    signing_ca_key=dict(type="str", no_log=True),
    autolock_managers=dict(type="bool"),
    on_drift=dict(type="str", choices=["warn", "fail"], default="warn"),
    return_secrets=dict(type="bool", default=True, no_log=False),
    **RUN_SPEC,
)
REQUIRED_IF = [("state", "join", ["remote_addrs", "join_token"]), ("state", "remove", ["node_id"])]


def wire(params):
    client = docker_client.connect(params)
    world = DockerSwarm(client, state.Observed, docker_client.is_local(params))
    folder = journal_store.folder(params["state_dir"])
    return world, None, engine_lock(folder, world.engine_id, params["lock_timeout"], "swarm")


def facts(params, world, outcome, dry):
    secrets = params["return_secrets"]
    shown = told.facts(world.swarm_facts, secrets)
    if shown and secrets and params["autolock_managers"] and not dry:
        shown["UnlockKey"] = world.unlock_key()
    return dict(swarm_facts=shown, membership=told.membership(world.me))


def main():
    entry.run(ARGUMENT_SPEC, kind, wire, facts, required_if=REQUIRED_IF)


if __name__ == "__main__":
    main()
