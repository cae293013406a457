# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.command import run
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault


def test_what_it_says_and_how_it_ends():
    done = run(["sh", "-c", "cat; echo wrong >&2; exit 3"], "given")
    assert (done.code, done.out, done.err, done.well) == (3, "given", "wrong\n", False)


def test_a_program_that_breaks_says_nothing_itself():
    assert run(["sh", "-c", "kill -SEGV $$"]).err == "it was ended by signal 11"


def test_no_such_program():
    assert run(["no-such-program"]).code is None


def test_a_program_that_does_not_end():
    with pytest.raises(EnvironmentFault, match="sleep did not end within 0 s; see what holds it"):
        run(["sleep", "5"], seconds=0.1)
