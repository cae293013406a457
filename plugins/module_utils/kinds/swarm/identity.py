# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which swarm a host is in, told by the swarm's root certificate: a join token carries its digest (swarmkit ca/config.go)."""
from __future__ import annotations

import typing as t

from ...values.swarm import Membership
from .state import Wish


def digest(token: str) -> str:
    """:returns: SHA-256 of the root certificate that the token's swarm has"""
    return "%064x" % int(token.split("-")[-2], 36)


def same_swarm(wish: Wish, me: Membership) -> t.Optional[bool]:
    """By certificate where it can be read, else by the managers' addresses; C(None) where neither can tell."""
    if me.roots:
        return digest(wish.token) in me.roots
    if {str(remote) for remote in wish.remotes} & set(me.remotes):
        return True
    return False if all(remote.numeric for remote in wish.remotes) else None
