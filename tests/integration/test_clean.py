# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab comes and goes; containers, networks, volumes, firewall and routes that are not its own stay as they were."""
from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "cleaning" + uuid.uuid4().hex[:6]
LAB = dict(os.environ, LAB_NAME=NAME, LAB_SUBNET="10.251.7.0/24", LAB_HOSTS="1", LAB_ENGINE="26.1", LAB_VARIANT="engine")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("docker") or not shutil.which("iptables-save"),
    reason="reads the machine's firewall: needs root, docker and iptables-save",
)


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300, **options).stdout


def lines(*command):
    return set(output(*command).splitlines())


def bridges_of_other_labs():
    """Labs of other people may come and go on this machine while the test runs; their bridges are theirs."""
    wanted = ("network", "ls", "--quiet", "--filter", "label=fleetnet.lab")
    others = set()
    for network in output("docker", *wanted).split():
        details = json.loads(output("docker", "network", "inspect", network))[0]
        if details["Labels"]["fleetnet.lab"] != NAME:
            others.add("br-" + details["Id"][:12])
    return others


def firewall(save):
    """Rules and policies without counters, comments and the time."""
    kept = [re.sub(r"\[\d+:\d+\]", "", line) for line in output(save).splitlines() if not line.startswith("#")]
    return set(kept)


def the_machine():
    of_no_lab = "{{if not (.Label \"fleetnet.lab\")}}{{.%s}}{{end}}"
    return {
        "containers": lines("docker", "ps", "--all", "--no-trunc", "--format", of_no_lab % "ID"),
        "networks": lines("docker", "network", "ls", "--no-trunc", "--format", of_no_lab % "ID"),
        "rules": firewall("iptables-save") | firewall("ip6tables-save"),
        "routes": lines("ip", "route", "show", "table", "all"),
        "links": {link["ifname"] for link in json.loads(output("ip", "-json", "link"))},
    }


def without(facts, bridges):
    """Drop what names another lab's bridge or any container's link: those of this lab are asked for by name."""
    strange = re.compile("|".join([*sorted(bridges), r"\bveth[0-9a-f]{7}\b"]))
    return {key: {line for line in value if not strange.search(line)} for key, value in facts.items()}


def links_of_this_lab():
    """The lab's bridge and its containers' links."""
    bridges = {"br-" + network[:12] for network in of_this_lab("network").split()}
    links = json.loads(output("ip", "-json", "link"))
    return {link["ifname"] for link in links if {link["ifname"], link.get("master")} & bridges}


def of_this_lab(kind):
    return output("docker", kind, "ls", "--quiet", "--filter", "label=fleetnet.lab=" + NAME, *(["--all"] if kind == "container" else []))


@pytest.fixture
def a_network_of_the_machine():
    name = NAME + "-stays"
    output("docker", "network", "create", name)
    yield name
    output("docker", "network", "rm", name)


def test_lab_leaves_the_machine_as_it_was(a_network_of_the_machine):
    others = bridges_of_other_labs()
    before = the_machine()
    volumes = lines("docker", "volume", "ls", "--quiet")
    try:
        output("./dev", "lab", "up", cwd=ROOT, env=LAB)
        again = output("./dev", "lab", "up", cwd=ROOT, env=LAB)
        assert "answers" in again and "building" not in again and "starting" not in again
        during = the_machine()
        own_links = links_of_this_lab()
        mounts = json.loads(output("docker", "inspect", NAME + "-host1"))[0]["Mounts"]
        own_volumes = {mount["Name"] for mount in mounts}
        assert of_this_lab("container") and of_this_lab("network"), "the lab did not start"
        assert before["rules"] != during["rules"], "the lab's bridge was expected in the firewall"
        assert len(own_links) >= 2, "the lab's bridge and its host's link were expected"
        assert own_volumes - volumes, "the host's data was expected on a volume of its own"
    finally:
        output("./dev", "lab", "down", cwd=ROOT, env=LAB)
    others |= bridges_of_other_labs()
    assert not of_this_lab("container")
    assert not of_this_lab("network")
    assert not own_volumes & lines("docker", "volume", "ls", "--quiet")
    after = the_machine()
    assert not own_links & after["links"]
    assert without(after, others) == without(before, others)
    assert not pathlib.Path("/sys/fs/cgroup/unified/fleetnet-lab/%s-host1" % NAME).exists()


def test_a_subnet_in_use_is_refused_before_anything_starts(a_network_of_the_machine):
    taken = json.loads(output("docker", "network", "inspect", a_network_of_the_machine))[0]["IPAM"]["Config"][0]["Subnet"]
    subnet = re.sub(r"\d+/\d+$", "0/24", taken)
    done = subprocess.run(
        ["./dev", "lab", "up"], cwd=ROOT, env=dict(LAB, LAB_SUBNET=subnet), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode != 0
    assert "LAB_SUBNET %s overlaps" % subnet in done.stderr
    assert "choose a free one, such as LAB_SUBNET=" in done.stderr
    assert not of_this_lab("container") and not of_this_lab("network")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"LAB_NAME": "Not_a_name"}, "LAB_NAME is 'Not_a_name'; use up to 20 small letters and digits"),
        ({"LAB_SUBNET": "10.251.7.0/23"}, "LAB_SUBNET is '10.251.7.0/23'"),
        ({"LAB_SUBNET": "10.251.7.0/16"}, "LAB_SUBNET is '10.251.7.0/16'"),
        ({"LAB_HOSTS": "many"}, "LAB_HOSTS is 'many'; use a number from 1 to 40."),
        ({"LAB_ENGINE": "19.3"}, "LAB_ENGINE names engine '19.3'"),
        ({"LAB_ENGINE": "26.1,28.5"}, "LAB_ENGINE lists 2 values for 1 hosts"),
        ({"LAB_VARIANT": "naked"}, "LAB_VARIANT is 'naked'; use engine or bare."),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
def test_bad_settings_are_named(setting, sentence):
    done = subprocess.run(["./dev", "lab", "up"], cwd=ROOT, env=dict(LAB, **setting), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert not of_this_lab("container") and not of_this_lab("network")
