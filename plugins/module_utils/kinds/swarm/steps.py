# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps for one host: what a wish needs, and what separates a target from what is observed."""
from __future__ import annotations

import typing as t

from ...core.plan import Step
from ...values.swarm import Init, Join, Lost, Membership, Role, Rotation, Settings
from .identity import same_swarm
from .state import Observed, Target, Wish

# Write-only: the engine never shows the key, so that it cannot be compared; it comes with its certificate.
UNREADABLE = ("signing_ca_key",)
Steps = t.List[Step]
Answer = t.Tuple[Steps, Target, Target, str]


def steps(wish: Wish, observed: Observed) -> Answer:
    """:returns: the steps in order, the snapshot to go back to, the target to reach, and why"""
    return {"present": _present, "join": _join, "absent": _absent, "remove": _remove}[wish.state](wish, observed)


def gaps(target: Target, observed: Observed) -> Steps:
    """Towards a target or back to a snapshot; a membership or a node that was let go cannot be brought back."""
    todo: Steps = []
    me = observed.me
    if target.inside is False and me.inside:
        return [_leave(me, force=True)]
    if target.inside and me.state != "active":
        return [Step(None, Lost("this host's membership in its swarm"), reversible=False)]
    managed = target.settings or target.roles or target.kept
    if managed and observed.nodes is None:
        return [Step(None, Lost("this host's part as a manager"), reversible=False)]
    if target.settings and observed.cluster is not None:
        todo += _settings(target.settings, observed)
    for key, role in target.roles:
        node = observed.node(key)
        if node is not None and node.role != role:
            todo.append(_role(node, role))
    todo += [_drop(node) for node in map(observed.node, target.gone) if node is not None]
    todo += [Step(None, Lost("node %s" % key), reversible=False) for key in target.kept if observed.node(key) is None]
    return todo


def _present(wish: Wish, observed: Observed) -> Answer:
    me, outside = observed.me, Target(inside=False)
    inside = Target(inside=True, settings=_readable(wish.settings))
    new = Init(wish.own, wish.data_path_port, wish.pools, wish.subnet_size, wish.settings)
    if me.never_entered:
        todo = [_leave(me), Step(None, new, "init")]
        return todo, outside, inside, "a join that never reached a manager is given up, and a swarm is made"
    if not me.inside:
        return [Step(None, new, "init")] + _rotations(wish), outside, inside, "a swarm is made"
    if wish.force and _has_lost_managers(observed):
        recovered = Init(wish.own, settings=wish.settings, recover=True)
        return [Step(None, recovered, "recover", False)], Target(inside=True), inside, "this manager takes over alone, because force is set"
    todo = _settings(wish.settings, observed) if observed.cluster is not None else []
    before = Target(inside=True, settings=todo[0].before.values if todo else ())
    reason = "%s differ" % todo[0].after if todo else "this host manages the swarm %s as wanted" % me.cluster
    rotations = _rotations(wish)
    if rotations and not todo:
        reason = "join tokens are made anew"
    return todo + rotations, before, inside, reason


def _has_lost_managers(observed: Observed) -> bool:
    return observed.leaderless or any(node.reachability != "reachable" for node in observed.managers)


def _join(wish: Wish, observed: Observed) -> Answer:
    me = observed.me
    before, after = Target(inside=False), Target(inside=True)
    step = Step(None, Join(wish.remotes, wish.token, wish.own), "join")
    if me.never_entered:
        return [_leave(me), step], before, after, "a join that never reached a manager is given up and made again"
    if not me.inside:
        return [step], before, after, "this host enters the swarm"
    role = "manager" if me.manager else "worker"
    if same_swarm(wish, me) is None:
        return [], before, after, "this host is already in a swarm, as %s, but only root on it can tell whether in that one" % role
    return [], before, after, "this host is already in that swarm, as %s" % role


def _absent(wish: Wish, observed: Observed) -> Answer:
    me, after = observed.me, Target(inside=False)
    if not me.inside:
        return [], after, after, "this host is in no swarm, as wanted"
    before = Target(inside=True) if me.state == "active" else Target()
    if not me.manager:
        return [_leave(me, force=me.state != "active")], before, after, "this host leaves its swarm"
    own = observed.node(me.node_id)
    others = [n for n in observed.managers if n.id != me.node_id and n.reachability == "reachable"]
    if own is not None and others and len(others) * 2 > len(observed.managers) - 1:
        before = Target(inside=True, roles=((me.node_id, "manager"),))
        return [_role(own, "worker"), _leave(me)], before, after, "this manager hands over to the others, then leaves"
    return [_leave(me, force=True)], before, after, "this manager leaves without handing over, because force is set"


def _remove(wish: Wish, observed: Observed) -> Answer:
    node = observed.node(wish.node)
    if node is None:
        after = Target(gone=(wish.node,))
        return [], after, after, "node %s is not in the swarm, as wanted" % wish.node
    before = Target(inside=True, roles=((node.id, node.role),), kept=(node.id,))
    todo = [_role(node, "worker")] if node.role == "manager" else []
    return todo + [_drop(node)], before, Target(gone=(node.id,)), "%s is removed" % node


def _leave(me: Membership, force: bool = False) -> Step:
    return Step(me, None, "leave by force" if force else "leave", reversible=False)


def _role(node, role: str) -> Step:
    before = Role(node.id, node.hostname, node.role)
    return Step(before, Role(node.id, node.hostname, role), "promote" if role == "manager" else "demote")


def _drop(node) -> Step:
    return Step(node, None, reversible=False)


def _rotations(wish: Wish) -> Steps:
    return [Step(None, Rotation(whose), "rotate", reversible=False) for whose in wish.rotate]


def _settings(values, observed: Observed) -> Steps:
    found = dict(observed.cluster.settings)
    settled = (row for row in _readable(values) if not (observed.cluster.rotating and row[0] == "signing_ca_cert"))
    differ = tuple((key, value) for key, value in settled if not _equal(value, found.get(key)))
    if not differ:
        return []
    extra = tuple(row for row in values if row[0] in UNREADABLE and "signing_ca_cert" in dict(differ))
    return [Step(Settings(tuple((key, found.get(key)) for key, _value in differ)), Settings(differ + extra))]


def _equal(wanted, found) -> bool:
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted.strip() == found.strip()
    return wanted == found


def _readable(values):
    return tuple(row for row in values if row[0] not in UNREADABLE)
