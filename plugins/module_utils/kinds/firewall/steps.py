# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between two states of the firewall, in the order in which it is safe."""
from __future__ import annotations

import typing as t

from ...core.plan import Step
from ...values.firewall import Ruleset
from ...values.flow import Flow
from . import backend as backends
from .state import Observed, Target, Wish
from .things import Denied, Ended, Load, Restore, StaticRule

PERSISTED = "the rules that are loaded at boot"
TIMERS = {"keep": "off", "try": "armed", "confirm": "off", "whole": "passed"}


def snapshot(observed: Observed, backend: str, tried: bool = False) -> Target:
    """What is in force now, so that it can be put back exactly, with what somebody else put in.

    A timer that runs is left alone: what it restores is older than this, and counts where the timer is gone.

    :param tried: whether that is only tried, and to be confirmed: where the timer is faster, nothing may put it back
    """
    other = backends.other(backend)
    return Target(backends.have(backend, observed), observed.through.rules, backends.as_it_is(backend, observed),
                  "leave" if observed.pending else "off", observed.persisted, backend, backends.have(other, observed),
                  backends.as_it_is(other, observed), not observed.disorder, not (tried and observed.pending),
                  observed.undo if observed.pending else ())


def aimed(wish: Wish, ruleset: t.Optional[Ruleset], observed: Observed) -> Target:
    """Before it is confirmed, nothing goes that the old rules need, and nothing is written to disk.

    In iptables what is let through is accepted for good by our own chains, which DOCKER-USER calls.
    """
    backend = backends.choose(wish.backend, observed)
    wanted = wish.lets_through and observed.engine_backend != "nftables" and backend == backends.NFTABLES
    through = tuple((family, wish.mark) for family in observed.through.chains) if wanted else ()
    timer = TIMERS[wish.stage]
    if timer == "armed":
        missing, _surplus = _difference(through, observed.through.rules)
        return Target(ruleset, observed.through.rules + tuple(missing), "", timer, backend=backend)
    return Target(ruleset, through, "", timer, backends.render(backend, ruleset) if ruleset else "", backend)


def steps(aim: Target, observed: Observed, flows: t.Tuple[Flow, ...] = (), elements: bool = False) -> t.Tuple[Step, ...]:
    """Let through before the drops come, and stop letting through after they are gone; what cannot be undone comes last. A policy that
    changes its back end is in force twice for a moment, and never not at all.

    :param elements: whether those count that are found at run time. A container may come or go while a run verifies what it did, or takes it
        back, and the follower may have seen it or not: neither is a failure, and the way back leads to the old rules, not to an old engine
    """
    missing, surplus = _difference(aim.through, observed.through.rules) if aim.kernel else ((), ())
    change = [Step(None, StaticRule(*rule), "put") for rule in missing]
    if aim.kernel:
        change += _load(aim.backend, "load", aim.ruleset, aim.restore, observed, elements)
        change += _load(backends.other(aim.backend), "sweep", aim.other, aim.other_restore, observed, elements)
    arm = [Step(None, _restoring(aim, observed, missing), "arm")] if change and aim.timer in ("armed", "passed") else []
    take = [Step(StaticRule(*rule), None, "take") for rule in surplus]
    disarm = [Step(_restoring(aim, observed), None, "disarm", False)] if aim.timer == "passed" and arm or (
        aim.timer in ("off", "passed") and observed.pending) else []
    kept = _kept(aim, observed)
    flush = [Step(Denied(flows, aim.backend), None, "end", False)] if flows and aim.timer != "armed" else []
    flush += [Step(Ended(backend), None, "forget", False) for backend in observed.ended
              if aim.kernel and aim.timer != "armed" and (aim.ruleset is None or backend != aim.backend)]
    if not arm and not observed.pending:
        # No timer keeps the unit still that puts back what is on the disk, so it must learn first of what goes.
        goes = [step for step in change if step.after is None]
        return tuple([step for step in change if step.after is not None] + (kept + goes + take if goes else take + kept) + flush)
    # What is written comes while the timer can still take the rest back; what the old rules need goes when they can come back no more.
    return tuple(arm + change + kept + disarm + take + flush)


def _restoring(aim: Target, observed: Observed, missing: t.Iterable[t.Tuple[int, int]] = ()) -> Restore:
    was = snapshot(observed, aim.backend)
    more = was.other_restore or backends.render(backends.other(aim.backend), was.other) if was.other != aim.other else ""
    return Restore(was.restore or backends.render(aim.backend, was.ruleset), tuple(StaticRule(*rule) for rule in missing), more)


def _load(backend: str, phase: str, want: t.Optional[Ruleset], restore: str, observed: Observed,
          elements: bool) -> t.List[Step]:
    """One transaction in the kernel; the counters of lines that stay go on."""
    have, name = backends.have(backend, observed), backends.PLACES[backend]
    if have == want or not elements and static(have) == static(want):
        return []
    text = restore or backends.render(backend, want.with_counters_of(have) if want else None)
    return [Step(Load(name, "", backend) if have else None, Load(name, text, backend) if want else None, phase)]


def _kept(aim: Target, observed: Observed) -> t.List[Step]:
    if aim.persisted is None or observed.persisted is None:
        return []
    wrong = observed.disorder and aim.orderly
    if not wrong and _loads_the_same(observed.persisted, aim.persisted):
        return []
    before = Load(PERSISTED, observed.persisted) if observed.persisted or wrong else None
    return [Step(before, Load(PERSISTED, aim.persisted) if aim.persisted else None, "persist")]


def _loads_the_same(text: str, other: str) -> bool:
    (was, had), (will, wanted) = (backends.of_text(each) for each in (text, other))
    return text == other or bool(text) == bool(other) and static(had) == static(wanted) and was == will


def static(ruleset: t.Optional[Ruleset]):
    """What does not depend on the engine's networks and containers."""
    if ruleset is None:
        return None
    return ruleset.digest, ruleset.chains, tuple(each for each in ruleset.sets if not each.dynamic)


def _difference(wanted, there):
    missing = [rule for rule in wanted if rule not in there]
    rest = list(wanted)
    surplus = [rule for rule in there if rule not in rest or rest.remove(rule)]
    return missing, surplus
