# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that must be observed in the end: wishes laid over what is, and what the journal remembers."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...values.link import Link, Route
from . import persist, record as records_
from .made import Made, all_made
from .record import Record
from .state import Desired, Observed, Shim, State, Wish


def targets(desired: Desired, observed: Observed) -> t.Tuple[State, ...]:
    """:returns: one state for each parent of the wish, and for each that a stopped run left half way"""
    had = believed(observed)
    known = records_.records(had)
    makes = all_made(desired, had, known)
    kept = {path for parent, row in known.items() if parent not in {w.parent for w in desired.wishes} for path in row.files}
    kept |= {path for row in makes.values() for path in row.record.files}
    states = [_present(makes[wish.parent], known.get(wish.parent), had, kept) if not wish.absent
              else _absent(wish, known.get(wish.parent), had, kept) for wish in desired.wishes]
    asked = {wish.parent for wish in desired.wishes}
    for left in observed.remembered:
        if not asked & set(left.parents):
            states.append(left)
        elif not set(left.parents) <= asked:
            mine = [state for state in states if set(state.parents) & set(left.parents)]
            states = [state for state in states if state not in mine] + [laid_over(left, mine)]
    return tuple(states)


def believed(observed: Observed) -> Observed:
    """What is there, as it would be had a former run not been stopped half way."""
    links = {link.name: link for link in observed.links}
    files = {file.path: file for file in observed.files}
    routes = set(observed.routes)
    for state in observed.remembered:
        for name in state.absent:
            links.pop(name, None)
        links.update((link.name, _filled(link, links.get(link.name))) for link in state.links)
        for path in state.no_files:
            files.pop(path, None)
        files.update((file.path, file) for file in state.files)
        routes = {route for route in routes if route.interface not in state.names} | set(state.routes)
    return replace(observed, links=tuple(links[name] for name in sorted(links)), routes=tuple(sorted(routes, key=str)),
                   files=tuple(files[path] for path in sorted(files)))


def _filled(link: Link, have: t.Optional[Link]) -> Link:
    if have is None:
        return link
    given = {name: getattr(link, name) for name in ("mtu", "up", "promiscuous", "addresses") if getattr(link, name) is not None}
    return replace(have, kind=link.kind, parent=link.parent, vlan_id=link.vlan_id, mode=link.mode, **given)


def _present(row: Made, old: t.Optional[Record], had: Observed, kept) -> State:
    wish = row.wish
    links, routes, absent = [], [], []
    parent = had.link(wish.parent)
    if row.owns_vlan:
        links.append(Link(wish.parent, "vlan", wish.link, wish.vlan_id, None, _or(wish.mtu, parent, "mtu"), True,
                          _or(wish.promiscuous, parent, "promiscuous"), _or(None, parent, "addresses")))
    elif wish.promiscuous is not None and parent is not None:
        links.append(replace(bare(parent), promiscuous=wish.promiscuous))
    shim = wish.shim
    if shim is not None:
        most = wish.mtu or (parent.mtu if parent else None)
        links.append(Link(shim.name, shim.driver, wish.parent, None, shim.mode, _shim_mtu(shim, had.link(shim.name), most), True, None,
                          shim.addresses))
        routes += [Route(subnet, shim.name) for subnet in shim.routes]
    before = old.declared.shim if old else None
    if before is not None and (shim is None or before.name != shim.name):
        absent += _own_shim(old, had)
    files = persist.files(wish, row.owns_vlan, row.record.system, row.manager)
    gone = [path for path in (old.files if old else ()) if path not in kept]
    kept_vlan = row.owns_vlan and parent is not None
    routes += had.routes_on(wish.parent) if kept_vlan else []
    return State(
        parents=(wish.parent,),
        links=tuple(links),
        absent=tuple(absent),
        routed=((wish.parent,) if kept_vlan else ()) + ((shim.name,) if shim else ()),
        routes=tuple(sorted(routes, key=str)),
        files=tuple(sorted((*files, records_.render(row.record)), key=lambda file: file.path)),
        no_files=tuple(sorted(gone)),
    )


def _shim_mtu(shim: Shim, have: t.Optional[Link], most: t.Optional[int]) -> t.Optional[int]:
    """The kernel itself lowers that of a shim with its parent's."""
    kept = have.mtu if have else None
    return shim.mtu or (min(kept, most) if kept and most else kept)


def _or(value, link, name):
    """What is not managed stays as it is, also where the link has to be made anew."""
    return value if value is not None or link is None else getattr(link, name)


def _absent(wish: Wish, old: t.Optional[Record], had: Observed, kept) -> State:
    if old is None:
        return State(parents=(wish.parent,))
    links, absent = [], list(_own_shim(old, had))
    parent = had.link(wish.parent)
    if own_vlan(old, had):
        absent.append(wish.parent)
    elif old.promiscuous_before is not None and parent is not None:
        links.append(replace(bare(parent), promiscuous=old.promiscuous_before))
    gone = [path for path in old.files if path not in kept] + [records_.path(wish.parent)]
    return State(parents=(wish.parent,), links=tuple(links), absent=tuple(absent), no_files=tuple(sorted(gone)))


def own_vlan(old: Record, had: Observed) -> bool:
    """Whether the VLAN that is there is the one the record speaks of."""
    have = had.link(old.declared.parent)
    return old.owns_vlan and have is not None and not had.manager(have.name).makes and (have.kind, have.parent, have.vlan_id) == (
        "vlan", old.declared.link, old.declared.vlan_id)


def own_shim(old: t.Optional[Record], link: t.Optional[Link]) -> bool:
    """Whether a link is the shim that a record speaks of, as far as that can be told."""
    shim = old.declared.shim if old else None
    return bool(shim and link and link.name == shim.name and (link.kind, link.parent) == (shim.driver, old.declared.parent))


def _own_shim(old: Record, had: Observed) -> t.Tuple[str, ...]:
    shim = old.declared.shim
    return (shim.name,) if shim and own_shim(old, had.link(shim.name)) else ()


def bare(link: Link) -> Link:
    """A link of somebody else's, of which nothing is managed."""
    return replace(link, mtu=None, up=None, promiscuous=None, addresses=None)


def laid_over(base: State, over: t.Sequence[State]) -> State:
    """One state out of several; where they speak of the same thing, those of C(over) count."""
    names = {name for state in over for name in state.names}
    paths = {path for state in over for path in state.paths}
    states = [State(
        parents=base.parents,
        links=tuple(link for link in base.links if link.name not in names),
        absent=tuple(name for name in base.absent if name not in names),
        routed=tuple(name for name in base.routed if name not in names),
        routes=tuple(route for route in base.routes if route.interface not in names),
        files=tuple(file for file in base.files if file.path not in paths),
        no_files=tuple(path for path in base.no_files if path not in paths),
    ), *over]
    return merged_states(states)


def merged_states(states: t.Sequence[State]) -> State:
    def all_of(name):
        return tuple(sorted({item for state in states for item in getattr(state, name)}, key=_order))

    timer = next((state.timer for state in states if state.timer), "")
    return State(timer=timer, **{name: all_of(name) for name in ("parents", "links", "absent", "routed", "routes", "files", "no_files")})


def _order(item) -> str:
    return item if isinstance(item, str) else getattr(item, "path", "") or getattr(item, "name", "") or str(item)
