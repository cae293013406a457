# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions that say whose fault it is: the input, the environment, or this collection.

Every message is one sentence that names the value and the way out.
"""
from __future__ import annotations

import typing as t


class FleetError(Exception):
    """Base of all errors shown to the user; C(fault) is input, environment or bug.

    :ivar facts: what a module returns on failure too, such as the flags of C(swarm_info)
    """

    fault = "bug"
    facts: t.Mapping[str, t.Any] = {}


class WishError(FleetError):
    """What was asked for cannot be: nothing has been touched."""

    fault = "input"


class EnvironmentFault(FleetError):
    """The host, the engine or a library is not able to do what was asked."""

    fault = "environment"


class NotConverged(FleetError):
    """All steps ran, and yet the second look shows a difference."""

    fault = "environment"


class ConvergeError(FleetError):
    """A transaction failed after the first effect.

    :ivar rolled_back: "true", "partial" or "false"
    :ivar left_over: sentences that say what is not as it was
    :ivar applied: names of the transactions that stand
    :ivar not_begun: names of those that were still to come
    """

    fault = "environment"

    def __init__(self, reason, transaction, rolled_back, left_over, applied):
        self.reason = reason
        self.transaction = transaction
        self.rolled_back = rolled_back
        self.left_over = tuple(left_over)
        self.applied = tuple(applied)
        self.not_begun: t.Tuple[str, ...] = ()
        super().__init__(_sentence(reason, transaction, rolled_back))


def _sentence(reason, transaction, rolled_back):
    tail = {
        "true": "everything is back as it was",
        "partial": "not everything could be put back, see left_over",
        "false": "nothing could be put back, see left_over",
    }[rolled_back]
    return "%s: %s; %s." % (transaction, str(reason).rstrip("."), tail)
