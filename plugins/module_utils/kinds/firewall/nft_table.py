# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How nft spells each part of a line: written and read by the same row."""
from __future__ import annotations

import re

TABLE = "inet fleetnet"
PRIORITY = -1
TYPES = {"pair": "ifname . ifname", "proto_port": "inet_proto . inet_service"}
KINDS = {"ifname": "ifname", "ipv4_addr": "ipv4_addr", "ipv6_addr": "ipv6_addr", "inet_service": "inet_service",
         **{printed: kind for kind, printed in TYPES.items()}}
SET = re.compile(r'type (%s)(?: flags interval)?(?: auto-merge)?(?: comment "([^"]*)")?\s*\Z' % "|".join(
    re.escape(printed) for printed in sorted(KINDS, reverse=True)))
ELEMENT = re.compile(r"[\w.-]+\*?(?: \. [\w.-]+)?\Z")
INTERVALS = ("ipv4_addr", "ipv6_addr", "inet_service")
NUMBERS = {"1": "icmp", "2": "igmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "58": "ipv6-icmp", "112": "vrrp", "132": "sctp"}
BURST = "5"  # what nft leaves unsaid

VALUE = r'(?:(?P<not>!= )?(?P<value>@[\w.-]+|"[^"]*"|\{ [^}]* \}|[\w.:/*-]+))'
# key: (text in front of the value, how a value is written)
MATCHES = {
    "iifname": ("iifname", '"%s"'), "oifname": ("oifname", '"%s"'), "same": ("iifname . oifname", "%s"),
    "family": ("meta nfproto", "%s"), "odaddr4": ("ct original ip daddr", "%s"), "saddr4": ("ip saddr", "%s"),
    "saddr6": ("ip6 saddr", "%s"), "daddr4": ("ip daddr", "%s"), "daddr6": ("ip6 daddr", "%s"),
    "service": ("meta l4proto . th dport", "%s"), "l4proto": ("meta l4proto", "%s"), "dport": ("th dport", "%s"),
    "oport": ("ct original proto-dst", "%s"), "icmp": ("icmp type", "%s"), "icmp6": ("icmpv6 type", "%s"),
}
PATTERNS = [(key, re.compile(re.escape(front) + " " + VALUE + r"(?= |\Z)")) for key, (front, _form) in MATCHES.items()]
PATTERNS.sort(key=lambda row: -len(row[1].pattern))
PORT_OF = re.compile(r"(?P<protocol>tcp|udp|sctp) dport " + VALUE + r"(?= |\Z)")
LIMIT = re.compile(r"limit rate (?P<over>over )?(?P<rate>\d+/\w+)(?: burst (?P<burst>\d+) packets)?(?= |\Z)")
COUNTER = re.compile(r"counter packets (\d+) bytes (\d+)(?= |\Z)")
STATES = re.compile(r"ct state established,related(?= |\Z)")
DNAT = re.compile(r"ct status dnat(?= |\Z)")
# Of the highest bit nft (1.0.6) prints a prefix, as of an address.
MARKED = r"ct mark (?:& %s == %s|%s/1)(?= )"
COMMENT = re.compile(r'comment "([^"]*)"\Z')
VERDICT = re.compile(r"(accept|drop|(?:jump|goto) \w+|reject)(?: with icmp(?:v6|x)?(?: type)? port-unreachable)?(?= |\Z)")
LOG = re.compile(r'log prefix "([^"]*)"(?= |\Z)')
TABLE_COMMENT = "fleetnet.docker sha256:%s mark:0x%x"
TABLE_COMMENT_READ = re.compile(r'comment "fleetnet\.docker sha256:([0-9a-f]{64}) mark:(0x[0-9a-f]+)"\Z')
