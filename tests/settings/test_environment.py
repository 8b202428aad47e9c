"""Variables under our name: those that are settings, empty ones, and what Kubernetes writes there for a Service."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from service.app import read_configuration
from service.settings import ConfigurationError, Settings, read_settings
from service.settings.environment import read_environment
from service.settings.reading import Reading

CONFIG = Path(__file__).resolve().parents[2] / "config"
NAMES = [field.name for field in msgspec.structs.fields(Settings)]
HINTS = get_type_hints(Settings, include_extras=True)
LISTS = [name for name in NAMES if getattr(HINTS[name], "__origin__", None) is tuple]


def read(environment: dict[str, str], directory: Path = CONFIG) -> tuple[Settings, tuple[str, ...]]:
    configuration = read_configuration(directory, environment)
    return configuration.settings, configuration.notices


def service_variables(service: str, address: str, ports: list[tuple[str, int, str]]) -> dict[str, str]:
    """What Kubernetes sets in every pod of a Service's namespace: ``makeEnvVars`` and ``makeLinkVariables`` of the kubelet."""
    prefix = service.upper().replace("-", "_")
    host = f"[{address}]" if ":" in address else address
    variables = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0][1])}
    for position, (name, port, protocol) in enumerate(ports):
        if name:
            variables[f"{prefix}_SERVICE_PORT_{name.upper().replace('-', '_')}"] = str(port)
        url = f"{protocol.lower()}://{host}:{port}"
        if position == 0:
            variables[f"{prefix}_PORT"] = url
        link = f"{prefix}_PORT_{port}_{protocol}"
        variables |= {
            link: url,
            f"{link}_PROTO": protocol.lower(),
            f"{link}_PORT": str(port),
            f"{link}_ADDR": address,
        }
    return variables


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PASSERBY_PORT", "tcp://10.0.0.5:8080"),
        ("PASSERBY_PORT", "udp://10.0.0.5:8080"),
        ("PASSERBY_PORT", "sctp://10.0.0.5:8080"),
        ("PASSERBY_PORT", "tcp://[fd00::5]:8080"),
        ("PASSERBY_PORT", "TCP://10.0.0.5:80"),
        ("PASSERBY_ADMIN_PORT", "tcp://10.0.0.6:9090"),
        ("PASSERBY_ADMIN_PORT", "tcp://[fd00:10::6]:9090"),
        ("PASSERBY_REDIS_PORT", "tcp://10.0.0.7:6379"),
        ("PASSERBY_SERVICE_HOST", "10.0.0.5"),
        ("PASSERBY_SERVICE_PORT", "8080"),
        ("PASSERBY_SERVICE_PORT_HTTP", "8080"),
        ("PASSERBY_SERVICE_PORT_HTTP_ADMIN", "9090"),
        ("PASSERBY_PORT_8080_TCP", "tcp://10.0.0.5:8080"),
        ("PASSERBY_PORT_8080_TCP_PROTO", "tcp"),
        ("PASSERBY_PORT_8080_TCP_PORT", "8080"),
        ("PASSERBY_PORT_8080_TCP_ADDR", "10.0.0.5"),
        ("PASSERBY_PORT_53_UDP_ADDR", "10.0.0.5"),
        ("PASSERBY_ADMIN_SERVICE_HOST", "10.0.0.6"),
        ("PASSERBY_ADMIN_SERVICE_PORT", "9090"),
        ("PASSERBY_ADMIN_SERVICE_PORT_METRICS", "9090"),
        ("PASSERBY_ADMIN_PORT_9090_TCP", "tcp://10.0.0.6:9090"),
        ("PASSERBY_ADMIN_PORT_9090_TCP_PORT", "9090"),
        ("PASSERBY_EU_WEST_1_SERVICE_HOST", "10.0.0.8"),
        ("PASSERBY_REDIS_PORT_6379_TCP_ADDR", "10.0.0.7"),
    ],
)
def test_a_variable_of_a_service_is_not_ours(variable: str, value: str) -> None:
    """One notice, which names Kubernetes and what to write in the pod; no setting differs, nothing stops."""
    found, notices = read({variable: value})
    assert found == Settings()
    assert len(notices) == 1
    assert notices[0].startswith(f"{variable}: ignored")
    assert "Kubernetes" in notices[0]
    assert "enableServiceLinks: false" in notices[0]
    assert value not in notices[0] or value in variable


LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,13}[a-z0-9])?", fullmatch=True)
PORTS = st.lists(
    st.tuples(st.one_of(st.just(""), LABEL), st.integers(1, 65535), st.sampled_from(["TCP", "UDP", "SCTP"])),
    min_size=1, max_size=4,
)  # fmt: skip


@examples(deadline=None)
@given(st.one_of(st.just("passerby"), LABEL.map("passerby-{}".format)), st.ip_addresses().map(str), PORTS)
def test_whatever_a_service_is_called_its_variables_change_no_setting(
    service: str, address: str, ports: list[tuple[str, int, str]]
) -> None:
    """However many ports it has: all of them in one notice."""
    variables = service_variables(service, address, ports)
    reading = Reading()
    assert read_environment(reading, variables, HINTS, secret=()) == {}
    assert reading.mistakes == []
    (notice,) = reading.notices
    assert f"{min(variables)} and {len(variables) - 1} more: ignored" in notice


def test_settings_of_our_own_hold_beside_those_of_two_services() -> None:
    """Kubernetes' own do not touch what the pod says."""
    variables = service_variables("passerby", "10.0.0.5", [("http", 8080, "TCP")])
    variables |= service_variables("passerby-admin", "10.0.0.6", [("metrics", 9090, "TCP")])
    found, notices = read(variables | {"PASSERBY_ADMIN_PORT": "9191", "PASSERBY_EDGE": "fastly"})
    assert (found.port, found.admin_port, found.edge) == (8080, 9191, "fastly")
    assert len(notices) == 1


@pytest.mark.parametrize(
    ("variable", "value", "mistake"),
    [
        ("PASSERBY_PORT", "http", "PASSERBY_PORT: must be a whole number from 0 to 65535"),
        ("PASSERBY_PORT", "http://10.0.0.5:8080", "PASSERBY_PORT: must be a whole number from 0 to 65535"),
        ("PASSERBY_PORT", "10.0.0.5:8080", "PASSERBY_PORT: must be a whole number from 0 to 65535"),
        ("PASSERBY_PORT", "tcp:8080", "PASSERBY_PORT: must be a whole number from 0 to 65535"),
        ("PASSERBY_PORT", "8080 tcp://10.0.0.5:8080", "PASSERBY_PORT: must be a whole number from 0 to 65535"),
        ("PASSERBY_WORKERS", "tcp://10.0.0.5:8080", "PASSERBY_WORKERS: must be a whole number from 1 to 64"),
        (
            "PASSERBY_HOST",
            "tcp://10.0.0.5:8080",
            "PASSERBY_HOST: must be an address such as 127.0.0.1 or ::, or localhost",
        ),
        ("PASSERBY_REDIS_URL", "tcp://10.0.0.7:6379", "PASSERBY_REDIS_URL: a Redis URL begins with redis://"),
    ],
)
def test_a_mistake_is_a_mistake(variable: str, value: str, mistake: str) -> None:
    """Only where Kubernetes writes such a value is it taken for Kubernetes' own."""
    with pytest.raises(ConfigurationError) as raised:
        read({variable: value})
    assert any(text.startswith(mistake) for text in raised.value.mistakes)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("PASSERBY_PROT", "; PASSERBY_PORT?"), ("PASSERBY_HOSTS", "; PASSERBY_HOST?"), ("PASSERBY_SERVICE", ""),
        ("PASSERBY_PORT_HTTP", ""), ("PASSERBY_", ""),
    ],
)  # fmt: skip
def test_a_stray_variable_is_a_notice_of_its_own(variable: str, meant: str) -> None:
    """A typo must be seen, and is nobody else's."""
    assert read({variable: "8080"})[1] == (f"{variable}: there is no such setting, it is ignored{meant}",)


# An empty variable, as `PASSERBY_PORT=` in a compose file or `PASSERBY_PORT=${PORT}` with no PORT writes it.

NOT_DEFAULT = {
    "host": '"::1"', "port": "8081", "workers": "2", "admin_host": '"::1"', "admin_port": "9191", "edge": '"fastly"',
    "answer_ttl_s": "7", "counting": "false", "k": "300", "noise": '"off"', "epsilon": "2.5", "release_minutes": "30",
    "header_read_timeout_s": "3.5", "redis_url": '"redis://127.0.0.1:6379/0"', "geo_database": '"other.mmdb"',
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LISTS])
@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_variable_is_unset(name: str, text: str) -> None:
    """Of every setting that is no list: the default holds."""
    assert read_settings(CONFIG, {f"PASSERBY_{name.upper()}": text}) == Settings()


@pytest.mark.parametrize("name", NOT_DEFAULT)
def test_an_empty_variable_leaves_the_file_its_say(config_copy: Callable[[], Path], name: str) -> None:
    """What stands in passerby.toml is not overridden by nothing."""
    directory = config_copy()
    (directory / "passerby.toml").write_text(f"{name} = {NOT_DEFAULT[name]}\n")
    found = read_settings(directory, {f"PASSERBY_{name.upper()}": ""})
    assert getattr(found, name) == tomllib.loads(f"v = {NOT_DEFAULT[name]}")["v"] != getattr(Settings(), name)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("text", ["", " ", ",", " , ,"])
def test_of_a_list_it_is_the_empty_list(config_copy: Callable[[], Path], name: str, text: str) -> None:
    """`PASSERBY_TRUSTED_PROXIES=` trusts nobody, whatever the file says."""
    written = {"trusted_proxies": '["10.0.0.0/8"]', "open_scopes": '["recommend"]', "secret": '["of sixteen or more"]'}
    directory = config_copy()
    (directory / "passerby.toml").write_text(f"{name} = {written[name]}\n")
    assert getattr(read_settings(directory, {}), name) != ()
    assert getattr(read_settings(directory, {f"PASSERBY_{name.upper()}": text}), name) == ()


def test_all_lists_are_known_to_these_tests() -> None:
    """A new one has a row above."""
    assert LISTS == ["trusted_proxies", "open_scopes", "secret"]


def test_the_documents_say_so() -> None:
    """Where an operator looks first."""
    told = (CONFIG / "passerby.toml").read_text()
    assert re.search(r"empty one is as good as none, but for a list", told.replace("\n# ", " "))
