# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task as a whole is bound by: other runs, rights, reads, containers that may be off, subnets that are left."""
from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from integration.networks.bench import PREFIX, TESTS
from integration.networks.proxy import CALL_BEFORE, Proxy

FRONT, BACK = PREFIX + "front", PREFIX + "back"
LABEL = "fleetnet.integration/purge"


@pytest.fixture
def proxy(bench):
    folder = bench.folder / "proxy"
    folder.mkdir()
    with Proxy(folder, bench.url) as opened:
        yield opened


@pytest.mark.parametrize("many", [1, 30])
def test_nothing_to_do_takes_few_reads_however_many_networks(bench, proxy, many):
    wish = [{"name": "%sn%d" % (PREFIX, n), "ipam_config": [{"subnet": "10.98.%d.0/24" % (100 + n)}], "labels": {LABEL: ""}}
            for n in range(many)]
    bench.done(networks=wish)
    for number in range(3):
        bench.box("web%d" % number, "n0")
    answer = bench.run(through=proxy, networks=wish, purge=LABEL)
    assert not answer.get("failed") and not answer["changed"], answer
    assert proxy.changes == [] and [line.partition("?")[0] for line in proxy.reads] == ["GET /version", "GET /networks"]


def test_a_second_run_waits_for_the_first_and_says_for_whom(bench):
    bench.network("front", "10.98.50.0/24")
    begun, may_go_on = threading.Event(), threading.Event()
    folder = bench.folder / "first"
    folder.mkdir()
    answers = []

    def held():
        begun.set()
        may_go_on.wait(60)

    with Proxy(folder, bench.url, CALL_BEFORE, 1, held) as proxy:
        first = threading.Thread(target=lambda: answers.append(bench.run(through=proxy, name=FRONT, internal=True)))
        first.start()
        assert begun.wait(60)
        refused = bench.run(name=BACK, lock_timeout=1)
        holder = r"process \d+ \(networks, run by \w+( for \w+)? since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)"
        assert re.fullmatch("Another run changes this engine: %s still holds the lock after 1 s; wait for it, or raise lock_timeout." % holder,
                            refused["msg"]), refused
        threading.Timer(1, may_go_on.set).start()
        second = bench.done(name=BACK, lock_timeout=30)
        first.join(60)
    assert second["changed"] and answers[0].get("changed"), answers[0].get("msg")
    # Warnings of all runs in this process are listed, so the one that names this first run is looked for.
    named = re.search(holder, refused["msg"]).group()
    assert [line for line in warnings(second) if line.startswith("this run waited ") and line.endswith("for " + named)], second


def warnings(answer):
    """Texts up to ansible-core 2.18, objects since."""
    return [line if isinstance(line, str) else line["event"]["msg"] for line in answer.get("warnings", ())]


def test_more_containers_than_may_be_off(bench):
    bench.network("front", "10.98.50.0/24")
    for name, run in (("web", "running"), ("db", "paused"), ("cold", "stopped")):
        bench.box(name, "front", run)
    before = bench.portrait()
    refused = bench.run(name=FRONT, labels={"a": "b"}, max_unavailable=1)
    assert refused["msg"] == ("The group network %s takes 2 running containers off their networks at once (%sdb, %sweb), and max_unavailable "
                              "is 1; raise it, or stop or detach some of them first." % (FRONT, PREFIX, PREFIX))
    assert bench.portrait() == before
    assert bench.done(name=FRONT, labels={"a": "b"}, max_unavailable=2)["changed"]
    assert bench.portrait()["containers"] == before["containers"]


def test_purge_and_labels(bench):
    bench.done(networks=[{"name": FRONT, "labels": {LABEL: "a"}}, {"name": BACK, "labels": {LABEL: "b"}}, {"name": PREFIX + "other"}])
    bench.box("web", "back")
    told = bench.done(networks=[{"name": FRONT, "labels": {LABEL: "new"}, "on_label_change": "warn"}], purge=LABEL, _ansible_check_mode=True)
    assert told["actions"] == ["disconnect container %sweb on network %s" % (PREFIX, BACK), "remove network %s" % BACK]
    assert told["impact"][0] == "container %sweb (running) loses network %s for good" % (PREFIX, BACK)
    wish = dict(networks=[{"name": FRONT, "labels": {LABEL: "new"}, "on_label_change": "warn"}], purge=LABEL)
    assert bench.done(**wish)["actions"] == told["actions"] and not bench.done(**wish)["changed"]
    assert sorted(bench.portrait()["networks"]) == sorted([FRONT, PREFIX + "other"])
    assert bench.done(networks=[], purge=LABEL + "=a")["actions"] == ["remove network %s" % FRONT]


def test_a_container_that_could_not_be_put_back(bench):
    bench.network("front", "10.98.50.0/24")
    bench.network("back", "10.98.51.0/24")
    box = bench.box("web", "front")
    bench.engine.connect(BACK, box, Aliases=["inner"])
    before = bench.portrait()
    answer = bench.run(networks=[{"name": FRONT, "state": "absent"}, {"name": BACK, "internal": True}])
    if bench.engine.number <= (20, 10):
        assert not answer.get("failed") and "inner" in bench.engine.endpoint(box, BACK)["Aliases"], answer
        return
    assert answer["fault"] == "input" and "(network_mode %s) is removed by this task" % FRONT in answer["msg"], answer
    assert bench.portrait() == before
    bench.engine.disconnect(FRONT, box)
    bench.api.remove_network(FRONT)
    answer = bench.run(name=BACK, internal=True)
    assert answer["fault"] == "input" and "(network_mode %s) does not exist" % FRONT in answer["msg"], answer
    assert bench.portrait()["containers"]["/%sweb" % PREFIX]["networks"].keys() == {BACK}


def test_pools_that_are_used_up(bench):
    names = ["%sp%02d" % (PREFIX, n) for n in range(40)]
    answer, done = {}, []
    for name in names:
        answer = bench.run(name=name)
        if answer.get("failed"):
            break
        done.append(name)
    assert answer.get("failed") and 20 < len(done) < 40, (len(done), answer)
    assert answer["msg"].startswith("network %s: create network %s: the engine's address pools have no subnet left (172.16.0.0/12: " % (
        names[len(done)], names[len(done)]))
    assert "%s 172." % done[0] in answer["msg"] and "engine_address_pools of role fleetnet.docker.engine" in answer["msg"]
    assert "remove networks that no container is on: %s" % done[0] in answer["msg"] and answer["rolled_back"] == "true"


STRANGER = 54321


def python_for_others():
    """:returns: an interpreter that any user may run, and where it finds the packages of this one"""
    system = "/usr/bin/python3"
    for path in (sys.executable, system):
        allowed = subprocess.run([path, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=False,
                                 user=STRANGER, group=STRANGER, extra_groups=[]) if reachable(path) else None
        if allowed and allowed.stdout.strip() == str(sys.version_info[:2]):
            return path, [place for place in sys.path if place.endswith("site-packages")]
    return pytest.skip("no Python %d.%d here that other users may run" % sys.version_info[:2])


def reachable(path):
    folders = [path, *map(str, Path(os.path.realpath(path)).parents), *map(str, Path(path).parents)]
    return all(os.stat(each).st_mode & stat.S_IXOTH for each in folders)


@pytest.fixture
def member(bench, proxy):
    """A user without root who is in the group of the engine's socket; a tunnel to a lab's engine is given such a group by a proxy."""
    if os.geteuid() != 0:
        pytest.skip("only root can run something as another user")
    path, group = bench.url[len("unix://"):], os.stat(bench.url[len("unix://"):]).st_gid
    if not group or not stat.S_IMODE(os.stat(path).st_mode) & stat.S_IWGRP:
        group = STRANGER + 1
        os.chown(proxy.url[len("unix://"):], 0, group)
        os.chmod(proxy.url[len("unix://"):], 0o660)
        path = proxy.url[len("unix://"):]
    place = Path(tempfile.mkdtemp(prefix="fleetnet-member-"))
    (place / "ansible_collections" / "fleetnet").mkdir(parents=True)
    (place / "ansible_collections" / "fleetnet" / "docker").symlink_to(TESTS.parent)
    (place / "home").mkdir()
    os.chown(place / "home", STRANGER, STRANGER)
    link = place / "engine.sock"
    os.link(path, link) if os.stat(path).st_dev == os.stat(place).st_dev else link.symlink_to(path)
    place.chmod(0o755)

    python, packages = python_for_others()

    def run(groups=True, **params):
        file = place / "params.json"
        file.write_text(json.dumps(dict(params, docker_host="unix://%s" % link)))
        done = subprocess.run([python, str(TESTS / "module_runner.py"), "network", str(file)], capture_output=True, text=True, check=False,
                              user=STRANGER, group=STRANGER, extra_groups=[group] if groups else [], cwd=str(place), timeout=180,
                              env={"PATH": os.environ["PATH"], "HOME": str(place / "home"), "PYTHONPATH": os.pathsep.join([str(place), *packages])})
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    run.home = place / "home"
    yield run
    shutil.rmtree(place)


def test_a_member_of_the_engines_group_without_root(bench, member):
    wish = {"name": FRONT, "ipam_config": [{"subnet": "10.98.50.0/24"}]}
    made = member(**wish)
    assert not made.get("failed") and made["changed"], made
    bench.box("web", "front", endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.98.50.77"}})
    before = bench.portrait()["containers"]
    changed = member(**dict(wish, labels={"a": "b"}))
    assert changed["changed"] and bench.portrait()["containers"] == before, changed
    assert not member(**dict(wish, labels={"a": "b"}))["changed"]
    lock = list((member.home / ".local/state/fleetnet").iterdir())
    assert [path.name.partition("-")[0] for path in lock] == ["lock"] and os.stat(lock[0]).st_uid == STRANGER
    here = bench.api.info()["Name"] == os.uname().nodename
    assert ["the engine runs on another host" in line for line in changed["not_checked"]] == ([] if here else [True]), changed


def test_somebody_who_is_not_in_that_group_is_told_so(member):
    refused = member(groups=False, name=FRONT)
    assert refused["fault"] == "environment" and "13, 'Permission denied'); start it" in refused["msg"], refused
    assert "check that this user may use its socket" in refused["msg"]
