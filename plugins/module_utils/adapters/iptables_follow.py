# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of its own, for the back end iptables: what firewall_follow.py does for nftables, and by its loop.

The kernel tells of changes of nftables, also of those that iptables makes by it; where iptables is of the legacy variant, what others
flush is found at the engine's next event, or within a minute.
"""
from __future__ import annotations

import os
import re
import sys

if __package__:
    from . import firewall_follow, iptables_load
else:  # it lies beside them
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import firewall_follow
    import iptables_load

RULES = "/etc/fleetnet/firewall.iptables"
FRESH = iptables_load.FOLLOWERS
ANY = {"iptables": "0.0.0.0/0", "ip6tables": "::/0"}
ABOUT, FORWARD = "FLEETNET-ABOUT", "FLEETNET-FORWARD"
HELD = re.compile(r'-A %s -m set --match-set (fnet-\S+) \S+ -m comment --comment "@(\S+) (\w+)(?:; network (\S+))?"\Z' % ABOUT)
PAIR = re.compile(r'-A %s -i (\S+) -o (\S+) -m comment --comment "@same pair"\Z' % ABOUT)
COMMENT = re.compile(r'--comment (?:"(?:[^"\\]|\\.)*"|\S+)')
ENDING = ("ACCEPT", "QUEUE", "NFQUEUE")
TITLE = re.compile(r'-A %s .*"(fleetnet\.docker sha256:[^"]*)"' % ABOUT)
OWN_RULE = re.compile(r"(?:\[\d+:\d+\] )?-A (%s\S+) " % iptables_load.CHAIN)
PROTOCOL = re.compile(r"_(tcp|udp|sctp)\Z")
PAIRED = re.compile(r'-A %s .*--comment "(\d+) same=@same; inside one network"' % FORWARD)
INSIDE = '%s -m comment --comment "%s same=@same; inside one network" -j RETURN'
BETWEEN, NEVER = "-i %s -o %s", "-m connmark --mark 0x1/0x0"


def saved(command):
    there, listing = firewall_follow.run([command + "-save", "-t", "filter"])
    return listing if there else ""


def complete(listing):
    """Whether our chains are there, with rules, and called wherever they are to be called from, before anything is accepted there."""
    chains = {row[1:].split(" ")[0]: [] for row in listing.splitlines() if row.startswith(":")}
    for row in listing.splitlines():
        if row.startswith("-A "):
            chains.setdefault(row.split(" ")[1], []).append(COMMENT.sub("", row).split()[2:])
    user = iptables_load.first(listing, "FORWARD") == "-j " + iptables_load.USER
    places = {"FLEETNET-INPUT": "INPUT", FORWARD: iptables_load.USER if user else "FORWARD"}
    return ABOUT in chains and all(chains[chain] and called(chains, place, chain) for chain, place in places.items() if chain in chains)


def robbed(listing, rules):
    """As in firewall_follow.py, of one family; the pairs of one bridge with itself come and go."""
    if TITLE.findall(listing) not in ([], TITLE.findall(rules)):
        return False
    there, wanted = ([found.group(1) for found in map(OWN_RULE.match, text.splitlines()) if found and "@same" not in found.string]
                     for text in (listing, rules))
    return any(there.count(chain) < wanted.count(chain) for chain in set(wanted))


def called(chains, place, chain):
    """As kinds/firewall/ipt_filter.py has it: once, for every packet."""
    if sum(target(words) == chain for rules in chains.values() for words in rules) != 1:
        return False
    for words in chains.get(place, ()):
        if target(words) == chain:
            return words == ["-m", "comment", "-j", chain]
        if target(words) == "RETURN" or "-g" in words or accepts(chains, target(words), {chain}):
            return False  # also who returns here, or goes elsewhere and returns from there, never comes to the call
    return False


def accepts(chains, name, seen):
    """An engine that begins anew, or that firewalld told of a reload, puts its own rules in front."""
    if name in seen:
        return False
    seen.add(name)
    return name in ENDING or any(accepts(chains, target(words), seen) for words in chains.get(name, ()))


def target(words):
    return next((after for option, after in zip(words, words[1:]) if option in ("-j", "-g")), "")


def table():
    """:returns: the listing of each family; loaded from the disk again where somebody flushed it, or a chain of it"""
    listings = {command: saved(command) for command in iptables_load.FAMILIES}
    rules = "" if firewall_follow.is_armed() else firewall_follow.read(RULES)
    parts = iptables_load.divided(rules)
    if rules and not all(complete(text) and not robbed(text, parts[command]) for command, text in listings.items()):
        iptables_load.load(rules)
        listings = {command: saved(command) for command in iptables_load.FAMILIES}
    return listings


def put_right(_own_rule):
    listings = table()
    want = firewall_follow.wanted(*firewall_follow.seen())
    for command, listing in listings.items():
        refill(command, listing, want)
        repair(command, listing, [pair.replace('"', "").split(" . ")[0] for pair in want["same"]])


def refill(command, listing, want):
    """One after the other, each put in the old one's place when it is whole."""
    changes = []
    for name, plain, kind, network in filter(None, (HELD.match(row) and HELD.match(row).groups() for row in listing.splitlines())):
        source = ("network", network) if network else plain
        if source not in want and not network:
            continue  # of the policy
        now = firewall_follow.run(["ipset", "save", name])[1].splitlines()
        elements = sorted(elements_of(command, name, kind, want.get(source, [])))
        if now and sorted(row.split(" ", 2)[2] for row in now[1:]) != elements:
            changes += ["create %s %s" % (FRESH, now[0].split(" ", 2)[2]), *("add %s %s" % (FRESH, text) for text in elements),
                        "swap %s %s" % (FRESH, name), "destroy %s" % FRESH]
    if changes and not firewall_follow.run(["ipset", "restore", "-exist"], "\n".join(changes) + "\n")[0]:
        sys.stderr.write("ipset does not take the engine's networks and ports; it holds 64 interfaces in a set, so with more networks use "
                         "backend nftables.\n")
        firewall_follow.run(["ipset", "destroy", FRESH])


def elements_of(command, name, kind, values):
    if kind == "ifname":
        return ["%s,%s" % (ANY[command], value.strip('"')) for value in values]
    protocol = PROTOCOL.search(name).group(1)
    return [value.split(" . ")[1] for value in values if value.startswith(protocol + " ")]


def repair(command, listing, bridges):
    """The pairs of one bridge with itself, which ipset has no set for; where there is none, a rule that nothing fits."""
    there = {found.group(1) for found in map(PAIR.match, listing.splitlines()) if found}
    new, gone = sorted(set(bridges) - there), sorted(there - set(bridges))
    if not new and not gone or ":%s " % ABOUT not in listing:
        return
    rows = ['-A %s %s -m comment --comment "@same pair"' % (ABOUT, BETWEEN % (name, name)) for name in new]
    rows += [] if bridges else ['-A %s -m comment --comment "@same pair"' % ABOUT]
    rows += ['-D %s %s -m comment --comment "@same pair"' % (ABOUT, BETWEEN % (name, name)) for name in gone]
    lines = [row for row in listing.splitlines() if row.startswith("-A %s " % FORWARD)]
    for place, number in [(place, found.group(1)) for place, found in enumerate(map(PAIRED.match, lines), 1) if found][:1]:
        there_now, wanted = ([BETWEEN % (name, name) for name in sorted(names)] or [NEVER] for names in (there, bridges))
        rows += ["-I %s %d %s" % (FORWARD, place, INSIDE % (match, number)) for match in wanted if match not in there_now]
        rows += ["-D %s %s" % (FORWARD, INSIDE % (match, number)) for match in there_now if match not in wanted]
    firewall_follow.run([command + "-restore", "--noflush", "--wait", "10"], "\n".join(["*filter", *rows, "COMMIT", ""]))


def keep():
    try:
        table()
    except iptables_load.Refused:
        pass  # tried again at the next look


if __name__ == "__main__":
    firewall_follow.main(put_right, keep)
