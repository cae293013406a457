# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints that an engine counts though no container has them: refused before, found in the verification, freed on the way back."""
from __future__ import annotations

import pytest

from integration.networks.bench import PREFIX
from integration.networks.proxy import CALL_BEFORE
from integration.networks.trouble import disturbed

FRONT = PREFIX + "front"


def leak(bench):
    """Engines before 28 leave the endpoint of a container that was connected in its back-off and then stopped."""
    def waits():
        """Long enough to be connected meanwhile; the back-off doubles each time."""
        now = bench.engine.inspect(PREFIX + "loop")
        return now["State"]["Status"] == "restarting" and now["RestartCount"] >= 6

    bench.engine.until(waits, "the container's back-off")
    bench.engine.connect(FRONT, PREFIX + "loop")
    bench.engine.stop(PREFIX + "loop")
    bench.api.remove_container(PREFIX + "loop", force=True)
    assert bench.orphans()


@pytest.fixture
def front(bench):
    if bench.engine.number >= (28, 0):
        pytest.skip("this engine refuses to connect a container in its back-off, so that no endpoint leaks")
    bench.network("front", "10.98.50.0/24")
    bench.network("back", "10.98.51.0/24")
    bench.box("web", "front", endpoint={"Aliases": ["www"], "IPAMConfig": {"IPv4Address": "10.98.50.77"}})
    bench.box("loop", "back", "restarting")
    return bench


def test_a_network_with_an_endpoint_that_no_container_has(front):
    leak(front)
    before = front.portrait()
    refused = front.run(name=FRONT, internal=True)
    assert refused["fault"] == "input" and refused["msg"] == (
        "Network %s cannot be replaced, for the endpoint %sloop of it is no container's and yet stays; free it (docker network disconnect "
        "--force %s %sloop)." % (FRONT, PREFIX, FRONT, PREFIX)), refused
    assert front.portrait() == before
    front.engine.disconnect(FRONT, PREFIX + "loop", force=True)
    assert front.done(name=FRONT, internal=True)["changed"] and not front.orphans()


def test_one_that_comes_up_meanwhile_is_found_and_freed(front):
    before = front.portrait()
    # disconnect web; remove; create; connect web
    answer, proxy = disturbed(front, CALL_BEFORE, 4, {"name": FRONT, "internal": True}, lambda: leak(front))
    assert answer.get("failed") and answer["msg"] == (
        "network %s: after all steps there is still a difference: disconnect endpoint %sloop, which no container has, on network %s; "
        "everything is back as it was." % (FRONT, PREFIX, FRONT)), (answer, proxy.changes)
    assert answer["rolled_back"] == "true" and not front.orphans() and not front.journals()
    del before["containers"]["/%sloop" % PREFIX]
    assert front.portrait() == before
