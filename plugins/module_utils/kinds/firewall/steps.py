# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between two states of the firewall, in the order in which it is safe."""
from __future__ import annotations

import typing as t

from ...core.plan import Step
from ...values.firewall import Ruleset
from . import nft
from .state import Load, Observed, StaticRule, Target, Wish

NAME = "the rules in table inet fleetnet"
PERSISTED = "the rules that are loaded at boot"


def snapshot(observed: Observed) -> Target:
    """What is in force now, so that it can be put back exactly, with what somebody else put in."""
    have = nft.parse(observed.listing)
    restore = nft.render(None) + (observed.listing or "") if have is not None and have.foreign else ""
    return Target(have, observed.through.rules, restore)


def aimed(wish: Wish, ruleset: t.Optional[Ruleset], observed: Observed) -> Target:
    wanted = wish.lets_through and observed.engine_backend != "nftables"
    return Target(ruleset, tuple((family, wish.mark) for family in observed.through.chains) if wanted else ())


def steps(aim: Target, observed: Observed, stage: str = "keep") -> t.Tuple[Step, ...]:
    """Let through before the drops come, and stop letting through after they are gone."""
    have = nft.parse(observed.listing)
    missing, surplus = _difference(aim.through, observed.through.rules)
    change = [Step(None, StaticRule(*rule), "put") for rule in missing]
    if stage != "confirm":
        change += [_load(aim, have)] if have != aim.ruleset else []
    change += [Step(StaticRule(*rule), None, "take") for rule in surplus]
    if stage == "try":
        return tuple(([Step(None, Load("the roll-back timer", restoring(observed)), "arm")] if change else []) + change)
    return tuple(change + _kept(aim, observed))


def restoring(observed: Observed) -> str:
    """The text that puts back what is in force now."""
    was = snapshot(observed)
    return was.restore or nft.render(was.ruleset)


def _load(aim: Target, have: t.Optional[Ruleset]) -> Step:
    """One transaction in the kernel; the counters of lines that stay go on."""
    text = aim.restore or nft.render(aim.ruleset.with_counters_of(have) if aim.ruleset else None)
    return Step(Load(NAME, "") if have else None, Load(NAME, text) if aim.ruleset else None, "load")


def _kept(aim: Target, observed: Observed) -> t.List[Step]:
    """Nothing is written before it is confirmed, so a restart in between brings the old rules back."""
    found = []
    if observed.pending:
        found.append(Step(Load("the roll-back timer", observed.pending), None, "disarm"))
    if observed.persisted is not None and static(nft.parse(_table_of(observed.persisted))) != static(aim.ruleset):
        before = Load(PERSISTED, "") if observed.persisted else None
        after = Load(PERSISTED, nft.render(aim.ruleset)) if aim.ruleset else None
        found.append(Step(before, after, "persist"))
    return found


def _table_of(text: str) -> str:
    """Without the two lines in front that make room."""
    start = text.find("table inet fleetnet {")
    return text[start:] if start >= 0 else ""


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
