# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that the kernel tracks, through the tool conntrack; routes through ip. Decides nothing."""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from ..values.flow import Flow, Paths
from .command import Done, run

FAMILIES = {4: "ipv4", 6: "ipv6"}
TUPLE = r"src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)"
ENTRY = re.compile(r"(tcp|udp|sctp)\s.*?\b" + TUPLE + r"\s.*?\b" + TUPLE)
# Others without ports are multicast, whose way in cannot be told by where they go.
PORTLESS = {1: "icmp", 47: "gre", 50: "esp", 58: "ipv6-icmp"}
PORTLESS_ENTRY = re.compile(r"\S+\s+(\d+)\s.*?\bsrc=(\S+) dst=(\S+)(?: type=(\d+))?.*?\bsrc=(\S+)")
ROUTE = re.compile(r"(?:unicast )?(\S+) (?:via \S+ )?dev (\S+)")
LOCAL = re.compile(r"local (\S+) dev ")
WHOLE = {4: "0.0.0.0/0", 6: "::/0"}


def flows() -> t.Tuple[Flow, ...]:
    """Each once: of ICMP and GRE there may be several that differ in what no rule looks at."""
    rows = [row for family in FAMILIES.values() for row in _conntrack("-L", "-f", family).out.splitlines()]
    return tuple(dict.fromkeys(filter(None, map(_flow, rows))))


def _flow(row: str) -> t.Optional[Flow]:
    entry = ENTRY.match(row)
    if entry:
        protocol, source, target, source_port, port, final, _back, final_port, _back_port = entry.groups()
        return Flow(protocol, source, int(source_port), target, int(port), final, int(final_port))
    entry = PORTLESS_ENTRY.match(row)
    if not entry or int(entry.group(1)) not in PORTLESS:
        return None
    number, source, target, icmp, final = entry.groups()
    return Flow(PORTLESS[int(number)], source, 0, target, 0, final, 0, int(icmp) if icmp else None)


def end(flow: Flow) -> None:
    """One that is gone already is as good."""
    # By number, for a name may be one that only /etc/protocols knows.
    protocol = next((str(number) for number, name in PORTLESS.items() if name == flow.protocol), flow.protocol)
    words = ["--sport", str(flow.source_port), "--dport", str(flow.port)] if flow.port else []
    if flow.icmp is not None:
        words = ["--icmp-type" if flow.family == 4 else "--icmpv6-type", str(flow.icmp)]
    _conntrack("-D", "-f", FAMILIES[flow.family], "-p", protocol, "-s", flow.source, "-d", flow.target, *words)


def paths() -> Paths:
    routes, own = [], set()
    for family in FAMILIES:
        for row in run(["ip", "-%d" % family, "route", "show", "table", "local"]).out.splitlines():
            found = LOCAL.match(row)
            if found:
                own.add(found.group(1))
        for row in run(["ip", "-%d" % family, "route", "show"]).out.splitlines():
            found = ROUTE.match(row)
            if found:
                routes.append((WHOLE[family] if found.group(1) == "default" else found.group(1), found.group(2)))
    return Paths(tuple(routes), frozenset(own))


def _conntrack(*words: str) -> Done:
    done = run(["conntrack", *words])
    if done.code is None:
        raise EnvironmentFault("The tool conntrack is missing on this host, and flush_conntrack needs it; install conntrack, or leave "
                               "flush_conntrack out.")
    if not done.well and "0 flow entries" not in done.err:
        raise EnvironmentFault("conntrack %s does not work: %s" % (words[0], (done.err.strip().splitlines() or ["no reason given"])[-1]))
    return done
