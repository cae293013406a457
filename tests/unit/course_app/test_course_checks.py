# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from courses.checks import check
from werkzeug.datastructures import MultiDict

GOOD = {"course_name": "Databases", "course_id": "DB-101"}


def checked(**changes):
    return check(MultiDict(dict(GOOD, **changes)))


@pytest.mark.parametrize(
    "name", ["Databases", "Größenlehre für Anfänger", "数据库", "Emoji 🎓 and 👩\u200d🔬", "<b>bold</b>", "'; DROP TABLE x; --"]
)
def test_text_in_any_language_is_accepted(name):
    submission = checked(course_name=name)
    assert submission.errors == {}
    assert submission.values["course_name"] == name


def test_space_around_is_removed_and_composed_letters_are_one():
    submission = checked(course_name="  Cafe\u0301 ", course_id=" DB-1 ")
    assert submission.values == {"course_name": "Caf\u00e9", "course_id": "DB-1"}
    assert submission.typed["course_id"] == " DB-1 "


@pytest.mark.parametrize("empty", ["", "   ", "\u00a0", "\u200d"])
def test_nothing_to_see_is_empty(empty):
    assert checked(course_name=empty).errors == {"course_name": "Please enter a course name."}


def test_both_errors_are_reported_at_once():
    assert sorted(checked(course_name="", course_id="").errors) == ["course_id", "course_name"]


def test_a_missing_field_is_empty():
    assert check(MultiDict()).errors["course_id"] == "Please enter a course id."


@pytest.mark.parametrize("field, longest", [("course_name", 200), ("course_id", 32)])
def test_the_longest_fits_and_one_more_does_not(field, longest):
    assert checked(**{field: "ä" * longest}).errors == {}
    error = checked(**{field: "ä" * (longest + 1)}).errors[field]
    assert error == "The %s has %d characters; at most %d fit. Please shorten it." % (
        field.replace("_", " "),
        longest + 1,
        longest,
    )


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\nb", "a\tb", "\x1b[31m", "a\u2028b", "\ufffd", "abc\u202edef", "a\u200bb", "\ue000", "\x7f"]
)
def test_what_is_not_text_is_refused(bad):
    assert checked(course_id=bad).errors == {
        "course_id": "The course id contains characters that are not text. Please type it again."
    }


def test_a_field_sent_twice_is_refused():
    submission = check(MultiDict([("course_name", "a"), ("course_name", "b"), ("course_id", "c")]))
    assert submission.errors == {"course_name": "The course name was sent more than once. Please enter one."}


def test_a_file_is_not_text():
    submission = check(MultiDict({"course_id": "c"}), files={"course_name": object()})
    assert submission.errors == {"course_name": "The course name must be text, not a file."}
