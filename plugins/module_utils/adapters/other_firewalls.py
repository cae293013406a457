# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other firewalls whose rules are in force on this host, seen by the rules themselves: a service that runs says less. Decides nothing."""
from __future__ import annotations

import typing as t

from .command import run

# Each by what it makes: firewalld a table of nftables, or chains of iptables where it is set to that (INPUT_ZONES up to 1.3, INPUT_POLICIES
# in 2.3, INPUT_dispatch in 2.5); ufw chains, which it leaves behind empty when it is disabled.
SIGNS = {
    "firewalld": (("nft", "-t", "list", "table", "inet", "firewalld"),
                  *(("iptables", "-w", "10", "-S", chain) for chain in ("INPUT_ZONES", "INPUT_POLICIES", "INPUT_dispatch"))),
    "ufw": (("iptables", "-w", "10", "-S", "ufw-before-input"),),
}


def active() -> t.Tuple[str, ...]:
    return tuple(name for name, signs in SIGNS.items() if any(_in_force(argv) for argv in signs))


def _in_force(argv: t.Sequence[str]) -> bool:
    done = run(argv)
    return done.well and (argv[0] == "nft" or "\n-A " in done.out)
