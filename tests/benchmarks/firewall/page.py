# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a page and as a plot."""
from __future__ import annotations

import curves

from . import scale

# Okabe and Ito's palette.
LOOKS = {"peer": ("loop over ansible.builtin.iptables", "#D55E00", "s", "--"), "ours, nftables": ("fleetnet.docker, nftables", "#0072B2", "o", "-"),
         "ours, iptables": ("fleetnet.docker, iptables", "#009E73", "^", "-.")}


def text(table: list, facts: dict) -> str:
    lines = ["# Firewall: whole runs of ansible-playbook", "",
             "Written by `./dev bench` on %(date)s: nft %(nft)s, iptables %(iptables)s, ansible-core %(ansible)s, Python %(python)s, "
             "%(cores)d cores. Medians of %(repeat)d runs in seconds, taken in turns, each in an empty network namespace; what is declared "
             "lies in group_vars. Each rule accepts a port from an IPv4 and from an IPv6 network. *Peer* is a loop over "
             "`ansible.builtin.iptables` for IPv4 and one for IPv6, each in a run of its own, since that module makes a rule for one family; "
             "*IPv4* is the first of both. *Alone* is `nft -f`, or `ipset restore` with `iptables-restore` and `ip6tables-restore`, given "
             "the same rules; *module* is the module's own process within the run, the rest is Ansible." % facts,
             "", "![The same figures as curves](firewall.svg)", "",
             "| rules | addresses in a set | back end | alone | fleetnet.docker | module | again, nothing to do | module | peer | IPv4 | again | IPv4 | "
             "times faster than the peer | than its IPv4 |", "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [told(row, backend) for row in table for backend in scale.BACKENDS]) + "\n"


def told(row: dict, backend: str) -> str:
    mine = [row["ours, %s, %s%s" % (backend, phase, part)] for phase in scale.PHASES for part in ("", ", process")]
    cells = ["%d" % row["rules"], "%d" % row["addresses"], backend, *("%.2f" % one for one in [row["alone, " + backend], *mine])]
    return "| %s |" % " | ".join(cells + (beside(row, mine[0]) if "peer, apply" in row else ["-"] * 6))


def beside(row: dict, mine: float) -> list:
    others = [row["%s, %s" % (way, phase)] for phase in scale.PHASES for way in ("peer", "peer IPv4")]
    return ["%.2f" % one for one in others] + ["%.1f" % (other / mine) for other in others[:2]]


def plot(table: list, path) -> None:
    curves.draw([row for row in table if "peer, apply" in row], scale.PHASES, LOOKS, "rules", path)
