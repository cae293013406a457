# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that may cut the way this run came in by: tried behind the roll-back timer first, and kept when confirmed."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.errors import EnvironmentFault
from ...core.plan import Plan, Step, Transaction
from ...values import addresses
from ...values.link import Link, Route, Way
from .state import Desired, Observed, Restore, State
from .steps import links_change, transactions
from .target import merged_states, targets
from .tried import confirming, stays, trying

LATE = ("The roll-back timer was faster, and the host has taken the change back; run the task again, with a larger rollback_after where the "
        "host or the way to it is slow.")

SLOW = ("The roll-back timer was faster than this run, so nothing would have taken the change back; run the task again, with a larger "
        "rollback_after where the host is slow.")


def guarded(aim: State, observed: Observed) -> Plan:
    """On a slow host the timer may fire before the links are changed that it was armed for. They then stay so, and the run that changed them
    has to take them back. Where the timer was disarmed, and then something failed, what was tried is there for good, and that is told.
    """
    parts = transactions([aim], observed)
    left = stays(aim, observed)
    if left:
        return Plan(transactions=(*parts, Transaction(", ".join(aim.parents), None, aim, left)))
    if aim.timer != "armed" or observed.pending:
        return Plan(transactions=parts)
    missing = Transaction(", ".join(aim.parents), None, aim, (Step(None, Restore(), "arm"),))
    return Plan(transactions=parts or (missing,), reasons=(SLOW,))


def planned(wish: Desired, observed: Observed) -> t.Tuple[Transaction, ...]:
    """Transactions that leave the way alone are carried out whole, before the one that does not."""
    states = targets(wish, observed)
    parts = transactions(states, observed)
    held = [part for part in parts if observed.pending or (wish.stage in ("try", "whole") and observed.way and touches(part.steps, observed))]
    if not held and not observed.pending:
        return parts
    # Of what a stopped run has done of it there may be no difference left to see.
    every = observed.pending and (observed.remembered or not held)
    aim = merged_states(states if every else [part.after for part in held])
    if wish.stage == "confirm":
        return confirming(aim, observed)
    aim = trying(aim, observed) if wish.stage == "try" else replace(aim, timer="passed" if wish.stage == "whole" else "off")
    return tuple(part for part in parts if part not in held) + transactions([aim], observed)


def confirmable(wish: Desired, observed: Observed) -> None:
    """:raises EnvironmentFault: where what was tried is no longer there"""
    tried = [step for part in transactions(targets(wish, observed), observed) for step in part.steps]
    if wish.stage == "confirm" and (not observed.pending or links_change(tried)):
        raise EnvironmentFault(LATE)


def touches(steps: t.Iterable[Step], observed: Observed) -> bool:
    """Whether any of these steps can cut the way: the link the host answers through, the one with the address it was called by, what these are
    made on, and what is made on them; addresses and routes that take the controller in."""
    way, carrying = observed.way, carriers(observed)
    return any(_touches(side, way, carrying) for step in steps for side in (step.before, step.after) if side is not None)


def carriers(observed: Observed) -> t.Set[str]:
    """:returns: the links of the way, those they are made on, and the ports of those"""
    found: t.Set[str] = set()
    server = observed.way.server
    # The host may be called by the address of one link and answer through another.
    new = {observed.way.link} | {link.name for link in observed.links if server in (text.split("/")[0] for text in link.every_address)}
    while new:
        found |= new
        links = [link for link in observed.links if link.name in new]
        new = {link.parent for link in links if link.parent} | {link.name for link in observed.links if link.master in found}
        new -= found
    return found


def _touches(thing: t.Any, way: Way, carrying: t.Collection[str]) -> bool:
    if isinstance(thing, Route):
        return addresses.inside(way.client, thing.subnet)
    if not isinstance(thing, Link):
        return False
    near = [addresses.loose_subnet(text) for text in thing.addresses or ()]
    return thing.name in carrying or thing.parent in carrying or any(addresses.inside(way.client, subnet) for subnet in near)
