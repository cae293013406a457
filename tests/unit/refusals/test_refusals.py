# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong and hostile wishes: each file beside this one lists what is asked, what is there, and the exact answer.

C(message) comes from the collection, C(ansible) from Ansible's own check of the options; either way nothing is touched.
"""
from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError

from unit.laws import endpoints, macvlan_parents, networks
from unit.laws.stage import LOADER, Case, Stage

HERE = Path(__file__).parent
HOMES = {"endpoint": endpoints, "macvlan_parent": macvlan_parents, "network": networks}
ROWS = [(folder.name, row) for folder in sorted(HERE.iterdir()) if folder.is_dir()
        for file in sorted(folder.glob("*.yml")) for row in yaml.load(file.read_text(), LOADER)]


def title(value):
    return value["what"].replace(" ", "_") if isinstance(value, dict) else value


@pytest.mark.parametrize("kind,row", ROWS, ids=title)
def test_refusal(kind, row):
    home = HOMES[kind]
    checked = ArgumentSpecValidator(home.module.ARGUMENT_SPEC).validate(row["desired"])
    if "ansible" in row:
        message = checked.error_messages[0]
        assert message.startswith(row["ansible"])  # what follows differs from one Ansible to the next
        return
    assert not checked.error_messages
    stage = Stage(Case(home, row["what"], checked.validated_parameters, row.get("observed") or {}, {})).count()
    before = stage.portrait()
    with pytest.raises(WishError) as caught:
        stage.run()
    assert str(caught.value) == row["message"]
    assert stage.changes == 0 and stage.portrait() == before and not stage.journal.texts


@pytest.mark.parametrize("kind,least", [("network", 40), ("endpoint", 40), ("macvlan_parent", 40)])
def test_there_are_many(kind, least):
    assert sum(1 for name, _row in ROWS if name == kind) >= least


MANY = 10000
NAMES = [{"name": "n%d" % number} for number in range(MANY)]
POOLS = [{"subnet": "10.%d.%d.0/24" % divmod(number, 256)} for number in range(MANY)]


@pytest.mark.parametrize("params,message", [
    ({"networks": NAMES + [{"name": "n7777"}]}, "Network n7777 is in the list more than once; keep one of the entries."),
    ({"networks": [{"name": "front"}] * MANY}, "Network front is in the list more than once; keep one of the entries."),
    ({"networks": NAMES * 2}, "Network n0, n1, n10, n100, n1000 and 9995 more is in the list more than once; keep one of the entries."),
    ({"name": "front", "driver": "overlay", "ipam_config": [*POOLS, {"subnet": "10.9.9.128/25"}]},
     "Network front asks for subnet 10.9.9.0/24 and for 10.9.9.128/25, which overlap; keep one."),
    ({"networks": [*NAMES, {"name": "x" * 299 + "/"}]},
     "The network name '%s' is not possible: it must start with a letter, digit or '_' and then have only letters, digits, '_', '.' and "
     "'-'." % ("x" * 299 + "/")),
], ids=["one twice", "one everywhere", "all twice", "two pools", "a long name"])
def test_a_huge_list_is_refused_quickly(params, message):
    """Without Ansible's own check of the options, which takes longer."""
    begun = time.process_time()
    with pytest.raises(WishError) as caught:
        networks.KIND.desired(params)
    assert str(caught.value) == message
    assert time.process_time() - begun < 2


def test_a_long_name_is_left_to_the_engine():
    """No limit of an engine's for networks of one host is known."""
    stage = Stage(Case(networks, "long", networks.completed({"name": "x" * 300}), {}, {}))
    assert stage.run().changed and not stage.run().changed
