# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks as the engine will make them: with what stays as it was, and what comes from a configuration network."""
from __future__ import annotations

import typing as t
from dataclasses import replace

from ...values.network import Network
from .compare import INHERITED, differences
from .driver_options import DRIVERS
from .state import Desired, Observed, Wish
from .target import networks_before, wanted


def made(desired: Desired, observed: Observed) -> t.List[t.Tuple[Wish, Network]]:
    """:returns: wishes whose networks are created or replaced, with what those become"""
    whole = becoming(desired, observed)
    return [(wish, whole[wish.name]) for wish in desired.wishes if not wish.absent and _is_made(wish, observed.network(wish.name))]


def _is_made(wish: Wish, have: t.Optional[Network]) -> bool:
    gaps = differences(wish.network, have, wish.exact) if have is not None else ()
    return have is None or wish.force or (bool(gaps) and not wish.keeps(gaps))


def becoming(desired: Desired, observed: Observed) -> t.Dict[str, Network]:
    """:returns: every network that will be there, by its name"""
    coming = dict(networks_before(observed))
    for wish in desired.wishes:
        if wish.absent:
            coming.pop(wish.name, None)
        else:
            coming[wish.name] = wanted(wish, coming.get(wish.name), observed)
    return {name: filled(net, coming.get(net.config_from or "")) for name, net in coming.items()}


def filled(net: Network, source: t.Optional[Network]) -> Network:
    """:param source: the configuration network that it is made from"""
    return net if source is None else replace(net, **{name: getattr(source, name) for name in INHERITED})


def readers(network: Network, coming: t.Mapping[str, Network]) -> t.Tuple[str, ...]:
    """:returns: the drivers that will read its options; of a configuration network nobody uses yet, any may"""
    if not network.config_only:
        return (network.driver or "bridge",)
    users = {net.driver or "bridge" for net in coming.values() if net.config_from == network.name}
    return tuple(sorted(users)) or DRIVERS
