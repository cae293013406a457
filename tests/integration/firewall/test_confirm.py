# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Over real SSH and sudo: policies that lock the controller out, controllers that die, hosts that restart before it is confirmed."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

from integration.firewall import over_ssh

KEPT = {"host": {"default": "drop"}}
LOCKOUT = {"host": {"default": "drop"}, "allow_lockout": True, "rollback_after": 12}
TABLE = "sudo nft -s list table inet fleetnet"
DISK = "sudo cat /etc/fleetnet/firewall.nft"
# By back end: what is in force, without counters, and what the next boot loads.
SEEN = {"nftables": (TABLE, DISK), "iptables": ("sudo iptables -S; sudo ip6tables -S", "sudo cat /etc/fleetnet/firewall.iptables")}

pytestmark = [pytest.mark.engine, pytest.mark.skipif(not os.environ.get("LAB_NAME"), reason="no lab: ./dev test-integration starts one")]


class Host(over_ssh.Host):
    """And as an onlooker sees it while it is closed."""

    def wait(self, seconds, command=TABLE):
        """:returns: seconds until a new connection came in, and what the command printed"""
        begun = time.monotonic()
        while True:
            said = self.ask(command)
            if said is not None or time.monotonic() - begun > seconds:
                return time.monotonic() - begun, said

    def dies_in_the_window(self, policy):
        """The controller's processes are killed as soon as the host is closed."""
        controller = self.start(policy)
        until = time.monotonic() + 60
        while self.ask("true") is not None:
            assert controller.poll() is None, "the host never closed: %s%s" % controller.communicate()
            assert time.monotonic() < until, "the host never closed, and the controller goes on"
        os.killpg(controller.pid, signal.SIGKILL)
        controller.communicate()


@pytest.fixture(scope="module", params=sorted(set(os.environ.get("LAB_ENGINE", "26.1").split(","))))
def host(request, tmp_path_factory):
    releases = os.environ.get("LAB_ENGINE", "26.1").split(",")
    number = releases.index(request.param)
    made = Host("host%d" % (number + 1), reach.lab_hosts()[number], tmp_path_factory.mktemp("confirm"))
    yield made
    made.apply({"state": "absent"})


@pytest.fixture
def kept(host):
    """A policy that keeps SSH is in force, confirmed and on the disk."""
    done = host.apply(KEPT)
    assert not done.get("failed"), done
    return host.ask(TABLE), host.ask(DISK)


@pytest.fixture(params=SEEN)
def by_each(host, request):
    """The same by each back end: its name, and what an onlooker sees of it."""
    done = host.apply(dict(KEPT, backend=request.param))
    assert not done.get("failed"), done
    yield request.param, [host.ask(command) for command in SEEN[request.param]]
    host.apply({"state": "absent"})


def test_confirmed_it_stays_and_is_written(host):
    host.apply({"state": "absent"})
    done = host.apply(KEPT)
    assert done["changed"] and done["actions"] == ["arm the roll-back timer", "load the rules in table inet fleetnet",
                                                   "persist the rules that are loaded at boot", "disarm the roll-back timer"]
    assert "kept: SSH" in host.ask(TABLE) and "armed" not in host.ask("sudo ls /run/fleetnet/rollback/firewall")
    again = host.apply(KEPT)
    assert not again["changed"] and again["reasons"] == ["the firewall is as wanted"]


def test_check_mode_foresees_the_whole_and_touches_nothing(host, kept):
    done = host.apply(LOCKOUT, "--check")
    assert done["actions"] == ["arm the roll-back timer", "load the rules in table inet fleetnet",
                               "persist the rules that are loaded at boot", "disarm the roll-back timer"]
    assert (host.ask(TABLE), host.ask(DISK)) == kept


def test_a_policy_that_locks_the_controller_out_is_taken_back(host, by_each):
    backend, kept = by_each
    done = host.apply(dict(LOCKOUT, backend=backend))
    assert done["failed"] and done["rolled_back"] == "true" and not done["changed"]
    assert done["msg"].startswith("The new firewall was not confirmed: the host can no longer be reached by a new connection (")
    assert done["msg"].endswith("; the host took it back, and what was in force before is in force again.")
    assert [host.ask(command) for command in SEEN[backend]] == kept


def test_a_controller_that_dies_in_the_window_changes_nothing(host, by_each):
    backend, kept = by_each
    begun = time.monotonic()
    host.dies_in_the_window(dict(LOCKOUT, backend=backend))
    _seconds, said = host.wait(LOCKOUT["rollback_after"] + 5, SEEN[backend][0])
    assert [said, host.ask(SEEN[backend][1])] == kept and time.monotonic() - begun < 60
    assert "nobody confirmed within 12 s" in host.ask("sudo cat /run/fleetnet/rollback/firewall/outcome.json")


def test_a_restart_in_the_window_comes_back_with_the_old_rules(host, by_each):
    backend, kept = by_each
    host.dies_in_the_window(dict(LOCKOUT, backend=backend, rollback_after=600))
    subprocess.run(["docker", "restart", "%s-%s" % (os.environ["LAB_NAME"], host.name)], check=True, capture_output=True)
    _seconds, said = host.wait(60, SEEN[backend][0])
    # Before SSH answers the rules are there, before the engine has made its own chains of iptables.
    assert said and ours(said) == ours(kept[0]) and host.ask(SEEN[backend][1]) == kept[1]
    assert not host.ask("sudo ls -d /run/fleetnet/rollback/firewall/armed-* 2>/dev/null")


def ours(listing):
    """Of iptables' rules those that are not the engine's; of nftables' table all."""
    return [line.split() for line in listing.splitlines() if "DOCKER" not in line and "docker0" not in line and not line.startswith("-P ")]


def test_by_a_jump_host_and_without_multiplexing(host, kept):
    """Each of them makes a connection of its own; the one through a jump host is seen by its end only."""
    other = reach.lab_hosts()[-1] if host.name == "host1" else reach.lab_hosts()[0]
    jump = "-o ProxyCommand='%s'" % " ".join(["ssh", "-W", "%h:%p", *reach._ssh(other)[1:]])
    ways = [{"ansible_ssh_extra_args": jump}, {"ansible_ssh_args": "-C"}]
    for number, way in enumerate(ways):
        policy = {"host": {"default": "drop", "rules": [{"action": "accept", "ports": [str(9000 + number)]}]}}
        done = host.apply(policy, "--extra-vars", json.dumps(way))
        assert not done.get("failed") and done["actions"][-2:] == [
            "persist the rules that are loaded at boot", "disarm the roll-back timer"], done


def test_a_connection_that_something_else_holds_open_proves_nothing(host, kept, tmp_path):
    master, program = tmp_path / "m", tmp_path / "ssh"
    # Ansible takes this for a client that makes a new connection each time.
    program.write_text('#!/bin/sh\ncase " $* " in *" -O "*) exit 255 ;; esac\nexec ssh -S %s "$@"\n' % master)
    program.chmod(0o755)
    holder = subprocess.Popen([*reach._ssh(host.address, "-M", "-S", str(master), "-N")])
    try:
        while not master.exists():
            assert holder.poll() is None, "ssh ended by itself"
            time.sleep(0.1)
        done = host.apply({"published": {"default": "drop"}, "rollback_after": 30},
                          "--extra-vars", json.dumps({"ansible_ssh_executable": str(program)}))
    finally:
        holder.terminate()
        holder.wait()
    assert done.get("failed") and done["rolled_back"] == "true", done
    assert "no new connection could be made, because something else than Ansible holds the old one open" in done["msg"]
    assert host.ask(TABLE) == kept[0]
