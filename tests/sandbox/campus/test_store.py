"""The database: it survives a restart, and many threads at once."""

from __future__ import annotations

import threading

import pytest
import requests

from sandbox.campus.store import Store, as_moment, as_text


@pytest.fixture
def session(real_session):
    """These tests are about the wire and about threads."""
    return real_session


def test_everything_survives_a_restart(start_campus, make_tool, tmp_path):
    path = tmp_path / "kept.sqlite3"
    tool = make_tool(start_campus(database_path=path, students=2))
    link = tool.place()
    tool.post_score(tool.line_item_of(link))
    keys = tool.key_set()
    again = start_campus(database_path=path, students=2)
    headers = again.admin_headers

    def read(path):
        return requests.get(f"{again.base_url}{path}", headers=headers, timeout=10).json()

    assert read("/lti/jwks") == keys
    assert [found["client_id"] for found in read("/admin/api/tools")] == [tool.client_id]
    assert read("/admin/api/courses/11/links") == [link]
    assert read("/admin/api/scores")[0]["status"] == 200
    row = next(row for row in read("/admin/api/courses/11/gradebook")["rows"] if row["person_id"] == "105")
    assert row["grades"][link["line_item_ids"][0]]["shown"] == 7


def test_a_class_that_comes_at_once_is_served(tool):
    request = tool.request_of(tool.initiate(tool.place()))
    url = tool.registered["platform"]["authorization_endpoint"]
    found = []

    def launch():
        found.append(requests.get(url, params=request, timeout=30).status_code)

    threads = [threading.Thread(target=launch) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 60
    assert len(tool.admin.calls("authorize")) == 60


def test_of_many_equal_scores_one_counts(tool):
    url = tool.line_item_of(tool.place())
    token = tool.token()
    found = []

    def send(points):
        with requests.Session() as own:
            sender = type(tool)(**{**vars(tool), "session": own})
            found.append(sender.post_score(url, token=token, scoreGiven=points).status_code)

    threads = [threading.Thread(target=send, args=(points,)) for points in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [409] * 9
    assert len(tool.results(url)) == 1


def test_a_transaction_that_fails_leaves_nothing(tmp_path):
    store = Store(tmp_path / "s.sqlite3")

    def fail():
        with store.writing() as db:
            db.execute("INSERT INTO setting VALUES ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM setting").fetchone()[0] == 0
    store.close()


def test_moments_sort_as_text(clock):
    moments = [as_text(clock.moment)]
    for step in (0.000001, 0.5, 1, 3600):
        clock.forward(seconds=step)
        moments.append(as_text(clock.moment))
    assert moments == sorted(moments)
    assert as_moment(moments[-1]) == clock.moment
