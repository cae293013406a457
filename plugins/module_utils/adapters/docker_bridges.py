# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables C(docker-bridges) of an engine that uses nftables: what they drop and let through. Decides nothing, and only reads."""
from __future__ import annotations

import ipaddress
import re
import typing as t

from .command import run

FAMILIES = {4: "ip", 6: "ip6"}
TABLE, FORWARD, RAW = "docker-bridges", "filter-FORWARD", "raw-PREROUTING"
CHAIN = re.compile(r"\s*chain (\S+) \{")
ACCEPTED_MARK = re.compile(r"(?:meta )?mark (?:(?:and|&) (?:0x)?[0-9a-f]+ == )?(0x[0-9a-f]+|\d+)\b.*\baccept\b")
DIRECT_DROP = re.compile(r'ip6? daddr (\S+) iifname != (\{[^}]*\}|"[^"]*") .*\bdrop\b')
Subnets = t.Mapping[str, t.Sequence[str]]


def listings() -> t.Dict[int, str]:
    """:returns: the table of each family that has one"""
    done = {family: run(["nft", "list", "table", name, TABLE]) for family, name in FAMILIES.items()}
    return {family: each.out for family, each in done.items() if each.well}


def mark(tables: t.Mapping[int, str]) -> int:
    """:returns: the mark that the engine accepts by itself in all of its tables (its option bridge-accept-fwmark), or 0"""
    found = {_accepted(text) for text in tables.values()}
    return found.pop() if len(found) == 1 else 0


def _accepted(text: str) -> int:
    rows = filter(None, map(ACCEPTED_MARK.search, _chain(text, FORWARD)))
    return next((int(row.group(1), 0) for row in rows), 0)


def raw_drops(tables: t.Mapping[int, str], subnets: Subnets) -> t.Dict[str, t.Set[str]]:
    """:param subnets: of each bridge, for a rule names the bridge and what it trusts alike; :returns: as docker_user.raw_drops"""
    found: t.Dict[str, t.Set[str]] = {}
    for text in tables.values():
        for row in filter(None, map(DIRECT_DROP.search, _chain(text, RAW))):
            names = set(re.findall(r'"([^"]+)"', row.group(2)))
            own = _bridge(names, row.group(1), subnets)
            found.setdefault(own, set()).update(names - {own})
    return found


def _bridge(names: t.Set[str], address: str, subnets: Subnets) -> str:
    wanted = ipaddress.ip_network(address)
    nets = {name: [ipaddress.ip_network(text) for text in subnets.get(name, ())] for name in sorted(names)}
    return next((name for name in nets if any(net.version == wanted.version and wanted.subnet_of(net) for net in nets[name])), min(names))


def _chain(text: str, name: str) -> t.Iterator[str]:
    """:returns: the lines of one chain"""
    inside = False
    for row in text.splitlines():
        heading = CHAIN.match(row)
        inside = heading.group(1) == name if heading else inside and row.strip() != "}"
        if inside and not heading:
            yield row
