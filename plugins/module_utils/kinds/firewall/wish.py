# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to a frozen policy; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import ranges
from ...values.firewall import ADDRESS_SETS
from . import state
from .state import Cluster, NamedSet, Section, Wish
from .wish_rule import checked, read

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}\Z")  # with prefix and suffix it must fit ipset's 31
LARGEST_MARK = 0x80000000


def desired(params: t.Mapping[str, t.Any]) -> Wish:
    """:raises WishError: for the first value that cannot be"""
    if params.get("state") == "absent":
        return Wish(absent=True, backend=params.get("backend") or "auto", stage=params.get("confirm") or "keep")
    sets = _sets(params.get("sets") or ())
    sections = {name: _section(name, params[name], sets) for name in state.SECTIONS if params.get(name) is not None}
    cluster = _cluster(params["cluster"]) if params.get("cluster") is not None else None
    if not sections and cluster is None:
        raise WishError("The policy has none of published, forwarded, host and cluster; give one, or state absent to remove the firewall.")
    return Wish(
        backend=params.get("backend") or "auto", sets=tuple(sets[name] for name in sorted(sets)), cluster=cluster,
        allow_lockout=bool(params.get("allow_lockout")), ssh_port=_port("ssh_port", params.get("ssh_port")),
        mark=_mark(params.get("mark")), stage=params.get("confirm") or "keep",
        flush=bool(params.get("flush_conntrack")), **sections)


def _sets(rows) -> t.Dict[str, NamedSet]:
    found: t.Dict[str, NamedSet] = {}
    for row in rows:
        name, kind = row["name"], row.get("type") or "addresses"
        if not NAME.match(name):
            raise WishError("The set %r cannot have that name; use letters, digits and _, a letter first, 20 at most." % name)
        if name in found:
            raise WishError("The set %s is given twice; put its elements into one." % name)
        texts = [str(text) for text in row.get("elements") or ()]
        for text in texts:
            checked(ranges.addresses if kind == "addresses" else ranges.ports, text, "The element %r of set " + name)
        elements = sum(ranges.canonical_addresses(texts).values(), ()) if kind == "addresses" else ranges.canonical_ports(texts)
        found[name] = NamedSet(name, kind, elements)
    _told_apart(found)
    return found


def _told_apart(sets: t.Mapping[str, NamedSet]) -> None:
    """A set of addresses is two of them in the kernel, one for each family."""
    for row in sets.values():
        for family in ADDRESS_SETS if row.type == "addresses" else ():
            other = sets.get("%s_%d" % (row.name, family))
            if other and other.type == "ports":
                raise WishError("The set %s of ports would have the same name in the kernel as the set %s of addresses (IPv%d); rename one of them."
                                % (other.name, row.name, family))


def _section(name, row, sets) -> Section:
    rules = tuple(read("Rule %d of %s" % (number, name), name, rule, sets) for number, rule in enumerate(row.get("rules") or (), 1))
    return Section(row.get("default") or "accept", rules, (row.get("direct") or "drop") if name == "published" else "")


def _cluster(row) -> Cluster:
    members = [str(text) for text in row.get("members") or ()]
    if not members:
        raise WishError("cluster has no members; name the addresses of the swarm's hosts, or leave cluster out.")
    for text in members:
        checked(ranges.addresses, text, "The member %r of cluster")
    return Cluster(sum(ranges.canonical_addresses(members).values(), ()),
                   _port("data_path_port of cluster", row.get("data_path_port") or 4789), row.get("encrypted") is not False)


def _port(what, number):
    if number is not None and not ranges.PORTS[0] <= number <= ranges.PORTS[1]:
        raise WishError("%s is %d; ports are 1 to 65535." % (what, number))
    return number


def _mark(mark) -> int:
    if mark is None:
        return state.DEFAULT_MARK
    if not 1 <= mark <= LARGEST_MARK or mark & (mark - 1):
        raise WishError("The mark %d is not one bit; use a power of two up to %d that nothing else on the host uses." % (mark, LARGEST_MARK))
    return mark
