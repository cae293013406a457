# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The swarm modules on the lab's hosts, over SSH, with the hosts' own Python and Docker SDK: one life of a small swarm."""
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from ansible_collections.fleetnet.docker.plugins.modules import swarm as swarm_module
from ansible_collections.fleetnet.docker.plugins.modules import swarm_info as swarm_info_module

ROOT = Path(__file__).resolve().parents[2]
PREFIX = os.environ.get("LAB_SUBNET", "10.203.0.0/24").rsplit(".", 1)[0]
ADDRESS = {"host%d" % number: "%s.%d" % (PREFIX, 10 + number) for number in (1, 2, 3)}
SECONDS = 180


class Refused(Exception):
    """The module's own sentence."""


class Swarm:
    """Runs a module on a host, as an ad-hoc command does."""

    def __init__(self):
        self._inventory = ["-i", str(ROOT / "playbooks/inventories/lab/20-connection.yml")]
        self._environment = dict(os.environ, ANSIBLE_CALLBACK_RESULT_FORMAT="json", ANSIBLE_COLLECTIONS_PATH=os.environ.get(
            "ANSIBLE_COLLECTIONS_PATH", str(ROOT / ".venv/collections")), ANSIBLE_PIPELINING="1", ANSIBLE_NOCOLOR="1")

    def run(self, host, module, **options):
        done = subprocess.run(
            [str(Path(sys.executable).parent / "ansible"), host, *self._inventory, "--become", "-m", "fleetnet.docker." + module, "-a", json.dumps(options)],
            env=self._environment, capture_output=True, text=True, timeout=SECONDS, check=False)
        found = re.search(r"^%s \| \S+ => (?=\{)" % host, done.stdout, re.MULTILINE)
        assert found, done.stdout + done.stderr
        answer = json.JSONDecoder().raw_decode(done.stdout[found.end():])[0]
        if done.returncode:
            raise Refused(answer["msg"])
        return answer

    def swarm(self, host, **options):
        return self.run(host, "swarm", **options)

    def refused(self, host, **options):
        with pytest.raises(Refused) as reason:
            self.swarm(host, **options)
        return str(reason.value)

    def membership(self, host):
        return self.run(host, "swarm_info", membership=True, return_secrets=False)["membership"]


@pytest.fixture(scope="module")
def lab():
    if not os.environ.get("LAB_NAME"):
        pytest.skip("no lab is given: ./dev test-integration starts one")
    found = Swarm()
    busy = [host for host in ADDRESS if found.membership(host)["state"] != "inactive"]
    if busy:
        pytest.skip("the lab's hosts are in a swarm already: %s" % ", ".join(busy))
    yield found
    for host in reversed(list(ADDRESS)):
        found.swarm(host, state="absent", force=True)


def join(token, host, **more):
    return dict(dict(state="join", join_token=token, remote_addrs=[ADDRESS["host1"]], advertise_addr=ADDRESS[host]), **more)


@pytest.mark.engine
def test_a_swarms_life(lab):
    # Made once; what is fixed is watched, what can be changed is changed alone.
    made = lab.swarm("host1", advertise_addr=ADDRESS["host1"], default_addr_pool=["10.64.0.0/16"], subnet_size=25, data_path_port=4790,
                     snapshot_interval=500)
    assert made["changed"] and made["membership"]["manager"]
    assert made["swarm_facts"]["DefaultAddrPool"] == ["10.64.0.0/16"] and made["swarm_facts"]["SubnetSize"] == 25
    assert made["swarm_facts"]["DataPathPort"] == 4790
    again = lab.swarm("host1", advertise_addr="eth0", default_addr_pool=["10.64.0.0/16"], subnet_size=25, data_path_port=4790,
                      listen_addr="0.0.0.0:2377", data_path_addr=ADDRESS["host1"], snapshot_interval=500, return_secrets=False)
    assert not again["changed"] and not again.get("warnings") and "JoinTokens" not in again["swarm_facts"]
    changed = lab.swarm("host1", keep_old_snapshots=2, labels={"site": "lab"})["swarm_facts"]["Spec"]
    assert changed["Raft"]["SnapshotInterval"] == 500 and changed["Raft"]["KeepOldSnapshots"] == 2 and changed["Labels"] == {"site": "lab"}
    assert lab.refused("host1", data_path_port=4800, on_drift="fail") == (
        "The data_path_port is 4790, wanted 4800: it is fixed when the swarm is made; only a new swarm can have another.")

    # Tokens: taken, used, made anew.
    tokens = made["swarm_facts"]["JoinTokens"]
    assert lab.swarm("host2", **join(tokens["Worker"], "host2"))["membership"]["address"] == ADDRESS["host2"]
    assert not lab.swarm("host2", **join(tokens["Worker"], "host2"))["changed"]
    rotated = lab.swarm("host1", rotate_worker_token=True)
    assert rotated["changed"] and rotated["swarm_facts"]["JoinTokens"]["Worker"] != tokens["Worker"]
    assert rotated["swarm_facts"]["JoinTokens"]["Manager"] == tokens["Manager"]
    old = lab.refused("host3", **join(tokens["Worker"], "host3"))
    assert "everything is back as it was" in old and tokens["Worker"] not in old
    assert lab.membership("host3")["state"] == "inactive"

    # Another swarm is never touched.
    other = lab.swarm("host3", advertise_addr=ADDRESS["host3"])["swarm_facts"]["JoinTokens"]["Worker"]
    assert "already belongs to another swarm" in lab.refused("host3", **join(tokens["Manager"], "host3"))
    assert "already belongs to another swarm" in lab.refused("host2", **join(other, "host2", remote_addrs=[ADDRESS["host3"]]))
    assert "only manager of its swarm" in lab.refused("host3", state="absent")
    assert lab.swarm("host3", state="absent", force=True)["changed"]
    assert not lab.swarm("host3", state="absent")["changed"]

    # A manager hands over before it leaves, and is taken off the list.
    joined = lab.swarm("host3", **join(tokens["Manager"], "host3"))
    assert joined["membership"]["manager"]
    left = lab.swarm("host3", state="absent")
    assert [line.split()[0] for line in left["actions"]] == ["demote", "leave"]
    gone = joined["membership"]["node_id"]
    assert lab.swarm("host1", state="remove", node_id=gone, force=True)["changed"]
    assert not lab.swarm("host1", state="remove", node_id=gone)["changed"]
    listed = lab.run("host1", "swarm_info", nodes=True, services=True, tasks=True)
    assert sorted(row["Hostname"] for row in listed["nodes"]) == ["host1", "host2"] and listed["services"] == listed["tasks"] == []


@pytest.mark.engine
def test_bad_luck_is_found_before_anything_is_done(lab):
    token = "SWMTKN-1-2p4ila3tjof2tlcyw7ce8jlxjh5bd40l9vg8mmu30i8yihacln-7jijfo5wfdb4z09pte5z8bwa8"
    nobody = "%s.250" % PREFIX
    assert "is not this host's own" in lab.refused("host3", advertise_addr=nobody)
    assert lab.refused("host3", **join(token, "host3", remote_addrs=[nobody])).startswith(
        "No manager can be reached at %s:2377 (" % nobody)
    assert "name only this host itself" in lab.refused("host3", **join(token, "host3", remote_addrs=[ADDRESS["host3"]]))
    assert lab.refused("host3", listen_addr="0.0.0.0:22") == (
        "Port 22/tcp, which a swarm needs, is taken by another process on this host; stop that, or choose another in listen_addr.")
    assert "and only a manager can show the swarm" in str(pytest.raises(Refused, lab.run, "host3", "swarm_info", nodes=True).value)
    assert lab.membership("host3")["state"] == "inactive"


@pytest.mark.engine
def test_an_autolocked_swarm_gives_its_key(lab):
    if not lab.membership("host1")["manager"]:
        lab.swarm("host1", advertise_addr=ADDRESS["host1"])
    locked = lab.swarm("host1", autolock_managers=True)
    assert locked["swarm_facts"]["UnlockKey"].startswith("SWMKEY-1-")
    assert lab.run("host1", "swarm_info", unlock_key=True)["swarm_unlock_key"] == locked["swarm_facts"]["UnlockKey"]
    assert lab.swarm("host1", autolock_managers=False)["changed"]


def examples(module):
    """:returns: the title and the parameters of each, with the addresses of these hosts, and its state where the module keeps it"""
    text = module.EXAMPLES.replace("192.0.2.11", ADDRESS["host1"]).replace("192.0.2.12", ADDRESS["host2"])
    name = "fleetnet.docker." + module.__name__.rpartition(".")[2]
    return [(task["name"], {key: value for key, value in task[name].items() if key != "state_dir"})
            for task in yaml.safe_load(text) if name in task]


def authority(folder):
    """:returns: certificate and key that could sign those of the nodes"""
    files = folder / "ca.pem", folder / "ca.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
                    "/CN=swarm-ca", "-keyout", str(files[1]), "-out", str(files[0])], check=True, capture_output=True, timeout=60)
    return [file.read_text(encoding="utf-8") for file in files]


@pytest.mark.engine
def test_every_example_of_the_documentation(lab, tmp_path):
    for host in reversed(list(ADDRESS)):
        lab.swarm(host, state="absent", force=True)
    shown = examples(swarm_module)
    makes_one = [params for _title, params in shown if "advertise_addr" in params and "state" not in params]
    for params in reversed(makes_one):
        lab.swarm("host1", state="absent", force=True)
        made = lab.swarm("host1", **params)
        assert made["changed"] and not lab.swarm("host1", **params)["changed"], params
    worker = None
    certificate, key = authority(tmp_path)
    for title, params in shown:
        if params in makes_one:
            continue
        host = "host2" if title in ("A worker", "Leave, and hand over first where this is a manager") else "host1"
        given = {"join_token": made["swarm_facts"]["JoinTokens"]["Worker"], "node_id": worker, "signing_ca_cert": certificate,
                 "signing_ca_key": key}
        params = {name: given.get(name, value) for name, value in params.items()}
        answer = lab.swarm(host, **params)
        worker = answer["membership"]["node_id"] if title == "A worker" else worker
        assert answer["changed"], (title, answer)
        if title == "Leave, and hand over first where this is a manager":
            wait_until_down(lab, worker)
        if title == "What a swarm may have otherwise later":
            serve_nothing("webapp1")
            for name, asked in examples(swarm_info_module):
                assert not lab.run("host1", "swarm_info", **asked)["changed"], name
        assert lab.swarm(host, **params)["changed"] is title.startswith("New tokens"), title


def serve_nothing(name):
    """A service without copies, so without an image, for the engine knows no tasks of one that is not there."""
    subprocess.run(["docker", "exec", os.environ["LAB_NAME"] + "-host1", "docker", "service", "create", "--detach", "--no-resolve-image",
                    "--replicas", "0", "--name", name, "nothing:1"], check=True, capture_output=True, timeout=SECONDS)


def wait_until_down(lab, node):
    until = time.monotonic() + SECONDS
    while [row for row in lab.run("host1", "swarm_info", nodes=True)["nodes"] if row["ID"] == node and row["Status"] == "ready"]:
        assert time.monotonic() < until, node
        time.sleep(1)
