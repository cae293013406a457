# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text can be wrong in is refused before the engine is asked, with the value and the way out."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm.wish import desired

TOKEN = "SWMTKN-1-2p4ila3tjof2tlcyw7ce8jlxjh5bd40l9vg8mmu30i8yihacln-7jijfo5wfdb4z09pte5z8bwa8"

WRONG = [
    (dict(advertise_addr="192.0.2.300"), "The advertise_addr '192.0.2.300' is not an IP address; write it like 192.0.2.11:2377 or eth0."),
    (dict(advertise_addr="192.0.2.11:99999"),
     "The port in advertise_addr '192.0.2.11:99999' is not a number from 1 to 65535; write it like 192.0.2.11:2377 or eth0."),
    (dict(advertise_addr="192.0.2.11:web"),
     "The port in advertise_addr '192.0.2.11:web' is not a number from 1 to 65535; write it like 192.0.2.11:2377 or eth0."),
    (dict(advertise_addr="0.0.0.0"), "The advertise_addr 0.0.0.0 stands for every address; give the one that the other hosts reach."),
    (dict(advertise_addr="manager.example.org"),
     "The advertise_addr 'manager.example.org' is neither an IP address nor the name of an interface; write it like 192.0.2.11:2377 or eth0."),
    (dict(listen_addr="two words"),
     "The listen_addr 'two words' is neither an IP address nor the name of an interface; write it like 192.0.2.11:2377 or eth0."),
    (dict(data_path_addr="192.0.2.11:4789"),
     "The data_path_addr '192.0.2.11:4789' has a port, which belongs in data_path_port; write it like 192.0.2.11 or eth0."),
    (dict(data_path_port=80), "The data_path_port 80 is not possible; the engine takes 1024 to 49151."),
    (dict(default_addr_pool=["10.64.0.1/16"]),
     "The default_addr_pool '10.64.0.1/16' is wrong (10.64.0.1/16 has host bits set); write it like 10.64.0.0/16."),
    (dict(default_addr_pool=["10.64.0.0/16", "10.64.8.0/24"]),
     "The default_addr_pool has 10.64.0.0/16 and 10.64.8.0/24, which overlap; keep one."),
    (dict(default_addr_pool=["fd00:1::/48"]), "The default_addr_pool fd00:1::/48 is IPv6, and Swarm only takes IPv4 pools; leave it out."),
    (dict(default_addr_pool=["10.64.0.0/26"]), "The default_addr_pool 10.64.0.0/26 has no room for a subnet of size 24 (the default); give a "
                                               "larger pool, or a larger subnet_size."),
    (dict(subnet_size=31), "The subnet_size 31 is not possible; the engine takes up to 29."),
    (dict(name="production"), "The swarm's name cannot be 'production': every engine names its swarm \"default\" and refuses any other; leave "
                              "name out."),
    (dict(signing_ca_key="KEY"), "The options signing_ca_cert and signing_ca_key belong together; give both or none."),
    (dict(state="join", join_token=TOKEN, remote_addrs=["http://manager"]),
     "The port in remote_addrs 'http://manager' is not a number from 1 to 65535; write it like 192.0.2.11:2377."),
    (dict(state="join", join_token=TOKEN, remote_addrs=["a b"]),
     "The entry 'a b' in remote_addrs is neither an IP address nor a host's name; write it like 192.0.2.11:2377."),
    (dict(state="join", join_token="secret", remote_addrs=["192.0.2.11"]),
     "The join_token is not a token of a swarm (SWMTKN-1-...-...); take it from the swarm_facts of a manager."),
]


@pytest.mark.parametrize("params, sentence", WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_refused(params, sentence):
    with pytest.raises(WishError) as reason:
        desired(params)
    assert str(reason.value) == sentence


@pytest.mark.parametrize("text, shown", [
    ("192.0.2.11", "192.0.2.11"), ("192.0.2.11:4567", "192.0.2.11:4567"), ("eth0", "eth0"), ("eth0:4567", "eth0:4567"),
    ("bond0.30", "bond0.30"), ("fd00::11", "fd00::11"), ("FD00:0::11", "fd00::11"), ("[fd00::11]:4567", "[fd00::11]:4567"),
])
def test_addresses_are_canonical(text, shown):
    assert str(desired(dict(advertise_addr=text)).own.advertise) == shown


def test_remotes_have_a_port():
    wish = desired(dict(state="join", join_token=TOKEN, remote_addrs=["192.0.2.11", "manager.example.org:4567", "fd00::11"]))
    assert [str(remote) for remote in wish.remotes] == ["192.0.2.11:2377", "manager.example.org:4567", "[fd00::11]:2377"]


def test_secrets_are_in_no_representation():
    wish = desired(dict(state="join", join_token=TOKEN, remote_addrs=["192.0.2.11"], signing_ca_cert="C", signing_ca_key="PRIVATE"))
    assert TOKEN not in repr(wish) and "PRIVATE" not in repr(wish)
