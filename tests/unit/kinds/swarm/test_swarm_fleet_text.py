# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible-core 2.18 hands on as text what a template of role swarm gave, and so does --extra-vars KEY=VALUE."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import fleet

from .swarm_fleet_model import Fleet, Host


def planned(**wanted):
    facts = Fleet([Host("a", "manager", "192.0.2.1")]).facts()
    facts["a"]["wanted"].update(wanted)
    return fleet.plan(["a"], [], facts)


def test_numbers_may_be_text():
    as_text = planned(data_path_port="7789", default_addr_pool=["10.20.0.0/16"], subnet_size="26")
    assert as_text == planned(data_path_port=7789, default_addr_pool=["10.20.0.0/16"], subnet_size=26)
    assert as_text["waves"]


def test_what_is_not_given_may_be_an_empty_text():
    assert planned(data_path_port="", default_addr_pool="", subnet_size="") == planned()


@pytest.mark.parametrize("port", ["80", "-5"])
def test_text_is_judged_as_the_number_it_is(port):
    with pytest.raises(WishError, match="a: The data_path_port %s is not possible" % port):
        planned(data_path_port=port)


@pytest.mark.parametrize("text, meant", [("false", False), ("no", False), ("True", True), ("yes", True)])
def test_flags_may_be_text(text, meant):
    assert planned(advertise_addr="192.0.2.1", allow_foreign_addr=text) == planned(advertise_addr="192.0.2.1", allow_foreign_addr=meant)


def test_a_foreign_address_is_refused_though_the_flag_is_a_text():
    with pytest.raises(WishError, match="a: .*203.0.113.9"):
        planned(advertise_addr="203.0.113.9", allow_foreign_addr="false")


def leaving(force):
    """A manager of a swarm in which somebody else is."""
    a = Host("a", "absent", "192.0.2.1")
    model = Fleet([a])
    swarm = model.new_swarm()
    model.enter(a, swarm, "manager")
    model.add(swarm, "192.0.2.2", "worker")
    return model.plan(force)


def test_force_may_be_text():
    assert leaving("true") == leaving(True)
    with pytest.raises(WishError, match="would end for"):
        leaving("false")
