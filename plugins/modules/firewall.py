#!/usr/bin/python
# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall
short_description: Declare the firewall of a Docker host as one policy
description:
  - Holds the whole packet filter policy of a host in one task. It is rendered to one nftables table of its own (C(inet fleetnet)), which
    is replaced in one transaction. There is no moment without rules, and nobody else's tables are touched.
  - Rules speak of published ports and of Docker networks by name, never of a container's address, and cover every way to a published
    port, also those that pass by Docker's own rules.
  - A section that is not given is not managed; one that is given is whole.
  - Replies, loopback and traffic inside one network are always let through. In O(host) also ICMP essentials, DHCPv6 and the
    SSH port, unless O(allow_lockout=true).
version_added: 0.1.0
author: fleetnet.docker contributors (@fleetnet)
extends_documentation_fragment:
  - fleetnet.docker.connection
  - fleetnet.docker.one_run
options:
  state:
    description: Whether the policy is to be in force; V(absent) removes everything this module made but its lock, and nothing else.
    type: str
    choices: [present, absent]
    default: present
  backend:
    description:
      - What renders the policy. V(auto) takes nftables, but where all of the host's rules stand in the legacy variant of iptables, or where
        the host cannot use nftables. V(iptables) needs C(iptables), C(ip6tables) and C(ipset).
      - Another back end than before takes the place of the former one, which leaves nothing behind.
    type: str
    choices: [auto, nftables, iptables]
    default: auto
  sets:
    description: Sets of addresses or of ports, to be used in rules as V(@name). A look-up in a set of 10,000 costs no more than one address.
    type: list
    elements: dict
    suboptions:
      name:
        description: The set's name; letters, digits and underscores, a letter first, 20 at most.
        type: str
        required: true
      type:
        description: What it holds.
        type: str
        choices: [addresses, ports]
        default: addresses
      elements:
        description: Addresses, prefixes and ranges of both families, or ports and ranges of ports.
        type: list
        elements: str
        required: true
  published:
    description: New connections to published container ports, by the published port, whichever way they take.
    type: dict
    suboptions:
      default: &default
        description: What becomes of a new connection that no rule fits.
        type: str
        choices: [accept, drop]
        default: accept
      direct:
        description: What becomes of traffic that comes from outside straight to a container's address, past the published port.
        type: str
        choices: [accept, drop]
        default: drop
      rules:
        description: Tried in this order; the first that fits decides.
        type: list
        elements: dict
        suboptions:
          action: &action
            description: What becomes of a new connection that the rule fits. V(reject) answers that the port cannot be reached.
            type: str
            choices: [accept, drop, reject]
            required: true
          protocols:
            description: >-
              Protocols the rule fits: V(tcp), V(udp), V(sctp). Any when it is not given, V(tcp) where C(ports) is given.
            type: list
            elements: str
          ports:
            description: Published ports, those on the left of C(-p); numbers, ranges like V(8000-8010), or V(@name) of a set of ports.
            type: list
            elements: str
          sources: &sources
            description: Addresses it comes from, of both families; addresses, prefixes, ranges like V(192.0.2.7-192.0.2.9), or V(@name) of a set.
            type: list
            elements: str
          interfaces: &interfaces
            description: Interfaces it comes in by; V(eth*) stands for all that begin so.
            type: list
            elements: str
          networks: &networks
            description: Docker networks it comes from, by name; containers that speak to an address of the host.
            type: list
            elements: str
          limit: &limit
            description: How many new connections are accepted, such as V(10/second); what is above is dropped. Only with the action V(accept).
            type: str
          burst: &burst
            description: How many new connections may come at once before the limit counts. V(5) when it is not given.
            type: int
          log: &log
            description: Log the first packets, at most 10 each second, with a prefix that names section and rule.
            type: bool
            default: false
          comment: &comment
            description: Shown in the diff, in the ruleset and by M(fleetnet.docker.firewall_info); 90 bytes at most, without quotes.
            type: str
  forwarded:
    description:
      - New connections between Docker networks, and between them and the outside.
      - Isolation inside one network is the network's own (C(com.docker.network.bridge.enable_icc)).
    type: dict
    suboptions:
      default: *default
      rules:
        description: Tried in this order; the first that fits decides.
        type: list
        elements: dict
        suboptions:
          action: *action
          from:
            description: Docker networks it comes from, by name, or V(outside) for what is no Docker network. Any when it is not given.
            type: list
            elements: str
          to:
            description: Docker networks it goes to, by name, or V(outside). Any when it is not given.
            type: list
            elements: str
          protocols: &protocols
            description: >-
              Protocols the rule fits: V(tcp), V(udp), V(sctp), V(icmp) (of both families), V(esp), V(gre), V(igmp), V(vrrp).
              Any when it is not given, V(tcp) where C(ports) is given.
            type: list
            elements: str
          ports:
            description: Ports it goes to, those of the container and not the published ones; numbers, ranges like V(8000-8010), or V(@name) of a set of ports.
            type: list
            elements: str
          sources: *sources
          destinations:
            description: Addresses it goes to, written like O(forwarded.rules[].sources).
            type: list
            elements: str
          limit: *limit
          burst: *burst
          log: *log
          comment: *comment
  host:
    description: New connections to the host itself.
    type: dict
    suboptions:
      default: *default
      rules:
        description: Tried in this order; the first that fits decides.
        type: list
        elements: dict
        suboptions:
          action: *action
          protocols: *protocols
          ports:
            description: Ports of the host; numbers, ranges like V(8000-8010), or V(@name) of a set of ports.
            type: list
            elements: str
          sources: *sources
          interfaces: *interfaces
          networks: *networks
          limit: *limit
          burst: *burst
          log: *log
          comment: *comment
  cluster:
    description: >-
      Opens the ports of a swarm between its members, and closes the TCP and UDP ones for others. ESP of others is left to O(host).
    type: dict
    suboptions:
      members:
        description: Addresses of the swarm's hosts.
        type: list
        elements: str
        required: true
      data_path_port:
        description: UDP port of the overlay networks' VXLAN.
        type: int
        default: 4789
      encrypted:
        description: Whether ESP is let through between members, which encrypted overlay networks need.
        type: bool
        default: true
  allow_lockout:
    description: Do not keep ICMP essentials and DHCPv6 open in O(host), and the SSH port whatever O(host) and O(published) say.
    type: bool
    default: false
  ssh_port:
    description: The SSH port to keep open. Without it the one Ansible came through, and V(22) where there is none.
    type: int
  mark:
    description: The bit of packet and connection marks that means "let through"; a power of two that nothing else on the host uses.
    type: int
    default: 1048576
  flush_conntrack:
    description:
      - End connections from before that the policy would not let begin. Otherwise they go on, for replies are always let through.
      - Covers TCP, UDP, SCTP, ICMP, GRE and ESP. One of which the host cannot tell by which interface it came stays.
      - What has ports stays ended while its server goes on sending. Packets between that client's address and port and that server's are dropped,
        of TCP and SCTP for 20 minutes and of UDP for a day or until the policy changes, for the kernel would take the server's next for the first
        of a new connection (C(nf_conntrack_tcp_loose)).
      - Needs the tool C(conntrack). RV(impact) names them, also in check mode.
    type: bool
    default: false
  rollback_after:
    description:
      - Seconds after which the host takes new rules back, unless a new connection of the controller, and all of O(confirm_probes), have
        confirmed them before. The timer runs on the host, whatever becomes of the connection and of the controller.
      - V(0) trusts the policy, and makes it persistent at once.
    type: int
    default: 30
  confirm_probes:
    description:
      - TCP connections that must work, or must not, under the new rules before they are confirmed.
      - Needed where Ansible's own connection proves nothing, such as C(local), C(docker) and SSH to V(127.0.0.1), unless O(rollback_after=0).
    type: list
    elements: dict
    suboptions:
      host:
        description: Name or address to connect to.
        type: str
        required: true
      port:
        description: Port to connect to.
        type: int
        required: true
      expect:
        description: Whether the connection must work; V(false) where it must not.
        type: bool
        default: true
      from:
        description: Where the connection comes from, V(controller) or the inventory name of a host with Python.
        type: str
        default: controller
  confirm:
    description:
      - Which part of the work this run does. The task itself goes through V(try) and V(confirm), and nobody else needs this option.
      - V(try) arms the timer and loads the rules; V(confirm) makes them persistent and disarms it; V(keep) does without a timer.
    type: str
    choices: [keep, try, confirm]
    default: keep
requirements:
  - nftables 1.0 or later (C(nft)), or iptables 1.8 with ipset 7, and root, on the engine's own host.
seealso:
  - module: fleetnet.docker.firewall_info
  - module: fleetnet.docker.network
"""

EXAMPLES = r"""
- name: Published ports are closed, but for the web and for the office
  fleetnet.docker.firewall:
    sets:
      - name: office
        elements: [192.0.2.0/24, 2001:db8:12::/48]
      - name: web
        type: ports
        elements: [80, 443, 8000-8010]
    published:
      default: drop
      rules:
        - {action: accept, ports: ["@web"], limit: 100/second, burst: 50}
        - {action: accept, ports: [9000], protocols: [tcp, udp], sources: ["@office"], log: true, comment: admin page}
        - {action: accept, ports: [5432], interfaces: [eth1, "wg*"]}
        - {action: accept, ports: [9090], networks: [monitoring]}

- name: The backend may not reach the internet, the frontend may reach its database
  fleetnet.docker.firewall:
    forwarded:
      default: accept
      rules:
        - {action: reject, from: [backend], to: [outside]}
        - {action: accept, from: [frontend], to: [backend], ports: [3306]}
        - {action: drop, from: [frontend], destinations: [10.0.0.0/8]}

- name: The host itself, and the ports of its swarm
  fleetnet.docker.firewall:
    backend: nftables
    published: {direct: accept}
    host:
      default: drop
      rules:
        - {action: accept, ports: [9100], sources: [192.0.2.7]}
        - {action: accept, protocols: [vrrp]}
    cluster:
      members: [192.0.2.11, 192.0.2.12, 192.0.2.13]
      data_path_port: 4789
      encrypted: false
    ssh_port: 2222
    allow_lockout: false
    mark: 2097152
    flush_conntrack: true

- name: Confirmed only when the shop answers and the database does not
  fleetnet.docker.firewall:
    published:
      default: drop
      rules:
        - {action: accept, ports: [443]}
    rollback_after: 60
    confirm_probes:
      - {host: "{{ ansible_host }}", port: 443}
      - {host: "{{ ansible_host }}", port: 5432, expect: false}
      - {host: "{{ ansible_host }}", port: 443, from: web2}

- name: Nothing but the office to published ports, waiting up to five minutes for another run
  fleetnet.docker.firewall:
    published:
      default: drop
      rules:
        - {action: accept, sources: [192.0.2.0/24]}
    state_dir: /var/lib/fleetnet
    lock_timeout: 300

- name: Nothing of it
  fleetnet.docker.firewall:
    state: absent
"""

RETURN = r"""
ruleset:
  description:
    - The exact text that was loaded, or would be in check mode; empty when nothing was to be loaded.
    - With the back end V(iptables) it has three parts, for C(ipset restore) and for C(iptables-restore) of each family. They name what is to
      be there; what loads them takes away what of ours they do not name, and does not touch rules that stay.
  returned: always
  type: str
backend:
  description: What renders the policy on this host.
  returned: always
  type: str
  sample: nftables
actions:
  description: The steps that were taken, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["load the rules in table inet fleetnet"]
impact:
  description: Which connections from before end, with O(flush_conntrack).
  returned: always
  type: list
  elements: str
reasons:
  description: Why something changes, or that nothing does.
  returned: always
  type: list
  elements: str
  sample: ["the firewall is as wanted"]
pending:
  description: Token of the roll-back timer that runs; empty without one.
  returned: always
  type: str
unconfirmed:
  description: Whether there is something left to confirm.
  returned: always
  type: bool
rolled_back:
  description: Whether a failed transaction could be undone, V(true), V(partial) or V(false); V(true) also where the host took rules back that
    nobody confirmed.
  returned: on failure after the first effect
  type: str
left_over:
  description: What could not be undone.
  returned: on failure after the first effect
  type: list
  elements: str
"""

from ansible_collections.fleetnet.docker.plugins.module_utils import entry
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client, firewall_guard, journal_store
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_firewall import Firewall
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.lock import RUN_SPEC, engine_lock
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import kind, state

TEXTS = dict(type="list", elements="str")
VERDICTS = ["accept", "drop"]
RULE_SPEC = dict(
    action=dict(type="str", choices=VERDICTS + ["reject"], required=True), protocols=TEXTS, ports=TEXTS, sources=TEXTS,
    limit=dict(type="str"), burst=dict(type="int"), log=dict(type="bool", default=False), comment=dict(type="str"),
)
NEAR_SPEC = dict(RULE_SPEC, interfaces=TEXTS, networks=TEXTS)
FAR_SPEC = dict(RULE_SPEC, destinations=TEXTS, to=TEXTS, **{"from": TEXTS})


def section(rule_spec, **more):
    rules = dict(type="list", elements="dict", options=rule_spec)
    return dict(type="dict", options=dict(default=dict(type="str", choices=VERDICTS, default="accept"), rules=rules, **more))


ARGUMENT_SPEC = dict(
    docker_client.CONNECTION_SPEC,
    state=dict(type="str", choices=["present", "absent"], default="present"),
    backend=dict(type="str", choices=["auto", "nftables", "iptables"], default="auto"),
    sets=dict(type="list", elements="dict", options=dict(
        name=dict(type="str", required=True), type=dict(type="str", choices=["addresses", "ports"], default="addresses"),
        elements=dict(TEXTS, required=True))),
    published=section(NEAR_SPEC, direct=dict(type="str", choices=VERDICTS, default="drop")),
    forwarded=section(FAR_SPEC),
    host=section(NEAR_SPEC),
    cluster=dict(type="dict", options=dict(
        members=dict(TEXTS, required=True), data_path_port=dict(type="int", default=4789), encrypted=dict(type="bool", default=True))),
    allow_lockout=dict(type="bool", default=False),
    ssh_port=dict(type="int"),
    mark=dict(type="int", default=state.DEFAULT_MARK),
    flush_conntrack=dict(type="bool", default=False),
    rollback_after=dict(type="int", default=30),
    confirm_probes=dict(type="list", elements="dict", options=dict(
        host=dict(type="str", required=True), port=dict(type="int", required=True), expect=dict(type="bool", default=True),
        **{"from": dict(type="str", default="controller")})),
    confirm=dict(type="str", choices=["keep", "try", "confirm"], default="keep"),
    **RUN_SPEC,
)


def wire(params):
    world = Firewall(docker_client.connect_here(params), state.Observed, state.Through,
                     firewall_guard.handlers(params["rollback_after"]), firewall_guard.reads())
    folder = journal_store.folder(params["state_dir"])
    return world, None, engine_lock(folder, world.engine_id, params["lock_timeout"], "firewall")


def facts(params, world, outcome, dry):
    return dict(ruleset=kind.text(outcome.plan), backend=kind.rendered_by(params, outcome.observed), pending=outcome.observed.pending,
                **kind.left(params, outcome.observed, dry))


def main():
    entry.run(ARGUMENT_SPEC, kind, wire, facts)


if __name__ == "__main__":
    main()
