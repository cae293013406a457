# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the firewall does about being confirmed and being kept: the handlers and reads that docker_firewall.py takes."""
from __future__ import annotations

import typing as t

from . import docker_user, iptables, persist_firewall
from .rollback_timer import Command, RollbackTimer

NAME = "firewall"


def handlers(seconds: float) -> t.Dict[str, t.Callable]:
    """:param seconds: until the roll-back timer fires"""
    timer = RollbackTimer(NAME)
    return {
        "arm": lambda step: timer.arm(seconds, commands(step.after)),
        "disarm": lambda step: timer.disarm(),
        "persist": lambda step: persist_firewall.keep(step.after.text) if step.after else persist_firewall.remove(),
    }


def reads() -> t.Dict[str, t.Callable]:
    return {"pending": RollbackTimer(NAME).pending, "persisted": persist_firewall.kept}


def commands(restore) -> t.Iterator[Command]:
    """The rules first: what else was put in does nothing without them."""
    for text in filter(None, (restore.text, restore.more)):
        yield Command(iptables.program() if iptables.is_for(text) else ("nft", "-f", "-"), text)
    for rule in restore.put:
        yield Command(tuple(docker_user.change("-D", rule.family, rule.mark)), may_fail=True)
