# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's wish against the world, before the first effect: each refusal names the value and the way out."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...core.errors import WishError
from ...values.link import Link
from . import bootable, collisions, shims, usage
from .made import Made, all_made
from .record import Record, records
from .state import HANGING_DRIVERS, Desired, Observed, Wish
from .target import believed, own_shim, own_vlan

MODULES = {"vlan": "802.1Q (8021q)", "macvlan": "macvlan", "ipvlan": "ipvlan"}
PORTS = {"bridge": "a port of bridge", "bond": "part of bond", "team": "part of team", "openvswitch": "a port of bridge"}


def validate(desired: Desired, observed: Observed) -> None:
    """:raises WishError: for the first wish that cannot be fulfilled"""
    observed = believed(observed)  # what a stopped run had begun to make is in nobody's way
    known = records(observed)
    makes, leaving = all_made(desired, observed, known), _leaving(desired, known)
    shims.beside_each_other([row.wish for row in makes.values()])
    for wish in desired.wishes:
        _one_name(wish, known.get(wish.parent))
        if wish.absent:
            _removable(wish, known.get(wish.parent), desired, observed)
            continue
        row = makes[wish.parent]
        if wish.link == wish.parent or wish.link not in makes:
            _carries(wish, observed)
        _kernel(row.wish, observed)
        _vlan(row, observed, _mtu_of(wish.link, makes, observed))
        bootable.check(row, observed)
        if row.wish.shim is not None:
            _shim(row, known.get(wish.parent), observed, _mtu_of(wish.parent, makes, observed))
            usage.check_shim(row.wish, row.wish.shim, _without(desired.coming, observed), leaving)
            collisions.check(row.wish, row.wish.shim, leaving, observed)


def _without(coming: t.Container[str], observed: Observed) -> Observed:
    return replace(observed, networks=tuple(net for net in observed.networks or () if net.name not in coming)) if coming else observed


def _one_name(wish: Wish, old: t.Optional[Record]) -> None:
    """A VLAN and a link by its name would be one record, and the later wish would make it forget whose the VLAN is."""
    if old is not None and old.owns_vlan and wish.vlan_id is None:
        raise WishError("Parent %s was made here as VLAN %d of link %s; say so again, with link %s and vlan_id %d." % (
            wish.parent, old.declared.vlan_id, old.declared.link, old.declared.link, old.declared.vlan_id))


def _carries(wish: Wish, observed: Observed) -> None:
    name, link = wish.link, observed.link(wish.link)
    if link is None:
        there = ", ".join(sorted(one.name for one in observed.links if not one.loopback and one.kind not in HANGING_DRIVERS))
        raise WishError("Link %s does not exist on this host, which has %s; correct link." % (name, there or "none"))
    if link.loopback:
        raise WishError("Link %s is the loopback, which reaches nobody; give a network card, bond or bridge." % name)
    if link.kind in HANGING_DRIVERS and wish.vlan_id is None:
        raise WishError("Link %s is %s link itself, and the kernel puts what is made on it on the link below; give %s." % (
            name, usage.A_DRIVER[link.kind], "link %s" % link.parent if link.parent else "a network card, bond or bridge"))
    if link.wireless:
        raise WishError("Link %s is wireless, and an access point drops the frames of any other MAC address; give a wired link." % name)
    _no_port(link)
    if not link.up:
        raise WishError("Link %s is down, and what hangs on it would reach nobody; bring it up first (ip link set %s up, and in the "
                        "host's own configuration)." % (name, name))


def _no_port(link: Link) -> None:
    if link.master_kind in PORTS:
        raise WishError("Link %s is %s %s, which takes all its frames; give link %s." % (
            link.name, PORTS[link.master_kind], link.master, link.master))


def _kernel(wish: Wish, observed: Observed) -> None:
    needed = {"vlan"} if wish.vlan_id is not None else set()
    needed |= {wish.shim.driver} if wish.shim else set()
    for kind in sorted(needed & observed.lacking):
        raise WishError("Parent %s needs %s, which this host's kernel does not have; install the kernel's extra modules, or use "
                        "another kernel." % (wish.parent, MODULES[kind]))


def _mtu_of(name: str, makes: t.Mapping[str, Made], observed: Observed) -> t.Optional[int]:
    """:returns: the MTU that a link will have: the kernel gives a new VLAN that of the link it is made on"""
    link, row = observed.link(name), makes.get(name)
    if row is not None and row.owns_vlan and row.wish.mtu:
        return row.wish.mtu
    if link is not None or row is None or row.wish.vlan_id is None:
        return link.mtu if link else None
    return _mtu_of(row.wish.link, makes, observed)


def _vlan(row: Made, observed: Observed, most: t.Optional[int]) -> None:
    wish, have = row.wish, observed.link(row.wish.parent)
    if wish.vlan_id is None:
        return
    if have is None and observed.manager(wish.parent).makes:
        raise WishError("VLAN %s is in the host's own configuration, but is not there; bring it up by that, or take it out of it." % wish.parent)
    if have is not None and (have.kind, have.parent, have.vlan_id) != ("vlan", wish.link, wish.vlan_id):
        raise WishError("There is another link named %s already, %s, and it is left alone; remove it, or rename it." % (
            wish.parent, _described(have)))
    if have is not None:
        _no_port(have)
    twin = next((one for one in observed.links if (one.kind, one.parent, one.vlan_id) == ("vlan", wish.link, wish.vlan_id)), have)
    if have is None and twin is not None:
        raise WishError("VLAN %d of link %s is there already by the name %s, and the kernel makes none twice; give link %s without vlan_id, or "
                        "rename it to %s." % (wish.vlan_id, wish.link, twin.name, twin.name, wish.parent))
    if have is not None and not row.owns_vlan:
        what = "it is down" if not have.up else ""
        if row.record.declared.promiscuous not in (None, have.promiscuous):
            what = "it is %spromiscuous" % ("" if have.promiscuous else "not ")
        if wish.mtu not in (None, have.mtu):
            what = "its MTU is %s, wanted %s" % (have.mtu, wish.mtu)
        if what:
            raise WishError("VLAN %s was made by somebody else and is not as wanted (%s); change it where it was made." % (
                wish.parent, what))
    if wish.mtu is not None and most is not None and wish.mtu > most:
        raise WishError("The MTU %d of %s is above the %d of link %s; lower it, or raise that of %s first." % (
            wish.mtu, wish.parent, most, wish.link, wish.link))


def _described(link: Link) -> str:
    if link.kind == "vlan":
        return "VLAN %s of %s" % (link.vlan_id, link.parent)
    return usage.A_DRIVER.get(link.kind, "a %s" % link.kind) if link.kind else "a network card"


def _shim(row: Made, old: t.Optional[Record], observed: Observed, most: t.Optional[int]) -> None:
    wish, shim = row.wish, row.wish.shim
    have = observed.link(shim.name)
    ours = old is not None and old.declared.shim is not None and old.declared.shim.name == shim.name
    if have is not None and not (ours and own_shim(old, have)):
        raise WishError("There is another link named %s already, %s on %s, and it is left alone; give another shim.name, or remove it." % (
            shim.name, _described(have), have.parent or "nothing"))
    if shim.mtu is not None and most is not None and shim.mtu > most:
        raise WishError("The MTU %d of shim %s is above the %d of its parent %s; lower it." % (shim.mtu, shim.name, most, wish.parent))


def _leaving(desired: Desired, known: t.Mapping[str, Record]) -> t.Set[str]:
    """Shims that this task takes away or may change: their addresses and routes are in nobody's way."""
    return {known[wish.parent].declared.shim.name for wish in desired.wishes
            if wish.parent in known and known[wish.parent].declared.shim is not None}


def _removable(wish: Wish, old: t.Optional[Record], desired: Desired, observed: Observed) -> None:
    if old is None:
        return
    usage.check_unused(wish.parent, _without(desired.coming, observed))
    if not own_vlan(old, observed):
        return
    # Whoever gave the VLAN an address comes in by it perhaps, and Ansible too. NetworkManager makes up link-local ones.
    given = [text for text in observed.link(wish.parent).every_address if not text.startswith("169.254.")]
    if given:
        raise WishError("Parent %s cannot be removed while it has the address %s, which somebody else gave it and may come in by; take "
                        "that away first." % (wish.parent, ", ".join(given)))
    master = observed.link(wish.parent).master
    if master:
        raise WishError("Parent %s cannot be removed while it is a port of %s; take it out of that first." % (wish.parent, master))
    shim = old.declared.shim.name if old.declared.shim else ""
    going = {one.parent for one in desired.wishes if one.absent} | {shim} | _leaving(desired, records(observed))
    users = sorted(link.name for link in observed.links if wish.parent in (link.parent, link.master) and link.name not in going)
    if users:
        raise WishError("Parent %s cannot be removed while %s hangs on it; remove that first." % (wish.parent, ", ".join(users)))


def warnings(desired: Desired, observed: Observed) -> t.Tuple[str, ...]:
    """What is done all the same, but should be known."""
    lines = []
    known = records(observed)
    makes = all_made(desired, observed, known)
    for wish in desired.wishes:
        link = observed.link(wish.link)
        if wish.absent:
            if wish.parent in known and observed.networks is None and observed.silent:
                lines.append("Whether networks use parent %s could not be found out: %s" % (wish.parent, observed.silent))
            continue
        if link is not None and link.up and not link.carrier:
            lines.append("Link %s has no carrier: what hangs on it reaches nobody until a cable is plugged in." % wish.link)
        row = makes[wish.parent]
        if row.wish.shim is not None:
            if observed.networks is None and observed.silent:
                lines.append("Whether a container has the address %s of shim %s could not be found out: %s" % (
                    ", ".join(text.split("/")[0] for text in row.wish.shim.addresses), row.wish.shim.name, observed.silent))
            lines += usage.reflected(row.wish, row.wish.shim) + usage.unreserved(row.wish, row.wish.shim, observed)
    return tuple(lines)
