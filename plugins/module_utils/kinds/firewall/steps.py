# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between two states of the firewall, in the order in which it is safe."""
from __future__ import annotations

import typing as t

from ...core.plan import Step
from ...values.firewall import Ruleset
from ...values.flow import Flow
from . import nft
from .state import Denied, Load, Observed, Restore, StaticRule, Target, Wish

NAME = "the rules in table inet fleetnet"
PERSISTED = "the rules that are loaded at boot"
TIMERS = {"keep": "off", "try": "armed", "confirm": "off", "whole": "passed"}


def snapshot(observed: Observed) -> Target:
    """What is in force now, so that it can be put back exactly, with what somebody else put in.

    A timer that runs is left alone: what it restores is older than this.
    """
    have = nft.parse(observed.listing)
    restore = nft.render(None) + (observed.listing or "") if have is not None and have.foreign else ""
    return Target(have, observed.through.rules, restore, "leave" if observed.pending else "off", observed.persisted)


def aimed(wish: Wish, ruleset: t.Optional[Ruleset], observed: Observed) -> Target:
    """Before it is confirmed, nothing goes that the old rules need, and nothing is written to disk."""
    wanted = wish.lets_through and observed.engine_backend != "nftables"
    through = tuple((family, wish.mark) for family in observed.through.chains) if wanted else ()
    timer = TIMERS[wish.stage]
    if timer == "armed":
        missing, _surplus = _difference(through, observed.through.rules)
        return Target(ruleset, observed.through.rules + tuple(missing), "", timer)
    return Target(ruleset, through, "", timer, nft.render(ruleset) if ruleset else "")


def steps(aim: Target, observed: Observed, flows: t.Tuple[Flow, ...] = ()) -> t.Tuple[Step, ...]:
    """Let through before the drops come, and stop letting through after they are gone; what cannot be undone comes last."""
    have = nft.parse(observed.listing)
    missing, surplus = _difference(aim.through, observed.through.rules)
    change = [Step(None, StaticRule(*rule), "put") for rule in missing]
    change += [_load(aim, have)] if have != aim.ruleset else []
    arm = [Step(None, _restoring(observed, missing), "arm")] if change and aim.timer in ("armed", "passed") else []
    change += [Step(StaticRule(*rule), None, "take") for rule in surplus]
    disarm = [Step(_restoring(observed), None, "disarm", False)] if aim.timer == "passed" and arm or (
        aim.timer in ("off", "passed") and observed.pending) else []
    kept = _kept(aim, observed)
    # Where the table goes, the units that put it back must go first.
    flush = [Step(Denied(flows), None, "end", False)] if flows and aim.timer != "armed" else []
    return tuple(arm + change + (disarm + kept if aim.ruleset else kept + disarm) + flush)


def _restoring(observed: Observed, missing: t.Iterable[t.Tuple[int, int]] = ()) -> Restore:
    was = snapshot(observed)
    return Restore(was.restore or nft.render(was.ruleset), tuple(StaticRule(*rule) for rule in missing))


def _load(aim: Target, have: t.Optional[Ruleset]) -> Step:
    """One transaction in the kernel; the counters of lines that stay go on."""
    text = aim.restore or nft.render(aim.ruleset.with_counters_of(have) if aim.ruleset else None)
    return Step(Load(NAME, "") if have else None, Load(NAME, text) if aim.ruleset else None, "load")


def _kept(aim: Target, observed: Observed) -> t.List[Step]:
    if aim.persisted is None or observed.persisted is None or observed.persisted == aim.persisted:
        return []
    if static(at_boot(observed.persisted)) == static(at_boot(aim.persisted)):
        return []
    before, after = (Load(PERSISTED, text) if text else None for text in (observed.persisted, aim.persisted))
    return [Step(before, after, "persist")]


def at_boot(text: str) -> t.Optional[Ruleset]:
    """What a text that is loaded at boot brings, without the two lines in front that make room."""
    start = text.find("table inet fleetnet {")
    return nft.parse(text[start:]) if start >= 0 else None


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
