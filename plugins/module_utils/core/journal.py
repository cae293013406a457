# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: what a killed run must not take with it, as JSON text, and the null object without one.

Only types that a kind names are decoded, so that a forged file cannot make anything but plain values.
"""
from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One transaction that was begun: the state before it and the state it was going to."""

    name: str
    before: t.Any
    after: t.Any


class JournalError(ValueError):
    """The text is not an entry of this format or of these types."""


def encode(entry: Entry) -> str:
    """:returns: JSON text; the same entry always gives the same text"""
    return json.dumps({"format": FORMAT, "entry": _pack(entry)}, sort_keys=True)


def decode(text: str, types: t.Sequence[type]) -> Entry:
    """:param types: what an entry may be made of, the type of its two states first

    :raises JournalError: on anything but an entry made of these types, each field of the type it is declared with
    """
    known = {cls.__name__: cls for cls in (Entry, *types)}
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise JournalError("format %r is not %r" % (data["format"], FORMAT))
        entry = _unpack(data["entry"], known)
        if not isinstance(entry, Entry) or not isinstance(entry.name, str):
            raise JournalError("not a journal entry but %s" % type(entry).__name__)
        if not isinstance(entry.before, types[0]) or not isinstance(entry.after, types[0]):
            raise JournalError("not a journal entry of %s" % types[0].__name__)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as reason:
        raise JournalError("not a journal entry: %s" % reason) from reason
    return entry


def _pack(value):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_pack(item) for item in value]
    if is_dataclass(value):
        return {"type": type(value).__name__, **{f.name: _pack(getattr(value, f.name)) for f in fields(value)}}
    raise JournalError("a %s cannot be written to the journal" % type(value).__name__)


def _unpack(value, known):
    if isinstance(value, list):
        return tuple(_unpack(item, known) for item in value)
    if isinstance(value, dict):
        cls = known[value["type"]]
        hints = _hints(cls)
        made = cls(**{key: _unpack(item, known) for key, item in value.items() if key in hints})
        wrong = [name for name, hint in hints.items() if not _is_of(getattr(made, name), hint)]
        if wrong:
            raise JournalError("%s of a %s is of another type" % (", ".join(wrong), cls.__name__))
        return made
    return value


@lru_cache(maxsize=None)
def _hints(cls):
    return t.get_type_hints(cls)


def _is_of(value, hint) -> bool:
    """Whether a value is of a declared type, for the few forms that frozen values are declared in."""
    origin, parts = t.get_origin(hint), t.get_args(hint)
    if hint is t.Any:
        return True
    if origin is t.Union:
        return any(_is_of(value, part) for part in parts)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is Ellipsis:
            return all(_is_of(item, parts[0]) for item in value)
        return len(value) == len(parts) and all(map(_is_of, value, parts))
    # A truth value is an int too, but not one that was written as such.
    return isinstance(value, hint) and isinstance(value, bool) == (hint is bool)


class NoJournal:
    """For kinds and runs that have nothing to lose."""

    def read(self):
        return ()

    def write(self, entry):
        pass

    def clear(self, entry):
        pass

    def set_aside(self, entry):
        return ""
