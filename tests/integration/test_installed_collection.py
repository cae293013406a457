# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users install is the built archive: it must be whole, hold nothing of the workshop, and run by its name."""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import sysconfig
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(sys.executable).parent
WORKSHOP = (".venv/", ".git/", "molecule/", "tests/integration/", "dev", ".ansible/", ".ci/")
PLAYBOOKS = ("site", "verify", "teardown")
INVENTORIES = ("swarm", "single_host", "macvlan")
LAB = ROOT / "playbooks" / "inventories" / "lab"
# One host with a network, and no app: what site.yml does for an inventory without group course_app.
ONE_NETWORK = """
docker_hosts:
  hosts:
    host1:
  vars:
    networks_list:
      - name: installed-collection
        driver: bridge
        ipam_config: [{subnet: 10.78.9.0/24}]
"""


def run(*command, **settings):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **settings)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("build")
    done = run(BIN / "ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(folder))
    assert done.returncode == 0, done.stderr
    return next(folder.glob("fleetnet-docker-*.tar.gz"))


@pytest.fixture(scope="module")
def installed(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("collections")
    done = run(BIN / "ansible-galaxy", "collection", "install", str(archive), "--no-deps", "--force", "-p", str(folder))
    assert done.returncode == 0, done.stderr
    path = "%s:%s" % (folder, sysconfig.get_path("purelib"))
    return dict(os.environ, ANSIBLE_COLLECTIONS_PATH=path)


def test_the_archive_holds_the_collection_and_nothing_of_the_workshop(archive):
    with tarfile.open(archive) as packed:
        names = packed.getnames()
    assert {"README.md", "COPYING", "plugins/modules/network.py", "roles/course_app/files/webapp/Dockerfile",
            "playbooks/site.yml", "meta/runtime.yml"} <= set(names)
    assert [name for name in names if name.startswith(WORKSHOP)] == []


@pytest.mark.parametrize("inventory", INVENTORIES)
@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbooks_are_found_by_the_collections_name(installed, playbook, inventory, tmp_path):
    hosts = ROOT / "playbooks" / "inventories" / inventory
    done = run(BIN / "ansible-playbook", "fleetnet.docker." + playbook, "-i", str(hosts), "--syntax-check", env=installed, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["docker_network", "docker_network_info", "docker_swarm", "docker_swarm_info"])
def test_the_names_of_community_docker_lead_to_our_modules(installed, name, tmp_path):
    arguments = "docker_host=unix:///nowhere/docker.sock" + ("" if name.endswith("_info") else " state=absent")
    arguments += " name=any" if name == "docker_network" else ""
    done = run(BIN / "ansible", "localhost", "-m", "fleetnet.docker." + name, "-a", arguments, env=installed, cwd=tmp_path)
    assert "does not answer (unix:///nowhere/docker.sock" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["network", "network_info", "swarm", "swarm_info"])
def test_modules_are_documented_where_they_are_installed(installed, module, tmp_path):
    done = run(BIN / "ansible-doc", "fleetnet.docker." + module, env=installed, cwd=tmp_path)
    assert done.returncode == 0 and "EXAMPLES" in done.stdout, done.stderr


@pytest.fixture
def on_the_lab(installed, tmp_path):
    """Runs a playbook by the collection's name, from a folder that has nothing of the clone."""
    if not os.environ.get("LAB_NAME"):
        pytest.skip("no lab is given: ./dev test-integration starts one")

    def play(playbook, hosts, *arguments):
        command = [BIN / "ansible-playbook", "fleetnet.docker." + playbook, "-i", str(hosts), "-i", str(LAB / "20-connection.yml"),
                   "-e", "@%s" % (LAB / "group_vars" / "all.yml"), "--limit", "host1", *arguments]
        done = run(*command, env=installed, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    return play


def test_site_and_teardown_run_from_the_archive(on_the_lab, tmp_path):
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(ONE_NETWORK)
    try:
        on_the_lab("site", hosts)
        assert "changed=0" in on_the_lab("site", hosts)
    finally:
        removed = on_the_lab("teardown", hosts)
    assert "changed=1 " in removed


def test_check_mode_goes_through_the_whole_example_from_the_archive(on_the_lab):
    said = on_the_lab("site", ROOT / "playbooks" / "inventories" / "single_host", "--check", "--diff")
    assert "host1 has no swarm or no courses yet; MySQL, the web app and their data would be made after that." in said
