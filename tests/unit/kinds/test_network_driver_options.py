# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of driver options: every row is documented, and every value that is let through is one that was meant."""
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.driver_options import DRIVERS, OPTIONS, check_options
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "network.md").read_text(encoding="utf-8")


def judged(key, value, driver, version=(29, 7)):
    check_options(Network("front", driver_options=((key, value),)), driver, version, True)


@pytest.mark.parametrize("key", OPTIONS)
def test_every_option_is_on_the_page_with_its_engine(key):
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| `%s`" % key)]
    since = OPTIONS[key].since
    assert row.split("|")[4].strip().startswith("any" if since == (0,) else ".".join(map(str, since)))
    assert all(driver in row.split("|")[2] for driver in OPTIONS[key].drivers) or row.split("|")[2].strip() == "all four"


@pytest.mark.parametrize("key", OPTIONS)
def test_no_option_takes_any_text(key):
    driver = OPTIONS[key].drivers[0]
    with pytest.raises(WishError):
        judged(key, "no" if key == "encrypted" else "not: a / value", driver)


GOOD = {"enable_ipv4": "true", "gateway_mode_ipv4": "routed", "gateway_mode_ipv6": "nat", "trusted_host_interfaces": "wg0", "host_ipv6": "2001:db8::1",
        "advertise_addr_nmsgs": "0", "advertise_addr_ms": "2000"}


@pytest.mark.parametrize("key", [key for key in OPTIONS if OPTIONS[key].since != (0,)])
def test_an_option_is_taken_from_its_first_engine_on(key):
    value, option = GOOD[key.rpartition(".")[2]], OPTIONS[key]
    judged(key, value, option.drivers[0], option.since)
    judged(key, value, option.drivers[0], (0,))
    with pytest.raises(WishError) as caught:
        judged(key, value, option.drivers[0], (option.since[0] - 1, 9))
    assert "takes without a word and without an effect" in str(caught.value)
    check_options(Network("front", driver_options=((key, value),)), option.drivers[0], (20, 10), False)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(OPTIONS)), st.text(max_size=20), st.sampled_from(DRIVERS))
def test_whatever_is_written_the_answer_is_one_sentence_or_none(key, value, driver):
    try:
        judged(key, value, driver)
    except WishError as reason:
        assert str(reason).startswith("The driver option %s of network front is " % key) and str(reason).endswith(".")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30), st.text(max_size=10))
def test_another_drivers_options_are_never_judged(key, value):
    judged("com.docker.network." + key, value, "weave")
    for name in OPTIONS:
        judged(name, value, "weave")
