# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Plan: what is, what will be, and the steps between.

Check mode, diff mode, verification and rollback are read off a Plan; no kind writes them again.
"""
from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Create (no before), delete (no after) or update (both) of one thing.

    :param phase: name of the phase the step belongs to, ordered by its kind
    :param reversible: false where no later step can restore C(before)
    """

    before: t.Any
    after: t.Any
    phase: str = "change"
    reversible: bool = True

    @property
    def verb(self) -> str:
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "update"

    @property
    def thing(self) -> t.Any:
        return self.before if self.after is None else self.after

    def __str__(self) -> str:
        return "%s %s" % (self.verb if self.phase == "change" else self.phase, self.thing)


@dataclass(frozen=True)
class Transaction:
    """Steps that stand or fall together.

    :param before: the kind's state of everything the steps touch, as observed: the way back
    :param after: the kind's state that must be observed when the steps have run
    :param impact: sentences: who loses what, and for about how long
    :param destructive: whether a process killed half way would lose something that only before knows
    """

    name: str
    before: t.Any
    after: t.Any
    steps: t.Tuple[Step, ...] = ()
    impact: t.Tuple[str, ...] = ()
    destructive: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything one task is going to do; a Plan without transactions is falsy.

    :param before: plain data (lists, dictionaries, scalars) for the diff, secrets already masked
    :param after: the same for what will be
    :param reasons: sentences: why something changes, or why nothing does; of a state, why steps are left that no run can do without
    """

    before: t.Any = None
    after: t.Any = None
    transactions: t.Tuple[Transaction, ...] = ()
    reasons: t.Tuple[str, ...] = ()
    warnings: t.Tuple[str, ...] = ()

    @property
    def steps(self) -> t.Tuple[Step, ...]:
        return tuple(step for part in self.transactions for step in part.steps)

    @property
    def impact(self) -> t.Tuple[str, ...]:
        return tuple(line for part in self.transactions for line in part.impact)

    def __bool__(self) -> bool:
        return bool(self.transactions)
