# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine's own drivers make of driver_options: names, types, first engine. Other drivers' options are never judged.

The engine itself takes an unknown name without a word, and says of a wrong value only once the old network is gone.
"""
from __future__ import annotations

import difflib
import ipaddress
import re
import typing as t
from dataclasses import dataclass

from ...core.errors import WishError
from ...values.network import Network

PREFIX = "com.docker.network."
BRIDGE = PREFIX + "bridge."
ENDPOINT = PREFIX + "endpoint."
DRIVERS = ("bridge", "overlay", "macvlan", "ipvlan")
# What later engines have added is not known here.
NEWEST = 29
# strconv.ParseBool, which the drivers use
TRUTH = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
NO = ("0", "f", "false", "n", "no", "off")


@dataclass(frozen=True)
class Option:
    """:param reads: says what is wrong with a value, and what to write instead
    :param drivers: those that look at the option
    :param since: the first engine that does
    :param later: values that only a later engine knows, with that engine
    """

    reads: t.Callable[[str], t.Optional[t.Tuple[str, str]]]
    drivers: t.Tuple[str, ...] = ("bridge",)
    since: t.Tuple[int, ...] = (0,)
    later: t.Tuple[t.Tuple[str, t.Tuple[int, ...]], ...] = ()


def _flag(value):
    return None if value in TRUTH else ("no truth value", "true or false")


def _number(low, high):
    def reads(value):
        fits = re.match(r"-?[0-9]+\Z", value) and low <= int(value) <= high
        return None if fits else ("no whole number from %d to %d" % (low, high), "such a number")

    return reads


def _mtu(value):
    """0 leaves it to the engine; below 68 no IPv4 is possible."""
    return None if value == "0" else _number(68, 65535)(value) and ("no MTU (68 to 65535)", "a number such as 1450")


def _address(version):
    def reads(value):
        try:
            fits = ipaddress.ip_address(value).version == version
        except ValueError:
            fits = False
        return None if fits else ("no IPv%d address" % version, "one such as %s" % {4: "192.0.2.1", 6: "2001:db8::1"}[version])

    return reads


def _any_address(value):
    return _address(6)(value) and _address(4)(value)


def _words(*words):
    return lambda value: None if value in words else ("none of its values", " or ".join((", ".join(words[:-1]), words[-1])))


def _link(value):
    """The kernel's rule for a link's name."""
    fits = 0 < len(value) < 16 and value not in (".", "..", "lo") and not re.search(r"[\s/:]", value)
    return None if fits else ("no name that this link can have", "1 to 15 characters without spaces, '/' and ':', and not lo")


def _links(value):
    return next(filter(None, map(_link, value.split(":"))), None)


def _presence(value):
    """The driver looks whether the option is there, not what it says."""
    return ("a no that the engine reads as a yes, for it encrypts wherever the option is there", "true, or leave it out") \
        if value.lower() in NO else None


def _vxlan_ids(value):
    return None if re.match(r"[0-9]+(,[0-9]+)*\Z", value) else ("no list of VXLAN ids", "numbers with commas between them")


_MODES = Option(_words("nat", "nat-unprotected", "routed", "isolated"), since=(27,), later=(("nat-unprotected", (28,)), ("isolated", (28,))))
_EVERY = ("bridge", "overlay", "macvlan", "ipvlan")
_LAN = ("macvlan", "ipvlan")
# From moby: libnetwork/netlabel/labels.go, drivers/bridge (labels.go, fromLabels), drivers/overlay (ov_network.go), drivers/macvlan
# and drivers/ipvlan (newConfigFromLabels); the first engines from its release notes (27.0, 28.0, 28.2; #46724 for host_ipv6).
OPTIONS: t.Dict[str, Option] = {
    BRIDGE + "name": Option(_link),
    BRIDGE + "enable_ip_masquerade": Option(_flag),
    BRIDGE + "enable_icc": Option(_flag),
    BRIDGE + "inhibit_ipv4": Option(_flag),
    BRIDGE + "default_bridge": Option(_flag),
    BRIDGE + "host_binding_ipv4": Option(_any_address),
    BRIDGE + "gateway_mode_ipv4": _MODES,
    BRIDGE + "gateway_mode_ipv6": _MODES,
    BRIDGE + "trusted_host_interfaces": Option(_links, since=(28, 2)),
    PREFIX + "driver.mtu": Option(_mtu, ("bridge", "overlay")),
    PREFIX + "container_iface_prefix": Option(_link),
    PREFIX + "host_ipv4": Option(_address(4)),
    PREFIX + "host_ipv6": Option(_address(6), since=(25,)),
    PREFIX + "enable_ipv4": Option(_flag, _EVERY, (28,)),
    PREFIX + "enable_ipv6": Option(_flag, _EVERY),
    PREFIX + "advertise_addr_nmsgs": Option(_number(0, 3), _EVERY, (28,)),
    PREFIX + "advertise_addr_ms": Option(_number(100, 2000), _EVERY, (28,)),
    PREFIX + "driver.overlay.vxlanid_list": Option(_vxlan_ids, ("overlay",)),
    "encrypted": Option(_presence, ("overlay",)),
    "parent": Option(_link, _LAN),
    "macvlan_mode": Option(_words("bridge", "vepa", "private", "passthru"), ("macvlan",)),
    "ipvlan_mode": Option(_words("l2", "l3", "l3s"), ("ipvlan",)),
    "ipvlan_flag": Option(_words("bridge", "private", "vepa"), ("ipvlan",)),
}


def check_options(network: Network, driver: t.Optional[str], version: t.Tuple[int, ...], changes: bool) -> None:
    """:param driver: the one that will read them; :param changes: whether the engine is going to read them at all

    :raises WishError: for a name or a value that cannot have been meant
    """
    if driver not in DRIVERS:
        return
    for key, value in network.driver_options or ():
        option = OPTIONS.get(key)
        if option is None:
            if changes:
                _known(network.name, key, version)
            continue
        wrong = option.reads(value) if driver in option.drivers else None
        if wrong:
            raise WishError("The driver option %s of network %s is %r, which is %s; write %s." % (key, network.name, value, *wrong))
        if changes and driver in option.drivers and version > (0,):
            _of_age(network.name, key, value, version)


def _of_age(name, key, value, version) -> None:
    option = OPTIONS[key]
    since = dict(option.later).get(value, option.since)
    if version < option.since:
        raise WishError("Network %s has the driver option %s with %r, which engine %s takes without a word and without an effect; "
                        "leave it out, or use engine %s or later." % (name, key, value, _dotted(version), _dotted(since)))
    if version < since:
        raise WishError("Network %s has the driver option %s with %r, which engine %s does not know; choose another, or use engine %s or "
                        "later." % (name, key, value, _dotted(version), _dotted(since)))


def _known(name, key, version) -> None:
    if not key.startswith(PREFIX) or version >= (NEWEST + 1,):
        return
    if key.startswith(ENDPOINT):
        raise WishError("The driver option %s of network %s belongs to a container's endpoint; give it to that, as driver_opts." % (
            key, name))
    near = difflib.get_close_matches(key, OPTIONS, 1, 0.8)
    raise WishError("Network %s has the driver option %s, which no engine knows; %s" % (
        name, key, "did you mean %s?" % near[0] if near else "look at its spelling, or leave it out."))


def unread(network: Network, driver: t.Optional[str]) -> t.List[str]:
    """:returns: names of options that this driver takes no notice of, though another does"""
    if driver not in DRIVERS:
        return []
    return [key for key, _value in network.driver_options or () if key in OPTIONS and driver not in OPTIONS[key].drivers]


def check_gateway_modes(network: Network) -> None:
    """:param network: as it is to become; :raises WishError: where two of its options exclude each other"""
    for family in (4, 6):
        key = BRIDGE + "gateway_mode_ipv%d" % family
        if network.driver in (None, "bridge") and network.option(key) == "isolated" and not network.internal:
            raise WishError("Network %s has the driver option %s with 'isolated', which only an internal network can have; set "
                            "internal, or choose another mode." % (network.name, key))


def without_gateway(network: Network, version: t.Tuple[int, ...]) -> bool:
    """Whether containers get no default route: since engine 29 on a LAN whose gateway is not given."""
    routed = network.driver == "macvlan" or (network.driver == "ipvlan" and network.option("ipvlan_mode") in (None, "", "l2"))
    if not routed or version < (29,) or network.internal or not network.option("parent"):
        return False
    return not any(pool.gateway for pool in network.ipam_config or ())


def _dotted(version: t.Tuple[int, ...]) -> str:
    return ".".join(map(str, version))
