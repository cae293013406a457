# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journal remembers, merged into what is observed."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.journal import Entry
from ...core.plan import Transaction
from ...values import addresses
from .state import Key, Observed, State
from .steps import changes_to, restricted
from .target import target


def recall(observed: Observed, entries: t.Tuple[Entry, ...]) -> t.Tuple[Observed, t.Tuple[Entry, ...]]:
    """:returns: the observation with what stopped runs left, and the entries that no longer fit"""
    kept, stray = [], []
    for entry in entries:
        if _finished(entry, observed):
            continue
        fitting = [key for key in entry.before.managed if _fits(key, entry.before, observed)]
        if len(fitting) != len(entry.before.managed):
            stray.append(entry)
        boxes = {run.container for run in entry.before.runs}
        kept.append(Entry(entry.name, restricted(entry.before, fitting, boxes), restricted(entry.after, fitting, boxes)))
    return replace(observed, remembered=tuple(kept)), tuple(stray)


def covers(part: Transaction, entry: Entry) -> bool:
    """Whether the snapshot of a new transaction holds all that an entry remembers."""
    runs = {run.container for run in part.before.runs}
    return set(entry.before.managed) <= set(part.before.managed) and {run.container for run in entry.before.runs} <= runs


def _fits(key: Key, before: State, observed: Observed) -> bool:
    """Whether the network is still there and, be it made anew, still has room for the fixed addresses."""
    net, end = observed.network(key[0]), before.endpoint(key)
    if net is None:
        return False
    subnets = [pool.subnet for pool in net.ipam_config or () if pool.subnet]
    fixed = [text for text in (end.ipv4_address, end.ipv6_address) if text] if end else []
    return all(any(addresses.inside(text, subnet) for subnet in subnets) for text in fixed)


def _finished(entry: Entry, observed: Observed) -> bool:
    """Stopped after the last step: what the run wanted is there, so nothing is to be brought back."""
    changes = changes_to(target(entry.after, observed), observed)
    return not (changes.keys or changes.starts)
