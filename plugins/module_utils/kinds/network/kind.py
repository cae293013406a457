# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks as the engine of this collection sees them: scope, widen, recall, validate, plan."""
from __future__ import annotations

import typing as t
from dataclasses import fields, replace

from ...core.errors import WishError
from ...core.plan import Plan
from ...values.endpoint import Endpoint
from ...values.network import Network
from . import checks
from .compare import differences, pool_texts
from .impact import losses
from .outage import check_outage
from .purge import completed
from .recall import covers, recall
from .state import JOURNAL_TYPES, Desired, Observed, Scope, State
from .steps import transactions
from .target import target, wanted
from .warn import warnings
from .wish import desired

SHARED_DRIVERS = ("overlay",)


def scope(wish: t.Union[Desired, State], entries: t.Sequence = ()) -> Scope:
    """The first, narrow look: one read tells whether anything is to be done."""
    if isinstance(wish, State):
        return Scope(detail=wish.names, containers=True, inside=frozenset(end.network for end in wish.endpoints))
    listed = {w.name for w in wish.wishes if w.connected is not None}
    names = listed | _journaled(entries)
    return Scope(detail=frozenset(names), containers=bool(names), engine=bool(names))


def widen(wish, observed: Observed, entries: t.Sequence = ()) -> t.Optional[Scope]:
    """The second look, only where something changes: endpoints, routes and the engine's own facts."""
    if isinstance(wish, State):
        return None
    names, made = set(), False
    whole = completed(wish, observed)
    for w in whole.wishes:
        have = observed.network(w.name)
        if w.absent:
            names.update([w.name] if have else [])
            continue
        if have is None or w.force or differences(w.network, have, w.exact):
            made = True
            names.update([w.name] if have else [])
    if not names and not made:
        return None
    first = scope(wish, entries)
    shared = any((observed.network(name) or w.network).scope == "swarm" for w in whole.wishes for name in [w.name])
    return Scope(detail=first.detail | names, routes=made, containers=True, engine=True, services=shared, inside=frozenset(names))


def _journaled(entries) -> t.Set[str]:
    return {name for entry in entries for name in entry.before.names | entry.after.names}


def validate(wish: Desired, observed: Observed) -> None:
    """:raises WishError: for what cannot be, before anything is touched"""
    whole = completed(wish, observed)
    checks.validate(whole, observed)
    check_outage(wish.max_unavailable, transactions(target(whole, observed), observed, _forced(whole, observed)), observed)


def plan(wish: t.Union[Desired, State], observed: Observed) -> Plan:
    """Pure and total: the same for check mode, execution, verification and the way back.

    What people read is made for a wish only; a State is a snapshot that is compared, by nobody but the engine.
    """
    if isinstance(wish, State):
        parts = transactions(target(wish, observed), observed, orphans=observed.orphans)
        return Plan(transactions=parts, reasons=tuple(_come_back(wish, observed)))
    wish = completed(wish, observed)
    aim = target(wish, observed)
    parts = transactions(aim, observed, _forced(wish, observed))
    names = {name for part in parts for name in part.after.names}
    lost = [line for part in parts for line in losses(_reconnected(part), _removed(part), part.after.networks, observed)]
    return Plan(
        before=_shown(observed.networks, observed.endpoints, names),
        after=_shown(aim.networks, aim.endpoints, names),
        transactions=parts,
        reasons=tuple(_reason(w, observed, names) for w in wish.wishes) + _put_back(wish, observed, names),
        warnings=warnings(wish, observed) + tuple("After this run, %s." % line for line in lost),
    )


def settled(wish: Desired) -> Desired:
    """The wish as it stands once it was carried out: forcing is an act, not a state."""
    return replace(wish, wishes=tuple(replace(w, force=False) for w in wish.wishes))


def _forced(wish: Desired, observed: Observed) -> t.FrozenSet[str]:
    return frozenset(w.name for w in wish.wishes if w.force and not w.absent and observed.network(w.name))


def _come_back(aim: State, observed: Observed) -> t.Iterator[str]:
    """What exact cannot keep away: no answer of an engine tells its default-network-opts before."""
    for net in aim.networks:
        have = observed.network(net.name)
        gaps = differences(net, have, unwanted=aim.unwanted_on(net.name)) if have is not None and not differences(net, have) else ()
        for key in (key for gap in gaps if gap.field == "driver_options" for key in gap.found):
            yield ("the engine gives each new network of driver %s the driver option %s (default-network-opts), against exact of network "
                   "%s; give it in driver_options, or take it out of daemon.json" % (have.driver, key, net.name))


def _put_back(wish: Desired, observed: Observed, names) -> t.Tuple[str, ...]:
    left = {name for state in observed.remembered for name in state.names} - {w.name for w in wish.wishes}
    return tuple("network %s is put back as it was before a run that was stopped" % name for name in sorted(left & names))


def _reconnected(part) -> t.List[Endpoint]:
    """Endpoints that are taken away and given back."""
    gone = {(step.before.network, step.before.container) for step in part.steps if step.phase == "disconnect"}
    return [step.after for step in part.steps if step.phase == "connect"
            and (step.after.network, step.after.container) in gone]


def _removed(part) -> t.List[Network]:
    made = {step.after.name for step in part.steps if step.phase == "create"}
    return [step.before for step in part.steps if step.phase == "remove" and step.before.name not in made]


def _reason(wish, observed: Observed, touched) -> str:
    have = observed.network(wish.name)
    if wish.absent:
        why = ", for it carries the label of purge and is not on the list" if wish.purged else ""
        return "network %s %s%s" % (wish.name, "is removed" if have else "is not there, as wanted", why)
    if have is None:
        return "network %s is created" % wish.name
    gaps = differences(wish.network, have, wish.exact)
    if wish.force:
        return "network %s is replaced, because force is set" % wish.name
    if not gaps and wish.name in touched:
        return "network %s is as wanted, the containers attached to it are not" % wish.name
    if not gaps:
        return "network %s is as wanted" % wish.name
    option = "on_change" if wish.on_change == "warn" else "on_label_change"
    verb = "stays as it is (%s is warn), though" % option if wish.keeps(gaps) else "is replaced:"
    return "network %s %s %s" % (wish.name, verb, "; ".join(map(str, gaps)))


def _shown(networks, endpoints, names) -> t.Dict[str, t.Any]:
    """Plain data for the diff: of every network that changes, what is set, and who hangs on it."""
    shown = {}
    for net in networks:
        if net.name in names:
            row = {key: value for key, value in _fields(net).items() if value is not None and key != "id"}
            row.update((key, dict(row[key])) for key in ("driver_options", "ipam_driver_options", "labels") if key in row)
            if net.ipam_config is not None:
                row["ipam_config"] = pool_texts(net.ipam_config)
            row["endpoints"] = {end.name or end.container[:12]: _requested(end) for end in endpoints if end.network == net.name}
            shown[net.name] = row
    return shown


def _fields(value) -> t.Dict[str, t.Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _requested(end) -> t.Dict[str, t.Any]:
    hidden = ("network", "container", "name")
    row = {key: value for key, value in _fields(end).items() if value and key not in hidden}
    if end.driver_opts:
        row["driver_opts"] = dict(end.driver_opts)
    return row


__all__ = ["JOURNAL_TYPES", "WishError", "covers", "desired", "plan", "recall", "scope", "settled", "validate", "wanted", "widen"]
