# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From targets to transactions: one a parent, joined only where parents share a file or hang on each other."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.plan import Step, Transaction
from ...values.hostfile import File
from ...values.link import Link, Route
from . import render_netplan
from .record import FOLDER
from .state import HANGING_DRIVERS, Observed, Restore, State
from .target import believed, merged_states

MANAGED = ("mtu", "up", "promiscuous", "addresses")


def differs(want: Link, have: Link) -> bool:
    return not want.same_make(have) or any(
        getattr(want, name) is not None and getattr(want, name) != getattr(have, name) for name in MANAGED)


def transactions(targets: t.Iterable[State], observed: Observed) -> t.Tuple[Transaction, ...]:
    groups: t.List[t.Tuple[t.Set[str], t.Set[str], t.List[State]]] = []
    for target in targets:
        touched, below = _touched(target, observed)
        met = [group for group in groups if touched & (group[0] | group[1]) or below & group[0]]
        groups = [group for group in groups if group not in met]
        groups.append((touched.union(*(group[0] for group in met)), below.union(*(group[1] for group in met)),
                       [target] + [state for group in met for state in group[2]]))
    parts = [_transaction(merged_states(states), observed) for _changed, _below, states in groups]
    return tuple(sorted((part for part in parts if part.steps), key=lambda part: part.name))


def _touched(target: State, observed: Observed) -> t.Tuple[t.Set[str], t.Set[str]]:
    """:returns: what a state changes that another one could change too, and the links that those it changes are made on"""
    made, gone = _links(target, observed)
    links = {link.name for link in (*made, *gone)}
    routes = _routes(target, {link.name for link in gone}, observed)
    lost = [route for link in gone for route in observed.routes_on(link.name)]
    touched = links | {route.subnet for route in (*routes[0], *routes[1], *lost)} | {step.thing.path for step in _files(target, observed)}
    return touched, {link.parent for link in (*made, *gone) if link.parent} - links


def _routes(target: State, left: t.Collection[str], observed: Observed) -> t.Tuple[t.List[Route], t.List[Route]]:
    """:param left: links that go, and their routes with them

    :returns: routes that are made, and routes that go
    """
    want = {route for route in target.routes if route.interface in target.routed}
    have = {route for name in target.routed if name not in left for route in observed.routes_on(name)}
    return sorted(want - have, key=str), sorted(have - want, key=str)


def _links(target: State, observed: Observed) -> t.Tuple[t.List[Link], t.List[Link]]:
    """:returns: links that are made or changed, and links that go, be it only to be made anew"""
    made = [link for link in target.links if observed.link(link.name) is None or differs(link, observed.link(link.name))]
    gone = [observed.link(name) for name in target.absent if observed.link(name)]
    gone += [observed.link(link.name) for link in made if observed.link(link.name) and not link.same_make(observed.link(link.name))]
    return sorted(made, key=_depth), sorted(gone, key=_depth, reverse=True)


def _depth(link: Link):
    """A link is made after the one it is made on."""
    return link.kind in HANGING_DRIVERS, link.kind == "vlan", len(link.name), link.name


def _files(target: State, observed: Observed) -> t.List[Step]:
    steps = [Step(observed.file(file.path), file) for file in target.files if observed.file(file.path) != file]
    steps.sort(key=_last_links)
    return steps + [Step(observed.file(path), None) for path in target.no_files if observed.file(path)]


def _last_links(step: Step) -> int:
    """Netplan takes no VLAN on a link that it does not know yet: lan0.5 comes before lan0.5.7."""
    path = step.thing.path
    return len(path) if path.startswith(render_netplan.FOLDER) else 0


def _transaction(target: State, observed: Observed) -> Transaction:
    made, gone = _links(target, observed)
    left = {link.name for link in gone}
    files = _files(target, observed)
    records = [step for step in files if step.thing.path.startswith(FOLDER)]
    others = [step for step in files if step not in records]
    leaving = [step for step in others if step.after is None]
    coming, going = _routes(target, left, observed)
    # A record comes before what it claims and goes after it, so that a killed run never leaves what nobody owns.
    steps = [step for step in records if step.after is not None]
    # Files before what they make: NetworkManager makes a link of its own anew as long as it knows the connection.
    steps += leaving if target.timer != "passed" else []
    steps += [Step(route, None) for route in going]
    steps += [Step(link, None) for link in gone]
    steps += [Step(None if link.name in left else observed.link(link.name), link) for link in made]
    steps += [Step(None, route) for route in coming]
    changed = tuple(step for step in steps if not isinstance(step.thing, File) or step in records)
    lost = tuple(route for link in gone for route in observed.routes_on(link.name))
    arm = [Step(None, Restore(changed, lost), "arm")] if target.timer in ("armed", "passed") and links_change(changed) else []
    disarm = [Step(Restore(), None, "disarm", False)] if arm and target.timer == "passed" or (
        target.timer in ("off", "passed") and observed.pending) else []
    # Only what was confirmed is written for the next boot; where it cannot be written, the timer still takes it back.
    ending = (leaving if target.timer == "passed" else []) + _written(others) + [step for step in records if step.after is None]
    steps = arm + steps + ending + disarm if arm or not links_change(changed) else disarm + steps + ending
    return Transaction(
        name=", ".join("parent %s" % name for name in target.parents),
        before=snapshot(target, believed(observed)),
        after=target,
        steps=tuple(steps),
        impact=tuple("the host loses its way to the containers on %s through %s%s" % (
            link.parent, link.name, " for a moment" if link.name in {one.name for one in made} else "")
            for link in gone if link.kind in HANGING_DRIVERS),
        destructive=bool(steps),
    )


def _written(files: t.Iterable[Step]) -> t.List[Step]:
    return [step for step in files if step.after is not None]


def links_change(steps: t.Iterable[Step]) -> bool:
    return any(isinstance(step.thing, (Link, Route)) for step in steps)


def snapshot(target: State, had: Observed) -> State:
    """Everything the target speaks of, as it is: a link that is not ours only in what the target changes of it."""
    links = []
    for link in target.links:
        have = had.link(link.name)
        if have is not None:
            foreign = link.addresses is None and link.mtu is None and link.up is None
            links.append(replace(have, mtu=None, up=None, addresses=None) if foreign else have)
    links += [had.link(name) for name in target.absent if had.link(name)]
    names = {link.name for link in links}
    routed = tuple(sorted(name for name in names if name in target.routed or name in target.absent))
    return State(
        parents=target.parents,
        links=tuple(sorted(links, key=lambda link: link.name)),
        absent=tuple(sorted(target.names - names)),
        routed=routed,
        routes=tuple(sorted((route for name in routed for route in had.routes_on(name)), key=str)),
        files=tuple(file for file in had.files if file.path in target.paths),
        no_files=tuple(sorted(path for path in target.paths if had.file(path) is None)),
        timer="off" if target.timer in ("armed", "passed") and not had.pending else "",
    )
