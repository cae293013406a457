# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NetworkManager: a connection for each link of ours, and a dispatcher script for what connections cannot say."""
from __future__ import annotations

import ipaddress
import typing as t
import uuid

from ...values.hostfile import File
from .state import Shim, Wish

FOLDER = "/etc/NetworkManager/system-connections/"
SCRIPTS = "/etc/NetworkManager/dispatcher.d/"
MADE = "# Made by fleetnet.docker.macvlan_parent, which removes it with state absent.\n"
NAMESPACE = uuid.UUID("0b3f9a52-5f0e-4a87-9d0e-5b1b6d2f7c11")
MODES = {"vepa": 1, "bridge": 2}


def files(wish: Wish, whose_vlan: bool) -> t.Tuple[File, ...]:
    made: t.List[File] = []
    if whose_vlan:
        size = "[ethernet]\nmtu=%d\n\n" % wish.mtu if wish.mtu else ""
        vlan = "[vlan]\nflags=1\nid=%d\nparent=%s\n\n" % (wish.vlan_id, wish.link)
        made.append(_connection(wish.parent, "vlan", size + vlan + "[ipv4]\nmethod=disabled\n\n[ipv6]\nmethod=disabled\n"))
    return tuple(made) + on_top(wish)


def on_top(wish: Wish) -> t.Tuple[File, ...]:
    """The shim, and what a parent that somebody else makes is to have besides."""
    # An ipvlan shim is refused before (checks): NetworkManager before 1.52 knows none, and none is written for later ones.
    made = [_shim(wish, wish.shim)] if wish.shim and wish.shim.driver == "macvlan" else []
    if wish.promiscuous is not None:
        made.append(_script(wish))
    return tuple(made)


def _connection(name: str, kind: str, rest: str) -> File:
    head = "[connection]\nid=fleetnet-%s\nuuid=%s\ntype=%s\ninterface-name=%s\n\n" % (name, uuid.uuid5(NAMESPACE, name), kind, name)
    return File("%sfleetnet-%s.nmconnection" % (FOLDER, name), MADE + head + rest, 0o600)


def _shim(wish: Wish, shim: Shim) -> File:
    size = "[ethernet]\nmtu=%d\n\n" % shim.mtu if shim.mtu else ""
    kind = "[macvlan]\nmode=%d\nparent=%s\n\n" % (MODES[shim.mode], wish.parent)
    return _connection(shim.name, "macvlan", size + kind + _family(shim, 4) + "\n" + _family(shim, 6))


def _family(shim: Shim, version: int) -> str:
    given = [text for text in shim.addresses if ipaddress.ip_interface(text).version == version]
    if not given:
        return "[ipv%d]\nmethod=disabled\n" % version
    lines = ["[ipv%d]" % version, "method=manual", "never-default=true"]
    lines += ["address%d=%s" % pair for pair in enumerate(given, 1)]
    routes = [text for text in shim.routes if ipaddress.ip_network(text).version == version]
    lines += ["route%d=%s" % pair for pair in enumerate(routes, 1)]
    return "\n".join(lines) + "\n"


def _script(wish: Wish) -> File:
    text = ('#!/bin/sh\n%sif [ "$1" = %s ] && [ "$2" = up ]; then ip link set dev %s promisc %s; fi\n' % (
        MADE, wish.parent, wish.parent, "on" if wish.promiscuous else "off"))
    return File("%sfleetnet-%s" % (SCRIPTS, wish.parent), text, 0o755)
