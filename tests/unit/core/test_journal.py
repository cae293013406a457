# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal's text: nothing is lost in it, and nothing but an entry comes out of it."""
from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.core import journal
from ansible_collections.fleetnet.docker.plugins.module_utils.core.journal import Entry, JournalError, decode, encode
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.state import JOURNAL_TYPES, State
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network

from unit import strategies

SAMPLE = Entry("network front", State(networks=(Network("front", driver="bridge", labels=(("a", "b"),)),)), State(absent=("front",)))


@settings(max_examples=40, deadline=None)
@given(strategies.entries)
def test_what_is_written_is_read_again(entry):
    text = encode(entry)
    again = decode(text, JOURNAL_TYPES)
    assert again == entry and encode(again) == text
    assert [net.id for net in again.before.networks] == [net.id for net in entry.before.networks]


def test_a_field_that_is_not_known_any_more_is_left_out():
    data = json.loads(encode(SAMPLE))
    data["entry"]["before"]["colour"] = "red"
    assert decode(json.dumps(data), JOURNAL_TYPES) == SAMPLE


def changed(**values):
    data = json.loads(encode(SAMPLE))
    for path, value in values.items():
        place = data
        *steps, last = path.split("__")
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = value
    return json.dumps(data)


HOSTILE = {
    "empty": "",
    "cut off": encode(SAMPLE)[:-20],
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "another format": changed(format=99),
    "no format": changed().replace('"format"', '"fmt"'),
    "deep": "[" * 100000,
    "deep entry": '{"format": 1, "entry": ' + '{"type": "State", "networks": ' * 2000 + "1" + "}" * 2001,
    "a type of Python": changed(entry__type="object"),
    "a path to a type": changed(entry__before__type="os.system"),
    "a type of another kind": changed(entry__before__type="Popen"),
    "a state that is a network": changed(entry__before={"type": "Network", "name": "front"}),
    "a state that is a text": changed(entry__before="front"),
    "a state that is nothing": changed(entry__after=None),
    "a name that is a number": changed(entry__name=7),
    "an entry in an entry": changed(entry__before=json.loads(encode(SAMPLE))["entry"]),
    "a network that is a text": changed(entry__before__networks=["front"]),
    "networks that are a text": changed(entry__before__networks="front"),
    "a flag that is a text": changed(entry__before__networks__0__internal="yes"),
    "a flag that is a number": changed(entry__before__networks__0__internal=1),
    "labels that are numbers": changed(entry__before__networks__0__labels=[["a", 1]]),
    "labels that are not pairs": changed(entry__before__networks__0__labels=[["a", "b", "c"]]),
    "a name that is a list": changed(entry__before__networks__0__name=["front"]),
    "a number without end": changed().replace('"front"', "1e999", 1),
    "a nameless network": changed(entry__before__networks=[{"type": "Network"}]),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_but_an_entry_is_read(what):
    with pytest.raises(JournalError):
        decode(HOSTILE[what], JOURNAL_TYPES)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["State", "Entry", "Network", "type"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "before", "after", "name", "networks", "entry", "format"]), inner, max_size=4),
    max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_random_values_are_refused_or_are_an_entry(value):
    for text in (json.dumps(value), json.dumps({"format": journal.FORMAT, "entry": value})):
        try:
            found = decode(text, JOURNAL_TYPES)
        except JournalError:
            continue
        assert isinstance(found, Entry) and isinstance(found.before, State) and isinstance(found.after, State)


@pytest.mark.parametrize("value", [object(), 1.5, {"a": 1}, {1, 2}, b"bytes"], ids=lambda value: type(value).__name__)
def test_only_plain_values_are_written(value):
    with pytest.raises(JournalError, match="cannot be written to the journal"):
        encode(Entry("x", value, None))
