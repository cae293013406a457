# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that must be observed in the end: wishes laid over what is, and what the journal remembers."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...values.endpoint import Endpoint, Run
from .compare import differences, laid_over
from .state import Desired, Key, Observed, State, Wish, key_of


def target(desired: t.Union[Desired, State], observed: Observed) -> State:
    """A snapshot is its own target; of it, only containers that still exist can come back."""
    if isinstance(desired, State):
        return _living(desired, observed)
    had = believed(observed)
    ends: t.Dict[Key, t.Optional[Endpoint]] = {key: had.endpoint(key) for key in remembered_keys(observed)}
    asked = set()
    for wish in desired.wishes:
        key = key_for(wish, observed)
        if key is not None:
            asked.add(key)
            ends[key] = None if wish.absent else wanted(wish, key, had.endpoint(key), observed)
    ends.update((key, None) for key in outsiders(desired, had, asked))
    touched = {container for _network, container in ends}
    return _living(State(
        managed=tuple(sorted(ends)),
        endpoints=tuple(end for _key, end in sorted(ends.items()) if end is not None),
        runs=tuple(run for run in had.runs if run.container in touched),
    ), observed)


def key_for(wish: Wish, observed: Observed) -> t.Optional[Key]:
    box = observed.container(wish.container)
    return (wish.network, box.id) if box and observed.network(wish.network) else None


def wanted(wish: Wish, key: Key, have: t.Optional[Endpoint], observed: Observed) -> Endpoint:
    box = observed.container(key[1])
    if have is None:
        return laid_over(wish, Endpoint(*key, name=box.name if box else ""))
    want = laid_over(wish, have)
    return have if wish.on_change == "warn" and differences(want, have, observed) else want


def outsiders(desired: Desired, had: State, named: t.Collection[Key]) -> t.Tuple[Key, ...]:
    """Who hangs on a network that only the named containers may use."""
    return tuple(key_of(end) for end in had.endpoints if end.network in desired.exclusive and key_of(end) not in named)


def remembered_keys(observed: Observed) -> t.Tuple[Key, ...]:
    return tuple(key for entry in observed.remembered for key in entry.before.managed)


def believed(observed: Observed) -> State:
    """What is there, as it would be had a former run not been stopped half way; what others did since then stands."""
    runs: t.Dict[str, Run] = {box.id: box.run for box in observed.containers}
    if not observed.remembered:
        return State(tuple(map(key_of, observed.endpoints)), observed.endpoints, tuple(runs.values()))
    ends = {key_of(end): end for end in observed.endpoints}
    for entry in observed.remembered:
        for key in entry.before.managed:
            before, made = entry.before.endpoint(key), entry.after.endpoint(key)
            if key not in ends or (made is not None and not differences(made, ends[key], observed)):
                ends.pop(key, None)
                ends.update({key: before} if before else {})
        runs.update((run.container, run) for run in entry.before.runs if run.container in runs)
    return _living(State(
        managed=tuple(sorted(ends)),
        endpoints=tuple(ends[key] for key in sorted(ends)),
        runs=tuple(runs[key] for key in sorted(runs)),
    ), observed)


def _living(state: State, observed: Observed) -> State:
    """A container that is gone since is gone: no failure, nothing to restore."""
    alive = {box.id for box in observed.containers}
    if alive.issuperset(key[1] for key in state.managed) and alive.issuperset(run.container for run in state.runs):
        return state
    return replace(
        state,
        managed=tuple(key for key in state.managed if key[1] in alive),
        endpoints=tuple(end for end in state.endpoints if end.container in alive),
        runs=tuple(run for run in state.runs if run.container in alive),
    )
