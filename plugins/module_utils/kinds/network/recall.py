# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal remembers, merged into what is observed."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.journal import Entry
from .compare import differences
from .state import Observed
from .steps import transactions
from .target import target


def recall(observed: Observed, entries: t.Tuple[Entry, ...]) -> t.Tuple[Observed, t.Tuple[Entry, ...]]:
    """:returns: the observation with what stopped runs left, and the entries that no longer fit"""
    kept, stray = [], []
    for entry in entries:
        if not _fits(entry, observed):
            stray.append(entry)
        elif not _finished(entry, observed):
            kept.append(entry.before)
    return replace(observed, remembered=tuple(kept)), tuple(stray)


def _fits(entry: Entry, observed: Observed) -> bool:
    """Whether each network is the old one, the one that was being made, or away; else somebody else made it anew."""
    after = {net.name: net for net in entry.after.networks}
    for net in entry.before.networks:
        have = observed.network(net.name)
        if have is None or have.id == net.id or not differences(net, have):
            continue
        if net.name not in after or differences(after[net.name], have):
            return False
    return True


def _finished(entry: Entry, observed: Observed) -> bool:
    """Stopped after the last step: what the run wanted is there, so nothing is to be brought back."""
    return not transactions(target(entry.after, observed), observed)
