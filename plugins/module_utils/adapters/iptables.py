# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own chains of iptables and sets of ipset, as one text: read whole, replaced whole. Decides nothing."""
from __future__ import annotations

import sys
import typing as t

from ..core.errors import EnvironmentFault
from . import ended, iptables_load
from .command import run
from .iptables_load import CHAIN, HEADS, SET, Refused

REMOVED = "".join(head + "\n" for head in HEADS.values())


def listing() -> t.Optional[str]:
    """:returns: our sets, and the filter tables they are used in; empty where nothing there is ours, C(None) where iptables or
    ipset cannot be used

    :raises EnvironmentFault: without the right to look
    """
    names = run(["ipset", "list", "-n"])
    saved = {command: run([command + "-save", "-c", "-t", "filter"]) for command in iptables_load.FAMILIES}
    for done in (names, *saved.values()):
        if "Operation not permitted" in done.err or "Permission denied" in done.err:
            raise EnvironmentFault("iptables may not be read by this user; become root (become: true).")
    if not names.well or not all(done.well for done in saved.values()):
        return None
    own = [name for name in names.out.split() if name.startswith(SET)]
    if not own and not any(":%s" % CHAIN in done.out for done in saved.values()):
        return ""
    # All at once where all are ours; somebody else's may be large.
    sets = [run(["ipset", "save"])] if len(own) == len(names.out.split()) else [run(["ipset", "save", name]) for name in own]
    return "\n".join([HEADS["sets"], *(done.out for done in sets),
                      *(text for command, done in saved.items() for text in (HEADS[command], done.out))])


def is_for(text: str) -> bool:
    return text.startswith(HEADS["sets"])


def program() -> t.Tuple[str, ...]:
    """A command that loads what it is given, on a host that has nothing of this collection."""
    return (sys.executable, "-I", "-c", source())


def source() -> str:
    return iptables_load.__loader__.get_source(iptables_load.__name__)


def load(text: str) -> None:
    there = (listing() or "") if ended.has_sets() else ""
    try:
        iptables_load.load(text)
    except Refused as reason:
        raise EnvironmentFault("The rules could not be loaded: %s." % str(reason).rstrip(".")) from reason
    ended.renew(ended.IPTABLES, there, text)
