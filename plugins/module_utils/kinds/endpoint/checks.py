# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's wish against the world, before the first effect: each refusal names the value and the way out."""
from __future__ import annotations

import typing as t

from ...core.errors import WishError
from ...values.endpoint import Container, Endpoint
from ...values.network import Network
from .address_checks import check_addresses
from .compare import differences, laid_over, mac_difference, mac_seen
from .options import IFNAME, ignored
from .state import Desired, Key, Observed, State, Wish, key_of
from .steps import changes_to
from .target import believed, key_for, outsiders, target


def validate(desired: Desired, observed: Observed) -> None:
    """:raises WishError: for the first wish that cannot be fulfilled"""
    had = believed(observed)
    for name in sorted({wish.network for wish in desired.wishes} | set(desired.exclusive)):
        _one_network(name, desired, observed)
    named: t.Dict[Key, str] = {}
    for wish in desired.wishes:
        box = observed.container(wish.container)
        if box is None and not wish.absent:
            raise WishError("Container %s is to be on network %s, but the engine has no such container; create it first, or take it "
                            "off the list." % (wish.container, wish.network))
        key = key_for(wish, observed)
        if box is None or key is None:
            continue
        if key in named:
            raise WishError("Container %s is listed for network %s twice, as %s and as %s; keep one of the entries." % (
                box.name, wish.network, named[key], wish.container))
        named[key] = wish.container
        _wish(wish, box, had.endpoint(key), observed)
    for network, container in outsiders(desired, had, named):
        _not_a_task(observed.container(container), network, "detached from")
    aim = target(desired, observed)
    changes = changes_to(aim, observed)
    for end in changes.new.values():
        _own_name(end, aim, observed)
    check_addresses(aim, changes, observed)


def _one_network(name: str, desired: Desired, observed: Observed) -> None:
    same = [net.id[:12] for net in observed.networks if net.name == name]
    if len(same) > 1:
        raise WishError("The engine has %d networks named %s (%s); remove all but one of them (docker network rm ID)." % (
            len(same), name, ", ".join(same)))
    if same:
        return
    for net in observed.networks:
        if len(name) >= 12 and net.id.startswith(name):
            raise WishError("%s is the id of network %s; give the network's name." % (name, net.name))
    wanted = sorted(wish.container for wish in desired.wishes if wish.network == name and not wish.absent)
    if wanted or name in desired.exclusive:
        shown = "; on a worker an attachable overlay is seen only once a container uses it" if observed.engine.swarm == "worker" else ""
        raise WishError("There is no network %s to attach %s to; create it first%s." % (
            name, ", ".join(wanted) if wanted else "anything", shown))


def _wish(wish: Wish, box: Container, have: t.Optional[Endpoint], observed: Observed) -> None:
    if wish.absent:
        if have is not None:
            _not_a_task(box, wish.network, "detached from")
        return
    want = laid_over(wish, have or Endpoint(wish.network, box.id, name=box.name))
    if have is not None:
        gaps = differences(want, have, observed) or mac_difference(wish.mac_address, have, observed)
        if not gaps or wish.on_change == "warn":
            return
        if wish.on_change == "fail":
            raise WishError("%s differs (%s), and on_change is fail; set on_change to replace to have it attached anew." % (
                _upper(want), "; ".join(map(str, gaps))))
        _not_a_task(box, wish.network, "attached anew to")
    _suitable(wish, observed.network(wish.network), box, observed)
    if observed.stranded(box):
        raise WishError("Container %s cannot be connected to network %s, for the network it was made on (network_mode %s) does not "
                        "exist; make that one again, or have the container's owner make it again." % (
                            box.name, wish.network, box.network_mode[:64]))
    _honoured(wish, want, have, observed)


def _suitable(wish: Wish, net: Network, box: Container, observed: Observed) -> None:
    mode = box.network_mode
    if mode.startswith("container:"):
        owner = observed.container(mode[len("container:"):])
        raise WishError("Container %s uses the network of %s (network_mode %s); attach that one to network %s instead." % (
            box.name, "container " + owner.name if owner else "another container", mode[:22], net.name))
    if mode in ("host", "none"):
        raise WishError("Container %s %s (network_mode %s) and cannot be attached to network %s; have its owner make it again with "
                        "another network_mode." % (box.name, {"host": "uses the host's own network", "none": "is to have no network"}[mode],
                                                   mode, net.name))
    if net.name in ("host", "none"):
        raise WishError("Container %s cannot be attached to network %s, which containers get only by network_mode; have its owner make "
                        "it again." % (box.name, net.name))
    if net.config_only:
        raise WishError("Network %s is a configuration for others (config_only) and container %s cannot be attached to it; name a "
                        "network that is made from it." % (net.name, box.name))
    if net.ingress or net.scope == "swarm" and not net.attachable:
        raise WishError("Network %s is for Swarm services only and container %s is none; make the network attachable, or choose "
                        "another." % (net.name, box.name))
    given = [option for option in ("aliases", "ipv4_address", "ipv6_address") if getattr(wish, option)]
    if net.name == "bridge" and given:
        raise WishError("The default network bridge takes no %s (container %s); use a network of your own." % (given[0], box.name))


def _honoured(wish: Wish, want: Endpoint, have: t.Optional[Endpoint], observed: Observed) -> None:
    """What an engine would accept and ignore must not be reported as done."""
    engine = observed.engine
    for option, since in ignored(wish.driver_opts or (), engine):
        raise WishError("%s has the driver option %s, which engine %s ignores; it needs engine %s or later." % (
            _upper(want), option, engine.dotted, since))
    if wish.gw_priority and engine.before(28):
        raise WishError("%s has gw_priority %d, which engine %s ignores; it needs engine 28 or later." % (
            _upper(want), wish.gw_priority, engine.dotted))
    if wish.mac_address and not engine.gives_mac and not _comes_back(wish, have, observed):
        raise WishError("%s has mac_address %s, which engine %s ignores on connect; have the container's owner create it with that "
                        "address, or use engine 29.3 or later." % (_upper(want), wish.mac_address, engine.dotted))


def _comes_back(wish: Wish, have: t.Optional[Endpoint], observed: Observed) -> bool:
    """20.10 sets the container's own address again by itself."""
    own = have is not None and have.mac_address == wish.mac_address == mac_seen(have, observed)
    return own and observed.engine.version <= (20, 10)


def _own_name(end: Endpoint, aim: State, observed: Observed) -> None:
    name = dict(end.driver_opts).get(IFNAME)
    planned = {key_of(other): other for other in (*observed.endpoints, *aim.endpoints)}
    for other in planned.values():
        if name and other.container == end.container and other.network != end.network and dict(other.driver_opts).get(IFNAME) == name:
            raise WishError("%s is to have the interface name %s, which the container has on network %s; choose another." % (
                _upper(end), name, other.network))


def _not_a_task(box: t.Optional[Container], network: str, verb: str) -> None:
    if box is not None and box.service:
        raise WishError("Container %s is a task of the Swarm service %s and cannot be %s network %s; change the service "
                        "instead." % (box.name, box.service, verb, network))


def warnings(desired: Desired, observed: Observed) -> t.Tuple[str, ...]:
    """What is left undone, and what cannot be seen."""
    lines, had = [], believed(observed)
    for wish in desired.wishes:
        key = key_for(wish, observed)
        have = had.endpoint(key) if key and not wish.absent else None
        if have is None:
            continue
        gaps = (*differences(laid_over(wish, have), have, observed),)
        gaps = gaps or tuple(mac_difference(wish.mac_address, have, observed))
        if gaps and wish.on_change == "warn":
            lines.append("%s differs and stays as it is: %s." % (_upper(have), "; ".join(map(str, gaps))))
        if wish.mac_address and mac_seen(have, observed) is None:
            lines.append("The MAC address of %s can only be seen while the container runs; it was not compared." % have)
    return tuple(lines)


def _upper(end: Endpoint) -> str:
    text = str(end)
    return text[0].upper() + text[1:]
