# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

NAME = "Container networks <b>& more</b>"


def submit(page, name, course_id):
    page.get_by_label("Course name").fill(name)
    page.get_by_label("Course id").fill(course_id)
    page.get_by_role("button", name="Submit").click()


def rows(page):
    return [tuple(row.locator("th, td").all_inner_texts()) for row in page.locator("tbody tr").all()]


def test_a_course_is_entered_seen_and_in_mysql(page, mysql, course_id, picture):
    submit(page, NAME, course_id)
    assert page.get_by_role("status").inner_text().endswith("Stored: %s (%s)" % (NAME, course_id))
    assert any(row[0].endswith(NAME) and row[1] == course_id for row in rows(page))
    picture("page")
    assert mysql.ask("SELECT course_name FROM course_details WHERE course_id = '%s'" % course_id) == [NAME]


def test_reloading_does_not_store_it_twice(page, mysql, course_id):
    submit(page, NAME, course_id)
    page.wait_for_url("**/?added=*")  # reloading while the answer is on its way breaks the navigation, not the page
    page.reload()
    page.reload()
    assert mysql.ask("SELECT COUNT(*) FROM course_details WHERE course_id = '%s'" % course_id) == ["1"]


def test_empty_input_is_explained_and_nothing_is_stored(page, mysql, course_id, picture):
    before = mysql.ask("SELECT COUNT(*) FROM course_details")
    submit(page, "   ", course_id)
    alert = page.get_by_role("alert")
    assert "Nothing was stored" in alert.inner_text()
    assert "Please enter a course name." in alert.inner_text()
    assert page.get_by_label("Course id").input_value() == course_id
    picture("page-error")
    assert mysql.ask("SELECT COUNT(*) FROM course_details") == before
    alert.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id") == "course_name"


def test_the_form_works_with_the_keyboard_alone(page, mysql, course_id):
    page.get_by_label("Course name").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(course_id)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?added=*")
    assert mysql.ask("SELECT course_name FROM course_details WHERE course_id = '%s'" % course_id) == [NAME]


def test_nothing_is_cut_off_on_a_telephone(page, course_id, picture):
    page.set_viewport_size({"width": 320, "height": 600})
    submit(page, "A-name-without-a-single-space-" * 6, course_id)
    picture("page-telephone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_paper_shows_the_list_only(page, course_id):
    submit(page, NAME, course_id)
    page.emulate_media(media="print")
    assert page.get_by_role("table").is_visible()
    assert not page.get_by_label("Course name").is_visible()
