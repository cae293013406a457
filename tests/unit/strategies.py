# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the network kind at random, for tests of what must hold for all of them."""
from __future__ import annotations

import ipaddress
from string import ascii_lowercase, digits

from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.journal import Entry
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.state import State
from ansible_collections.fleetnet.docker.plugins.module_utils.values.endpoint import Endpoint, Run
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network, Pool, pairs

names = st.builds(str.__add__, st.sampled_from(ascii_lowercase), st.text(ascii_lowercase + digits + "_.-", max_size=8))
texts = st.text(max_size=8)
mappings = st.dictionaries(names, st.one_of(texts, st.booleans(), st.integers(0, 99)), max_size=3)
flags = st.booleans()
ids = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def pools(draw):
    """One IPv4 and perhaps one IPv6 pool, with parts that lie in them."""
    made = []
    for base, prefix in ((int(ipaddress.ip_address("10.0.0.0")), 24), (int(ipaddress.ip_address("fd00::")), 112)):
        if prefix == 112 and not draw(flags):
            continue
        bits = 32 if prefix == 24 else 128
        start = base + draw(st.integers(0, 200)) * 2 ** (bits - prefix)
        net = ipaddress.ip_network((start, prefix))
        hosts = draw(st.lists(st.integers(2, 200), unique=True, min_size=3, max_size=3))
        aux = {"a%d" % n: str(net[host]) for n, host in enumerate(hosts[1:]) if draw(flags)}
        half = str(next(net.subnets(prefixlen_diff=1)))
        made.append(Pool(str(net), half if draw(flags) else None, str(net[hosts[0]]) if draw(flags) else None,
                         tuple(sorted(aux.items())) or None))
    return tuple(made)


@st.composite
def networks(draw):
    return Network(
        name=draw(names), driver=draw(st.sampled_from(["bridge", "macvlan", "ipvlan"])), driver_options=pairs(draw(mappings)),
        ipam_driver="default", ipam_driver_options=pairs(draw(mappings)), ipam_config=draw(pools()),
        enable_ipv4=True, enable_ipv6=draw(flags), internal=draw(flags), attachable=draw(flags), ingress=False, scope="local",
        config_only=False, config_from="", labels=pairs(draw(mappings)), id=draw(ids))


@st.composite
def endpoints(draw):
    return Endpoint(
        network=draw(names), container=draw(ids),
        aliases=tuple(sorted(draw(st.sets(names, max_size=3)))), links=tuple(sorted(draw(st.sets(names, max_size=2)))),
        ipv4_address=draw(st.one_of(st.none(), st.ip_addresses(v=4).map(str))),
        ipv6_address=draw(st.one_of(st.none(), st.ip_addresses(v=6).map(str))),
        driver_opts=pairs(draw(mappings)), gw_priority=draw(st.integers(-5, 5)), name=draw(names))


@st.composite
def states(draw):
    return State(
        networks=tuple(draw(st.lists(networks(), max_size=2))), absent=tuple(draw(st.lists(names, max_size=2))),
        unwanted=tuple(draw(st.lists(st.tuples(names, names, texts), max_size=2))), managed=tuple(draw(st.lists(names, max_size=2))),
        endpoints=tuple(draw(st.lists(endpoints(), max_size=2))),
        runs=tuple(Run(end.container, "up", end.name) for end in draw(st.lists(endpoints(), max_size=1))))


entries = st.builds(Entry, texts, states(), states())
