# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back from a change that was being confirmed, where no timer is left to go it."""
from __future__ import annotations

from dataclasses import replace

from . import backend as backends
from .state import Observed, Target
from .steps import static


def as_it_was(aim: Target, observed: Observed) -> Target:
    """What was tried may be in force though the timer is gone: it was disarmed before something failed, or it fired, and the follower
    found the new rules on the disk before they were off it again. The old rules are then those that are to be loaded at boot again.
    """
    if aim.kernel or observed.pending or aim.persisted is None or not aim.orderly:
        return aim
    backend, old = backends.of_text(aim.persisted)
    backend = backend if old else aim.backend
    if static(backends.have(aim.backend, observed)) not in (static(aim.ruleset), static(old if backend == aim.backend else None)):
        return aim  # the timer put back more than the disk knows of
    lets_through = old is not None and any(line.verdict == "remark" for _chain, line in old.lines)
    return replace(aim, kernel=True, backend=backend, ruleset=old, restore=aim.persisted if old else "",
                   other=None if backend != aim.backend else aim.other, other_restore="" if backend != aim.backend else aim.other_restore,
                   through=tuple(rule for rule in aim.through if lets_through and rule[1] == old.mark))
