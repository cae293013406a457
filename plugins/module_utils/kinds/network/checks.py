# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's wish against the world, before the first effect: each refusal names the value and the way out."""
from __future__ import annotations

import typing as t
from collections import Counter

from ...core.errors import WishError
from ...values import addresses
from ...values.endpoint import Container
from ...values.network import Network
from .bridges import check_bridge_names
from .compare import differences
from .driver_options import DRIVERS, check_gateway_modes, check_options
from .fixed import check_fixed
from .made import becoming, readers
from .overlap import check_overlap
from .parents import check_parents
from .strands import check_strands, missing
from .state import Desired, Observed, Wish
from .target import networks_before
from .templates import check_templates


def validate(desired: Desired, observed: Observed) -> None:
    """:raises WishError: for the first wish that cannot be fulfilled"""
    twice = Counter(net.name for net in observed.networks)
    coming, before = becoming(desired, observed), networks_before(observed)
    for wish in desired.wishes:
        if twice[wish.name] > 1:
            ids = ", ".join(net.id[:12] for net in observed.networks if net.name == wish.name)
            raise WishError("The engine has %d networks named %s (%s); remove all but one of them (docker network rm ID)." % (
                twice[wish.name], wish.name, ids))
        _connected(wish, desired, observed)
        have = observed.network(wish.name)
        if have is None:
            _no_id(wish.name, observed)
        if wish.absent:
            if have is not None:
                _removable(wish.name, "removed", observed)
                _on_a_manager(have, "remove", observed)
            continue
        changes = have is None or wish.force or bool(differences(wish.network, have, wish.exact))
        after = coming[wish.name]
        _check_options(wish, after, coming, observed, changes)
        if have is None:
            _creatable(after, observed)
            if wish.name in before:  # a run that was stopped had taken it away
                check_fixed(after, before[wish.name], observed)
        elif changes:
            _replaceable(wish, have, after, observed)
    check_templates(desired, observed)
    check_bridge_names(desired, observed)
    check_parents(desired, observed)  # on a parent that is wrong, the LAN's subnet would look taken
    check_overlap(desired, observed)
    check_strands(desired, observed)


def _connected(wish: Wish, desired: Desired, observed: Observed) -> None:
    for key in () if wish.absent else wish.connected or ():
        box = observed.container(key)
        if box is None:
            raise WishError("Container %s is to be connected to network %s, but the engine has no such container; "
                            "create it first or take it off the list." % (key, wish.name))
        if all(end.container != box.id for end in observed.on(wish.name)):
            _connectable(box, wish, desired, observed)
    for end in observed.on(wish.name) if wish.connected is not None and not (wish.absent or wish.appends) else ():
        box = observed.container(end.container)
        if box is not None and box.service and not {box.id, box.name} & set(wish.connected or ()):
            raise WishError("Container %s is a task of the Swarm service %s and cannot be taken off network %s; set appends, or change the "
                            "service instead." % (box.name, box.service, wish.name))


def _connectable(box: Container, wish: Wish, desired: Desired, observed: Observed) -> None:
    mode = box.network_mode
    if mode in ("host", "none") or mode.startswith("container:") or wish.name in ("host", "none"):
        raise WishError("Container %s (network_mode %s) cannot be connected to network %s, the engine allows no other "
                        "network there; take it off the list." % (box.name, mode[:22], wish.name))
    going = {w.name for w in desired.wishes if w.absent}
    coming = {net.name for state in observed.remembered for net in state.networks} - going | {wish.name}
    if observed.stranded(box, going, coming):
        raise WishError("Container %s cannot be connected to network %s, for the network it was made on (network_mode %s) %s; "
                        "keep that one, or have the container's owner make it again." % (
                            box.name, wish.name, mode[:64], missing(box, desired)))


def _no_id(name: str, observed: Observed) -> None:
    for net in observed.networks:
        if len(name) >= 12 and net.id.startswith(name):
            raise WishError("%s is the id of network %s; give the network's name." % (name, net.name))


def _check_options(wish: Wish, after: Network, coming: t.Mapping[str, Network], observed: Observed, changes: bool) -> None:
    """Of what is made from a configuration network, that one's options are read, and it is that one to correct."""
    given = coming.get(after.config_from or "", wish.network)
    drivers = (wish.network.driver,) if after.config_only and wish.network.driver else readers(after, coming)
    for driver in drivers if given is wish.network or changes else ():
        check_options(given, driver, observed.engine.version, changes)


def _creatable(network: Network, observed: Observed) -> None:
    check_gateway_modes(network)
    _without_addresses(network)
    _one_of_each_family(network)
    version = observed.engine.version
    if network.enable_ipv4 is False and (0,) < version < (28,):
        raise WishError("Network %s has enable_ipv4 false, which engine %s cannot do; it needs engine 28 or later." % (
            network.name, _dotted(version)))
    if network.enable_ipv4 is False and not network.enable_ipv6:
        raise WishError("Network %s has enable_ipv4 false and no IPv6 either; set enable_ipv6 true." % network.name)
    pools = network.ipam_config or ()
    has_v6 = any(addresses.family(pool.subnet) == 6 for pool in pools)
    if network.enable_ipv6 and not has_v6 and (0,) < version < (27,):
        raise WishError("Network %s has enable_ipv6 without an IPv6 subnet, and engine %s has no pool to take one from; "
                        "give one in ipam_config, or use engine 27 or later." % (network.name, _dotted(version)))
    _on_a_manager(network, "create", observed)


def _on_a_manager(network: Network, verb: str, observed: Observed) -> None:
    if (network.driver == "overlay" or network.scope == "swarm") and observed.engine.swarm != "manager":
        raise WishError("Network %s spans the swarm, but this host is %s; %s it on a manager." % (
            network.name, "only a worker" if observed.engine.swarm else "in no swarm", verb))


def _one_of_each_family(network: Network) -> None:
    """moby: libnetwork/drivers/bridge, which says so once the old network has gone."""
    if network.config_only or network.driver not in (None, "bridge"):
        return
    for family in (4, 6):
        same = [pool.subnet for pool in network.ipam_config or () if pool.subnet and addresses.family(pool.subnet) == family]
        if len(same) > 1:
            raise WishError("Network %s has the subnets %s and %s, and a bridge can have one of each family; keep one, or take another "
                            "driver." % (network.name, same[0], same[1]))


def _without_addresses(network: Network) -> None:
    """moby: libnetwork/ipams/null and what each driver says of its one answer."""
    if network.ipam_driver != "null":
        return
    driver = network.driver or "bridge"
    if driver in DRIVERS and not network.config_only:
        raise WishError("Network %s has the ipam_driver null, which gives out no addresses, and driver %s needs some; take another "
                        "ipam_driver, or leave it out." % (network.name, driver))
    given = "a subnet (%s)" % network.ipam_config[0].subnet if network.ipam_config else "enable_ipv6" if network.enable_ipv6 else None
    if given:
        raise WishError("Network %s has the ipam_driver null, which gives out no addresses, and %s; drop one of the two." % (
            network.name, given))


def _replaceable(wish: Wish, have: Network, after: Network, observed: Observed) -> None:
    found = differences(wish.network, have, wish.exact)
    if wish.keeps(found):
        return
    gaps = "; ".join(map(str, found)) or "force is set"
    if wish.on_change == "fail":
        raise WishError("Network %s differs (%s), and on_change is fail; set on_change to replace to have it made anew." % (
            wish.name, gaps))
    if have.name in ("bridge", "host", "none"):
        raise WishError("Network %s is part of every engine and cannot be replaced (%s); set it in daemon.json instead." % (
            wish.name, gaps))
    _removable(wish.name, "replaced", observed)
    if observed.spans(have):
        raise WishError("Network %s differs (%s), but other nodes may have containers on it that this engine cannot see%s; "
                        "remove it with state absent once they are detached, then create it again." % (
                            wish.name, gaps, observed.nodes_on(wish.name)))
    _creatable(after, observed)
    _endpoints_survive(after, have, observed)


def _removable(name: str, verb: str, observed: Observed) -> None:
    for orphan in observed.orphans:
        if orphan.network == name:
            raise WishError("Network %s cannot be %s, for the endpoint %s of it is no container's and yet stays; free it (docker network "
                            "disconnect --force %s %s)." % (name, verb, orphan.name, name, orphan.name))
    users = sorted(service for network, service in observed.used_by if network == name)
    if users:
        raise WishError("Network %s cannot be %s while Swarm services use it (%s); take them off it first." % (
            name, verb, ", ".join(users)))


def _endpoints_survive(after: Network, have: Network, observed: Observed) -> None:
    if after.config_only and observed.on(have.name):
        raise WishError("Network %s is to become a configuration for others (config_only), which no container can be on, but there is %s; "
                        "detach it first." % (have.name, observed.on(have.name)[0].name))
    for box in observed.containers:
        if _bound_by_id(box, have, observed):
            raise WishError("Container %s is bound to network %s by the network's id (network_mode %s), which ends with the "
                            "network; have its owner make it again with the network's name." % (
                                box.name, have.name, box.network_mode[:12]))
    check_fixed(after, have, observed)


def _bound_by_id(box, have: Network, observed: Observed) -> bool:
    """Engine 20.10 finds its way by the new id; 26.1 and 28.5 do not, and what is between was not tried."""
    mode = box.network_mode
    if not mode or mode == have.name or (0,) < observed.engine.version <= (20, 10):
        return False
    return have.id.startswith(mode) and all(mode != net.name for net in observed.networks)


def _dotted(version: t.Tuple[int, ...]) -> str:
    return ".".join(map(str, version))
