import pytest

from tests.fooapi.client import Client

STALE = ['"2"', '"0"', '""', "1", 'W/"1"', '"x"', "", '"9999999999"', '"99999999999999999999"']


def test_unchanged_user_is_not_sent_again(client: Client) -> None:
    """A client that has the current version gets 304, without a body, with the tag."""
    created = client.create("rené")
    path, tag = created.headers["location"], created.headers["etag"]
    for known in (tag, f"W/{tag}", f'"7", {tag}', "*"):
        answer = client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag), known
    assert client.get(path, headers={"If-None-Match": '"7"'}).status_code == 200


def test_change_without_a_condition_is_refused(client: Client) -> None:
    """PATCH and DELETE without If-Match are answered with 428."""
    path = client.create("rené").headers["location"]
    assert client.patch(path, None, status="suspended").status_code == 428
    assert client.delete(path, None).status_code == 428
    assert client.get(path).json()["status"] == "active"


@pytest.mark.parametrize("tag", STALE)
def test_change_of_another_version_is_refused(client: Client, tag: str) -> None:
    """PATCH and DELETE with any tag but the current one are answered with 412 and change nothing."""
    created = client.create("rené")
    path = created.headers["location"]
    assert client.patch(path, tag, status="suspended").status_code == 412
    assert client.delete(path, tag).status_code == 412
    assert client.get(path).headers["etag"] == created.headers["etag"]


def test_star_and_lists_match(client: Client) -> None:
    """If-Match takes several tags, and * for whichever there is."""
    created = client.create("rené")
    path, tag = created.headers["location"], created.headers["etag"]
    assert client.patch(path, f'"7", {tag}', status="suspended").status_code == 200
    assert client.patch(path, "*", status="active").status_code == 200
    assert client.delete(path, tag).status_code == 412
    assert client.delete(path, "*").status_code == 204
