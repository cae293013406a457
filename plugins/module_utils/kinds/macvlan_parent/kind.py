# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents of macvlan and ipvlan networks as the engine of this collection sees them."""
from __future__ import annotations

import typing as t

from ...core.plan import Plan
from ...values.link import Link
from . import checks, way
from .recall import covers, recall
from .record import FOLDER, records
from .state import JOURNAL_TYPES, Desired, Observed, Scope, State
from .steps import transactions
from .target import believed, targets
from .wish import desired


def scope(wish: t.Union[Desired, State], entries: t.Sequence = ()) -> Scope:
    """The first, narrow look: links and the collection's own files; for a snapshot only what it speaks of."""
    if isinstance(wish, State):
        return Scope(links=None if wish.tried else wish.names, paths=wish.paths)
    return Scope(managed=frozenset(name for w in wish.wishes for name in _down(w.parent) + [w.link]), networks=bool(entries))


def _down(name: str) -> t.List[str]:
    """A VLAN and what it is on: lan0.5.7, lan0.5, lan0."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def widen(wish, observed: Observed, entries: t.Sequence = ()) -> t.Optional[Scope]:
    """The second look, only where something changes: the engine's networks, and what the kernel can make."""
    if isinstance(wish, State) or not transactions(targets(wish, observed), observed):
        return None
    first = scope(wish, entries)
    coming = [w for w in wish.wishes if not w.absent]
    kinds = {"vlan" for w in coming if w.vlan_id is not None and observed.link(w.parent) is None}
    kinds |= {w.shim.driver for w in coming if w.shim and not w.shim.absent and observed.link(w.shim.name) is None}
    return Scope(managed=first.managed, probes=frozenset(kinds), networks=True, way=wish.stage in ("try", "whole"))


def validate(wish: Desired, observed: Observed) -> None:
    """:raises WishError: for what cannot be, before anything is touched"""
    way.confirmable(wish, observed)
    checks.validate(wish, observed)


def plan(wish: t.Union[Desired, State], observed: Observed) -> Plan:
    """Pure and total: the same for check mode, execution, verification and the way back."""
    if isinstance(wish, State):
        return way.guarded(wish, observed)
    parts = way.planned(wish, observed)
    names = {step.thing.name for part in parts for step in part.steps if isinstance(step.thing, Link)}
    names |= {step.thing.interface for part in parts for step in part.steps if hasattr(step.thing, "interface")}
    paths = {step.thing.path for part in parts for step in part.steps if hasattr(step.thing, "path")}
    after = _carried_out(observed, parts)
    return Plan(
        before=_shown(observed, names, paths),
        after=_shown(after, names, paths),
        transactions=parts,
        reasons=tuple(_reason(w, observed, parts) for w in wish.wishes),
        warnings=checks.warnings(wish, observed) if parts else (),
    )


def left(params: t.Mapping[str, t.Any], observed: Observed, foreseen: bool) -> t.Dict[str, t.Any]:
    """What the module returns about its stage: whether something is left to confirm.

    :param foreseen: nothing was carried out; trying and confirming are shown as the one change that they are together
    """
    if params["confirm"] != "try" or not foreseen:
        return dict(pending=observed.pending, unconfirmed=params["confirm"] == "try" and bool(observed.pending))
    whole = plan(desired(dict(params, confirm="whole")), observed)
    return dict(pending=observed.pending, unconfirmed=False, changed=bool(whole), actions=[str(step) for step in whole.steps])


def settled(wish: Desired) -> Desired:
    return wish


def _carried_out(observed: Observed, parts) -> Observed:
    """What the steps make of what is there, without touching it."""
    return believed(Observed(observed.links, observed.routes, observed.files, remembered=tuple(part.after for part in parts)))


def _shown(observed: Observed, names, paths) -> t.Dict[str, t.Any]:
    """Plain data for the diff, by the names of links and the paths of files that change."""
    shown: t.Dict[str, t.Any] = {}
    for link in observed.links:
        if link.name in names:
            row = {key: getattr(link, key) for key in ("kind", "parent", "vlan_id", "mode", "mtu", "up", "promiscuous")}
            row = {key: value for key, value in row.items() if value not in (None, "")}
            row["addresses"] = list(link.addresses or ())
            row["routes"] = [route.subnet for route in observed.routes_on(link.name)]
            shown["link %s" % link.name] = row
    shown.update((str(file), file.text) for file in observed.files if file.path in paths and not file.path.startswith(FOLDER))
    return shown


def _reason(wish, observed: Observed, parts) -> str:
    known = wish.parent in records(observed)
    touched = any(wish.parent in part.after.parents for part in parts)
    if wish.absent:
        if not known:
            there = observed.link(wish.parent) is not None and wish.vlan_id is not None
            return "parent %s %s" % (wish.parent, "was not made by this collection and stays" if there else "is not there, as wanted")
        return "parent %s is removed" % wish.parent
    if not touched:
        return "parent %s is as wanted" % wish.parent
    return "parent %s %s" % (wish.parent, "differs" if known else "is new")


__all__ = ["JOURNAL_TYPES", "covers", "desired", "plan", "recall", "scope", "settled", "validate", "widen"]
