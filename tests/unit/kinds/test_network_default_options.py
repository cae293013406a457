# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver options that the engine gives each new network (default-network-opts), and a network that is older than they are."""
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_write
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import ConvergeError
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network

from unit.laws import networks
from unit.laws.stage import Case, Fault, Killed, Stage

MTU = "com.docker.network.driver.mtu"
ICC = "com.docker.network.bridge.enable_icc"
THERE = {"engine": {"version": "28.5.2", "default_network_opts": {"bridge": {MTU: "1400"}}},
         "networks": [{"Name": "front", "Options": {ICC: "false"}, "Labels": {"old": "1"}}],
         "containers": [{"name": "web", "endpoints": {"front": {"Aliases": ["www"]}}}]}
OTHER = networks.completed({"name": "other", "ipam_config": [{"subnet": "10.250.0.0/24"}]})


def stage(there=None, **wish):
    return Stage(Case(networks, "defaults", networks.completed(dict({"name": "front"}, **wish)), there or THERE, {})).count()


def options(stage):
    return stage.engine.by_name("front")["Options"]


def test_a_network_made_anew_has_them_and_is_as_wanted():
    made = stage(internal=True)
    made.run()
    assert options(made) == {ICC: "false", MTU: "1400"}
    assert not made.run().changed


def test_the_way_back_takes_each_step_once():
    made = stage(internal=True).disturb("after_change", {3}, Fault)  # disconnected, removed, created
    with pytest.raises(ConvergeError) as caught:
        made.run()
    assert caught.value.rolled_back == "true" and made.changes == 3 + 3  # removed, created, connected
    assert options(made) == {ICC: "false", MTU: "1400"} and not made.journal.texts


def test_the_way_back_from_an_option_that_the_engine_gives_by_itself_comes_to_an_end():
    """It was 1450 that was added; the 1400 that is there again afterwards the engine has added."""
    made = stage(driver_options={MTU: "1450"}).disturb("after_change", {3}, Fault)
    with pytest.raises(ConvergeError) as caught:
        made.run()
    assert caught.value.rolled_back == "true" and made.changes == 3 + 3 and not made.journal.texts
    assert options(made) == {ICC: "false", MTU: "1400"}
    assert not [step for step in made.calm().run(OTHER).plan.steps if "front" in str(step)]


@pytest.mark.parametrize("wish,kept", [({"driver_options": {"com.docker.network.container_iface_prefix": "net"}}, {ICC: "false", MTU: "1400"}),
                                       ({"labels": {"new": "1"}}, {ICC: "false", MTU: "1400"}),
                                       ({"labels": {}, "exact": True}, {ICC: "false", MTU: "1400"})])
def test_what_a_stopped_run_added_goes_and_what_the_engine_adds_stays(wish, kept):
    made = stage(**wish)
    with pytest.raises(Killed):
        made.disturb("after_change", {3}, Killed).run()
    made.calm().run(OTHER)
    assert options(made) == kept and made.engine.by_name("front")["Labels"] == {"old": "1"} and not made.journal.texts
    assert made.portrait()["containers"]["web"]["on"] == {"front": {"Aliases": ["www"]}}
    assert not made.count().run(OTHER).changed and made.changes == 0


def test_a_fault_while_a_stopped_run_is_put_right_is_overcome():
    made = stage(driver_options={"com.docker.network.container_iface_prefix": "net"})
    with pytest.raises(Killed):
        made.disturb("after_change", {3}, Killed).run()
    with pytest.raises(ConvergeError) as caught:
        made.disturb("after_change", {2}, Fault).run(OTHER)
    assert caught.value.rolled_back == "true" and not made.journal.texts
    assert options(made) == {ICC: "false", MTU: "1400"}


def test_exact_of_labels_is_not_exact_of_options():
    made = stage(exact=True, labels={})
    made.run()
    assert options(made) == {ICC: "false", MTU: "1400"} and made.engine.by_name("front")["Labels"] == {}
    assert not made.run().changed


@pytest.mark.parametrize("there", [THERE, dict(THERE, networks=[], containers=[])], ids=["replaced", "created"])
def test_what_exact_cannot_keep_away_is_named(there):
    made = stage(there, exact=True, driver_options={})
    before = made.portrait()
    with pytest.raises(ConvergeError) as caught:
        made.run()
    assert str(caught.value) == (
        "network front: the engine gives each new network of driver bridge the driver option com.docker.network.driver.mtu "
        "(default-network-opts), against exact of network front; give it in driver_options, or take it out of daemon.json; everything is "
        "back as it was.")
    assert caught.value.rolled_back == "true" and made.portrait() == before and not made.journal.texts
    given = stage(there, exact=True, driver_options={MTU: 1400})
    given.run()
    assert options(given) == {MTU: "1400"} and not given.run().changed


@pytest.mark.parametrize("api,sent", [((1, 47), None), ((1, 48), True)])
def test_ipv4_is_asked_for_where_the_engine_knows_the_field(api, sent):
    assert docker_write.network_body(Network("front", enable_ipv4=True), api).get("EnableIPv4") is sent
    assert docker_write.network_body(Network("front", enable_ipv4=False), api)["EnableIPv4"] is False
    assert "EnableIPv4" not in docker_write.network_body(Network("front"), api)


def test_ipv4_that_is_asked_for_outdoes_the_engines_default():
    observed = {"engine": {"version": "28.5.2", "default_network_opts": {"bridge": {"com.docker.network.enable_ipv4": "false"}}}}
    made = stage(observed, enable_ipv4=True)
    assert made.run().changed and made.engine.by_name("front")["EnableIPv4"]
