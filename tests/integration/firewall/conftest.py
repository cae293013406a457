# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with an engine, given by FLEETNET_FIREWALL_SITES, or those of a lab on this machine (LAB_NAME), one of each release.

Each with every back end, or with those of FLEETNET_FIREWALL_BACKENDS.
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assumptions import reach

from integration.firewall.site import Site
from integration.networks.bench import client_image

GIVEN = os.environ.get("FLEETNET_FIREWALL_SITES", "")
BACKENDS = os.environ.get("FLEETNET_FIREWALL_BACKENDS", "nftables,iptables").split(",")


def sites():
    """:returns: (release, a process of the host) of each host to be tried"""
    if GIVEN or not os.environ.get("LAB_NAME"):
        return [each.partition("=")[::2] for each in GIVEN.split(",") if each]
    found = {}
    for number, _address in enumerate(reach.lab_hosts(), 1):
        name = "%s-host%d" % (os.environ["LAB_NAME"], number)
        version = _docker("exec", name, "/usr/sbin/dockerd", "--version").split()
        if version:
            found[version[2].rpartition(".")[0]] = _docker("inspect", "--format", "{{.State.Pid}}", name).strip()
    return sorted(found.items())


def _docker(*words):
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False).stdout


def pytest_generate_tests(metafunc):
    if "site" in metafunc.fixturenames:
        rows = [(*given, backend) for given in sites() for backend in BACKENDS] or [("", "", "")]
        metafunc.parametrize("site", rows, indirect=True, scope="session", ids=lambda row: "-".join(filter(None, row[::2])))


def pytest_collection_modifyitems(items):
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.engine)


SITES = []


@pytest.fixture(scope="module", autouse=True)
def _nothing_runs_on():
    """A host that restarts waits for ever for a process that nsenter put there: when it is told to stop, nsenter stops with it."""
    yield
    for each in SITES:
        each.end_servers()


@pytest.fixture(scope="session")
def site(request, tmp_path_factory):
    release, process, backend = request.param
    if not release:
        pytest.skip("no host is given: FLEETNET_FIREWALL_SITES=20.10=self for this one, or LAB_NAME for a lab on this machine")
    image = os.environ.get("FLEETNET_CLIENT_IMAGE") or ("box:1" if GIVEN else client_image())  # anything with sleep in it
    made = Site(release, process, tmp_path_factory.mktemp("firewall"), image, backend)
    made.build()
    SITES.append(made)
    yield made
    SITES.remove(made)
    if made.has_restarted():
        made.end_servers()
    else:
        made.clear()
