# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many running containers one transaction takes off a network: max_unavailable.

A network can only be replaced with all its endpoints off, so a group that is too large is refused, not done in parts.
"""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...core.plan import Transaction
from ...values.endpoint import listed
from .state import Observed


def check_outage(most: t.Optional[int], parts: t.Iterable[Transaction], observed: Observed) -> None:
    """:raises WishError: naming the group and its number"""
    for part in parts if most is not None else ():
        names = _off(part, observed)
        if len(names) > most:
            raise WishError("The group %s takes %d running containers off their networks at once (%s), and max_unavailable is %d; "
                            "raise it, or stop or detach some of them first." % (part.name, len(names), listed(names), most))


def _off(part: Transaction, observed: Observed) -> t.List[str]:
    found = (observed.container(step.before.container) for step in part.steps if step.phase == "disconnect")
    boxes = [box for box in found if box is not None and box.run.state != "down"]
    return sorted({one.name for box in boxes for one in (box, *observed.beside(box))})
