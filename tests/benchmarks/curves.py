# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as curves: a panel for each phase, a curve for each way."""
from __future__ import annotations

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot


def draw(rows: list, phases: tuple, looks: dict, across: str, path) -> None:
    """:param rows: each with `across`, and "WAY, PHASE" in seconds
    :param looks: way -> (label, colour, marker, dash): told apart by marker and dash as well as by colour
    :param across: the key that is the horizontal axis, and its label
    """
    figure, axes = pyplot.subplots(1, len(phases), figsize=(max(8, 3 * len(phases)), 3.4), sharey=True, layout="constrained")
    for axis, phase in zip(axes, phases):
        for way, (label, colour, marker, dash) in looks.items():
            axis.plot([row[across] for row in rows], [row["%s, %s" % (way, phase)] for row in rows], dash, color=colour, marker=marker,
                      label=label)
        axis.set_title(phase)
        axis.set_xlabel(across)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("seconds, whole run")
    axes[0].legend()
    # Without a date and with fixed ids, so that the same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "fleetnet"
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
