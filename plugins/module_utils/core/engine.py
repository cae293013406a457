# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one engine that runs every Plan: observe, validate, plan, execute, verify, and back again on a failure.

A kind offers C(scope), C(widen), C(recall), C(covers), C(validate), C(plan) and C(settled), all pure; a world
offers C(observe) and C(execute). Nothing else in the collection executes a step.
"""
from __future__ import annotations

import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import ConvergeError, NotConverged
from .journal import Entry, NoJournal
from .plan import Plan

ROLL_BACK_ATTEMPTS = 3


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do.

    :param observed: the kind's observed state: the last one that was read
    :param notes: sentences about what the journal remembered or set aside
    """

    plan: Plan
    observed: t.Any = None
    notes: t.Tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.plan)


@contextmanager
def no_lock():
    """Stands in where nobody else can interfere; a real lock gives a sentence where it had to wait."""
    yield


def converge(kind, desired, world, journal=None, lock=no_lock, check=False) -> Outcome:
    """Bring the world to what is desired, or leave it as it was.

    :raises WishError: before the first effect, when the wish cannot be
    :raises ConvergeError: when a transaction failed; it says what was rolled back
    """
    journal = journal or NoJournal()
    plan, observed, entries, stray = _look(kind, desired, world, journal)
    notes = tuple("a former run was stopped in %s, or is still at it" % e.name for e in entries)
    notes += tuple("%s no longer fits what is there" % e.name for e in stray)
    if check or not (plan or entries or stray):
        return Outcome(plan, observed, notes)
    with lock() as waited:
        # Somebody else may have changed the world while this run waited for its turn.
        plan, observed, entries, stray = _look(kind, desired, world, journal)
        notes = (waited,) if waited else ()
        notes += tuple("a former run was stopped in %s; what it left is put right" % e.name for e in entries)
        # A copy: of what does still fit nothing is back yet.
        notes += tuple("%s no longer fits what is there, kept in %s" % (e.name, journal.set_aside(e)) for e in stray)
        applied: t.List[str] = []
        for part in plan.transactions:
            covered = [entry for entry in entries if kind.covers(part, entry)]
            try:
                _run(kind, part, world, journal, applied, covered)
            except ConvergeError as failed:
                failed.not_begun = tuple(later.name for later in plan.transactions[len(applied) + 1:])
                raise
            applied.append(part.name)
        observed = _verify_whole(kind, desired, world, plan, observed)
        _clear(journal, entries + stray)
    return Outcome(plan, observed, notes)


def _look(kind, desired, world, journal):
    remembered = journal.read()
    observed = _observe(kind, desired, world, remembered)
    observed, stray = kind.recall(observed, remembered)
    kind.validate(desired, observed)
    entries = tuple(entry for entry in remembered if entry not in stray)
    return kind.plan(desired, observed), observed, entries, stray


def _observe(kind, desired, world, remembered=()):
    observed = world.observe(kind.scope(desired, remembered))
    wider = kind.widen(desired, observed, remembered)
    return observed if wider is None else world.observe(wider)


def _run(kind, part, world, journal, applied, covered):
    """:param covered: journal entries of stopped runs, all of which this transaction's own snapshot holds too"""
    entry = Entry(part.name, part.before, part.after)
    try:
        if part.destructive:
            journal.write(entry)
            _clear(journal, [old for old in covered if old.name != entry.name])
        for step in part.steps:
            world.execute(step)
        again = kind.plan(part.after, _observe(kind, part.after, world))
        if again:
            raise NotConverged("; ".join(again.reasons) or "after all steps there is still a difference: %s" % "; ".join(
                map(str, again.steps)))
    except Exception as reason:
        rolled_back, left_over = _roll_back(kind, part, world)
        if rolled_back == "true":
            _clear(journal, [entry, *covered])
        raise ConvergeError(reason, part.name, rolled_back, left_over, applied) from reason
    _clear(journal, [entry, *covered])


def _clear(journal, entries):
    for entry in entries:
        journal.clear(entry)


def _roll_back(kind, part, world):
    """Plan back to the snapshot; the world is observed again each time, so that a half-done step is covered.

    :returns: ("true"|"partial"|"false", sentences about what is left over)
    """
    undone = 0
    for attempt in range(1, ROLL_BACK_ATTEMPTS + 1):
        missing, errors = _missing(kind, part, world)
        if not missing and not errors:
            return "true", ()
        for step in missing:
            try:
                world.execute(step)
                undone += 1
            except Exception as reason:  # of whatever kind: it is tried again, and what is left is told
                errors.append("%s: %s" % (step, reason))
                if attempt < ROLL_BACK_ATTEMPTS:
                    break  # steps have an order: what comes later could take what this one needs
    missing, unread = _missing(kind, part, world)
    if not missing and not unread:
        return "true", ()
    return ("partial" if undone else "false"), [str(step) for step in missing] + unread + errors


def _missing(kind, part, world):
    try:
        return kind.plan(part.before, _observe(kind, part.before, world)).steps, []
    except Exception as reason:  # of whatever kind: a roll-back ends with telling what is left
        return (), ["the state could not be read again: %s" % reason]


def _verify_whole(kind, desired, world, plan, observed):
    if not plan:
        return observed
    settled = kind.settled(desired)
    observed = _observe(kind, settled, world)
    again = kind.plan(settled, observed)
    if again:
        raise NotConverged(
            "the transactions succeeded, but something else changed what they made: %s; run the task again."
            % "; ".join(map(str, again.steps))
        )
    return observed
