# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a target to transactions: as small as can be, each with its steps in phases.

No engine changes an endpoint that is there: a connect is refused while the container runs, and is accepted and ignored while
it is down. So a change is always a way out and in again.
"""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ...core.plan import Step, Transaction
from ...values.allocation import in_turn
from ...values.endpoint import DYNAMIC, Endpoint, Run
from .compare import differences
from .impact import impact
from .state import Key, Observed, State, key_of
from .target import believed


@dataclass(frozen=True)
class Changes:
    """Everything that differs between target and observed, not yet grouped.

    :param starting: what the containers that start will have; it is then that they take their addresses
    """

    gone: t.Dict[Key, Endpoint]
    new: t.Dict[Key, Endpoint]
    stops: t.Tuple[Run, ...]
    starts: t.Tuple[Run, ...]
    starting: t.Tuple[Endpoint, ...]

    @property
    def keys(self) -> t.List[Key]:
        return sorted({*self.gone, *self.new})

    def name(self, key: Key) -> str:
        return (self.new.get(key) or self.gone[key]).name


def transactions(target: State, observed: Observed) -> t.Tuple[Transaction, ...]:
    changes = changes_to(target, observed)
    had = believed(observed)
    parts = [_transaction(group, target, had, observed, changes) for group in _groups(changes, observed)]
    return tuple(part for _turns, part in sorted(parts, key=lambda row: (row[0], row[1].name)))


def changes_to(target: State, observed: Observed) -> Changes:
    have = {key_of(end): end for end in observed.endpoints}
    want = {key_of(end): end for end in target.endpoints}
    moved = [key for key in target.managed
             if _differs(want.get(key), have.get(key), observed) or (*key, _mac(key, observed)) in target.not_macs]
    gone = {key: have[key] for key in moved if key in have}
    new = {key: want[key] for key in moved if key in want}
    touched = {container for _network, container in (*gone, *new)}
    # Moved in its back-off, a container stays down for good, or leaves an endpoint that nobody owns.
    stops = tuple(box.run for box in observed.containers if box.state == "restarting" and box.id in touched)
    down = {box.id for box in observed.containers if not box.alive}
    starts = stops + tuple(run for run in target.runs if run.state == "up" and run.container in down)
    down = {run.container for run in starts}
    kept = (end for key, end in have.items() if key not in gone)
    return Changes(gone, new, stops, starts, tuple(end for end in (*kept, *new.values()) if end.container in down))


def _differs(want: t.Optional[Endpoint], have: t.Optional[Endpoint], observed: Observed) -> bool:
    if want is None or have is None:
        return want is not have
    return bool(differences(want, have, observed))


def _mac(key: Key, observed: Observed) -> t.Optional[str]:
    held = observed.holds(key)
    return held.mac_address if held else None


def _groups(changes: Changes, observed: Observed) -> t.List[t.FrozenSet]:
    """Connected components of endpoints and containers. What shares nothing is changed one after the other."""
    links: t.List[t.Tuple] = [(key,) for key in changes.keys]
    runs = {run.container for run in changes.stops + changes.starts}
    links += [(container,) for container in runs]
    links += [(key, key[1]) for key in changes.keys if key[1] in runs]
    links += _handed_on(changes, observed)
    for entry in observed.remembered:
        links.append(tuple(key for key in entry.before.managed if key in changes.keys))
    groups = _joined(links)
    # An address handed out in one of these may be a fixed one of another.
    spans = {group: _turns(group, changes) for group in groups}
    mixed = {turn for turns in spans.values() if turns[0] < turns[-1] for turn in turns}
    within = [group for group, turns in spans.items() if turns[0] < turns[-1] or mixed and min(mixed) < turns[0] < max(mixed)]
    return _joined(groups + [frozenset().union(*within)]) if within else groups


def _joined(links) -> t.List[t.FrozenSet]:
    group_of: t.Dict[t.Any, t.Set] = {}
    for link in filter(None, links):
        merged = set(link).union(*(group_of[item] for item in link if item in group_of))
        group_of.update((item, merged) for item in merged)
    return [frozenset(group) for group in {id(group): group for group in group_of.values()}.values()]


def _handed_on(changes: Changes, observed: Observed) -> t.Iterator[t.Tuple[Key, Key]]:
    """Which endpoint comes to need an address that another one has until then."""
    leaves = {(held.network, text): (held.network, held.container) for held in observed.held for text in held.addresses
              if (held.network, held.container) in changes.gone}
    for key, end in changes.new.items():
        for text in filter(None, (end.ipv4_address, end.ipv6_address)):
            if (end.network, text) in leaves:
                yield key, leaves[end.network, text]


def _turns(group, changes: Changes) -> t.List[int]:
    """:returns: when its endpoints are to be connected (C(Endpoint.turn)), in order; where nothing is, last of all"""
    starting = {end.turn for end in changes.starting if end.container in group}
    return sorted(starting | {changes.new[key].turn for key in group if key in changes.new}) or [DYNAMIC]


def _transaction(group, target: State, had: State, observed: Observed, changes: Changes) -> t.Tuple[t.List[int], Transaction]:
    keys = sorted((key for key in group if key in changes.gone or key in changes.new), key=lambda key: (key[0], changes.name(key), key))
    gone = [changes.gone[key] for key in keys if key in changes.gone]
    new = sorted((changes.new[key] for key in keys if key in changes.new), key=lambda end: end.turn)
    boxes = {container for _network, container in keys} | {item for item in group if isinstance(item, str)}
    stops = [run for run in changes.stops if run.container in boxes]
    starts = [run for run in changes.starts if run.container in boxes]
    steps = [Step(run, replace(run, state="down"), "stop") for run in stops]
    steps += [Step(end, None, "disconnect") for end in gone]
    steps += [Step(None, thing, "connect") if isinstance(thing, Endpoint) else Step(replace(thing, state="down"), thing, "start")
              for thing in in_turn(new, starts, changes.starting)]
    names = [str(changes.new.get(key) or changes.gone[key]) for key in keys] or [str(run) for run in starts]
    return _turns(group, changes), Transaction(
        name=", ".join(sorted(names)),
        before=replace(restricted(had, keys, boxes), not_macs=_set_by(new, had)),
        after=restricted(target, keys, boxes),
        steps=tuple(steps),
        impact=impact(gone, new, observed),
        destructive=bool(gone or stops),
    )


def _set_by(new: t.Sequence[Endpoint], had: State) -> t.Tuple[t.Tuple[str, str, str], ...]:
    """MAC addresses that a transaction gives to endpoints which are known to have none of their own before."""
    before = {key_of(end): end.mac_address for end in had.endpoints}
    return tuple(sorted((*key_of(end), end.mac_address) for end in new
                        if end.mac_address and key_of(end) in before and not before[key_of(end)]))


def restricted(state: State, keys: t.Collection[Key], boxes: t.Collection[str]) -> State:
    """Of a state, what it says of some endpoints and containers; an endpoint it does not know is not to be there."""
    return State(
        managed=tuple(sorted(keys)),
        endpoints=tuple(end for end in state.endpoints if key_of(end) in keys),
        runs=tuple(run for run in state.runs if run.container in boxes),
        not_macs=tuple(row for row in state.not_macs if row[:2] in keys),
    )
