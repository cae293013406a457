# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a target to transactions: as small as can be, each with its steps in phases."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ...core.plan import Step, Transaction
from ...values import addresses
from ...values.allocation import in_turn
from ...values.endpoint import Endpoint, Orphan, Run
from ...values.network import Network
from .compare import MAPPINGS, differences, pair_text
from .impact import impact
from .made import filled
from .state import Observed, State
from .target import believed, unwanted_before


@dataclass(frozen=True)
class Changes:
    """Everything that differs between target and observed, not yet grouped."""

    networks: t.Dict[str, t.Tuple[t.Optional[Network], t.Optional[Network]]]
    gone: t.Tuple[Endpoint, ...]
    new: t.Tuple[Endpoint, ...]
    stops: t.Tuple[Run, ...]
    starts: t.Tuple[Run, ...]
    orphans: t.Tuple[Orphan, ...]


def transactions(target: State, observed: Observed, forced: t.FrozenSet[str] = frozenset(),
                 orphans: t.Tuple[Orphan, ...] = ()) -> t.Tuple[Transaction, ...]:
    """:param forced: names that are replaced even without a difference; :param orphans: endpoints to be freed"""
    changes = _changes(target, observed, forced, orphans)
    parts = [_transaction(group, target, observed, changes) for group in _groups(changes, target, observed)]
    return tuple(sorted(parts, key=lambda part: part.name))


def _changes(target: State, observed: Observed, forced, orphans) -> Changes:
    networks = {}
    for net in target.networks:
        have = observed.network(net.name)
        if have is None or net.name in forced or differences(net, have, unwanted=target.unwanted_on(net.name)):
            networks[net.name] = (have, net)
    for name in target.absent:
        if observed.network(name) is not None:
            networks[name] = (observed.network(name), None)
    want = {(end.network, end.container): end for end in target.endpoints}
    have_ends = {(end.network, end.container): end for end in observed.endpoints}
    swarm = {net.name for net in observed.networks if net.scope == "swarm"}
    gone = tuple(end for key, end in sorted(have_ends.items())
                 if end.network in networks or (end.network in target.managed and not given(want.get(key), end, swarm)))
    new = tuple(sorted((end for key, end in want.items()
                        if end.network in networks or not given(end, have_ends.get(key), swarm)), key=lambda end: (end.turn, end.network, end.container)))
    stops, starts = _runs(target, observed, gone + new)
    return Changes(networks, gone, new, stops, starts, orphans)


def given(want: t.Optional[Endpoint], have: t.Optional[Endpoint], swarm: t.Collection[str]) -> bool:
    """Whether what is there is what a connect gives.

    Engines 25 to 29.2 ignore a MAC address on connect, and no engine shows it reliably. A swarm shows each address it gave
    out as if it had been asked for, while the container is up.
    """
    if want is None or have is None or want == have:
        return want is have or want == have
    if have.network in swarm:
        want = replace(want, ipv4_address=want.ipv4_address or have.ipv4_address, ipv6_address=want.ipv6_address or have.ipv6_address)
    return replace(want, mac_address=have.mac_address) == have


def _runs(target: State, observed: Observed, moved):
    """A container in restart back-off must not be moved in it: without its network at its next retry it stays down for

    good, and connected meanwhile it leaves an endpoint that nobody owns and that blocks the network's removal.
    """
    touched = {end.container for end in moved}
    stops = tuple(box.run for box in observed.containers if box.state == "restarting" and box.id in touched)
    stopped = {run.container for run in stops}
    down = {box.id for box in observed.containers if box.run.state == "down"}
    starts = tuple(run for run in target.runs if run.state == "up" and run.container in down)
    coming = {net.name for net in target.networks}
    starts += tuple(box.run for box in observed.containers if box.id in stopped and box.id not in {r.container for r in starts}
                    and not observed.stranded(box, target.absent, coming))
    return stops, tuple(sorted(starts, key=lambda run: (run.container not in stopped, run.container)))


def _groups(changes: Changes, target: State, observed: Observed) -> t.List[t.FrozenSet[str]]:
    """Connected components: networks hang together through containers, subnets and configuration networks."""
    links = [(end.network, end.container) for end in changes.gone + changes.new]
    links += [(run.container, run.container) for run in changes.stops + changes.starts]
    down = {run.container for run in changes.starts}  # where one of them takes an address, others may wait for theirs
    links += [(end.network, end.container) for end in target.endpoints if end.container in down]
    links += [(orphan.network, orphan.network) for orphan in changes.orphans]
    for name, (before, bare) in changes.networks.items():
        after = bare and _whole(bare, target, observed)
        links.append((name, name))
        made_from = {net.config_from for net in (before, after) if net}
        links += [(name, other) for other, pair in changes.networks.items()
                  if other != name and (other in made_from or _takes_over(before, after, pair[0]))]
    groups: t.List[t.Set[str]] = []
    for pair in links:
        met = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in met] + [set(pair).union(*met)]
    return [frozenset(group) for group in groups]


def _whole(net: Network, target: State, observed: Observed) -> Network:
    source = next((one for one in target.networks if one.name == net.config_from), None)
    return filled(net, source or observed.network(net.config_from or ""))


def _takes_over(before: t.Optional[Network], after: t.Optional[Network], other: t.Optional[Network]) -> bool:
    """Whether a network comes to need a subnet, a bridge's name or a parent link that another one has until then."""
    if after is None or other is None:
        return False
    if (_links(after) - (_links(before) if before else set())) & _links(other):
        return True
    return any(addresses.overlap(one, two) for one in _subnets(after) for two in _subnets(other))


def _subnets(net: Network) -> t.List[str]:
    return [pool.subnet for pool in net.ipam_config or () if pool.subnet]


def _links(net: Network) -> t.Set[t.Tuple[str, str]]:
    """Links of the host that only one network, or (a parent) one driver, can have."""
    owned = {("bridge", net.option("com.docker.network.bridge.name")), ("parent", net.option("parent"))}
    return {(what, name) for what, name in owned if name}


def _transaction(group, target: State, observed: Observed, changes: Changes) -> Transaction:
    nets = {name: pair for name, pair in changes.networks.items() if name in group}
    gone = [end for end in changes.gone if end.container in group or end.network in group]
    new = [end for end in changes.new if end.container in group or end.network in group]
    stops = [run for run in changes.stops if run.container in group]
    starts = [run for run in changes.starts if run.container in group]
    orphans = [orphan for orphan in changes.orphans if orphan.network in group]
    deletes = sorted((b for b, _a in nets.values() if b), key=lambda net: (bool(net.config_only), net.name))
    creates = sorted((a for _b, a in nets.values() if a), key=lambda net: (not net.config_only, net.name))
    steps = [Step(run, replace(run, state="down"), "stop") for run in stops]
    steps += [Step(thing, None, "disconnect") for thing in (*orphans, *gone)]
    steps += [Step(net, None, "remove") for net in deletes]
    steps += [Step(None, net, "create") for net in creates]
    steps += [Step(None, thing, "connect") if isinstance(thing, Endpoint) else Step(replace(thing, state="down"), thing, "start")
              for thing in in_turn(new, starts, target.endpoints)]
    names = sorted(set(nets) | {end.network for end in (*gone, *new, *orphans)})
    return Transaction(
        name=", ".join("network %s" % name for name in names) or ", ".join(str(run) for run in starts),
        before=_snapshot(names, group, observed, [_whole(after, target, observed) for _before, after in nets.values() if after]),
        after=restricted(target, names, group),
        steps=tuple(steps),
        impact=impact(nets, gone, new, observed),
        destructive=bool(gone or deletes or stops),
    )


def _snapshot(names, group, observed: Observed, coming: t.Iterable[Network]) -> State:
    had = believed(observed)
    there = {net.name for net in had.networks}
    return State(
        networks=tuple(net for net in had.networks if net.name in names),
        absent=tuple(name for name in names if name not in there),
        unwanted=tuple(sorted(row for row in _added(had, coming) | unwanted_before(observed) if row[0] in names)),
        managed=tuple(name for name in names if name in there),
        endpoints=tuple(end for end in had.endpoints if end.network in names),
        runs=tuple(run for run in had.runs if run.container in group),
    )


def _added(had: State, coming: t.Iterable[Network]) -> t.Set[t.Tuple[str, str, str]]:
    """What comes and was not there; all else that turns up on the way back the engine has added by itself."""
    old = {net.name: net for net in had.networks}
    return {(net.name, field, pair_text(key, value)) for net in coming if net.name in old for field in MAPPINGS for key, value in getattr(net, field) or ()
            if key not in dict(getattr(old[net.name], field) or ())}


def restricted(target: State, names: t.Collection[str], group: t.Collection[str]) -> State:
    """Of a state, the networks C(names) and the containers C(group)."""
    return State(
        networks=tuple(net for net in target.networks if net.name in names),
        absent=tuple(name for name in target.absent if name in names),
        unwanted=tuple(row for row in target.unwanted if row[0] in names),
        managed=tuple(name for name in target.managed if name in names),
        endpoints=tuple(end for end in target.endpoints if end.network in names),
        runs=tuple(run for run in target.runs if run.container in group),
    )
