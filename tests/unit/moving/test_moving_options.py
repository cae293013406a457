# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option and return value of community.docker's network and swarm modules is ours too; what differs has a name and a reason."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client

ROOT = Path(__file__).resolve().parents[3]
COLLECTIONS = next(place for place in sys.path if os.path.isdir(os.path.join(place, "ansible_collections", "fleetnet")))
MODULES = {"docker_network": "network", "docker_network_info": "network_info", "docker_swarm": "swarm", "docker_swarm_info": "swarm_info"}
ASPECTS = ("type", "elements", "default", "choices", "aliases", "required")
UNSET = "unset means unmanaged here; there the default is compared, or empty and compared with nothing"
ENVIRONMENT = "the default is the same, but is taken after the environment variable has been asked"
# (module, option, what) that differ, each with the reason; docs/moving.md says what that means for a playbook.
NAMED = {
    ("docker_network", "name", "required"): "networks can be given instead",
    ("docker_network", "driver", "default"): UNSET,
    ("docker_network", "driver_options", "default"): UNSET,
    ("docker_network", "labels", "default"): UNSET,
    ("docker_network", "connected", "default"): "unset leaves containers alone, as an empty list does there; here an empty list detaches all",
    ("docker_network_info", "name", "required"): "without it all networks are shown",
    ("docker_swarm", "listen_addr", "default"): "unset leaves a member's address alone; a new one gets the same from the engine",
}
NAMED.update(((module, option, "default"), ENVIRONMENT) for module in MODULES
             for option in ("docker_host", "api_version", "timeout", "tls", "validate_certs"))


@pytest.fixture(scope="module")
def documents():
    names = ["%s.docker.%s" % row for old, new in MODULES.items() for row in (("community", old), ("fleetnet", new))]
    home = COLLECTIONS + os.pathsep + os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")
    done = subprocess.run([str(Path(sys.executable).parent / "ansible-doc"), "--json", *names], capture_output=True, text=True,
                          check=False, env=dict(os.environ, ANSIBLE_COLLECTIONS_PATH=home.strip(os.pathsep)))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if "community.docker.docker_network" not in found:
        pytest.skip("community.docker is not installed beside this collection")
    return found


def options(document):
    return dict(flat(document["doc"]["options"], ""))


def flat(rows, before):
    for name, row in rows.items():
        yield before + name, row
        yield from flat(row.get("suboptions") or {}, before + name + ".")


def said(row, aspect):
    value = row.get(aspect)
    if aspect == "default":
        return value
    return sorted(value) if isinstance(value, list) else value or None


def differences(documents, theirs, ours):
    mine = options(documents["fleetnet.docker." + ours])
    for name, row in options(documents["community.docker." + theirs]).items():
        if name not in mine:
            yield theirs, name, "missing"
            continue
        for aspect in ASPECTS:
            one, other = said(row, aspect), said(mine[name], aspect)
            if aspect in ("choices", "aliases") and set(one or ()) <= set(other or ()):
                continue  # more of them do no harm
            if one != other:
                yield theirs, name, aspect


def test_options(documents):
    found = {row for pair in MODULES.items() for row in differences(documents, *pair)}
    assert found == set(NAMED), "not named: %s; named, but not there: %s" % (sorted(found - set(NAMED)), sorted(set(NAMED) - found))


@pytest.mark.parametrize("theirs,ours", MODULES.items())
def test_return_values(documents, theirs, ours):
    one, other = (documents["%s.docker.%s" % row]["return"] for row in (("community", theirs), ("fleetnet", ours)))
    assert {key: row["type"] for key, row in one.items()} == {key: other.get(key, {}).get("type") for key in one}


def test_defaults_behind_the_environment(documents):
    theirs = options(documents["community.docker.docker_network"])
    assert docker_client.DEFAULT_HOST == theirs["docker_host"]["default"]
    assert docker_client.DEFAULT_TIMEOUT == theirs["timeout"]["default"]
    assert theirs["api_version"]["default"] == "auto" and not theirs["tls"]["default"] and not theirs["validate_certs"]["default"]


def test_the_names_lead_here():
    routing = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["plugin_routing"]["modules"]
    assert {old: row["redirect"] for old, row in routing.items()} == {old: "fleetnet.docker." + new for old, new in MODULES.items()}


def test_named_differences_are_in_the_documentation():
    page = (ROOT / "docs/moving.md").read_text(encoding="utf-8")
    assert [option for _module, option, _what in NAMED if "`%s`" % option not in page] == []
