# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role engine writes and how the engine takes it over, without an engine."""

from __future__ import annotations

import json

import pytest
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config.plan import not_taken_over, plan

LAN = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
TO_10_8 = LAN + "tun0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"


def decide(wish, present=None, **observed):
    seen = {"version": "26.1.5+dfsg1", "path": "/etc/docker/daemon.json", "running": True}
    seen["text"] = json.dumps(present) if present is not None else ""
    return plan(wish, dict(seen, **observed))


def written(decision):
    return json.loads(decision["text"])


def test_nothing_asked_for_changes_nothing():
    decision = decide({}, {"debug": True})
    assert (decision["file_differs"], decision["action"], decision["errors"]) == (False, "none", [])


def test_spelling_alone_is_no_difference():
    decision = decide({"daemon_options": {"debug": True}}, text='{"debug":\n   true}')
    assert decision["text"] == '{"debug":\n   true}'
    assert not decision["file_differs"]


def test_foreign_keys_stay():
    decision = decide({"mtu": 1400}, {"storage-driver": "overlay2", "log-opts": {"tag": "x"}})
    assert written(decision)["storage-driver"] == "overlay2"
    assert written(decision)["log-opts"] == {"tag": "x"}


def test_dictionaries_merge_lists_are_exact_null_removes():
    present = {"labels": ["a=1"], "features": {"buildkit": True, "cdi": True}, "debug": True}
    decision = decide({"daemon_options": {"labels": ["b=2"], "features": {"cdi": None}, "debug": None}}, present)
    assert written(decision) == {"labels": ["b=2"], "features": {"buildkit": True}}


@pytest.mark.parametrize(
    ("wish", "present", "action"),
    [
        ({"insecure_registries": ["r:5000"]}, {}, "reload"),
        ({"insecure_registries": []}, {"insecure-registries": ["r:5000"]}, "reload"),
        ({"daemon_options": {"insecure-registries": None}}, {"insecure-registries": ["r:5000"]}, "restart"),
        ({"daemon_options": {"debug": True, "live-restore": True}}, {}, "reload"),
        ({"daemon_options": {"features": {"cdi": True}}}, {}, "restart"),
        ({"mtu": 1400}, {}, "restart"),
        ({"mtu": 1400, "daemon_options": {"debug": True}}, {}, "restart"),
    ],
)
def test_restart_only_when_a_reload_is_not_enough(wish, present, action):
    assert decide(wish, present)["action"] == action


def test_an_engine_that_does_not_run_is_started():
    assert decide({}, {}, running=False)["action"] == "start"


def test_one_that_may_be_starting_with_the_former_file_is_restarted():
    assert decide({"mtu": 1400}, {}, running=False)["action"] == "restart"
    assert decide({}, {}, running=False, interrupted=True)["action"] == "restart"


def test_a_client_that_got_no_answer_shows_an_engine_without_anything():
    assert not_taken_over({"ServerVersion": "", "Debug": False, "Labels": None}, '{"storage-driver": "zfs"}', ["storage-driver"]) == ["engine"]


def test_an_interrupted_run_ends_in_a_restart():
    assert decide({}, {}, interrupted=True)["action"] == "restart"


def test_what_was_never_taken_over_is_no_basis_for_the_next_run():
    was, never = {"labels": ["a=1"]}, {"labels": ["a=1"], "storage-driver": "none-such"}
    kept = dict(interrupted=True, before="kept", former=json.dumps(was))
    again = decide({"daemon_options": {"storage-driver": "none-such"}}, never, **kept)
    assert (written(again), again["file_differs"], again["differing"], again["action"]) == (never, False, ["storage-driver"], "restart")
    corrected = decide({}, never, **kept)
    assert (written(corrected), corrected["file_differs"], corrected["action"]) == (was, True, "restart")
    there_was_none = decide({"mtu": 1400}, never, **{**kept, "before": "none"})
    assert "storage-driver" not in written(there_was_none)


def test_a_forbidden_restart_is_refused_before_anything():
    (sentence,) = decide({"mtu": 1400, "restart": "never"}, {})["errors"]
    assert sentence == (
        "Changing 'default-network-opts', 'mtu' needs a restart of the engine, which engine_restart: never forbids;"
        " allow it (auto) when its containers may stop."
    )


def test_proxies_are_in_the_file_from_23_and_in_the_environment_below():
    wish = {"http_proxy": "http://u:p@proxy:3128", "no_proxy": "localhost"}
    new = decide(wish, {})
    assert written(new)["proxies"] == {"http-proxy": "http://u:p@proxy:3128", "no-proxy": "localhost"}
    assert new["environment"] == "" and not new["environment_differs"]
    old = decide(wish, {}, version="20.10.24+dfsg1")
    assert not old["file_differs"]
    assert old["environment"] == 'HTTP_PROXY="http://u:p@proxy:3128"\nNO_PROXY="localhost"\n'
    assert old["action"] == "restart"


def test_an_upgraded_engine_loses_the_environment_file():
    decision = decide({"http_proxy": "http://proxy:3128"}, {}, environment='HTTP_PROXY="http://proxy:3128"\n')
    assert decision["environment_differs"] and decision["environment"] == ""


def test_credentials_are_masked_and_known_as_secret():
    decision = decide({"https_proxy": "http://u:geheim@proxy:3128", "log_opts": {"splunk-token": "geheim"}}, {})
    assert decision["secret"]
    assert "geheim" not in json.dumps(decision["after_masked"])
    assert not decide({"https_proxy": "http://proxy:3128"}, {})["secret"]


def test_log_options_are_texts_and_those_of_another_driver_go():
    present = {"log-driver": "json-file", "log-opts": {"max-file": "3"}}
    assert written(decide({"log_opts": {"max-file": 5, "compress": True}}, present))["log-opts"] == {"max-file": "5", "compress": "true"}
    assert "log-opts" not in written(decide({"log_driver": "journald"}, present))


@pytest.mark.parametrize(
    "wish",
    [
        {"log_driver": "syslog", "daemon_options": {"log-opts": {"tag": "x"}}},
        {"daemon_options": {"log-driver": "syslog", "log-opts": {"tag": "x"}}},
        {"log_opts": {"tag": "x"}, "daemon_options": {"log-driver": "syslog"}},
    ],
)
def test_options_of_the_former_driver_go_whichever_variable_brings_the_new_ones(wish):
    present = {"log-driver": "json-file", "log-opts": {"max-file": "3"}}
    assert written(decide(wish, present)) == {"log-driver": "syslog", "log-opts": {"tag": "x"}}


def test_mtu_of_new_networks_needs_24():
    assert "default-network-opts" in written(decide({"mtu": 1400}, {}))
    assert written(decide({"mtu": 1400}, {}, version="20.10.24")) == {"mtu": 1400}


def test_broken_file_is_named():
    (sentence,) = decide({}, text="{")["errors"]
    assert sentence.startswith("/etc/docker/daemon.json is not valid JSON (")


def test_what_docker_info_does_not_show_yet():
    registries = {"IndexConfigs": {"r:5000": {"Secure": False}, "docker.io": {"Secure": True}}}
    info = {"ServerVersion": "26.1.5", "Debug": False, "Labels": ["a=1"], "RegistryConfig": registries}
    text = '{"debug": true, "labels": ["a=1"], "insecure-registries": ["r:5000"], "max-concurrent-downloads": 6}'
    keys = ["debug", "labels", "insecure-registries", "max-concurrent-downloads"]
    assert not_taken_over(info, text, keys) == ["debug"]
    assert not_taken_over(info, "{}", keys) == []


def test_numbers_and_flags_may_be_text():
    """As --extra-vars KEY=VALUE gives them, and every template of ansible-core 2.18."""
    assert decide({"mtu": "1450", "ipv6": "false"}, {}) == decide({"mtu": 1450, "ipv6": False}, {})
    assert decide({"mtu": "", "ipv6": ""}, {}) == decide({}, {})
    assert decide({"mtu": "67"}, {})["errors"] == ["engine_mtu is 67; choose a number from 68 to 65535."]
