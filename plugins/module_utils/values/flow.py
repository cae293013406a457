# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that the kernel tracks, and where on the host addresses lie."""
from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Flow:
    """One tracked connection, as its first packet came.

    :param target: where it was sent to; :param final: where it went, after the host rewrote it; the same where it did not
    :param port: 0, like the other two, where the protocol has none; :param icmp: the type, where that is the protocol
    """

    protocol: str
    source: str
    source_port: int
    target: str
    port: int
    final: str
    final_port: int
    icmp: t.Optional[int] = None

    @property
    def family(self) -> int:
        return 6 if ":" in self.source else 4

    def __str__(self) -> str:
        if not self.port:
            return "%s from %s to %s" % (self.protocol, self.source, self.target)
        return "%s from %s:%d to %s:%d" % (self.protocol, self.source, self.source_port, self.target, self.port)


@dataclass(frozen=True)
class Paths:
    """:param routes: (prefix, interface); :param own: addresses of the host itself"""

    routes: t.Tuple[t.Tuple[str, str], ...] = ()
    own: t.FrozenSet[str] = frozenset()

    def interface(self, address: str) -> str:
        """Where the host would send a packet to that address; C(lo) for its own, empty where it does not know, or where there are several
        ways: a packet may come in by another one than it would be answered by.
        """
        if address in self.own:
            return "lo"
        item = ipaddress.ip_address(address)
        fitting = [(net.prefixlen, name) for net, name in self._networks() if net.version == item.version and item in net]
        names = {name for length, name in fitting if length == max(fitting)[0]}
        return names.pop() if len(names) == 1 else ""

    def _networks(self):
        return ((ipaddress.ip_network(prefix), name) for prefix, name in self.routes)
