# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many managers a swarm needs (Raft: more than half), asked by the module's plan and by the fleet's."""
from __future__ import annotations


def needed(managers: int) -> int:
    return managers // 2 + 1


def holds(managers: int, alive: int) -> bool:
    return alive >= needed(managers)


def survives_leaving(managers: int, alive: int, leaver_alive: bool) -> bool:
    """Whether those who stay are a quorum of their own once one manager was demoted, and while it is being demoted."""
    return managers > 1 and holds(managers, alive) and holds(managers - 1, alive - int(leaver_alive))
