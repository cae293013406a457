# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How iptables and ipset spell each part of a line: written and read by the same row."""
from __future__ import annotations

import re
import shlex
import typing as t

from ...values import ranges

CHAIN, SET = "FLEETNET-", "fnet-"
# Called by nobody: says what is in force, and holds the sets that no line uses.
DIRECTORY = CHAIN + "ABOUT"
THROUGH = CHAIN + "THROUGH"
FAMILIES = (4, 6)
HOOKS = {"input": ("INPUT",), "forward": ("DOCKER-USER", "FORWARD")}  # the first that there is
HEADS = {"sets": "# ipset restore -exist", 4: "# iptables-restore --noflush --counters", 6: "# ip6tables-restore --noflush --counters"}
OWNER = "fleetnet.docker"
TITLE = OWNER + " sha256:%s mark:0x%x"
TITLE_READ = re.compile(r"fleetnet\.docker sha256:([0-9a-f]{64}) mark:(0x[0-9a-f]+)\Z")
# The line's number, then what the kernel's own spelling does not tell, then the line's comment.
COMMENT_READ = re.compile(r"(\d+)((?: \w+=\S*)*)(?:; (.*))?\Z")
ENTRY_READ = re.compile(r"@([\w.-]+) (\w+)(?:; (.*))?\Z")
WORD = re.compile(r'"[^"]*"|[^\s"]+')
PLAIN_WORDS = re.compile(r'(?:(?:"[^"]*"|[^\s"]+)(?:\s+|\Z))*\Z')
NEVER = ("--mark", "0x1/0x0")

# option: the match or target it belongs to, and how many values it takes
OPTIONS = {
    "-i": ("", 1), "-o": ("", 1), "-s": ("", 1), "-d": ("", 1), "-p": ("", 1), "-j": ("", 1), "-g": ("", 1),
    "--icmp-type": ("icmp", 1), "--icmpv6-type": ("icmp6", 1), "--dports": ("multiport", 1), "--src-range": ("iprange", 1),
    "--dst-range": ("iprange", 1), "--match-set": ("set", 2), "--ctstate": ("conntrack", 1), "--ctorigdst": ("conntrack", 1),
    "--ctorigdstport": ("conntrack", 1), "--mark": ("connmark", 1), "--hashlimit-above": ("hashlimit", 1),
    "--hashlimit-upto": ("hashlimit", 1), "--hashlimit-burst": ("hashlimit", 1), "--hashlimit-name": ("hashlimit", 1),
    "--hashlimit-htable-expire": ("hashlimit", 1), "--comment": ("comment", 1), "--reject-with": ("", 1), "--log-prefix": ("", 1),
    "--set-xmark": ("", 1),
}
TARGETS = {"accept": (("-j", "RETURN"),), "drop": (("-j", "DROP"),), "remark": (("-j", "ACCEPT"),), "mark": (("-g", THROUGH),)}
REJECT = {4: (("-j", "REJECT"), ("--reject-with", "icmp-port-unreachable")),
          6: (("-j", "REJECT"), ("--reject-with", "icmp6-port-unreachable"))}
ICMP = {4: {"destination-unreachable": "3", "echo-request": "8", "time-exceeded": "11", "parameter-problem": "12"},
        6: {"destination-unreachable": "1", "packet-too-big": "2", "time-exceeded": "3", "parameter-problem": "4", "echo-request": "128",
            "mld-listener-query": "130", "mld-listener-report": "131", "mld-listener-done": "132", "nd-router-solicit": "133",
            "nd-router-advert": "134", "nd-neighbor-solicit": "135", "nd-neighbor-advert": "136", "nd-redirect": "137",
            "mld2-listener-report": "143"}}
PROTOCOLS = {"1": "icmp", "2": "igmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "58": "ipv6-icmp", "112": "vrrp", "132": "sctp",
             "icmpv6": "ipv6-icmp", "ipv6-icmp": "ipv6-icmp"}
UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400}
SCALE = 1000000
PORTS_IN_A_LINE = 15
FIRST = {option: place for place, option in enumerate(("-s", "-d", "-i", "-o", "-p"))}

Feature = t.Tuple[str, ...]


class Unknown(Exception):
    """A part of a rule that no row of the table knows."""


def ordered(features: t.Iterable[Feature]) -> t.Tuple[Feature, ...]:
    """As iptables prints them: what it knows by itself first, then matches in the order given, then the target."""
    return tuple(sorted(features, key=lambda feature: FIRST.get(feature[-2], len(FIRST))))


def written(features: t.Iterable[Feature]) -> str:
    """A rule's words; what may hold a blank is quoted."""
    words, module = [], ""
    for feature in features:
        negated, plain = (["!"], feature[1:]) if feature[0] == "!" else ([], feature)
        owner = OPTIONS[plain[0]][0]
        if owner and (owner != module or owner == "set"):
            words += ["-m", owner]
        module = owner
        words += negated + [plain[0]] + ['"%s"' % value if plain[0] in ("--comment", "--log-prefix") else value for value in plain[1:]]
    return " ".join(words)


def read(text: str) -> t.Tuple[Feature, ...]:
    """:raises Unknown: where a word stands that nobody here writes"""
    words = _words(text)
    found, module, negated, place = [], "", (), 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "-m":
            module, place = words[place] if place < len(words) else "", place + 1
            if words[place:place + 1] == ["!"]:
                negated, place = ("!",), place + 1
            if OPTIONS.get(words[place] if place < len(words) else "", ("",))[0] != (module or None):
                raise Unknown(text)
        elif word == "!":
            negated = ("!",)
        else:
            owner, number = OPTIONS.get(word, (None, 0))
            if owner is None or owner not in ("", module) or place + number > len(words):
                raise Unknown(word)
            found.append(negated + (word,) + tuple(words[place:place + number]))
            negated, place = (), place + number
    return ordered(_plain(feature) for feature in found if feature[0] != "--hashlimit-htable-expire")


def _words(text: str) -> t.List[str]:
    if "\\" not in text and "'" not in text and PLAIN_WORDS.match(text):
        # Nearly all are like this, and a thousand rules read this way in a tenth of the time.
        return [word.strip('"') for word in WORD.findall(text)]
    try:
        return shlex.split(text)
    except ValueError as reason:
        raise Unknown(text) from reason


def _plain(feature: Feature) -> Feature:
    """In the spelling that this collection writes."""
    value = feature[-1]
    if feature[-2] in ("-s", "-d", "--ctorigdst", "--src-range", "--dst-range"):
        try:
            value = ranges.address_text(*ranges.addresses(value))
        except ValueError as reason:
            raise Unknown(value) from reason
    elif feature[-2] == "-p":
        value = PROTOCOLS.get(value, value)
    elif feature[-2] == "--comment":
        value = value.replace("\\'", "'")  # a backslash that a shell would not write
    return feature[:-1] + (value,)


def period(rate: str) -> int:
    """What the kernel counts in: millionths of a second for each packet."""
    number, _slash, unit = rate.partition("/")
    return UNITS[unit] * SCALE // int(number)


def chain_name(name: str) -> str:
    return CHAIN + name.upper()


def plain_name(name: str) -> str:
    return name[len(CHAIN):].lower()
