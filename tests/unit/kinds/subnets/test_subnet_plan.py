# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subnet for each name: what must hold for every supernet, every set of names and every history."""
from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import WishError
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets.plan import plan
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.subnets.slots import Slots

HOSTS = ["host%d" % number for number in range(1, 6)]
names = st.lists(st.one_of(st.sampled_from(HOSTS), st.text(min_size=1, max_size=6).filter(str.strip)), max_size=12, unique=True)


@st.composite
def rooms(draw):
    """A supernet, a prefix length, and some reserved ranges in it or beside it."""
    version = draw(st.sampled_from([4, 6]))
    network, bits, longest = {4: (ipaddress.IPv4Network, 32, 30), 6: (ipaddress.IPv6Network, 128, 126)}[version]
    length = draw(st.integers(8, longest))
    width = draw(st.integers(length, min(longest, length + 40)))
    base = draw(st.integers(0, 2 ** length - 1)) << (bits - length)
    whole = network((base, length))
    reserved = []
    for _number in range(draw(st.integers(0, 3))):
        at = draw(st.integers(length, bits))
        first = (base + draw(st.integers(0, 2 ** (bits - length) - 1))) >> (bits - at) << (bits - at)
        reserved.append(str(network((first, at))))
    return str(whole), width, reserved


def planned(room, wanted, **more):
    supernet, width, reserved = room
    try:
        return plan(supernet, width, wanted, reserved, **more)
    except WishError as reason:
        assume("give a larger supernet" not in str(reason))
        raise


@settings(max_examples=150, deadline=None)
@given(rooms(), names)
def test_each_has_its_own_in_the_supernet_and_not_in_what_is_reserved(room, wanted):
    found = {name: ipaddress.ip_network(text) for name, text in planned(room, wanted).items()}
    nets = sorted(found.values())
    assert sorted(found) == sorted(wanted) == list(found)
    assert all(net.subnet_of(ipaddress.ip_network(room[0])) and net.prefixlen == room[1] for net in nets)
    assert not any(one.overlaps(other) for one, other in zip(nets, nets[1:]))
    assert not any(net.overlaps(ipaddress.ip_network(text)) for net in nets for text in room[2])


@settings(max_examples=60, deadline=None)
@given(rooms(), names, st.data())
def test_order_means_nothing(room, wanted, data):
    found = planned(room, wanted)
    other = (room[0], room[1], data.draw(st.permutations(room[2])))
    assert planned(other, data.draw(st.permutations(wanted))) == found
    assert planned(room, tuple(wanted)) == planned(room, iter(wanted)) == found


@settings(max_examples=100, deadline=None)
@given(rooms(), names, names)
def test_nothing_moves_that_is_kept(room, first, second):
    before = planned(room, first)
    assert planned(room, first, keep=before) == before
    after = planned(room, second, keep=before)
    assert all(after[name] == before[name] for name in set(first) & set(second))
    assert not (set(after.values()) - {before.get(name) for name in second}) & set(before.values())


@settings(max_examples=100, deadline=None)
@given(rooms(), names.filter(bool), st.data())
def test_who_goes_moves_nobody_who_has_the_first_choice(room, wanted, data):
    before = planned(room, wanted)
    gone = data.draw(st.sampled_from(wanted))
    after = planned(room, [name for name in wanted if name != gone])
    first = [name for name in wanted if name != gone and planned(room, [name])[name] == before[name]]
    assert all(after[name] == before[name] for name in first)
    assert set(after.values()) <= set(before.values())
    assert planned(room, wanted) == before


def test_a_full_supernet_is_used_to_the_last_subnet():
    found = plan("10.0.0.0/24", 28, ["h%d" % number for number in range(15)], ["10.0.0.16/28"])
    assert sorted(found.values(), key=ipaddress.ip_network) == ["10.0.0.%d/28" % at for at in range(0, 256, 16) if at != 16]


def test_the_next_free_slot_is_looked_for_round_the_end():
    slots = Slots(ipaddress.ip_network("10.0.0.0/28"), 30, [(4, 167772164, 167772164)])
    assert slots.free == 3 and [slots.take_next(3) for _time in range(3)] == [3, 0, 2]
    assert not slots.take(0) and not slots.take(1) and slots.subnet(1) == "10.0.0.4/30"


def test_ranges_and_single_addresses_are_kept_free():
    found = plan("10.0.0.0/26", 28, ["a", "b"], ["10.0.0.15-10.0.0.16", "192.0.2.0/24", "fd00::/8"])
    assert set(found.values()) == {"10.0.0.32/28", "10.0.0.48/28"}
    assert plan("10.0.0.0/29", 30, ["a"], ["10.0.0.7"]) == {"a": "10.0.0.0/30"}


def test_kept_subnets_of_another_length_and_of_others_stand():
    found = plan("10.0.0.0/24", 26, ["a", "b"], keep={"a": "10.0.0.128/27", "gone": "10.0.0.0/25", "elsewhere": "192.0.2.0/24"})
    assert found == {"a": "10.0.0.128/27", "b": "10.0.0.192/26"}


def test_known_values_never_change():
    """Fleets out there were built with them."""
    assert plan("10.64.0.0/12", 24, ["host1", "host2", "host3"]) == {
        "host1": "10.65.183.0/24", "host2": "10.67.94.0/24", "host3": "10.65.132.0/24"}
    assert plan("fd00:64::/48", 64, ["host1/frontend", "host1/backend"]) == {
        "host1/backend": "fd00:64:0:2ed2::/64", "host1/frontend": "fd00:64:0:e10d::/64"}
    assert plan("10.0.0.0/28", 30, ["a", "b", "c", "d"]) == {
        "a": "10.0.0.12/30", "b": "10.0.0.0/30", "c": "10.0.0.8/30", "d": "10.0.0.4/30"}


def test_few_move_when_hosts_come():
    """What docs/subnet_plan.md says of a supernet that is a quarter full."""
    hosts = ["host%d" % number for number in range(1000)]
    before = plan("10.64.0.0/12", 24, hosts)
    moved = sum(before[name] != found for more in range(20)
                for name, found in plan("10.64.0.0/12", 24, hosts + ["new%d" % more]).items() if name in before)
    assert moved / 20 <= 0.5


def test_five_thousand_hosts_take_no_time():
    hosts = ["host%d" % number for number in range(5000)]
    began = time.process_time()
    kept = plan("10.0.0.0/8", 24, hosts)
    assert plan("10.0.0.0/8", 24, hosts, ["172.16.0.0/12"] * 20, kept) == kept
    plan("fd00::/8", 64, hosts)
    assert time.process_time() - began < 2


WRONG = [
    (("10.64.0.0", 24, []), "The supernet '10.64.0.0' is wrong (it has no prefix length); write it like 10.64.0.0/12."),
    (("10.64.0.1/12", 24, []), "The supernet '10.64.0.1/12' is wrong (10.64.0.1/12 has host bits set); write it like 10.64.0.0/12."),
    ((None, 24, []), "The supernet None is wrong (it has no prefix length); write it like 10.64.0.0/12."),
    (("ten/8", 24, []), "The supernet 'ten/8' is wrong ('ten/8' does not appear to be an IPv4 or IPv6 network); write it like 10.64.0.0/12."),
    (("10.0.0.0/31", 31, []), "Supernet 10.0.0.0/31 has no room for a gateway and a container; give a larger one."),
    (("10.64.0.0/12", "x", []), "The prefix length 'x' is no whole number; give one such as 24."),
    (("10.64.0.0/12", True, []), "The prefix length True is no whole number; give one such as 24."),
    (("10.64.0.0/12", 24.5, []), "The prefix length 24.5 is no whole number; give one such as 24."),
    (("10.64.0.0/12", 31, []), "The prefix length 31 does not fit supernet 10.64.0.0/12; choose one from 12 to 30."),
    (("10.64.0.0/12", 8, []), "The prefix length 8 does not fit supernet 10.64.0.0/12; choose one from 12 to 30."),
    (("fd00::/48", 127, []), "The prefix length 127 does not fit supernet fd00::/48; choose one from 48 to 126."),
    (("10.64.0.0/12", 24, "host1"), "The list of names is 'host1'; give a list of texts."),
    (("10.64.0.0/12", 24, None), "The list of names is None; give a list of texts."),
    (("10.64.0.0/12", 24, ["a", " "]), "The name ' ' is not possible; give texts that are not empty, such as host names."),
    (("10.64.0.0/12", 24, ["a", 7]), "The name 7 is not possible; give texts that are not empty, such as host names."),
    (("10.64.0.0/12", 24, ["a", "b", "a"]), "Name a is in the list more than once; keep one of the entries."),
    (("10.64.0.0/12", 24, ["a"], "10.64.0.0/24"), "The list of reserved ranges is '10.64.0.0/24'; give a list of texts."),
    (("10.64.0.0/12", 24, ["a"], ["10.64.0.7/24"]), "The reserved range '10.64.0.7/24' is wrong (10.64.0.7/24 has host bits set); "
     "write it like 10.64.0.0/20, 10.64.0.7 or 10.64.0.7-10.64.0.9."),
    (("10.64.0.0/12", 24, ["a"], ["10.64.0.9-10.64.0.7"]), "The reserved range '10.64.0.9-10.64.0.7' is wrong (its first address is not "
     "before its last); write it like 10.64.0.0/20, 10.64.0.7 or 10.64.0.7-10.64.0.9."),
    (("10.64.0.0/12", 24, ["a"], [7]), "The reserved range 7 is wrong (it is no text); "
     "write it like 10.64.0.0/20, 10.64.0.7 or 10.64.0.7-10.64.0.9."),
    (("10.0.0.0/24", 26, list("abcde"), ["10.0.0.7"]), "Supernet 10.0.0.0/24 has no room for all (subnets of length /26: "
     "4, free: 3, wanted: 5); give a larger supernet, a longer prefix or fewer reserved ranges."),
    (("10.0.0.0/24", 26, list("abcd"), [], {"z": "10.0.0.64/26"}), "Supernet 10.0.0.0/24 has no room for all (subnets of length "
     "/26: 4, free: 3, wanted: 4); give a larger supernet, a longer prefix or fewer reserved ranges."),
    (("10.0.0.0/24", 26, ["a"], [], ["a"]), "What is kept is ['a'], which is no mapping; give names with the subnet each has."),
    (("10.0.0.0/24", 26, ["a"], [], {"a": "10.0.0.1/26"}), "The kept subnet '10.0.0.1/26' of a is wrong (10.0.0.1/26 has host bits set); "
     "write it like 10.64.3.0/24."),
    (("10.0.0.0/24", 26, ["a"], [], {"a": "10.1.0.0/26"}), "The kept subnet 10.1.0.0/26 of a is not inside supernet 10.0.0.0/24; take it "
     "off what is kept, or give another supernet."),
    (("10.0.0.0/24", 26, ["a"], [], {"a": "fd00::/64"}), "The kept subnet fd00::/64 of a is not inside supernet 10.0.0.0/24; take it "
     "off what is kept, or give another supernet."),
    (("10.0.0.0/24", 26, ["a"], [], {"a": "10.0.0.0/25", "b": "10.0.0.64/26"}), "The kept subnets 10.0.0.0/25 of a and 10.0.0.64/26 of b "
     "overlap; one of them has to move."),
    (("10.0.0.0/24", 26, ["a"], ["10.0.0.9-10.0.0.70"], {"a": "10.0.0.64/26"}), "The kept subnet 10.0.0.64/26 of a overlaps the reserved "
     "range 10.0.0.9-10.0.0.70; move the one, or change the other."),
]


@pytest.mark.parametrize("values,message", WRONG, ids=[message[:60] for _values, message in WRONG])
def test_what_cannot_be_is_said_in_one_sentence(values, message):
    with pytest.raises(WishError) as caught:
        plan(*values)
    assert str(caught.value) == message
