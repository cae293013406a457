# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a page and as a plot."""
from __future__ import annotations

import curves

from . import scale

# Okabe and Ito's palette.
LOOKS = {"peer": ("loop over community.docker", "#D55E00", "s", "--"), "ours": ("fleetnet.docker", "#0072B2", "o", "-"),
         "sdk": ("bare SDK script", "#000000", "^", ":")}


def text(table: list, busy: dict, footprints: list, facts: dict) -> str:
    lines = ["# Networks: whole runs of ansible-playbook", "",
             "Written by `./dev bench` on %(date)s: engine %(engine)s, ansible-core %(ansible)s, Python %(python)s, %(cores)d "
             "cores. Medians of %(repeat)d runs in seconds, taken in turns. *Peer* is a loop over "
             "`community.docker.docker_network` (%(peer)s), *SDK* a bare script that only calls the engine and keeps nothing."
             % facts, "", "![The same figures as curves](networks.svg)", "",
             "| networks | what | SDK | fleetnet.docker | peer | times faster than the peer |", "|---|---|---|---|---|---|"]
    lines += ["| %d | %s | %.2f | %.2f | %.2f | %.1f |" % (r["networks"], r["phase"], r["sdk"], r["ours"], r["peer"], r["peer"] / r["ours"])
              for r in table]
    lines += ["", "Replacing a network that %(endpoints)d running containers hang on: SDK %(sdk).2f, fleetnet.docker %(ours).2f "
              "(of which the module's own process %(ours_process).2f, the rest is Ansible; its peak of memory %(ours_peak_mb).0f MB), peer %(peer).2f. "
              "Aliases and fixed addresses are there again with fleetnet.docker only." % busy, "",
              "| networks, nothing to do | reads of the engine's API | changes | peak memory of the module's process, MB |", "|---|---|---|---|"]
    lines += ["| %(networks)d | %(reads)d | %(changes)d | %(peak_mb).0f |" % row for row in footprints]
    return "\n".join(lines) + "\n"


def plot(table: list, path) -> None:
    rows = [{"networks": count, **{"%s, %s" % (way, row["phase"]): row[way] for row in table if row["networks"] == count for way in LOOKS}}
            for count in sorted({row["networks"] for row in table})]
    curves.draw(rows, scale.PHASES, LOOKS, "networks", path)
