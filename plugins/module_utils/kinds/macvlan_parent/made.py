# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wish means on this host: whose the VLAN is, which system makes all of it at boot, and by which files."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ...values.hostfile import Manager
from . import persist
from .record import ADOPTED, CREATED, FOREIGN, Record, merged
from .state import Desired, Observed, Wish

Records = t.Mapping[str, Record]


@dataclass(frozen=True)
class Made:
    """A wish with everything that was asked for before, and what that means on this host.

    :param wish: what is made; the record has what was asked for, which is more where the VLAN is somebody else's
    :param base: the link below all that is made
    :param manager: who configures that link
    """

    wish: Wish
    record: Record
    base: str
    manager: Manager

    @property
    def owns_vlan(self) -> bool:
        return self.record.owns_vlan


def all_made(desired: Desired, observed: Observed, known: Records) -> t.Dict[str, Made]:
    """:returns: parent -> what is made of its wish, for those that are not to be absent"""
    makes: t.Dict[str, Made] = {}
    of_ours = dict(known)
    # A link before the VLANs on it, for those go by what makes that link.
    for wish in sorted(desired.wishes, key=lambda wish: len(wish.parent)):
        if not wish.absent:
            makes[wish.parent] = row = _made(wish, observed, known, of_ours)
            of_ours[wish.parent] = row.record
    return makes


def _made(wish: Wish, observed: Observed, known: Records, of_ours: Records) -> Made:
    had = known.get(wish.parent)
    whole = merged(wish, had)
    whose = _whose(whole, had, observed)
    owns = Record(whole, whose).owns_vlan
    base = whole.link if owns else whole.parent
    wish = whole if owns or whole.vlan_id is None else replace(whole, promiscuous=None)
    manager = _manager(base, observed, of_ours)
    system = persist.system(wish, manager, observed)
    files = persist.files(wish, owns, system, manager)
    record = Record(whole, whose, _before(whole, had, owns, observed), system, tuple(file.path for file in files))
    return Made(wish, record, base, manager)


def _manager(link: str, observed: Observed, of_ours: Records) -> Manager:
    """Of a VLAN of our own, which may not be there yet, it is what our files will make it by."""
    record = of_ours.get(link)
    if record is None or not record.owns_vlan:
        return observed.manager(link)
    return persist.manager_of_ours(link, record.system, _manager(record.declared.link, observed, of_ours))


def _whose(wish: Wish, had: t.Optional[Record], observed: Observed) -> str:
    have = observed.link(wish.parent)
    # A record outlives the VLAN that it speaks of, and then somebody else may have made one of that name.
    if wish.vlan_id is None or observed.manager(wish.parent).makes:
        return FOREIGN
    if had is not None and had.whose != FOREIGN:
        return had.whose
    if have is None:
        return CREATED
    # Docker makes a missing parent by itself, and takes it away with its last network. The kernel does not tell who made a VLAN: one that
    # was there before its networks was not Docker's, and one that somebody gave an address for good is somebody's.
    # NetworkManager makes up link-local ones, on Docker's too.
    given = [text for text in have.addresses or () if not text.startswith("169.254.")]
    return ADOPTED if had is None and not given and observed.hanging(wish.parent) else FOREIGN


def _before(wish: Wish, had: t.Optional[Record], owns: bool, observed: Observed) -> t.Optional[bool]:
    if owns or wish.promiscuous is None:
        return None
    if had is not None and had.promiscuous_before is not None:
        return had.promiscuous_before
    if wish.vlan_id is not None:
        return None  # somebody else's VLAN is as wanted already
    have = observed.link(wish.parent)
    return bool(have and have.promiscuous)
