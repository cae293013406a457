# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a course may look like: everything that is typed is checked here before it is stored."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
NOT_TEXT_CATEGORIES = frozenset(("Cc", "Cs", "Co", "Cn", "Zl", "Zp"))
VISIBLE_CATEGORIES = frozenset("LNPS")
# A replacement character means that the bytes sent were not UTF-8; the others hide or reorder text.
NOT_TEXT_CHARACTERS = frozenset("\ufffd\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Field(NamedTuple):
    """One input of the form: its name in HTML and SQL, what people call it, and how long it may be."""

    name: str
    label: str
    longest: int
    example: str


COURSE_NAME = Field("course_name", "course name", 200, "Databases for beginners")
COURSE_ID = Field("course_id", "course id", 32, "DB-101")
FIELDS = (COURSE_NAME, COURSE_ID)


class Submission(NamedTuple):
    """What was typed, what it means, and what is wrong with it."""

    typed: dict
    values: dict
    errors: dict


def is_utf8_form(mimetype, body):
    """Werkzeug would keep wrong percent-encoded bytes as if somebody had typed the percent signs."""
    if mimetype != FORM_TYPES[0]:
        return True
    try:
        unquote_to_bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_text(value):
    return not any(
        unicodedata.category(character) in NOT_TEXT_CATEGORIES or character in NOT_TEXT_CHARACTERS
        for character in value
    )


def error_in(field, value):
    """The sentence to show beside the field, or None."""
    if not is_text(value):
        return "The %s contains characters that are not text. Please type it again." % field.label
    if not any(unicodedata.category(character)[0] in VISIBLE_CATEGORIES for character in value):
        return "Please enter a %s." % field.label
    if len(value) > field.longest:
        return "The %s has %d characters; at most %d fit. Please shorten it." % (
            field.label,
            len(value),
            field.longest,
        )
    return None


def check(form, files=()):
    """Check a submitted form (a mapping with getlist, as Werkzeug gives it)."""
    typed, values, errors = {}, {}, {}
    for field in FIELDS:
        given = form.getlist(field.name)
        typed[field.name] = given[0] if given else ""
        values[field.name] = unicodedata.normalize("NFC", typed[field.name]).strip()
        if field.name in files:
            errors[field.name] = "The %s must be text, not a file." % field.label
        elif len(given) > 1:
            errors[field.name] = "The %s was sent more than once. Please enter one." % field.label
        else:
            error = error_in(field, values[field.name])
            if error:
                errors[field.name] = error
    return Submission(typed, values, errors)
