# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back from what was only tried, where no timer is left to go it."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...values.firewall import Ruleset
from . import backend as backends
from .state import Observed, Target

LATE = ("The roll-back timer was faster than this run, so nothing would have taken the new rules back; run the task again, with a larger "
        "rollback_after where the host is slow.")


def unguarded(aim: Target, observed: Observed) -> bool:
    """On a slow host the timer may fire before the rules are loaded that it was armed for. They are then in force for good, so the run that
    loaded them has to take them back.
    """
    return aim.timer == "armed" and not observed.pending


def as_it_was(aim: Target, observed: Observed) -> Target:
    """What was tried may be in force though the timer is gone: it was disarmed before something failed, or it fired before the rules were
    loaded, or it fired, and the follower found the new rules on the disk before they were off it again. What the timer was to put back is
    then to be in force; what it was to leave alone is as the snapshot has it.
    """
    if observed.pending or not aim.undo:
        return aim
    second = backends.other(aim.backend)
    was: t.Dict[str, t.Tuple[t.Optional[Ruleset], str]] = {aim.backend: (aim.ruleset, aim.restore), second: (aim.other, aim.other_restore)}
    for text in aim.undo:
        backend, old = backends.of_text(text)
        was[backend] = (old, text if old else "")
    # Who had the rules loads them first, before the tried ones go.
    first, second = (second, aim.backend) if was[aim.backend][0] is None and was[second][0] else (aim.backend, second)
    lets_through = was[backends.NFTABLES][0]
    marks = {lets_through.mark} if lets_through and any(line.verdict == "remark" for _chain, line in lets_through.lines) else set()
    return replace(aim, kernel=True, backend=first, ruleset=was[first][0], restore=was[first][1], other=was[second][0], other_restore=was[second][1],
                   through=tuple(rule for rule in aim.through if rule[1] in marks))
