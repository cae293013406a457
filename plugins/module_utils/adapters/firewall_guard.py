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
        "persist": lambda step: _persist(timer, step.after, bool(seconds)),
    }


def reads() -> t.Dict[str, t.Callable]:
    timer = RollbackTimer(NAME)
    # What it would put back is read first: a timer that fires in between is none, and not one that puts nothing back.
    return {"undo": timer.undo, "pending": timer.pending, "persisted": persist_firewall.kept, "disorder": persist_firewall.disorder}


def _persist(timer: RollbackTimer, load, confirmed: bool) -> None:
    if load:
        persist_firewall.keep(load.text)
        return
    persist_firewall.remove()
    if not confirmed:  # else the timer goes by itself, and the controller may be about to read what became of it
        timer.forget()


def commands(restore) -> t.Iterator[Command]:
    """The rules first: what else was put in does nothing without them."""
    for text in filter(None, (restore.text, restore.more)):
        program, thing = (iptables.program(), "iptables") if iptables.is_for(text) else (("nft", "-f", "-"), "nftables")
        yield Command(program, text, thing=thing)
    for rule in restore.put:
        yield Command(tuple(docker_user.change("-D", rule.family, rule.mark)), may_fail=True, thing=str(rule))
