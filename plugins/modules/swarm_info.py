#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: swarm_info
short_description: Look at a Docker Swarm
description:
  - Shows the swarm, and on request its nodes, services and tasks, as a manager sees them.
  - On a host that is no manager it fails, unless O(membership=true); the three flags are returned in any case.
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
  membership:
    description:
      - Also return RV(membership), RV(host_interfaces), RV(default_address), RV(fleet_swarm) and RV(fleet_nodes), and do not fail where this
        host is no manager.
      - The filter P(fleetnet.docker.swarm_plan#filter) works from these facts of all hosts.
    type: bool
    default: false
  return_secrets:
    description: Whether RV(swarm_facts) has the join tokens. Without them the task needs no C(no_log).
    type: bool
    default: true
  nodes:
    description: Whether to list nodes.
    type: bool
    default: false
  nodes_filters:
    description: Which nodes to list, such as C(name), C(id), C(role), C(membership), C(node.label).
    type: dict
  services:
    description: Whether to list services.
    type: bool
    default: false
  services_filters:
    description: Which services to list, such as C(name), C(id), C(label), C(mode).
    type: dict
  tasks:
    description: Whether to list tasks.
    type: bool
    default: false
  tasks_filters:
    description: Which tasks to list, such as C(service), C(node), C(desired-state), C(label), C(name), C(id).
    type: dict
  unlock_key:
    description: Whether to return the key that unlocks managers.
    type: bool
    default: false
  verbose_output:
    description: Return nodes, services and tasks as the engine's API answers, instead of the few values that C(docker node ls) and others show.
    type: bool
    default: false
seealso:
  - module: fleetnet.docker.swarm
"""

EXAMPLES = r"""
- name: Look at the swarm and its nodes
  fleetnet.docker.swarm_info:
    nodes: true
    return_secrets: false
  register: swarm

- name: Every node is ready
  ansible.builtin.assert:
    that: swarm.nodes | rejectattr('Status', 'equalto', 'ready') | length == 0

- name: All that runs of one service, in full, and the workers
  fleetnet.docker.swarm_info:
    nodes: true
    nodes_filters: {role: worker}
    services: true
    services_filters: {name: webapp1}
    tasks: true
    tasks_filters: {service: webapp1, desired-state: running}
    verbose_output: true
    return_secrets: false

- name: The key that managers of a locked swarm need after a restart
  fleetnet.docker.swarm_info:
    unlock_key: true
  register: locked
  no_log: true

- name: Where does this host belong, if anywhere
  fleetnet.docker.swarm_info:
    membership: true
    return_secrets: false
  register: own
"""

RETURN = r"""
can_talk_to_docker:
  description: Whether the engine answers.
  returned: always
  type: bool
docker_swarm_active:
  description: Whether the host is a member of a swarm.
  returned: always
  type: bool
docker_swarm_manager:
  description: Whether the host is a manager.
  returned: always
  type: bool
swarm_facts:
  description: The swarm (C(docker swarm inspect)), with the join tokens unless O(return_secrets=false).
  returned: on managers
  type: dict
swarm_unlock_key:
  description: The key that unlocks managers; V(none) where they are not locked.
  returned: when O(unlock_key=true)
  type: str
nodes:
  description: The nodes, with C(ID), C(Hostname), C(Status), C(Availability), C(ManagerStatus) and C(EngineVersion) unless O(verbose_output=true).
  returned: when O(nodes=true)
  type: list
  elements: dict
services:
  description: The services, with C(ID), C(Name), C(Mode), C(Replicas), C(Image) and C(Ports) unless O(verbose_output=true).
  returned: when O(services=true)
  type: list
  elements: dict
tasks:
  description:
    - The tasks, with C(ID), C(ContainerID), C(Image), C(Node), C(DesiredState), C(CurrentState) and C(Error) unless O(verbose_output=true).
  returned: when O(tasks=true)
  type: list
  elements: dict
membership:
  description: This host's own view, as M(fleetnet.docker.swarm) returns it.
  returned: when O(membership=true)
  type: dict
host_interfaces:
  description: The host's interfaces and their addresses; empty where the engine is not on the host the module runs on.
  returned: when O(membership=true)
  type: dict
default_address:
  description: The address that the host uses for its default route.
  returned: when O(membership=true)
  type: str
taken_ports:
  description: Of the ports that a swarm needs by default, those that another process has (C(7946/tcp)), on a host that is in none.
  returned: when O(membership=true)
  type: list
  elements: str
fleet_swarm:
  description: What is fixed for the whole swarm; V(none) where no manager with a leader was asked.
  returned: when O(membership=true)
  type: dict
fleet_nodes:
  description: The nodes as the filter P(fleetnet.docker.swarm_plan#filter) needs them; V(none) where no manager with a leader was asked.
  returned: when O(membership=true)
  type: list
  elements: dict
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, host_addresses
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_swarm import DockerSwarm
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import checks, state, told

LISTS = ("nodes", "services", "tasks")
SWITCHES = LISTS + ("unlock_key", "verbose_output", "membership")
ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    **{option: dict(type="bool", default=False, no_log=False) for option in SWITCHES},
    **{"%s_filters" % option: dict(type="dict") for option in LISTS},
    return_secrets=dict(type="bool", default=True, no_log=False),
)


def read(params):
    flags = dict(can_talk_to_docker=False, docker_swarm_active=False, docker_swarm_manager=False)
    with told.also_on_failure(flags):
        return dict(_read(params, flags), **flags)


def _read(params, flags):
    local = docker_client.is_local(params)
    world = DockerSwarm(docker_client.connect(params), state.Observed, local)
    flags.update(can_talk_to_docker=True)
    seen = world.observe(state.Scope(ports=checks.needed_ports(state.Wish("present")) if params["membership"] else ()))
    flags.update(docker_swarm_active=seen.me.state == "active", docker_swarm_manager=seen.me.manager)
    result = {}
    if params["membership"]:
        result = told.for_the_planner(seen, host_addresses.default_address() if local else "")
    if seen.cluster is None and params["membership"]:
        return result
    checks.manages(seen)
    return dict(result, swarm_facts=told.facts(world.swarm_facts, params["return_secrets"]), **_lists(params, world))


def _lists(params, world):
    found = {what: world.listed(what, params["%s_filters" % what]) for what in LISTS if params[what]}
    if not params["verbose_output"]:
        found = told.short(found, world.raw_nodes)
    if params["unlock_key"]:
        found["swarm_unlock_key"] = world.unlock_key()
    return found


def main():
    entry.inform(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
