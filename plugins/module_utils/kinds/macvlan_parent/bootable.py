# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what is asked for can be there after a reboot."""
from __future__ import annotations

from ...core.errors import WishError
from .made import Made
from .persist import TITLES, fits
from .render_netplan import NETWORKMANAGER, id_of
from .state import Observed


def check(row: Made, observed: Observed) -> None:
    """:raises WishError: where no system, or not the one that was asked for, can make the parent at boot"""
    system, base, manager = row.record.system, row.base, row.manager
    if system == "none":
        return
    if manager.system == "none":
        raise WishError("Parent %s is to be there after a reboot, but link %s below it is not, for that was asked for with persist none; "
                        "let link %s persist too." % (row.wish.parent, base, base))
    if not system:
        raise WishError("Nothing on this host configures link %s at boot as far as can be seen; set persist to networkd, networkmanager "
                        "or ifupdown, or to none to have parent %s until the next reboot." % (base, row.wish.parent))
    if system not in observed.systems:
        unread = ", or does not source %s" % row.record.files[0] if system == "ifupdown" and row.record.files else ""
        raise WishError("Parent %s is to persist through %s, which does not run on this host%s; choose another persist, or auto." % (
            row.wish.parent, TITLES[system], unread))
    if not fits(system, manager):
        raise WishError("Parent %s is to persist through %s, but link %s is configured by %s; set persist to auto." % (
            row.wish.parent, TITLES[system], base, TITLES.get(manager.system, "nothing that is known here")))
    nm = system == "networkmanager" or (system == "netplan" and manager.detail.startswith(NETWORKMANAGER))
    if nm and row.wish.shim and row.wish.shim.driver == "ipvlan":
        raise WishError("Shim %s is an ipvlan link, which is not written for NetworkManager here; set persist to none, or make shim and networks "
                        "macvlan." % row.wish.shim.name)
    if system == "netplan" and row.owns_vlan and not id_of(manager):
        raise WishError("By which key of its files netplan knows link %s cannot be told (%s), and the VLAN %s is to name it; let the key be "
                        "the link's name, or set persist to none." % (base, manager.detail, row.wish.parent))
