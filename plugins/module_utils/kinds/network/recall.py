# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal remembers, merged into what is observed."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.journal import Entry
from ...core.plan import Transaction
from .compare import differences
from .state import Observed
from .steps import given, restricted, transactions
from .target import target


def recall(observed: Observed, entries: t.Tuple[Entry, ...]) -> t.Tuple[Observed, t.Tuple[Entry, ...]]:
    """:returns: the observation with what stopped runs left, and the entries that no longer fit"""
    kept, stray, added = [], [], set()
    for entry in entries:
        if _finished(entry, observed):
            continue
        before = entry.before
        fitting = {name for name in before.names if _fits(name, entry, observed)}
        if fitting != before.names:
            stray.append(entry)
        before = restricted(before, fitting, {run.container for run in before.runs})
        added |= _added(entry, fitting, observed)
        kept.append(replace(before, absent=tuple(name for name in before.absent if not _used_by_others(name, entry, observed))))
    return replace(observed, remembered=tuple(kept), added=frozenset(added)), tuple(stray)


def _added(entry: Entry, fitting: t.Collection[str], observed: Observed) -> t.Set[t.Tuple[str, str]]:
    """What the stopped run had attached, as it attached it: nothing of that was there before, and it may hold what was."""
    had = {(end.network, end.container) for end in entry.before.endpoints}
    made = {(end.network, end.container): end for end in entry.after.endpoints if end.network in fitting}
    swarm = {net.name for net in observed.networks if net.scope == "swarm"}
    return {key for key, end in ((key, end) for end in observed.endpoints for key in [(end.network, end.container)])
            if key in made and key not in had and given(made[key], end, swarm)}


def covers(part: Transaction, entry: Entry) -> bool:
    """Whether the snapshot of a new transaction holds all that an entry remembers."""
    return entry.before.names <= part.before.names


def _fits(name: str, entry: Entry, observed: Observed) -> bool:
    """Whether a network is the old one, the one that was being made, or away; else somebody else made it anew."""
    have = observed.network(name)
    known = [net for state in (entry.before, entry.after) for net in state.networks if net.name == name]
    return have is None or any(have.id == net.id or not differences(net, have) for net in known)


def _used_by_others(name: str, entry: Entry, observed: Observed) -> bool:
    """Whether a network that the stopped run had made has found users since: then it stays."""
    own = {end.container for end in entry.after.endpoints if end.network == name}
    return any(end.container not in own for end in observed.on(name))


def _finished(entry: Entry, observed: Observed) -> bool:
    """Stopped after the last step: what the run wanted is there, so nothing is to be brought back."""
    return not transactions(target(entry.after, observed), observed)
