# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab is to be, read from the environment and checked before any effect."""

from __future__ import annotations

import ipaddress
import os
import re

import images
import surroundings

Failure = images.Failure
CACHE = images.CACHE


def setting(name, default):
    return os.environ.get(name) or default


def per_host(name, default, count):
    """One value for all hosts, or a comma list with one for each."""
    values = setting(name, default).split(",")
    if len(values) not in (1, count):
        raise Failure("%s lists %d values for %d hosts; give one, or one for each." % (name, len(values), count))
    return values * count if len(values) == 1 else values


def read_settings():
    name = setting("LAB_NAME", "fleetnet")
    if not re.fullmatch(r"[a-z][a-z0-9]{0,19}", name):
        raise Failure("LAB_NAME is '%s'; use up to 20 small letters and digits, a letter first." % name)
    text = setting("LAB_SUBNET", "10.203.0.0/24")
    try:
        subnet = ipaddress.IPv4Network(text)
    except ValueError as problem:
        raise Failure("LAB_SUBNET is '%s', which is no IPv4 network (%s); use one such as 10.203.0.0/24." % (text, problem))
    if subnet.prefixlen != 24:
        raise Failure("LAB_SUBNET is '%s'; the lab needs a /24, such as 10.203.0.0/24." % text)
    count = setting("LAB_HOSTS", "3")
    if not re.fullmatch(r"[1-9][0-9]?", count) or int(count) > 40:
        raise Failure("LAB_HOSTS is '%s'; use a number from 1 to 40." % count)
    return name, subnet, int(count)


def plan():
    name, subnet, count = read_settings()
    engines = per_host("LAB_ENGINE", "26.1", count)
    variants = per_host("LAB_VARIANT", "engine", count)
    nodes = [images.node(engine, variant) for engine, variant in zip(engines, variants)]
    surroundings.check_subnet(name, subnet)
    base = subnet.network_address
    surroundings.check_names(name, ["%s-registry" % name] + ["%s-host%d" % (name, number) for number in range(1, count + 1)], name + "-lab")
    return {
        "name": name,
        "subnet": str(subnet),
        "gateway": str(base + 1),
        "network": name + "-lab",
        "cache": str(CACHE / name),
        "key": str(CACHE / "id_ed25519"),
        "registry": {"name": name + "-registry", "address": str(base + 5), "image": images.registry().tag},
        "rights": surroundings.container_rights(),
        "hosts": [
            {
                "name": "host%d" % number,
                "container": "%s-host%d" % (name, number),
                "address": str(base + 10 + number),
                "engine": engines[number - 1],
                "variant": variants[number - 1],
                "image": nodes[number - 1].tag,
            }
            for number in range(1, count + 1)
        ],
    }
