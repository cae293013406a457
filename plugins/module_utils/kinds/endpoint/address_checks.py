# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixed addresses against the network they are for: inside its subnets, and nobody else's."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.allocation import reserved
from ...values.endpoint import Endpoint
from ...values.network import Network
from .state import Key, Observed, State, key_of
from .steps import Changes


def check_addresses(aim: State, changes: Changes, observed: Observed) -> None:
    """:raises WishError: for the first fixed address, of what is attached anew, that cannot be had"""
    claims = _claims(aim, changes, observed)
    for key in sorted(changes.new):
        end = changes.new[key]
        net = observed.network(end.network)
        for text in filter(None, (end.ipv4_address, end.ipv6_address)):
            check_possible(text, end, net)
            for other in claims.get((end.network, text), ()):
                if other != key:
                    raise WishError("The address %s for %s is taken by container %s%s; choose another, or give that one another in "
                                    "the same task." % (text, end, *_owner(other, observed)))


def check_possible(text: str, who: t.Union[Endpoint, str], net: Network) -> None:
    """:raises WishError: for an address that nobody can have on this network, whoever is on it"""
    _in_a_subnet(text, who, net)
    _not_reserved(text, who, net)


def _claims(aim: State, changes: Changes, observed: Observed) -> t.Dict[t.Tuple[str, str], t.List[Key]]:
    """Who has which address when all is done; a dynamic one that is reconnected is free to get another."""
    found: t.Dict[t.Tuple[str, str], t.List[Key]] = {}
    for held in observed.held:
        key = (held.network, held.container)
        for text in held.addresses if key not in changes.gone else ():
            found.setdefault((held.network, text), []).append(key)
    for end in aim.endpoints:
        for text in filter(None, (end.ipv4_address, end.ipv6_address)):
            found.setdefault((end.network, text), []).append(key_of(end))
    return found


def _owner(key: Key, observed: Observed) -> t.Tuple[str, str]:
    box = observed.container(key[1])
    if box is None:
        return key[1][:12], ""
    return box.name, "" if box.alive else " (stopped, it takes it again when it starts)"


def _in_a_subnet(text: str, end: t.Union[Endpoint, str], net: Network) -> None:
    subnets = [pool.subnet for pool in net.ipam_config or () if pool.subnet]
    same = [subnet for subnet in subnets if addresses.family(subnet) == addresses.family(text)]
    if not same:
        raise WishError("The address %s for %s is not possible, for the network has no IPv%d subnet of its own; make the network with "
                        "one in ipam_config." % (text, end, addresses.family(text)))
    outer = [subnet for subnet in same if addresses.inside(text, subnet)]
    if not outer:
        raise WishError("The address %s for %s is in none of the network's subnets (%s); choose one in them." % (
            text, end, ", ".join(subnets)))
    if addresses.edge(text, outer[0]):
        raise WishError("The address %s for %s is the first or last of its subnet %s, which no host can have; choose one between "
                        "them." % (text, end, outer[0]))


def _not_reserved(text: str, end: t.Union[Endpoint, str], net: Network) -> None:
    for pool in net.ipam_config or ():
        for what, other in reserved(pool, net):
            if text == other:
                raise WishError("The address %s for %s is the network's %s; choose another." % (text, end, what))
