# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a page and as a plot."""
from __future__ import annotations

import matplotlib

from . import scale

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

TOOLS = {"nftables": "nft -f", "iptables": "iptables-restore"}
# Told apart by marker and dash as well as by colour (Okabe and Ito's palette).
LOOKS = {"peer": ("loop over ansible.builtin.iptables", "#D55E00", "s", "--"), "ours, nftables": ("fleetnet.docker, nftables", "#0072B2", "o", "-"),
         "ours, iptables": ("fleetnet.docker, iptables", "#009E73", "^", "-.")}
PHASES = ("apply", "nothing to do")


def text(table: list, facts: dict) -> str:
    lines = ["# Firewall: whole runs of ansible-playbook", "",
             "Written by `./dev bench` on %(date)s: nft %(nft)s, iptables %(iptables)s, ansible-core %(ansible)s, Python %(python)s, "
             "%(cores)d cores. Medians of %(repeat)d runs in seconds, taken in turns, each in an empty network namespace. *Peer* is a loop "
             "over `ansible.builtin.iptables`, for IPv4 only, where the others make rules for both families; *alone* is `nft -f`, or "
             "`ipset restore` with `iptables-restore` and `ip6tables-restore`, given the same rules; *module* is the module's own process "
             "within the run, the rest is Ansible." % facts,
             "", "![The same figures as curves](firewall.svg)", "",
             "| rules | addresses in a set | back end | alone | fleetnet.docker | module | again, nothing to do | module | peer | again | "
             "times faster than the peer |", "|---|---|---|---|---|---|---|---|---|---|---|"]
    return "\n".join(lines + [told(row, backend) for row in table for backend in scale.BACKENDS]) + "\n"


def told(row: dict, backend: str) -> str:
    peer, mine = row.get("peer, apply"), [row["ours, %s, %s%s" % (backend, phase, part)] for phase in PHASES for part in ("", ", process")]
    others = ("%.2f" % peer, "%.2f" % row["peer, nothing to do"], "%.1f" % (peer / mine[0])) if peer else ("-",) * 3
    cells = ["%d" % row["rules"], "%d" % row["addresses"], backend, "%.2f" % row["alone, " + backend], *("%.2f" % one for one in mine), *others]
    return "| %s |" % " | ".join(cells)


def plot(table: list, path) -> None:
    found = [row for row in table if "peer, apply" in row]
    figure, axes = pyplot.subplots(1, len(PHASES), figsize=(8, 3.4), sharey=True, layout="constrained")
    for axis, phase in zip(axes, PHASES):
        for way, (label, colour, marker, dash) in LOOKS.items():
            axis.plot([row["rules"] for row in found], [row["%s, %s" % (way, phase)] for row in found], dash, color=colour, marker=marker,
                      label=label)
        axis.set_title(phase)
        axis.set_xlabel("rules")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("seconds, whole run")
    axes[0].legend()
    # Without a date and with fixed ids, so that the same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "fleetnet"
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
