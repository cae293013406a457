# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong and hostile wishes: each file beside this one lists what is asked, what is there, and the exact answer.

C(message) comes from the collection, C(ansible) from Ansible's own check of the options; either way nothing is touched.
"""
from __future__ import annotations

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
