# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that must be observed in the end: wishes laid over what is, and what the journal remembers."""
from __future__ import annotations

import typing as t
from dataclasses import fields, replace
from functools import lru_cache

from ...values import addresses
from ...values.endpoint import Endpoint, Run
from ...values.network import Network, Pool
from .compare import ENGINE_OPTIONS, EVERY, INHERITED, MAPPINGS, differences, pair_text
from .state import Desired, Observed, State, Wish

# With another driver these mean nothing, or something else.
DRIVER_BOUND = ("driver_options", "scope", "attachable", "ingress", "config_only", "config_from")


def target(desired: t.Union[Desired, State], observed: Observed) -> State:
    """A snapshot is its own target; of it, only containers that still exist can come back."""
    if isinstance(desired, State):
        return _living(desired, observed)
    had = believed(observed)
    asked = {wish.name for wish in desired.wishes}
    remembered = {net.name for state in observed.remembered for net in state.networks} - asked
    networks, absent, changed = [], [], set()
    for wish in desired.wishes:
        if wish.absent:
            absent.append(wish.name)
            continue
        network = wanted(wish, next((net for net in had.networks if net.name == wish.name), None), observed)
        networks.append(network)
        if wish.force or _differs(wish, network, observed):
            changed.add(wish.name)
    networks += [net for net in had.networks if net.name in remembered]
    absent += [name for state in observed.remembered for name in state.absent if name not in asked | remembered]
    journaled = {net.name for state in observed.remembered for net in state.networks}
    listed = {w.name for w in desired.wishes if w.connected is not None}
    managed = (changed | journaled | listed) - set(absent)
    endpoints = _endpoints(desired, had, managed, observed)
    touched = {end.container for end in endpoints + had.endpoints}
    touched |= {run.container for state in observed.remembered for run in state.runs}
    return State(
        networks=tuple(sorted(networks, key=lambda net: net.name)),
        absent=tuple(sorted(set(absent))),
        unwanted=tuple(sorted(_unwanted(desired, observed) | {row for row in unwanted_before(observed) if row[0] in remembered})),
        managed=tuple(sorted(managed)),
        endpoints=endpoints,
        runs=tuple(run for run in had.runs if run.container in touched and not _stranded(run, absent, networks, observed)),
    )


def _stranded(run: Run, absent, networks, observed: Observed) -> bool:
    box = observed.container(run.container)
    return box is not None and observed.stranded(box, absent, {net.name for net in networks})


def believed(observed: Observed) -> State:
    """What is there, as it would be had a former run not been stopped half way."""
    networks = networks_before(observed)
    endpoints: t.Dict[t.Tuple[str, str], Endpoint] = {}
    runs: t.Dict[str, Run] = {box.id: box.run for box in observed.containers}
    for state in observed.remembered:
        endpoints.update(((end.network, end.container), end) for end in state.endpoints)
        runs.update((run.container, run) for run in state.runs if run.container in runs)
    endpoints.update(((end.network, end.container), end) for end in observed.endpoints if (end.network, end.container) not in observed.added)
    whole = State(
        networks=tuple(networks[name] for name in sorted(networks)),
        endpoints=tuple(endpoints[key] for key in sorted(endpoints) if key[0] in networks),
        runs=tuple(runs[key] for key in sorted(runs)),
    )
    return _living(whole, observed)


def networks_before(observed: Observed) -> t.Dict[str, Network]:
    networks = {net.name: net for net in observed.networks}
    for state in observed.remembered:
        for name in state.absent:
            networks.pop(name, None)
        networks.update((net.name, net) for net in state.networks)
    return networks


def wanted(wish: Wish, had: t.Optional[Network], observed: Observed) -> Network:
    """The wish with every unmanaged field as it was, so that a replacement changes only what was asked for."""
    return wish.network if had is None else _wanted(wish, had, had.id)


# Validation, planning and warnings each ask for the same network again; the id is a key of its own, for it is no part of equality.
@lru_cache(maxsize=4096)
def _wanted(wish: Wish, had: Network, _ident: str) -> Network:
    if wish.keeps(differences(wish.network, had, wish.exact)):
        return had
    moved = wish.network.driver not in (None, had.driver)
    kept = {}
    for field in fields(Network):
        given, before = getattr(wish.network, field.name), getattr(had, field.name)
        if given is None and not (moved and field.name in DRIVER_BOUND):
            kept[field.name] = before
    kept.update(_turned(wish.network, had))
    network = replace(wish.network, **kept)
    if network.config_from:
        return replace(network, **{name: None for name in INHERITED})
    for name in ("driver_options", "labels"):
        network = replace(network, **{name: _merged(name, wish, had, network, moved)})
    return replace(network, ipam_config=_pools(wish.network, network, had))


def _turned(given: Network, had: Network) -> t.Dict[str, t.Any]:
    """What cannot stay where a configuration network becomes a real one, whose driver was nobody's, or the other way round."""
    if had.config_only and given.config_only is False and given.driver is None:
        return {"driver": "bridge"}
    if given.config_only and not had.config_only:
        return dict(driver="null", internal=False, attachable=False, ingress=False, config_from="")
    return {}


def _merged(name, wish, had, network, moved):
    given = getattr(wish.network, name)
    before = dict(getattr(had, name) or ())
    if name == "driver_options":
        # What mirrors another field must not contradict it when the network is made again.
        before = {} if moved else {k: v for k, v in before.items() if k not in ENGINE_OPTIONS}
    if wish.exact and given is not None:
        return given
    merged = {**before, **dict(given or ())}
    unset = given is None and not getattr(network, name)
    return getattr(network, name) if unset else tuple(sorted(merged.items()))


def _pools(given: Network, network: Network, had: Network):
    """A pool, a family or a part of a pool that was not asked for stays, unless its family is switched off."""
    if network.ipam_driver == "null" and not given.ipam_config:
        return ()
    before = {pool.subnet: pool for pool in had.ipam_config or ()}
    pools = [_filled(pool, before.get(pool.subnet)) for pool in given.ipam_config or ()]
    off = {4: network.enable_ipv4 is False, 6: network.enable_ipv6 is False}
    settled = {addresses.family(pool.subnet) for pool in pools} | {family for family in off if off[family]}
    pools += [pool for pool in before.values() if addresses.family(pool.subnet) not in settled]
    return tuple(sorted(pools, key=lambda pool: addresses.order(pool.subnet)))


def _filled(pool: Pool, had: t.Optional[Pool]) -> Pool:
    if had is None:
        return pool
    return Pool(*(getattr(had, part.name) if getattr(pool, part.name) is None else getattr(pool, part.name)
                  for part in fields(Pool)))


def _differs(wish: Wish, network: Network, observed: Observed) -> bool:
    have = observed.network(wish.name)
    return have is None or bool(differences(network, have, unwanted=_unwanted_by(wish, have)))


def _unwanted(desired: Desired, observed: Observed) -> t.Set[t.Tuple[str, str, str]]:
    return {(wish.name, *row) for wish in desired.wishes for row in _unwanted_by(wish, observed.network(wish.name))}


def _unwanted_by(wish: Wish, have: t.Optional[Network]) -> t.FrozenSet[t.Tuple[str, str]]:
    """What exact says, of the fields that are given."""
    if not wish.exact or (have is not None and wish.keeps(differences(wish.network, have, True))):
        return frozenset()
    return frozenset((field, EVERY) for field in MAPPINGS if getattr(wish.network, field) is not None)


def unwanted_before(observed: Observed) -> t.Set[t.Tuple[str, str, str]]:
    """What stopped runs were going to add; what a former state had besides is no part of it."""
    had = {(net.name, field, pair_text(*row)) for net in believed(observed).networks for field in MAPPINGS for row in getattr(net, field) or ()}
    return {row for state in observed.remembered for row in state.unwanted} - had


def _endpoints(desired: Desired, had: State, managed, observed: Observed) -> t.Tuple[Endpoint, ...]:
    listed = {wish.name: wish for wish in desired.wishes if wish.connected is not None}
    kept = []
    for end in had.endpoints:
        wish = listed.get(end.network)
        if end.network in managed and (wish is None or wish.appends or _is_listed(wish, end, observed)):
            kept.append(end)
    there = {(end.network, end.container) for end in kept}
    for wish in listed.values():
        boxes = [observed.container(key) for key in wish.connected]
        kept += [Endpoint(wish.name, box.id, name=box.name) for box in boxes
                 if box is not None and (wish.name, box.id) not in there and not wish.absent]
    return tuple(sorted(kept, key=lambda end: (end.network, end.container)))


def _is_listed(wish: Wish, end: Endpoint, observed: Observed) -> bool:
    boxes = (observed.container(key) for key in wish.connected)
    return any(box is not None and box.id == end.container for box in boxes)


def _living(state: State, observed: Observed) -> State:
    """A container that is gone since is gone: no failure, nothing to restore."""
    alive = {box.id for box in observed.containers}
    return replace(
        state,
        endpoints=tuple(end for end in state.endpoints if end.container in alive),
        runs=tuple(run for run in state.runs if run.container in alive),
    )
