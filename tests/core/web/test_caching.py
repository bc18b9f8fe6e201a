"""What responses must say to caches."""

import pytest

from userlink.web.caching import is_for_one_user, varies_by_cookie


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["private, max-age=5"], True),
        (["no-store"], True),
        (["max-age=5 ,\tPRIVATE"], True),
        (["max-age=5", "private"], True),
        ([], False),
        ([""], False),
        (["public, max-age=600"], False),
        (["no-cache"], False),
        (['private="set-cookie", max-age=600'], False),
        (["private-ish, x-no-store, no-store=1"], False),
    ],
)
def test_only_private_and_no_store_keep_shared_caches_away(
    values: list[str], expected: bool
) -> None:
    """RFC 9111, 5.2.2.5 and 5.2.2.7: without arguments, in one field or in several, in any letter case."""
    assert expected is is_for_one_user(values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], False),
        (["Accept", "Origin"], False),
        (["X-Cookie"], False),
        (["accept, COOKIE"], True),
        (["*"], True),
    ],
)
def test_a_response_may_say_itself_that_it_depends_on_cookies(
    values: list[str], expected: bool
) -> None:
    """RFC 9110, 12.5.5."""
    assert expected is varies_by_cookie(values)
