# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses and subnets in one canonical spelling, so that no text is ever compared with text."""
from __future__ import annotations

import ipaddress
import typing as t
from functools import lru_cache


def subnet(text: str) -> str:
    """Canonical spelling of a subnet; host bits are refused.

    :raises ValueError: with the reason the standard library gives
    """
    if "/" not in text:
        raise ValueError("it has no prefix length")
    return str(ipaddress.ip_network(text.strip(), strict=True))


def no_room(text: str) -> t.Optional[str]:
    """:returns: why a subnet cannot hold containers, or C(None) where it can"""
    net = ipaddress.ip_network(text)
    if net.prefixlen == 0:
        return "it is the whole address space"
    if net.num_addresses == 1:
        return "it is a single address"
    if net.is_multicast or net.is_loopback or net.is_link_local and net.version == 4:
        return "such addresses have a meaning of their own"
    return None


def edge(item: str, outer: str) -> bool:
    """Whether an IPv4 address is the first or the last of its subnet, which no host can have."""
    net = ipaddress.ip_network(outer)
    ends = (net.network_address, net.broadcast_address)
    return net.version == 4 and net.prefixlen < 31 and ipaddress.ip_address(item) in ends


@lru_cache(maxsize=4096)
def loose_subnet(text: str) -> str:
    """The same for what an engine answers, where host bits do occur (moby keeps what it was given)."""
    return str(ipaddress.ip_network(text.strip(), strict=False))


@lru_cache(maxsize=4096)
def address(text: str) -> str:
    """Canonical address; a prefix length behind it is dropped, for engines answer gateways both ways.

    :raises ValueError: when it is no address
    """
    if "%" in text:
        raise ValueError("a zone has no place here")
    return str(ipaddress.ip_interface(text.strip()).ip)


@lru_cache(maxsize=4096)
def family(text: str) -> int:
    """:returns: 4 or 6, for an address or a subnet"""
    return ipaddress.ip_interface(text.split("/")[0]).version


@lru_cache(maxsize=4096)
def _parsed(text: str):
    return ipaddress.ip_network(text)


def overlap(one: str, other: str) -> bool:
    """Whether two subnets share an address; different families never do."""
    left, right = _parsed(one), _parsed(other)
    return left.version == right.version and left.overlaps(right)


def inside(item: str, outer: str) -> bool:
    """Whether an address or subnet lies wholly within a subnet."""
    inner, whole = _parsed(item), _parsed(outer)
    return inner.version == whole.version and inner.subnet_of(whole)


@lru_cache(maxsize=4096)
def order(text: str) -> t.Tuple[int, int, int]:
    """Sort key of a subnet or address: family, first address, prefix length."""
    net = ipaddress.ip_network(text, strict=False)
    return net.version, int(net.network_address), net.prefixlen


def with_prefix(text: str) -> str:
    """Canonical address with its prefix length, which is that of a single address where none is given.

    :raises ValueError: when it is no address that a host can have
    """
    if "%" in text:
        raise ValueError("a zone has no place here")
    item = ipaddress.ip_interface(text.strip())
    if item.ip.is_multicast or item.ip.is_loopback or item.ip.is_unspecified:
        raise ValueError("no link can have such an address")
    if edge(str(item.ip), str(item.network)):
        raise ValueError("it is the first or last address of %s" % item.network)
    return item.with_prefixlen
