# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ifupdown: one file a parent, with stanzas for its VLAN and its shim; a script for what a link that is not ours is to have besides."""
from __future__ import annotations

import typing as t

from ...values.hostfile import File
from .state import Wish

FOLDER = "/etc/network/interfaces.d/"
SCRIPTS = "/etc/network/if-up.d/"
# A dot in a file's name would hide it from "source-directory". No two names are spelled alike: what could be taken for another is marked.
SPELLED = str.maketrans({".": "-", "-": "_-", "_": "__", ":": "_c"})
MADE = "# Made by fleetnet.docker.macvlan_parent, which removes it with state absent.\n"


def files(wish: Wish, whose_vlan: bool) -> t.Tuple[File, ...]:
    parts = []
    if whose_vlan:
        kind = "vlan id %d" % wish.vlan_id
        parts.append(_made(wish.parent, wish.link, kind, wish.mtu, _promiscuous(wish)))
    shim = wish.shim
    if shim:
        lines = ["up ip address replace %s dev %s" % (text, shim.name) for text in shim.addresses]
        lines += ["up ip route replace %s dev %s" % (text, shim.name) for text in shim.routes]
        parts.append(_made(shim.name, wish.parent, "%s mode %s" % (shim.driver, shim.mode), shim.mtu, lines))
    name = "fleetnet-%s" % wish.parent.translate(SPELLED)
    made = [File(FOLDER + name, MADE + "\n".join(parts))] if parts else []
    if wish.promiscuous is not None and not whose_vlan:
        made.append(File(SCRIPTS + name, _script(wish), 0o755))
    return tuple(made)


def _script(wish: Wish) -> str:
    """Of a link that somebody else's stanza makes: one of ours would be read before it, and find no link."""
    return '#!/bin/sh\n%sif [ "$IFACE" = %s ]; then %s; fi\n' % (MADE, wish.parent, _promiscuous(wish)[0][len("up "):])


def _promiscuous(wish: Wish) -> t.List[str]:
    if wish.promiscuous is None:
        return []
    return ["up ip link set dev %s promisc %s" % (wish.parent, "on" if wish.promiscuous else "off")]


def _made(name: str, below: str, kind: str, mtu: t.Optional[int], more: t.List[str]) -> str:
    # Ours may be read before the file that makes a bridge or a bond; and as with the other systems no router gives these links addresses.
    lines = ["pre-up ip link show dev %s > /dev/null 2>&1 || ifup %s" % (below, below), "pre-up ip link set dev %s up" % below,
             "pre-up ip link show dev %s > /dev/null 2>&1 || ip link add link %s name %s type %s" % (name, below, name, kind)]
    if mtu:
        lines.append("pre-up ip link set dev %s mtu %d" % (name, mtu))
    lines += ["pre-up echo 0 > /proc/sys/net/ipv6/conf/%s/%s || true" % (name, setting) for setting in ("accept_ra", "autoconf")]
    lines += ["up ip link set dev %s up" % name, *more, "post-down ip link delete dev %s 2> /dev/null || true" % name]
    return "auto %s\niface %s inet manual\n%s" % (name, name, "".join("    %s\n" % line for line in lines))
