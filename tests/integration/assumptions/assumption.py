# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one assumption is: a statement, a way to try it, and what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Finding:
    """holds: the statement is true on this engine; seen: a short text that is the same on every run."""

    holds: bool
    seen: str


@dataclass(frozen=True)
class Assumption:
    name: str
    statement: str
    attempt: Callable[..., Finding]


ASSUMPTIONS: list[Assumption] = []


def assumption(statement: str):
    """Register the decorated function; its name is the row's name."""

    def register(attempt):
        ASSUMPTIONS.append(Assumption(attempt.__name__, statement, attempt))
        return attempt

    return register


def refusal(call, *args, **kwargs) -> str:
    """The engine's own words without the names and ids that differ from run to run, or an empty text."""
    import docker.errors

    try:
        call(*args, **kwargs)
    except docker.errors.APIError as error:
        return _known_words(str(error.explanation or error))
    return ""


KNOWN_WORDS = (
    "could not find a network matching network mode",
    "Address already in use",
    "is not connected to",
    "has active endpoints",
    "already exists in network",
    "endpoint exists in network",
    "user configured subnets",
    "already exists",
    "is restarting, wait until",
    "not found",
    "is paused",
    "invalid",
)


def _known_words(message: str) -> str:
    for words in KNOWN_WORDS:
        if words.lower() in message.lower():
            return words
    return message
