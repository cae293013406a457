# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver options that the engine gives each new network (default-network-opts in daemon.json), and networks older than they are."""
from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager

import pytest

from assumptions import reach

from integration.networks.bench import PREFIX
from integration.networks.proxy import KILL_AFTER
from integration.networks.trouble import disturbed

MTU = "com.docker.network.driver.mtu"
ICC = "com.docker.network.bridge.enable_icc"
IPV4 = "com.docker.network.enable_ipv4"
FILE = "/etc/docker/daemon.json"


@pytest.fixture
def older(bench):
    """A network with a container, made before the engine was given default-network-opts."""
    if bench.engine.number < (24, 0):
        pytest.skip("engines before 24 have no such defaults")
    host = _host(bench)
    bench.network("front", "10.98.14.0/24", Options={ICC: "false"})
    bench.box("web", "front", "created", endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.98.14.9"}})
    with _defaults(bench, host, {MTU: "1400"}):
        yield bench


@pytest.fixture
def without_ipv4(bench):
    if bench.engine.number < (28, 0):
        pytest.skip("engines before 28 have IPv4 in every network")
    with _defaults(bench, _host(bench), {IPV4: "false"}):
        yield bench


def _host(bench):
    host = next((each for each in reach.lab_hosts() if _run(each, "uname -n").strip() == bench.api.info()["Name"]), None)
    if host is None:
        pytest.skip("the engine's host cannot be reached to give it a daemon.json")
    return host


@contextmanager
def _defaults(bench, host, options):
    former = _run(host, "cat %s 2>/dev/null || true" % FILE)
    _take_over(bench, host, json.dumps(dict(json.loads(former or "{}"), **{"default-network-opts": {"bridge": options}})))
    yield
    bench.clean()
    _take_over(bench, host, former)


def _run(host, command, text=None):
    return subprocess.run([*reach._ssh(host), command], input=text, check=True, capture_output=True, text=True).stdout


def _take_over(bench, host, text):
    _run(host, "sudo tee %s" % FILE if text else "sudo rm -f %s" % FILE, text)
    bench.engine.restart_engine()


def shown(bench):
    return bench.api.inspect_network(PREFIX + "front")["Options"]


def box(bench):
    return bench.portrait()["containers"]


def test_the_way_back_ends_though_the_engine_adds_options(older):
    before = box(older)
    assert shown(older) == {ICC: "false"}
    answer = older.run(name=PREFIX + "front", driver_options={}, exact=True)
    assert answer["failed"] and answer["rolled_back"] == "true" and not answer["left_over"], answer
    assert "the driver option %s (default-network-opts), against exact" % MTU in answer["msg"]
    assert shown(older) == {ICC: "false", MTU: "1400"} and box(older) == before and not older.journals()
    older.done(name=PREFIX + "front", internal=True)
    again = older.run(name=PREFIX + "front", internal=True)
    assert not again["changed"] and shown(older) == {ICC: "false", MTU: "1400"} and box(older) == before


def test_what_a_killed_run_left_is_put_right_once(older):
    before = box(older)
    front, other = {"name": PREFIX + "front", "driver_options": {"com.docker.network.container_iface_prefix": "net"}}, {"name": PREFIX + "other"}
    answer, proxy = disturbed(older, KILL_AFTER, 3, front)  # disconnected, removed, created
    assert answer is None and "com.docker.network.container_iface_prefix" in shown(older), proxy.changes
    assert older.done(**other)["changed"]
    assert shown(older) == {ICC: "false", MTU: "1400"} and box(older) == before and not older.journals()
    assert not older.done(**other)["changed"]


def test_of_a_configuration_network_and_what_is_made_from_it(older):
    wish = [{"name": PREFIX + "template", "config_only": True, "ipam_config": [{"subnet": "10.98.15.0/24"}]},
            {"name": PREFIX + "made", "config_from": PREFIX + "template"}]
    assert older.done(networks=wish)["changed"]
    again = older.done(networks=wish)
    assert not again["changed"], again["reasons"]
    older.done(networks=[dict(row, state="absent") for row in wish])


def test_ipv4_that_is_asked_for_is_there_against_the_defaults(without_ipv4):
    six = [{"subnet": "fd98:14::/64"}]
    wish = [{"name": PREFIX + "both", "enable_ipv4": True, "enable_ipv6": True, "ipam_config": [{"subnet": "10.98.16.0/24"}, *six]},
            {"name": PREFIX + "six", "enable_ipv6": True, "ipam_config": [{"subnet": "fd98:15::/64"}]}]
    without_ipv4.done(networks=wish)
    seen = {name: without_ipv4.api.inspect_network(PREFIX + name)["EnableIPv4"] for name in ("both", "six")}
    assert seen == {"both": True, "six": False}
    again = without_ipv4.done(networks=wish)
    assert not again["changed"], again["reasons"]
    assert without_ipv4.done(name=PREFIX + "six", enable_ipv4=True, enable_ipv6=True)["changed"]
    assert without_ipv4.api.inspect_network(PREFIX + "six")["EnableIPv4"]
