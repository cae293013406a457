# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parents' part of the benchmark: what is measured, and where it is told."""
from __future__ import annotations

import curves

from . import scale

# Okabe and Ito's palette.
LOOKS = {"ours": ("whole run", "#0072B2", "o", "-"), "process": ("the module's process", "#009E73", "^", "-."),
         "kept": ("whole run, kept by networkd", "#D55E00", "s", "--")}
TABLES = {"For this boot only (`persist: none`)": ("ours", "process"),
          "Written for the next boot, for systemd-networkd": ("kept", "kept process")}


def measure(options) -> dict:
    return {"facts": {}, "medians": [scale.measure(count, options.repeat) for count in options.parents]}


def text(figures: dict) -> str:
    lines = ["# Parents with shims: whole runs of ansible-playbook", "",
             "Written by `./dev bench` on %(date)s: ansible-core %(ansible)s, Python %(python)s, %(cores)d cores. Medians of %(repeat)d runs "
             "in seconds, in a network namespace with a card for each parent; in brackets the module's own process, the rest is Ansible. "
             "Every parent has a shim with an address and a route." % figures["facts"], "",
             "![The same figures as curves](macvlan_parent.svg)"]
    for title, ways in TABLES.items():
        lines += ["", "## " + title, "", "| parents | %s |" % " | ".join(scale.PHASES), "|---" * (len(scale.PHASES) + 1) + "|"]
        lines += ["| %d | %s |" % (row["parents"], " | ".join(told(row, ways, phase) for phase in scale.PHASES)) for row in figures["medians"]]
    return "\n".join(lines) + "\n"


def told(row: dict, ways: tuple, phase: str) -> str:
    return "%.2f (%.2f)" % tuple(row["%s, %s" % (way, phase)] for way in ways)


def plot(figures: dict, path) -> None:
    curves.draw(figures["medians"], scale.PHASES, LOOKS, "parents", path)
