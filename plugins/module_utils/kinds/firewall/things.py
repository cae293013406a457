# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step is about; how it calls itself is what is shown of it."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...values.flow import Flow


@dataclass(frozen=True)
class Load:
    """A text for a back end to load; its name is all that is shown of it."""

    name: str
    text: str
    backend: str = "nftables"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Denied:
    """Connections from before that the policy would not let begin; :param backend: which keeps them ended"""

    flows: t.Tuple[Flow, ...]
    backend: str = "nftables"

    def __str__(self) -> str:
        return "%d connection(s) that the policy denies" % len(self.flows)


@dataclass(frozen=True)
class Ended:
    """What keeps connections ended that the policy denied; it goes with the policy."""

    backend: str

    def __str__(self) -> str:
        return "what keeps connections ended (%s)" % self.backend


@dataclass(frozen=True)
class StaticRule:
    """The one rule in DOCKER-USER that accepts the mark."""

    family: int
    mark: int

    def __str__(self) -> str:
        return "the rule in DOCKER-USER that accepts mark 0x%x (IPv%d)" % (self.mark, self.family)


@dataclass(frozen=True)
class Restore:
    """What the roll-back timer does: load texts, and take static rules away that were put in since.

    :param more: what the other back end had in force
    """

    text: str
    put: t.Tuple[StaticRule, ...] = ()
    more: str = ""

    def __str__(self) -> str:
        return "the roll-back timer"
