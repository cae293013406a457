# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal remembers, merged into what is observed."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.journal import Entry
from ...core.plan import Transaction
from .state import Observed
from .steps import transactions
from .tried import taken_back


def recall(observed: Observed, entries: t.Tuple[Entry, ...]) -> t.Tuple[Observed, t.Tuple[Entry, ...]]:
    """:returns: the observation with what stopped runs left, and the entries that no longer fit"""
    kept, stray = [], []
    for entry in entries:
        if not transactions([entry.after], observed) and not taken_back(entry.before, observed):
            continue  # stopped after the last step: what the run wanted is there, and no timer has taken back half of it
        if _fits(entry, observed):
            kept.append(entry.before)
        else:
            stray.append(entry)
    return replace(observed, remembered=tuple(kept)), tuple(stray)


def covers(part: Transaction, entry: Entry) -> bool:
    """Whether the snapshot of a new transaction holds all that an entry remembers."""
    return set(entry.before.parents) <= set(part.before.parents)


def _fits(entry: Entry, observed: Observed) -> bool:
    """Whether what is there is the old link or the one that was being made; and nobody uses now what would go again."""
    for name in entry.before.names | entry.after.names:
        have = observed.link(name)
        known = [link for state in (entry.before, entry.after) for link in state.links if link.name == name]
        if have is not None and not any(link.same_make(have) for link in known):
            return False
        if name in entry.before.absent and observed.hanging(name):
            return False
    return True
