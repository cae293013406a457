# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall of a host as the engine of this collection sees it: one text, loaded at once, read back as a policy."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.plan import Plan, Step, Transaction
from ...values.firewall import Ruleset
from . import backend as backends, checks, compile, judge, told, warn
from .back import LATE, as_it_was, unguarded
from .state import Observed, Scope, Target, Wish
from .steps import aimed, snapshot, static, steps
from .things import Load, Restore
from .wish import desired

NAME = "firewall"
SHOWN_FLOWS = 10


def scope(wish: t.Union[Wish, Target], entries: t.Sequence = ()) -> Scope:
    return Scope(flows=isinstance(wish, Wish) and wish.flush)


def widen(wish: t.Union[Wish, Target], observed: Observed, entries: t.Sequence = ()) -> t.Optional[Scope]:
    """One look tells all."""
    return None


def recall(observed: Observed, entries: t.Sequence) -> t.Tuple[Observed, t.Tuple]:
    """A load happens whole or not at all, so there is nothing that a killed run could take with it."""
    return observed, tuple(entries)


def validate(wish: Wish, observed: Observed) -> None:
    """:raises WishError: or EnvironmentFault: for what cannot be, before anything is touched"""
    checks.validate(wish, observed)


def plan(wish: t.Union[Wish, Target], observed: Observed) -> Plan:
    """Pure and total: the same for check mode, execution, verification and the way back."""
    if isinstance(wish, Target):
        todo = steps(as_it_was(wish, observed), observed)
        late = unguarded(wish, observed)
        todo = todo or ((Step(None, Restore(""), "arm"),) if late else ())
        return Plan(transactions=(Transaction(NAME, snapshot(observed, wish.backend), wish, todo),) if todo else (),
                    reasons=(LATE,) if late else ())
    aim = aimed(wish, ruleset(wish, observed), observed)
    was, have = backends.in_force(aim.backend, observed)
    todo = steps(aim, observed, judge.denied(aim.ruleset, observed.flows, observed.paths) if wish.flush else (), not wish.settled)
    return Plan(
        before=told.shown(have, aim.ruleset) if todo else {}, after=told.shown(aim.ruleset, have) if todo else {},
        transactions=(Transaction(NAME, snapshot(observed, aim.backend, wish.stage == "confirm"), aim, todo, _impact(todo)),) if todo else (),
        reasons=tuple(_reasons(was, have, aim, todo, wish.stage == "confirm" and bool(observed.pending))), warnings=warn.warnings(wish, observed))


def ruleset(wish: Wish, observed: Observed) -> t.Optional[Ruleset]:
    return None if wish.absent else compile.ruleset(wish, observed)


def text(outcome_plan: Plan) -> str:
    """:returns: what is loaded, or would be in check mode; empty where nothing is"""
    return next((step.after.text for step in outcome_plan.steps if step.phase == "load" and isinstance(step.after, Load)), "")


def rendered_by(params: t.Mapping[str, t.Any], observed: Observed) -> str:
    """:returns: what renders the policy on this host"""
    return backends.choose(params["backend"], observed)


def settled(wish: Wish) -> Wish:
    """Ending connections is an act, not a state; and what the engine does meanwhile is no part of the policy."""
    return replace(wish, flush=False, settled=True)


def _impact(todo) -> t.Tuple[str, ...]:
    flows = [flow for step in todo if step.phase == "end" for flow in step.before.flows]
    more = len(flows) - SHOWN_FLOWS
    return tuple("%s ends" % flow for flow in flows[:SHOWN_FLOWS]) + (("%d more connections end" % more,) if more > 0 else ())


def left(params: t.Mapping[str, t.Any], observed: Observed, foreseen: bool) -> t.Dict[str, t.Any]:
    """What a module returns besides, where the rules are only tried: whether something is left to confirm.

    :param foreseen: nothing was carried out; trying and confirming are shown as the one change that they are together
    """
    if params["confirm"] != "try":
        return dict(unconfirmed=False)
    todo = plan(desired(dict(params, confirm="whole" if foreseen else "confirm")), observed)
    if foreseen:
        return dict(unconfirmed=False, changed=bool(todo), actions=[str(step) for step in todo.steps], reasons=list(todo.reasons),
                    impact=list(todo.impact))
    return dict(unconfirmed=bool(todo))


def _reasons(was: str, have: t.Optional[Ruleset], aim: Target, todo, tried: bool) -> t.Iterator[str]:
    """:param tried: whether what is tried has told its reasons already"""
    want = aim.ruleset
    if not todo:
        yield "the firewall is as wanted" if want else "there is no firewall, as wanted"
    if was != aim.backend and want:
        yield "the back end is %s, no longer %s" % (aim.backend, was)
    elif was == aim.backend and any(step.phase == "sweep" for step in todo):
        yield "the back end %s left rules behind" % backends.other(was)
    if have == want:
        pass
    elif want is None:
        yield "the firewall is removed"
    elif have is None:
        yield "the firewall is made"
    elif have.digest != want.digest:
        yield "the policy is another one"
    elif static(have) != static(want):
        yield "somebody else changed %s: %s" % ("the table" if was == backends.NFTABLES else "the chains",
                                                "; ".join(_tampering(was, have, want)))
    else:
        yield "the engine's networks or published ports are others"
    yield from ("%s are there from before" % step.before for step in todo if step.phase == "end")
    yield from ("%s is left" % step.before for step in todo if step.phase == "forget")
    yield from ("%s is missing" % step.after for step in todo if step.phase == "put")
    yield from ("what is loaded at boot is not what is wanted" for step in todo if step.phase == "persist" and have == want and not tried)


def _tampering(backend: str, have: Ruleset, want: Ruleset) -> t.Iterator[str]:
    """At most three of the lines that differ; the diff shows the rest."""
    there, wanted = set(have.lines), set(want.lines)
    called = {chain.name for chain in have.chains if chain.hook}
    found = ["added %r" % text for text in have.foreign]
    found += ["added %r" % backends.line_text(backend, name, row, have) for name, row in have.lines
              if (name, row) not in wanted and not row.verdict.startswith("foreign ")]
    found += ["missing %r" % backends.line_text(backend, name, row, want) for name, row in want.lines if (name, row) not in there]
    found += ["nothing calls chain %s" % chain.name for chain in want.chains if chain.hook and chain.name not in called]
    yield from found[:3] or ["lines in another order, or other elements in a set"]
