# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that leaves an endpoint nobody has, while a network is replaced: found in the verification, freed on the way back."""
from __future__ import annotations

import pytest
import yaml

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError

from unit.laws import networks
from unit.laws.stage import Case, Stage

OBSERVED = """
networks: [{Name: front, IPAM: {Config: [{Subnet: 10.7.0.0/24}]}}, {Name: back}]
containers:
  - {name: web, mode: bridge, endpoints: {front: {Aliases: [www], IPAMConfig: {IPv4Address: 10.7.0.9}}}}
  - {name: cold, state: exited, mode: bridge, endpoints: {front: {}}}
"""


def stage():
    return Stage(Case(networks, "orphan", networks.completed({"name": "front", "internal": True}), yaml.safe_load(OBSERVED), {}))


def leaking(engine, times):
    """Each of the first connects leaves an endpoint of no container besides the one that was asked for."""
    count = iter(range(times))

    def leak(what):
        if what.startswith("connect") and next(count, None) is not None:
            engine.leaked.setdefault(engine.by_name("front")["Id"], []).append("ghost")

    engine.after_change = leak


def test_an_endpoint_that_no_container_has_is_a_fault_and_is_freed_on_the_way_back():
    here = stage()
    before = here.portrait()
    leaking(here.engine, 1)
    with pytest.raises(ConvergeError) as caught:
        here.run()
    assert str(caught.value) == ("network front: after all steps there is still a difference: disconnect endpoint ghost, which no container has, "
                                 "on network front; everything is back as it was.")
    assert caught.value.rolled_back == "true" and here.portrait() == before and not here.journal.texts


def test_one_that_comes_again_and_again_is_told_as_left_over():
    here = stage()
    leaking(here.engine, 100)
    with pytest.raises(ConvergeError) as caught:
        here.run()
    assert caught.value.rolled_back == "partial"
    assert caught.value.left_over[0] == "disconnect endpoint ghost, which no container has, on network front"
    assert list(here.journal.texts) == ["network front"]


def test_an_endpoint_that_is_nobodys_for_a_moment_is_none():
    """As of a container that starts or crashes just now, or that came after the containers were listed."""
    here = stage()
    leaking(here.engine, 1)
    looks = iter(range(100))

    def gone_meanwhile(_seconds):
        if next(looks) == 2:
            here.engine.leaked.clear()

    world = here.world()
    world.pause = gone_meanwhile
    assert here.run(world=world).changed and not here.journal.texts


@pytest.mark.parametrize("wish,read", [
    ({"name": "front"}, 0), ({"name": "back", "internal": True}, 3), ({"name": "front", "internal": True}, 4), ({"name": "new"}, 1)])
def test_a_network_is_asked_for_its_endpoints_where_it_goes_and_where_somebody_is_on_it(wish, read):
    """Once before, once more under the lock, and in the verification; a network just made is looked at by the adapter, too."""
    here, asked = stage(), []
    plain = here.engine.inspect_network
    here.engine.inspect_network = lambda ident: asked.append(ident) or plain(ident)
    here.run(networks.completed(wish))
    assert len(asked) == read
