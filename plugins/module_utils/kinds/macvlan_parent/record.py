# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection has made, one record a parent: link properties do not survive a reboot, a file does.

Nothing is ever removed that no record names.
"""
from __future__ import annotations

import json
import typing as t
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from ...core.errors import EnvironmentFault
from ...values.hostfile import File
from .state import Observed, Shim, Wish

FOLDER = "macvlan_parent/"
FORMAT = 1
# Whose a VLAN is: made here, made by an engine (which would delete it with its last network), or somebody else's.
CREATED, ADOPTED, FOREIGN = "created", "adopted", "foreign"


@dataclass(frozen=True)
class Record:
    """:param declared: all that was asked for so far; :param whose: one of the words above

    :param promiscuous_before: what is given back to a link that is not the collection's own
    :param system: what makes the links at boot
    """

    declared: Wish
    whose: str = FOREIGN
    promiscuous_before: t.Optional[bool] = None
    system: str = "none"
    files: t.Tuple[str, ...] = ()

    @property
    def owns_vlan(self) -> bool:
        return self.declared.vlan_id is not None and self.whose in (CREATED, ADOPTED)


def path(parent: str) -> str:
    return "%s%s.json" % (FOLDER, parent)


@lru_cache(maxsize=1024)
def render(record: Record) -> File:
    text = json.dumps({"format": FORMAT, "made_by": "fleetnet.docker.macvlan_parent", **asdict(record)}, indent=1, sort_keys=True)
    return File(path(record.declared.parent), text + "\n", 0o600)


@lru_cache(maxsize=1024)
def parse(file: File) -> Record:
    """:raises EnvironmentFault: when somebody has changed it"""
    try:
        data = json.loads(file.text)
        if data["format"] != FORMAT:
            raise ValueError("format %r is not %r" % (data["format"], FORMAT))
        declared = dict(data["declared"])
        shim = declared.pop("shim")
        if shim is not None:
            shim = Shim(**dict(shim, addresses=tuple(shim["addresses"]), routes=tuple(shim["routes"])))
        return Record(Wish(shim=shim, **declared), data["whose"], data["promiscuous_before"], data["system"], tuple(data["files"]))
    except (KeyError, TypeError, ValueError) as reason:
        raise EnvironmentFault("The record %s of a macvlan parent cannot be read (%s); look at it, then move it away." % (
            file.path, reason)) from reason


def records(observed: Observed) -> t.Dict[str, Record]:
    """:returns: parent -> its record"""
    found = (parse(file) for file in observed.files if file.path.startswith(FOLDER))
    return {record.declared.parent: record for record in found}


def merged(wish: Wish, record: t.Optional[Record]) -> Wish:
    """The wish with everything it leaves open as it was asked for before."""
    had = record.declared if record else Wish(wish.link, wish.vlan_id)
    shim = had.shim if wish.shim is None else wish.shim
    return replace(
        wish,
        mtu=had.mtu if wish.mtu is None else wish.mtu,
        promiscuous=had.promiscuous if wish.promiscuous is None else wish.promiscuous,
        shim=None if shim is None or shim.absent else shim,
        persist=wish.persist or had.persist or "auto",
    )
