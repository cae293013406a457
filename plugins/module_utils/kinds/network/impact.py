# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who loses what, and for about how long: said in check mode, and before the first effect."""
from __future__ import annotations

import typing as t

from .state import Observed

# Measured with engine 26.1 on two cores: removing and creating a bridge, and one endpoint's way out and in.
SECONDS_A_NETWORK = 0.4
SECONDS_AN_ENDPOINT = 0.25


def impact(networks: t.Mapping, gone: t.Sequence, new: t.Sequence, observed: Observed) -> t.Tuple[str, ...]:
    """:param networks: name -> (before, after) of networks that are created, replaced or removed"""
    back = {(end.network, end.container) for end in new}
    seconds = max(1, round(SECONDS_A_NETWORK * len(networks) + SECONDS_AN_ENDPOINT * len(gone)))
    lines = []
    for end in gone:
        box = observed.container(end.container)
        returns = (end.network, end.container) in back
        if box is not None and box.run.state != "down":
            lines.append(_running(end, box, returns, seconds))
        elif not returns:
            lines.append("container %s (stopped) loses network %s" % (end.name, end.network))
        if returns and box is not None and box.random_ports:
            lines.append("container %s gets another random host port for %s" % (box.name, ", ".join(box.random_ports)))
    return tuple(lines)


def _running(end, box, returns, seconds) -> str:
    lasting = "for about %d s" % seconds if returns else "for good"
    ports = ", and with it the published ports %s" % ", ".join(box.ports) if box.ports else ""
    return "container %s (%s) loses network %s %s%s" % (box.name, box.state, end.network, lasting, ports)
