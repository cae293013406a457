# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted between looking at the rules and loading new ones stays with the lines that stay."""
from __future__ import annotations

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import nftables
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.iptables_load import compose, counting_on, staying

SAVED = """*filter
:INPUT ACCEPT [90:4000]
:FLEETNET-PUBLISHED - [0:0]
[70:700] -A INPUT -j FLEETNET-PUBLISHED
[12:120] -A FLEETNET-PUBLISHED -s 192.0.2.7/32 -p tcp -m comment --comment "0; the office" -j RETURN
[5:50] -A FLEETNET-PUBLISHED -p udp -m comment --comment 1 -j DROP
COMMIT
"""
OFFICE = '-A FLEETNET-PUBLISHED -s 192.0.2.7 -p tcp -m comment --comment "%d; the office" -j RETURN'
UDP = '-A FLEETNET-PUBLISHED -p udp -m comment --comment "%d" -j DROP'
NEW = '-A FLEETNET-PUBLISHED -p sctp -m comment --comment "0" -j DROP'


def counted(rules4, rules6, saved4, saved6):
    wanted, saved = {"iptables": rules4, "ip6tables": rules6}, {"iptables": saved4, "ip6tables": saved6}
    return counting_on(wanted, saved, staying(wanted, saved))


def loaded(rules, saved4=SAVED, saved6=SAVED):
    """Rules of IPv4 alone, but for what staying looks at."""
    stay = staying({"iptables": rules, "ip6tables": rules}, {"iptables": saved4, "ip6tables": saved6})
    return counting_on({"iptables": rules, "ip6tables": ""}, {"iptables": saved4, "ip6tables": ""}, stay)["iptables"].splitlines()


def test_a_line_that_stays_goes_on_from_what_it_has_by_now():
    assert loaded("[3:30] %s\n%s\n" % (OFFICE % 0, UDP % 1)) == ["[12:120] " + OFFICE % 0, "[5:50] " + UDP % 1]


def test_its_place_may_change():
    assert loaded("\n".join([NEW, OFFICE % 1, UDP % 2])) == [NEW, "[12:120] " + OFFICE % 1, "[5:50] " + UDP % 2]


def test_a_line_that_one_family_lacks_keeps_the_sum_it_was_given():
    given = "[3:30] " + OFFICE % 0
    assert loaded(given, saved6=SAVED.replace("the office", "another")) == [given]


def test_nothing_else_is_touched():
    rows = ["*filter", ":FLEETNET-PUBLISHED - [0:0]", "-I INPUT -m comment --comment \"fleetnet.docker\" -j FLEETNET-PUBLISHED", "COMMIT"]
    assert loaded("\n".join(rows)) == rows


def test_twice_the_same_line_is_counted_once():
    assert loaded("\n".join([UDP % 0, UDP % 1])) == ["[5:50] " + UDP % 0, UDP % 1]


def edits(*rows):
    rules = ":FLEETNET-PUBLISHED - [0:0]\n" + "\n".join(rows)
    saved = {"iptables": SAVED, "ip6tables": ""}
    stay = staying({"iptables": rules, "ip6tables": ""}, saved)
    composed = {"iptables": compose(rules, SAVED, stay), "ip6tables": ""}
    return [row for row in counting_on(composed, saved, stay)["iptables"].splitlines() if "FLEETNET-PUBLISHED" in row][1:]


def test_what_both_families_counted_goes_to_the_first_rule():
    rows = counted(UDP % 1, UDP % 1, SAVED, SAVED)
    assert rows == {"iptables": "[10:100] %s\n" % (UDP % 1), "ip6tables": "[0:0] %s\n" % (UDP % 1)}


def test_a_rule_that_stays_where_it_is_is_not_touched():
    assert edits(OFFICE % 0, UDP % 1) == []


def test_those_behind_the_first_change_are_put_back_with_what_they_have_by_now():
    new = NEW.replace('"0"', '"1"')
    assert edits(OFFICE % 0, new, "[3:30] " + UDP % 2) == ["-D FLEETNET-PUBLISHED 2", new, "[5:50] " + UDP % 2]


def test_where_nothing_stays_the_chain_is_filled_anew():
    assert ":FLEETNET-PUBLISHED - [0:0]" in compose(":FLEETNET-PUBLISHED - [0:0]\n" + NEW, SAVED).splitlines()


TABLE = """table inet fleetnet {
\tchain published {
\t\ttcp dport 22 counter packets %d bytes %d accept comment "office"
\t\tudp dport 53 counter packets %d bytes 9 drop comment "twice"
\t\tudp dport 54 counter packets %d bytes 9 drop comment "twice"
\t}
}
"""


def test_lines_of_nftables_count_on_too_where_their_comment_says_which_they_are():
    assert nftables.counting_on(TABLE % (3, 30, 1, 1), TABLE % (12, 120, 7, 8)) == TABLE % (12, 120, 1, 1)


def test_a_line_of_nftables_that_is_new_begins_with_nothing():
    assert nftables.counting_on(TABLE % (0, 0, 0, 0), TABLE % (12, 120, 7, 8)) == TABLE % (0, 0, 0, 0)
