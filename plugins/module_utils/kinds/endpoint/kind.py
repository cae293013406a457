# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints as the engine of this collection sees them: scope, widen, recall, validate, plan."""
from __future__ import annotations

import typing as t
from dataclasses import fields, replace

from ...core.plan import Plan
from ...values.endpoint import Endpoint
from . import checks
from .compare import differences, laid_over, mac_seen
from .impact import losses
from .recall import covers, recall  # noqa: F401  pylint: disable=unused-import  # core/engine.py asks the kind for them
from .state import Desired, Key, Observed, Scope, State, Wish, key_of
from .steps import transactions
from .target import believed, key_for, outsiders, remembered_keys, target
from .wish import desired  # noqa: F401  pylint: disable=unused-import  # entry.py asks the kind for it


def scope(wish: t.Union[Desired, State], entries: t.Sequence = ()) -> Scope:
    """Only the containers concerned are looked at closely; the list of all of them tells the rest."""
    if isinstance(wish, State):
        return Scope(frozenset({container for _network, container in wish.managed} | {run.container for run in wish.runs}))
    names = {w.container for w in wish.wishes}
    for entry in entries:
        names |= {container for _network, container in entry.before.managed}
    return Scope(frozenset(names), frozenset(wish.exclusive))


def widen(wish, observed: Observed, entries: t.Sequence = ()) -> None:
    """The first look has seen all."""


def validate(wish: Desired, observed: Observed) -> None:
    """:raises WishError: for what cannot be, before anything is touched"""
    checks.validate(wish, observed)


def plan(wish: t.Union[Desired, State], observed: Observed) -> Plan:
    """Pure and total: the same for check mode, execution, verification and the way back.

    What people read is made for a wish only; a State is a snapshot that is compared, by nobody but the engine.
    """
    aim = target(wish, observed)
    parts = transactions(aim, observed)
    if isinstance(wish, State):
        return Plan(transactions=parts)
    keys = {key for part in parts for key in part.after.managed}
    gone = [step.before for part in parts for step in part.steps if step.phase == "disconnect"]
    lost = losses(gone, {key_of(end): end for end in aim.endpoints}, observed)
    return Plan(
        before=shown((end for end in observed.endpoints if key_of(end) in keys), lambda end: _mac_before(end, aim, observed)),
        after=shown((end for end in aim.endpoints if key_of(end) in keys), lambda end: end.mac_address),
        transactions=parts,
        reasons=_reasons(wish, observed, keys),
        warnings=checks.warnings(wish, observed) + tuple("After this run, %s." % line for line in lost),
    )


def settled(wish: Desired) -> Desired:
    return wish


def _reasons(wish: Desired, observed: Observed, touched: t.Collection[Key]) -> t.Tuple[str, ...]:
    had, lines = believed(observed), []
    named = {key_for(one, observed) for one in wish.wishes}
    for one in wish.wishes:
        key = key_for(one, observed)
        lines.append(_reason(one, had.endpoint(key) if key else None, observed, key in touched))
    for key in outsiders(wish, had, named):
        lines.append("%s is detached, for the network is for the named containers only" % had.endpoint(key))
    outside = set(outsiders(wish, had, named))
    for key in sorted(set(remembered_keys(observed)) - named - outside):
        box = observed.container(key[1])
        if key in touched and box:
            lines.append("container %s on network %s is put back as it was before a run that was stopped" % (box.name, key[0]))
    return tuple(lines)


def _reason(wish: Wish, have: t.Optional[Endpoint], observed: Observed, changes: bool) -> str:
    box = observed.container(wish.container)
    name = "container %s on network %s" % (box.name if box else wish.container, wish.network)
    if wish.absent:
        return "%s is detached" % name if have else "%s is not attached, as wanted" % name
    if have is None:
        return "%s is attached" % name
    gaps = differences(laid_over(wish, have), have, observed)
    if not gaps:
        return "%s %s" % (name, "is put back as it was before a run that was stopped" if changes else "is as wanted")
    verb = "stays as it is (on_change is warn), though" if wish.on_change == "warn" else "is attached anew:"
    return "%s %s %s" % (name, verb, "; ".join(map(str, gaps)))


def shown(endpoints: t.Iterable[Endpoint], mac: t.Callable[[Endpoint], t.Optional[str]]) -> t.Dict[str, t.Any]:
    """Plain data for the diff: what was asked for, of each endpoint."""
    return {str(end): requested(replace(end, mac_address=mac(end))) for end in endpoints}


def _mac_before(end: Endpoint, aim: State, observed: Observed) -> t.Optional[str]:
    """An assigned address is worth showing only beside one that is asked for."""
    want = aim.endpoint(key_of(end))
    return mac_seen(end, observed) if want and want.mac_address else end.mac_address


def requested(end: Endpoint) -> t.Dict[str, t.Any]:
    hidden = ("network", "container", "name")
    row = {field.name: getattr(end, field.name) for field in fields(Endpoint) if field.name not in hidden}
    row = {key: list(value) if isinstance(value, tuple) else value for key, value in row.items() if value}
    if end.driver_opts:
        row["driver_opts"] = dict(end.driver_opts)
    return row


def facts(wish: Desired, observed: Observed) -> t.List[t.Dict[str, t.Any]]:
    """What is there now of what the task named: asked for, and in use."""
    rows = []
    keys = {key_for(one, observed) for one in wish.wishes}
    for end in observed.endpoints:
        if key_of(end) in keys or end.network in wish.exclusive:
            held = observed.holds(key_of(end))
            rows.append(dict(requested(end), network=end.network, container=end.name, container_id=end.container,
                             current=dict(addresses=list(held.addresses) if held else [],
                                          mac_address=held.mac_address if held else None)))
    return sorted(rows, key=lambda row: (row["network"], row["container"]))
