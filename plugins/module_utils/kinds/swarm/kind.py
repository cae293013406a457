# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's membership in a Swarm, and on a manager the swarm itself: scope, widen, recall, validate, plan."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.plan import Plan, Transaction
from ...values.swarm import Membership
from . import checks, drift
from .state import Observed, Scope, Target, Wish
from .steps import gaps, steps
from .wish import desired  # noqa: F401  pylint: disable=unused-import  # entry.py asks the kind for it

MASK = "(hidden)"
SECRET = ("signing_ca_key",)


def scope(wish: t.Union[Wish, Target], entries: t.Sequence = ()) -> Scope:
    """The first look: one read of the engine's facts, on a manager also of its swarm and nodes."""
    return Scope()


def widen(wish: t.Union[Wish, Target], observed: Observed, entries: t.Sequence = ()) -> t.Optional[Scope]:
    """The second look, only before entering a swarm: routes, ports, and whether a manager can be reached."""
    if isinstance(wish, Target) or wish.state not in ("present", "join") or observed.me.inside:
        return None
    return Scope(entering=True, ports=checks.needed_ports(wish), remotes=tuple((remote.host, remote.port) for remote in wish.remotes))


def recall(observed: Observed, entries: t.Sequence) -> t.Tuple[Observed, t.Tuple]:
    """The engine itself remembers a membership; no journal is kept."""
    return observed, tuple(entries)


def validate(wish: Wish, observed: Observed) -> None:
    """:raises WishError: or EnvironmentFault: for what cannot be, before anything is touched"""
    checks.validate(wish, observed)


def plan(wish: t.Union[Wish, Target], observed: Observed) -> Plan:
    """Pure and total: the same for check mode, execution, verification and the way back."""
    if isinstance(wish, Target):
        return _plan("swarm", gaps(wish, observed), Target(), wish, observed)
    todo, before, after, reason = steps(wish, observed)
    reasons = (reason,) + (drift.unknown(wish, observed) if observed.me.state == "active" else ())
    return replace(_plan("swarm", todo, before, after, observed), reasons=reasons, warnings=checks.warnings(wish, observed))


def _plan(name: str, todo, before: Target, after: Target, observed: Observed) -> Plan:
    if not todo:
        return Plan()
    return Plan(
        before=_shown_before(after, observed, todo),
        after=_shown_after(after, observed, todo),
        transactions=(Transaction(name, before, after, tuple(todo), _impact(todo, observed)),),
    )


def settled(wish: Wish) -> Wish:
    """The wish as it stands once it was carried out: forcing and making tokens anew are acts, not states."""
    return replace(wish, force=wish.force and wish.state != "present", rotate=())


def _impact(todo, observed: Observed) -> t.Tuple[str, ...]:
    lines = []
    for step in todo:
        if step.phase == "leave by force" and observed.me.manager:
            others = len(observed.managers) - 1
            lines.append("the swarm ends for its %d node(s)" % len(observed.nodes or ()) if others < 1 and not observed.leaderless
                         else "the swarm loses a manager that still counts for its quorum")
        elif step.phase.startswith("leave") and observed.me.state == "active":
            lines.append("services of the swarm stop on this host, and its overlay networks go")
    return tuple(lines)


def _shown_before(after: Target, observed: Observed, todo) -> t.Dict[str, t.Any]:
    """Plain data for the diff; secrets are masked, tokens never shown."""
    me = observed.me
    shown: t.Dict[str, t.Any] = {"membership": _role(me)}
    if after.settings and observed.cluster is not None:
        found = dict(observed.cluster.settings)
        shown["settings"] = _masked((key, found.get(key)) for key, _value in after.settings)
    return _nodes(shown, observed, {node.id: node.role for node in observed.nodes or ()}, after)


def _shown_after(after: Target, observed: Observed, todo) -> t.Dict[str, t.Any]:
    me = observed.me
    entered = [step for step in todo if step.phase in ("init", "join", "recover")]
    shown: t.Dict[str, t.Any] = {"membership": "none" if after.inside is False else _role(me)}
    for step in entered:
        shown["membership"] = {"init": "manager", "recover": "only manager"}.get(step.phase, "by the join token")
        shown.update((key, str(value)) for key, value in vars(step.after.own).items() if value is not None)
        shown.update(_fixed(step.after))
    if after.settings:
        shown["settings"] = _masked(after.settings)
    for step in todo:
        if step.phase == "rotate":
            shown["rotated"] = shown.get("rotated", []) + [str(step.after)]
    roles = {node.id: dict(after.roles).get(node.id, node.role) for node in observed.nodes or () if node.id not in after.gone}
    return _nodes(shown, observed, roles, after)


def _fixed(thing) -> t.Dict[str, t.Any]:
    rows = {"data_path_port": getattr(thing, "data_path_port", None), "default_addr_pool": getattr(thing, "pools", None),
            "subnet_size": getattr(thing, "subnet_size", None), "remote_addrs": getattr(thing, "remotes", None)}
    return {key: [str(v) for v in value] if isinstance(value, tuple) else value for key, value in rows.items() if value is not None}


def _nodes(shown, observed: Observed, roles, after: Target):
    touched = {key for key, _role_ in after.roles} | set(after.gone)
    rows = {str(observed.node(key)): role for key, role in roles.items() if key in touched}
    if touched:
        shown["nodes"] = rows
    return shown


def _role(me: Membership) -> str:
    if not me.inside:
        return "none"
    return "join %s" % me.state if me.never_entered else "manager" if me.manager else "worker"


def _masked(values) -> t.Dict[str, t.Any]:
    return {key: MASK if key in SECRET else dict(value) if key == "labels" else value for key, value in values}
