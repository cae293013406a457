# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation, one after the other, each a second time without a change."""
from __future__ import annotations

import pytest
import yaml
from ansible_collections.fleetnet.docker.plugins.modules import firewall

NAME = "fleetnet.docker.firewall"
EXAMPLES = [(task["name"], task[NAME]) for task in yaml.safe_load(firewall.EXAMPLES) if NAME in task]
# The action plugin's part, tried over SSH in test_between_hosts.py and test_confirm.py.
OF_THE_CONTROLLER = ("confirm_probes", "rollback_after")


@pytest.fixture
def empty(site):
    site.empty()
    site.apply(state="absent")
    for number, name in enumerate(("frontend", "backend"), 7):
        site.network(name, number)
    yield site
    site.apply(state="absent")
    site.empty()


def given(site, params):
    """With this site's back end and state, and its networks in place of the first two."""
    text = yaml.safe_dump(params).replace("- frontend", "- fnfw-frontend").replace("- backend", "- fnfw-backend")
    kept = {key: value for key, value in yaml.safe_load(text).items() if key not in (*OF_THE_CONTROLLER, "state_dir")}
    return dict(kept, backend=site.backend)


def test_every_example_of_the_documentation(empty):
    for title, params in EXAMPLES:
        params = given(empty, params)
        answer = empty.apply(**params)
        assert answer["changed"], (title, answer)
        assert not empty.apply(**params)["changed"], title
