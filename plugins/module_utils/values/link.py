# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel knows: links and routes of the host."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

LONGEST_NAME = 15  # IFNAMSIZ, without the zero at its end


@dataclass(frozen=True)
class Route:
    """:param interface: name of the outgoing link, such as "eth0"; :param gateway: empty where the subnet is on the link itself
    :param parent: the link whose LAN a macvlan or ipvlan link shares, such as "eth0" for a shim; else empty, for a VLAN is another LAN
    :param by_kernel: made by the kernel itself, because of an address with a prefix length
    :param shared: one of several ways of the same route (multipath)
    """

    subnet: str
    interface: str
    gateway: str = ""
    parent: str = ""
    by_kernel: bool = False
    shared: bool = False

    def __str__(self) -> str:
        return "route %s on %s" % (self.subnet, self.interface)


@dataclass(frozen=True)
class Way:
    """How the SSH connection of this run comes in: its two ends, and the link that the host answers through."""

    client: str
    server: str
    link: str


@dataclass(frozen=True)
class Link:
    """A link as it is or is to be; C(None) means: not managed.

    :param kind: vlan, macvlan, ipvlan, bridge, veth ... as the kernel says; empty for hardware
    :param parent: the link it is made on
    :param mode: of macvlan and ipvlan
    :param addresses: with prefix length; those that somebody gave it, not those that the kernel makes up
    :param leased: addresses that end by themselves where nobody renews them: from a DHCP server, or advertised by a router
    :param master: the bridge, bond or the like that the link is a port of, and what C(master_kind) that is
    """

    name: str
    kind: str = ""
    parent: str = ""
    vlan_id: t.Optional[int] = None
    mode: t.Optional[str] = None
    mtu: t.Optional[int] = None
    up: t.Optional[bool] = None
    promiscuous: t.Optional[bool] = None
    addresses: t.Optional[t.Tuple[str, ...]] = None
    leased: t.Tuple[str, ...] = field(default=(), compare=False)
    index: int = field(default=0, compare=False)
    master: str = field(default="", compare=False)
    master_kind: str = field(default="", compare=False)
    wireless: bool = field(default=False, compare=False)
    loopback: bool = field(default=False, compare=False)
    carrier: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        return "link %s" % self.name

    @property
    def every_address(self) -> t.Tuple[str, ...]:
        """All that the link answers to, however it came by them."""
        return (*(self.addresses or ()), *self.leased)

    def same_make(self, other: Link) -> bool:
        """Whether two links could be one: what cannot be changed without making the link anew is equal."""
        return (self.name, self.kind, self.parent, self.vlan_id, self.mode) == (
            other.name, other.kind, other.parent, other.vlan_id, other.mode)
