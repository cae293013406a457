# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fixed when a host enters a swarm or when the swarm is made: found, told, never changed on the quiet."""
from __future__ import annotations

import typing as t

from ...values.swarm import DEFAULT_PORT, Address
from .state import Observed, Wish

REJOIN = "it is fixed when a host enters; let this host leave and enter again, managers one at a time"
ANEW = "it is fixed when the swarm is made; only a new swarm can have another"


def drifts(wish: Wish, observed: Observed) -> t.Tuple[str, ...]:
    """:returns: one sentence for each fixed value that is not what is asked for"""
    return tuple(_addresses(wish, observed)) + tuple(_cluster(wish, observed))


def unknown(wish: Wish, observed: Observed) -> t.Tuple[str, ...]:
    """What is asked for and cannot be read back, so that nobody takes silence for agreement."""
    fixed = observed.me.fixed
    lines = []
    for option, wanted, found in (("listen_addr", wish.own.listen, fixed.listen),
                                  ("data_path_addr", wish.own.data_path, fixed.data_path)):
        if wanted is not None and found is None:
            lines.append("%s is not compared: only root on the engine's own host can read it back" % option)
    if wish.state == "join" and not observed.me.manager and wish.own.advertise and observed.me.fixed.advertise is None:
        lines.append("advertise_addr is not compared: the engine does not tell it")
    return tuple(lines)


def _addresses(wish, observed):
    fixed = observed.me.fixed
    for option, wanted, found, port in (
        ("advertise_addr", wish.own.advertise, fixed.advertise, False),
        ("listen_addr", wish.own.listen, fixed.listen, True),
        ("data_path_addr", wish.own.data_path, fixed.data_path, False),
    ):
        if wanted is not None and found is not None and not _same(wanted, found, observed, port):
            yield "The %s is %s, wanted %s: %s." % (option, found, wanted, REJOIN)


def _same(wanted: Address, found: Address, observed: Observed, port: bool) -> bool:
    """A name stands for any address of its interface; a port that is not given is the engine's to choose."""
    hosts = (wanted.host,) + observed.on_interface(wanted.host)
    if found.host not in hosts and (wanted.numeric or observed.addresses is not None):
        return False
    default = DEFAULT_PORT if port else found.port
    return found.port is None or (wanted.port or default) == found.port


def _cluster(wish, observed):
    cluster = observed.cluster
    if cluster is None or wish.state != "present":
        return
    for option, wanted, found in (
        ("default_addr_pool", wish.pools, cluster.pools),
        ("subnet_size", wish.subnet_size, cluster.subnet_size),
        ("data_path_port", wish.data_path_port, cluster.data_path_port),
    ):
        if wanted is not None and wanted != found:
            yield "The %s is %s, wanted %s: %s." % (option, _shown(found), _shown(wanted), ANEW)


def _shown(value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "the engine's default"
    return "the engine's default" if value is None else str(value)
