# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of engines as values, each oddity by itself; recorded answers of a real 29.7."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_network, docker_read
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import state
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Route

RECORDED = Path(__file__).parent.parent / "fixtures" / "engine-29.7"
ID = "0123456789abcdef" * 4


def recorded(name):
    return json.loads((RECORDED / name).read_text())


def test_every_recorded_network_is_read():
    found = {raw["Name"]: docker_read.network(raw) for raw in recorded("networks.json")}
    assert {"bridge", "host", "none", "dual", "mv", "v6only", "routed"} <= set(found)
    assert found["v6only"].enable_ipv4 is False and found["v6only"].ipam_config[0].subnet == "fd19:a160:c7d6::/64"
    assert found["mv"].ipam_config[0].aux_addresses == (("shim", "192.168.90.2"),)
    assert [pool.subnet for pool in found["dual"].ipam_config] == ["172.30.0.0/24", "fd00:30::/64"]


def test_a_recorded_container_that_runs():
    details = recorded("container-web.json")
    ends = {name: docker_read.endpoint(dict(details, Config={}), name, raw)
            for name, raw in details["NetworkSettings"]["Networks"].items()}
    assert all(end.mac_address is None for end in ends.values())
    assert ends["dual"].ipv4_address == "172.30.0.9"


def test_a_recorded_container_that_never_ran():
    details = recorded("container-stopped.json")
    end = docker_read.endpoint(details, "dual", details["NetworkSettings"]["Networks"]["dual"])
    assert (end.ipv4_address, end.aliases, end.name) == ("172.30.0.20", ("cold",), "stopped")


def test_the_short_id_is_no_alias_of_a_user():
    details = {"Id": ID, "Name": "/web", "State": {"Running": True}}
    assert docker_read.endpoint(details, "n", {"Aliases": [ID[:12], "www"]}).aliases == ("www",)


@pytest.mark.parametrize("state_of,restarts,clock,expected", [
    ({"Running": True, "StartedAt": "2026-11-21T03:00:00.123456789Z"}, 3, "2026-11-21T03:00:05.000000001Z", "restarting"),
    ({"Running": True, "StartedAt": "2026-11-21T03:00:00.123456789Z"}, 3, "2026-11-21T03:00:20Z", "running"),
    ({"Running": True, "StartedAt": "2026-11-21T03:00:00Z"}, 3, "2026-11-21T05:00:05.5+02:00", "restarting"),
    ({"Running": True, "StartedAt": "2026-11-21T03:00:00Z"}, 0, "2026-11-21T03:00:01Z", "running"),
    ({"Running": True, "StartedAt": "unknown"}, 1, "2026-11-21T03:00:01Z", "restarting"),
    ({"Running": True, "Paused": True, "StartedAt": "2026-11-21T03:00:00Z"}, 1, "2026-11-21T03:00:01Z", "running"),
], ids=["just started again", "steady since", "another zone", "never restarted", "no time", "paused"])
def test_a_container_between_two_crashes_counts_as_restarting(state_of, restarts, clock, expected):
    details = {"HostConfig": {}, "State": state_of, "RestartCount": restarts}
    assert docker_read.container({"Id": ID, "State": "running"}, details, lambda: clock).state == expected


def test_a_closer_look_knows_better_than_a_list_that_lags():
    details = {"HostConfig": {}, "State": {"Status": "exited", "Running": False}, "RestartCount": 4}
    assert docker_read.container({"Id": ID, "State": "restarting"}, details).state == "exited"
    assert docker_read.container({"Id": ID, "State": "restarting"}).state == "restarting"


def test_the_clock_is_asked_only_where_it_matters():
    def asked():
        raise AssertionError("the engine was asked for its time")

    docker_read.container({"Id": ID, "State": "running"}, {"HostConfig": {}, "State": {"Running": True}, "RestartCount": 0}, asked)


def test_ports_names_and_settings():
    raw = {"Id": ID, "Names": ["/other/web", "/web"], "State": "running", "HostConfig": {"NetworkMode": "front"},
           "Ports": [{"PrivatePort": 80, "PublicPort": 8001, "Type": "tcp", "IP": "0.0.0.0"},
                     {"PrivatePort": 80, "PublicPort": 8001, "Type": "tcp", "IP": "::"}, {"PrivatePort": 81, "Type": "tcp"}]}
    details = {"HostConfig": {"NetworkMode": "front", "Sysctls": {"net.ipv4.conf.eth0.forwarding": "1", "net.ipv4.ip_forward": "1"},
                              "PortBindings": {"80/tcp": [{"HostPort": "8001"}], "81/tcp": [{"HostPort": ""}], "82/tcp": None,
                                               "83/tcp": [{"HostPort": "0"}]}}}
    box = docker_read.container(raw, details)
    assert (box.name, box.ports, box.random_ports) == ("web", ("8001->80/tcp",), ("81/tcp", "83/tcp"))
    assert box.link_sysctls == ("net.ipv4.conf.eth0.forwarding",) and box.network_mode == "front"


@pytest.mark.parametrize("text,version", [("20.10.24+dfsg1", (20, 10)), ("28.5.2", (28, 5)), ("29.0.0-rc.1", (29, 0)), ("", ()),
                                          ("dev", ())])
def test_versions(text, version):
    assert docker_read.version(text) == version


class Gone(ConnectionError):
    """An engine that is away."""


def test_an_engine_that_goes_away_is_waited_for_only_after_the_first_change():
    answers = iter([Gone(), Gone(), []])
    waited = []

    class Client:
        def networks(self):
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

    world = docker_network.DockerNetworks(Client(), state.Observed, state.Engine, lambda host, bridges: ((Route("10.0.0.0/8", "eth0"),), None, ()))
    world.pause = waited.append
    with pytest.raises(docker_network.EnvironmentFault):
        world.observe(state.Scope())
    assert waited == []
    world._begun = True
    assert world.observe(state.Scope()).networks == () and waited == [0.5]


def test_bridges_that_an_engine_must_have():
    rows = [{"Id": "0123456789abcdef", "Driver": "bridge", "Options": None},
            {"Id": "f" * 64, "Driver": "bridge", "Options": {"com.docker.network.bridge.name": "docker0"}},
            {"Id": "1" * 64, "Driver": "bridge", "ConfigOnly": True}, {"Id": "2" * 64, "Driver": "overlay"}]
    assert docker_read.bridges(rows) == {"br-0123456789ab", "docker0"}


def test_the_host_of_a_rootless_engine_is_not_this_one():
    assert docker_read.hostname({"Name": "web1", "SecurityOptions": ["name=seccomp,profile=default"]}) == "web1"
    assert docker_read.hostname({"Name": "web1", "SecurityOptions": ["name=rootless"]}) is None
