# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told about parents: links, shims, and who hangs on them, as plain data."""
from __future__ import annotations

import typing as t

from .record import FOREIGN, Record, records
from .state import HANGING_DRIVERS, Observed
from .target import own_shim
from .usage import DEFAULT_MODES


def parents(observed: Observed) -> t.List[t.Dict[str, t.Any]]:
    """:returns: parents that are recorded, VLANs of the host, and links that networks name as parent, ordered by name"""
    known = records(observed)
    names = set(known) | {link.name for link in observed.links if link.kind == "vlan"}
    names |= {net.option("parent") for net in observed.networks or () if net.driver in HANGING_DRIVERS} - {None, ""}
    return [_parent(name, known.get(name), observed) for name in sorted(names)]


def _parent(name: str, record: t.Optional[Record], observed: Observed) -> t.Dict[str, t.Any]:
    link = observed.link(name)
    row: t.Dict[str, t.Any] = dict(
        name=name,
        link=link.parent if link and link.kind == "vlan" else record.declared.link if record else name,
        vlan_id=link.vlan_id if link else record.declared.vlan_id if record else None,
        exists=link is not None,
        declared=record is not None,
        made_by=record.whose if record else FOREIGN,
        persist=record.system if record else None,
        files=list(record.files) if record else [],
        shim=_shim(record, observed),
    )
    row.update((key, getattr(link, key) if link else None) for key in ("mtu", "up", "promiscuous"))
    if observed.networks is not None:
        row["networks"] = [dict(
            name=net.name,
            driver=net.driver,
            mode=net.option("%s_mode" % net.driver) or DEFAULT_MODES[net.driver],
            subnets=[pool.subnet for pool in net.ipam_config or ()],
            containers=[dict(name=end.container, addresses=list(end.addresses)) for end in observed.attached if end.network == net.name],
        ) for net in sorted(observed.hanging(name), key=lambda net: net.name)]
    return row


def _shim(record: t.Optional[Record], observed: Observed) -> t.Optional[t.Dict[str, t.Any]]:
    shim = record.declared.shim if record else None
    if shim is None:
        return None
    link = observed.link(shim.name)
    there = link if own_shim(record, link) else None
    return dict(
        name=shim.name,
        exists=there is not None,
        driver=shim.driver,
        mode=there.mode if there else shim.mode,
        mtu=there.mtu if there else shim.mtu,
        up=bool(there and there.up),
        addresses=list(there.addresses or () if there else shim.addresses),
        routes=[route.subnet for route in observed.routes_on(shim.name)] if there else list(shim.routes),
    )
