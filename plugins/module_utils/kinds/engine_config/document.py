# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""daemon.json as a value: read, merge, mask, compare. What the engine means by its keys is said in options.py."""
from __future__ import annotations

import json
import re
import typing as t

MASK = "********"
SECRET_KEY = re.compile(r"token|passw|secret|credential", re.IGNORECASE)
URL_CREDENTIALS = re.compile(r"(?P<scheme>[a-z0-9+.-]+://)[^/@\s]+@", re.IGNORECASE)


def parse(text: str) -> dict[str, t.Any]:
    """The document as a dictionary; an empty file is an empty document, as for the engine.

    :raises ValueError: when it is no JSON, or JSON but no object
    """
    if not text.strip():
        return {}
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("it holds a %s where an object is needed" % type(document).__name__)
    return document


def render(document: dict[str, t.Any]) -> str:
    return json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def merge(present: dict[str, t.Any], wished: dict[str, t.Any]) -> dict[str, t.Any]:
    """Foreign keys stay; a dictionary is merged key by key, anything else (lists too) is exact; None removes."""
    result = dict(present)
    for key, value in wished.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            merged = merge(inner if isinstance(inner, dict) else {}, value)
            if merged:
                result[key] = merged
            else:
                result.pop(key, None)
        else:
            result[key] = value
    return result


def changed_keys(before: dict[str, t.Any], after: dict[str, t.Any]) -> list[str]:
    return sorted(key for key in set(before) | set(after) if before.get(key) != after.get(key))


def masked(value: t.Any, key: str = "") -> t.Any:
    """The same document without credentials in URLs and without values of keys that name a secret."""
    if isinstance(value, dict):
        return {name: masked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, key) for inner in value]
    if isinstance(value, str):
        if SECRET_KEY.search(key):
            return MASK
        return masked_text(value)
    return value


def masked_text(text: str) -> str:
    return URL_CREDENTIALS.sub(lambda found: found.group("scheme") + MASK + "@", text)
