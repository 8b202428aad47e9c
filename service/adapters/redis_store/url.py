"""Where Redis is: its URL taken apart, and refused at the start if it is not one.

Nothing here loads a client, so that a start can judge a URL at once. No error and no ``repr`` repeats
any of it: it holds a password.
"""

from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

Address = tuple[str, int]
"""Host and port; for a Unix socket its path and 0."""

_DEFAULT_PORT = 6379
_SENTINEL_PORT = 26379
_PORT_MAX = 65535
_TLS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
_SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}
_CERT_REQS = {"required", "optional", "none"}
_TRUTH = {"true": True, "false": False}


class RedisUrl(Struct, frozen=True, repr_omit_defaults=True):
    """One server or the seeds of a Cluster (``tcp``), a socket (``unix``), or sentinels that know the master's place.

    ``tls`` is None without TLS, else options of ``redis.asyncio.connection.SSLConnection``.
    """

    kind: Literal["tcp", "unix", "sentinel"]
    addresses: tuple[Address, ...]
    username: str | None = None
    password: str | None = None
    db: int = 0
    service: str = ""
    tls: dict[str, str | bool] | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None

    @property
    def stays_here(self) -> bool:
        """Whether the link does not leave this machine. A master that sentinels name may be anywhere."""
        return self.kind == "unix" or (self.kind == "tcp" and all(_is_loopback(host) for host, _ in self.addresses))

    def __repr__(self) -> str:
        return f"<RedisUrl {self.kind}>"

    def __rich_repr__(self) -> list[Any]:
        """Nothing for rich's tracebacks either, which would otherwise list a struct's fields."""
        return []


def parse_redis_url(url: str) -> RedisUrl:
    """Take a URL apart. Raises ValueError that says what is wrong and repeats nothing.

    ``redis://[[user]:password@]host[:port],...[/db]``, ``rediss://`` for TLS (``?ssl_ca_certs=`` a file,
    ``ssl_certfile=``, ``ssl_keyfile=``, ``ssl_cert_reqs=required|optional|none``, ``ssl_check_hostname=true|false``),
    ``unix://[user:password@]/path[?db=0]``, and ``redis+sentinel://[user:password@]host:port,.../service[/db]`` or
    ``rediss+sentinel://`` (``?sentinel_username=``, ``sentinel_password=``). Several hosts are the seeds of a Cluster.
    """
    try:
        split = urlsplit(url)
        options = parse_qsl(split.query, keep_blank_values=True, strict_parsing=bool(split.query))
    except ValueError:
        raise ValueError("the Redis URL cannot be read") from None
    if split.fragment or len(dict(options)) < len(options):
        raise ValueError("the Redis URL has a fragment, or an option twice: escape # as %23")
    credentials, _, hosts = split.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    if split.scheme == "unix":
        kind: Literal["tcp", "unix", "sentinel"] = "unix"
        addresses: tuple[Address, ...] = ((unquote(split.path), 0),)
        path = ""
        if hosts or len(split.path) < 2:  # noqa: PLR2004 - a slash and something
            raise ValueError("a unix:// URL has a path of three slashes")
    elif split.scheme in {"redis", "rediss", "redis+sentinel", "rediss+sentinel"}:
        kind = "sentinel" if split.scheme.endswith("+sentinel") else "tcp"
        default_port = _SENTINEL_PORT if kind == "sentinel" else _DEFAULT_PORT
        addresses = tuple(_address(host, default_port) for host in hosts.split(","))
        path = split.path.strip("/")
    else:
        raise ValueError("a Redis URL begins with redis:// rediss:// unix:// redis+sentinel:// or rediss+sentinel://")
    service, _, path = path.partition("/") if kind == "sentinel" else ("", "", path)
    if kind == "sentinel" and not service:
        raise ValueError("a sentinel URL names a service: redis+sentinel://host:port/service")
    tls = split.scheme.startswith("rediss")
    named_options = dict(options)
    allowed = {"db"} | (_TLS_OPTIONS if tls else set()) | (_SENTINEL_OPTIONS if kind == "sentinel" else set())
    if not named_options.keys() <= allowed:
        raise ValueError(f"the Redis URL has an option that is not known; there are {' '.join(sorted(allowed))}")
    return RedisUrl(
        kind,
        addresses,
        unquote(username) or None,
        unquote(password) or None,
        _number(named_options.get("db", path) or "0", "the database in the Redis URL is no number"),
        unquote(service),
        _tls(named_options) if tls else None,
        named_options.get("sentinel_username"),
        named_options.get("sentinel_password"),
    )


def _address(text: str, default_port: int) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default_port)
    host = unquote(host.removeprefix("[").removesuffix("]"))
    number = _number(port, "a port in the Redis URL is no number")
    if not host or not 0 < number <= _PORT_MAX:
        raise ValueError("the Redis URL has no host, or a port that cannot be")
    return host, number


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _number(text: str, problem: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(problem)
    return int(text)


def _tls(options: dict[str, str]) -> dict[str, str | bool]:
    tls: dict[str, str | bool] = {name: value for name, value in options.items() if name in _TLS_OPTIONS}
    if options.get("ssl_cert_reqs", "required") not in _CERT_REQS:
        raise ValueError("ssl_cert_reqs in the Redis URL is required, optional or none")
    if "ssl_check_hostname" in options:
        if options["ssl_check_hostname"] not in _TRUTH:
            raise ValueError("ssl_check_hostname in the Redis URL is true or false")
        tls["ssl_check_hostname"] = _TRUTH[options["ssl_check_hostname"]]
    return tls
