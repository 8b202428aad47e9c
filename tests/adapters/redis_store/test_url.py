"""Redis URLs, taken apart or refused."""

import pytest

from service.adapters.redis_store.url import RedisUrl, parse_redis_url


@pytest.mark.parametrize(
    "url, expected",
    [
        ("redis://10.0.0.7", RedisUrl("tcp", (("10.0.0.7", 6379),))),
        ("redis://:p%40ss@host:7000/3", RedisUrl("tcp", (("host", 7000),), None, "p@ss", 3)),
        ("redis://anna:pw@[::1]:7000?db=2", RedisUrl("tcp", (("::1", 7000),), "anna", "pw", 2)),
        ("redis://a:1,b:2,c", RedisUrl("tcp", (("a", 1), ("b", 2), ("c", 6379)))),
        ("rediss://host?ssl_check_hostname=false&ssl_ca_certs=/ca.pem", RedisUrl("tcp", (("host", 6379),), tls={"ssl_check_hostname": False, "ssl_ca_certs": "/ca.pem"})),
        ("unix:///run/redis%20x.sock?db=1", RedisUrl("unix", (("/run/redis x.sock", 0),), db=1)),
        ("unix://u:p@/run/r", RedisUrl("unix", (("/run/r", 0),), "u", "p")),
        ("redis+sentinel://:pw@s1:5,s2/main/4", RedisUrl("sentinel", (("s1", 5), ("s2", 26379)), None, "pw", 4, "main")),
        ("rediss+sentinel://s/main?sentinel_password=x", RedisUrl("sentinel", (("s", 26379),), service="main", tls={}, sentinel_password="x")),
    ],
)  # fmt: skip
def test_a_url_says_where_and_as_whom(url: str, expected: RedisUrl) -> None:
    assert parse_redis_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "http://hunter2", "redis://", "redis://hunter2:port", "redis://:0", "redis://h:70000", "redis://h/hunter2", "redis://h:1,,h:2",
        "redis://h?hunter2=1", "redis://h?db=1&db=2", "redis://h?ssl_ca_certs=/x", "redis://h#hunter2", "redis://h?db", "redis://[hunter2",
        "unix://hunter2", "unix:///", "redis+sentinel://h", "rediss://h?ssl_cert_reqs=hunter2", "rediss://h?ssl_check_hostname=hunter2",
        "redis://h/²",
    ],
)  # fmt: skip
def test_what_is_no_redis_url_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        parse_redis_url(url)
    assert "hunter2" not in str(caught.value)


def test_a_password_is_not_shown() -> None:
    assert repr(parse_redis_url("redis://anna:hunter2@host")) == "<RedisUrl tcp>"
