"""Where identity may be named in the source, read from the source: an address, a User-Agent, a cookie string, a device id.

``tests/test_architecture.py`` reads types; this reads code. It knows the ways by which identity comes in (a peer, header
names, fields of bodies and of a ``Connection``) and the names that this house gives it, and wants each module that has
one of them on the table below, with the reason. It cannot see through a new name for an old thing: a reviewer must.
"""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from service.web.visit.client_ip import ClientIpResolver, Edge

SERVICE = Path(__file__).resolve().parent.parent / "service"
# Whoever plays the visitor names what visitors send: an audit from outside, and a command's own options. No module that
# serves can import either (``tests/test_architecture.py``).
VISITORS = ("service.audit.", "service.attacks.", "service.cli.")
MODULES = {
    name: path
    for path in sorted(SERVICE.rglob("*.py"))
    if not (name := ".".join(("service", *path.relative_to(SERVICE).with_suffix("").parts))).startswith(VISITORS)
}

FORWARDING = {name.decode() for edge in get_args(Edge) for name in ClientIpResolver(edge=edge).header_names}
# What the rest of the world calls the same, so that no other header is read by chance.
FORWARDING |= {
    "x-forwarded",
    "x-client-ip",
    "x-cluster-client-ip",
    "client-ip",
    "remote-addr",
    "x-original-forwarded-for",
}
AGENT = {
    "user-agent", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-ch-ua-full-version-list", "sec-ch-ua-model",
    "sec-ch-ua-arch", "sec-ch-ua-bitness", "sec-ch-ua-platform-version", "save-data",
}  # fmt: skip
HEADERS = (
    dict.fromkeys(FORWARDING, "address")
    | dict.fromkeys(AGENT, "agent")
    | {
        "accept-language": "language",
        "cookie": "cookies",
        "authorization": "key",
        "x-api-key": "key",
        "referer": "referer",
    }
)
# Names of variables, parameters and fields. Of ``id`` only that of a device: sites and keys have one too.
NAMES = {
    "address": "address", "ip": "address", "client_ip": "address", "peer": "address", "client": "address",
    "peername": "address", "getpeername": "address", "get_extra_info": "address", "remote_addr": "address",
    "user_agent": "agent", "brands": "agent", "client_hints": "agent", "save_data": "agent", "sec_ch_ua": "agent",
    "sec_ch_ua_mobile": "agent", "sec_ch_ua_platform": "agent", "device_texts": "agent",
    "accept_language": "language", "jar": "cookies", "read_cookies": "cookies", "read_jar": "cookies",
    "device_id": "device", "targeting_key": "device", "connection": "connection",
}  # fmt: skip
# What empties a struct at once, or shows all of it.
WHOLE = {"asdict", "astuple", "to_builtins", "__struct_fields__", "vars", "pprint", "pformat", "locals"}
KEEPERS = {
    "add", "append", "appendleft", "extend", "insert", "setdefault", "put", "put_nowait", "update", "__setattr__", "setattr",
}  # fmt: skip
TELLERS = {
    "log", "log_adapter_event", "internal_error", "record_response", "gauge", "counter", "print", "echo", "write",
    "warn", "debug", "info", "warning", "error", "exception", "critical", "format",
}  # fmt: skip
CACHES = {"lru_cache", "cache", "cached"}


class Row(NamedTuple):
    """``how`` a module deals with what it names: *reads* it, *carries* it on unopened, *declares* a field for it, says
    *words* about it, or means something *other* by the name; ``kept``, ``cached`` and ``told`` are so in as many ``places``."""

    how: str
    why: str
    places: int = 1


_OTHER_SERVERS = Row("other", "a Redis server's address")
_OUR_ROWS = Row("other", "rows of a file of the operator's")

# What each module may name. Whatever else the test finds fails it, and so does a row that is no longer needed.
MAY: dict[str, dict[str, Row]] = {
    # Where identity ends.
    "service.web.visit.client_ip": {
        "address": Row("reads", "it finds out whose address a request carries"),
        "kept": Row("kept", "peers that are trusted proxies, hence no visitors; a bounded number"),
    },
    "service.web.visit.addresses": {
        "address": Row("reads", "client_ip's arithmetic: text to octets; imported there alone")
    },
    "service.web.visit.intake": {
        "address": Row("reads", "looks up the place, hashes the prefix, lets go"),
        "agent": Row("reads", "looks up the device, lets go"),
        "language": Row("reads", "asks the matcher"),
        "cookies": Row("reads", "names the header, of which several lines are joined"),
        "connection": Row("reads", "takes bucket numbers and a salted hash of its device id"),
        "cached": Row("cached", "User-Agents and hints that were looked at, at most `device_cache_entries`; in memory"),
        "told": Row("told", "the message of the salted hash, which is no text for anybody"),
    },
    "service.web.visit.connection": {
        "address": Row("reads", "resolves a request's, or takes the one that a body states"),
        "agent": Row("reads", "takes it from a request or a body"),
        "language": Row("reads", "the same"),
        "device": Row("reads", "the same"),
        "cookies": Row("reads", "takes our seven cookies; keeps an opt-out"),
        "connection": Row("reads", "the struct is its own: takes out what was refused"),
    },
    "service.web.visit.size_limits": {
        "agent": Row("reads", "how long it is; the intake's arithmetic"),
        "language": Row("reads", "the same"),
    },
    # The two that look up, and their doors.
    "service.ports": {
        "address": Row("declares", "what GeoLookup is asked"),
        "agent": Row("declares", "what DeviceLookup is asked"),
    },
    "service.adapters.maxmind": {"address": Row("reads", "looks it up and remembers nothing")},
    "service.adapters.user_agent.lookup": {
        "agent": Row("reads", "looks it up"),
        "cached": Row("cached", "at most 512 client hints; User-Agents, where it serves, not at all: the intake does"),
    },
    "service.core.device_hints": {"agent": Row("reads", "the adapter's arithmetic; imported there alone")},
    "service.core.languages.preference": {
        "language": Row("reads", "what an Accept-Language asks for"),
        "cached": Row("cached", "Accept-Languages and what they ask for, a bounded number; in memory"),
    },
    # On its way to the intake, unopened.
    "service.web.wire.messages": {"address": Row("declares", "a field of a request, which shows nothing of itself")},
    "service.web.wire.connection": {
        "address": Row("other", "the other end of its socket, which goes into the request as it is"),
        "kept": Row("kept", "the other end of the connection, while it stands"),
    },
    "service.web.wire.asgi": {"address": Row("other", "the same, as ASGI has it")},
    "service.web.wire.lifetime": {
        "address": Row("other", "a connection's own socket, of which it asks how much is unread")
    },
    "service.web.endpoints.recommendations": {"address": Row("carries", "to the decisions")},
    "service.web.endpoints.events": {"address": Row("carries", "to the networks")},
    "service.web.visit.networks": {
        "address": Row("carries", "to client_ip; a network's prefix comes back, and is hashed")
    },
    "service.web.endpoints.mirror": {
        "address": Row("carries", "to the decisions"),
        "language": Row("reads", "the language to say no in, where a visit was refused"),
    },
    "service.web.decisions": {"address": Row("carries", "to the intake")},
    # Bodies: the wire has to name its fields.
    "service.web.bodies.schema": {
        "address": Row("declares", "a field"),
        "agent": Row("declares", "fields"),
        "language": Row("declares", "a field"),
    },
    "service.web.ofrep.context": {
        "address": Row("carries", "from OpenFeature's context to our body"),
        "agent": Row("carries", "the same"),
        "language": Row("carries", "the same"),
        "device": Row("reads", "its length alone; the intake judges it"),
    },
    # The two ways to say no, and who asks.
    "service.web.visit.cookies": {
        "cookies": Row("reads", "the intake's arithmetic"),
        "device": Row("reads", "takes it out of a jar, for the connection"),
    },
    "service.web.visit.opt_out_signals": {"cookies": Row("reads", "the opt-out, and whether a choice is one")},
    "service.web.ofrep.flags": {"cookies": Row("carries", "to the objection")},
    "service.web.endpoints.opt_out": {"address": Row("reads", "whether a proxy says http or https; no address")},
    "service.web.auth": {"key": Row("reads", "a caller's key: hashed, compared, let go")},
    "service.core.signals": {"device": Row("declares", "whether there was one: a boolean")},
    # Words about them.
    "service.web.bodies.guidance": {"agent": Row("words", "where the fields of these names belong")},
    "service.use_cases.transparency.inventory": {
        "connection": Row("words", "whether the connection itself tells it: a boolean"),
    },
    # The same names for other things.
    "service.adapters.redis_store.connections": {"address": _OTHER_SERVERS},
    "service.adapters.redis_store.tls": {"address": _OTHER_SERVERS, "kept": _OTHER_SERVERS},
    "service.adapters.redis_store.routing": {"address": _OTHER_SERVERS, "kept": _OTHER_SERVERS},
    "service.adapters.mmdb.database": {"address": Row("other", "addresses to try a new database with")},
    "service.adapters.keys_file": {"whole": _OUR_ROWS},
    "service.use_cases.transparency.disclosure": {"whole": Row("other", "a row of the inventory")},
    "service.adapters.site_file": {"whole": _OUR_ROWS},
    "service.core.device": {"agent": Row("other", "whether a device asks to save data: a boolean")},
}
# These write the OpenAPI document and name every header in it. That they could not read one is a test of its own.
DOCUMENTS = "service.web.openapi"
EXCEPTIONS = ("kept", "cached", "told")
# Who alone may import what has identity in its hands.
IMPORTED_BY = {
    "service.web.visit.addresses": {"service.web.visit.client_ip"},
    "service.web.visit.size_limits": {
        "service.web.visit.connection",
        "service.web.visit.intake",
        "service.web.endpoints.mirror",
    },
    "service.core.device_hints": {"service.adapters.user_agent.lookup"},
    "service.web.visit.connection.Connection": {"service.web.visit.intake"},
    "service.web.visit.connection.from_body": {"service.web.visit.intake"},
    "service.web.visit.connection.from_request": {"service.web.visit.intake"},
    "service.web.visit.cookies.read_cookies": {
        "service.web.visit.connection",
        "service.web.visit.opt_out_signals",
    },
    "service.web.visit.cookies.read_jar": {"service.web.visit.connection"},
    "service.web.visit.client_ip.stated_address": {"service.web.visit.connection"},
    "service.web.visit.networks": {"service.app.assembly", "service.web.endpoints.events"},
}


class Reader(ast.NodeVisitor):
    """Finds traces of identity in one module: what they are of, and the line."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[tuple[str, int]] = []
        self.loads: list[tuple[ast.expr | ast.pattern, str]] = []  # where something is evaluated, rather than named
        self._parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
        self._touched = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _takes_identity(node.args)
        }
        self.visit(tree)

    def is_handed_on(self, node: ast.AST) -> bool:
        """Whether it is an argument, ASGI's ``client``, or what came back instead of it: a refusal."""
        parent = self._parents[node]
        if isinstance(parent, ast.Subscript):  # scope["client"], fields[b"cookie"]
            node, parent = parent, self._parents[parent]
        if isinstance(parent, ast.Tuple | ast.List):  # a header to hand on: [(b"cookie", fields[b"cookie"])]
            row = self._parents[parent]
            return isinstance(row, ast.List) and isinstance(self._parents[row], ast.Call)
        if isinstance(parent, ast.Compare):  # b"cookie" in fields
            return isinstance(node, ast.Constant) and isinstance(parent.ops[0], ast.In)
        if isinstance(parent, ast.IfExp) and node is parent.body and isinstance(parent.test, ast.Call):
            return _called(parent.test) == "isinstance"
        if isinstance(parent, ast.Return):  # a refusal again, once it is known for one
            asked = self._parents[parent]
            return (
                isinstance(asked, ast.If) and isinstance(asked.test, ast.Call) and _called(asked.test) == "isinstance"
            )
        if isinstance(parent, ast.Dict):
            return any(
                value is node and isinstance(key, ast.Constant) and key.value == "client"
                for key, value in zip(parent.keys, parent.values, strict=True)
            )
        if isinstance(node, ast.Constant | ast.MatchClass):  # to ask for a header by its name is to read it
            return False
        return isinstance(parent, ast.Call) and node in parent.args and _called(parent) not in KEEPERS | TELLERS

    def _add(self, what: str, node: ast.AST) -> None:
        self.found.append((what, getattr(node, "lineno", 0)))
        if isinstance(node, ast.MatchClass) or (
            isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
        ):
            self.loads.append((node, what))

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if not isinstance(value, str):
            return
        parent = self._parents.get(node)
        asked_for = isinstance(parent, ast.Subscript) or (
            isinstance(parent, ast.Call) and _called(parent.func) in ("get", "getlist", "header", "pop")
        )
        # One word is also a word: a source called ``cookie``. Bytes are headers, and so is what something is asked for.
        what = HEADERS.get(value.lower()) if "-" in value or isinstance(node.value, bytes) or asked_for else None
        if asked_for and value in ("client", "peername"):
            what = "address"
        if what is not None:
            self._add(what, node)
            if asked_for or isinstance(node.value, bytes):
                self.loads.append((node, what))

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in NAMES:
            self._add(NAMES[node.id], node)
        if node.id in WHOLE:
            self._add("whole", node)

    def visit_arg(self, node: ast.arg) -> None:
        if node.arg in NAMES:
            self._add(NAMES[node.arg], node)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if what := _of_attribute(node):
            self._add(what, node)
        if node.attr in WHOLE:
            self._add("whole", node)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg in NAMES:
            self._add(NAMES[node.arg], node.value)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._judge_keeping(node.targets, node.value, node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._judge_keeping([node.target], node.value, node)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._judge_keeping([node.target], node.value, node)
        self.generic_visit(node)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            if name in NAMES:
                self._add(NAMES[name], node)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        if any(name in NAMES for name in node.names):
            self._add("kept", node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in self._touched and any(_called(it) in CACHES for it in node.decorator_list):
            self._add("cached", node)
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if _holds_identity(node):
            self._add("told", node)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str | bytes)
        if isinstance(node.op, ast.Mod) and text and _holds_identity(node.right):
            self._add("told", node)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        if node.exc is not None and _holds_identity(node.exc):
            self._add("told", node)
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        if node.msg is not None and _holds_identity(node.msg):
            self._add("told", node)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _called(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name in KEEPERS and any(map(_holds_identity, given)):
            self._add("kept", node)
        if name in TELLERS and any(map(_holds_identity, given)):
            self._add("told", node)
        if name in CACHES and any(self._is_touched(it) for it in given):
            self._add("cached", node)
        if (
            isinstance(node.func, ast.Call)
            and _called(node.func) in CACHES
            and any(self._is_touched(it) for it in given)
        ):
            self._add("cached", node)
        if name == "getattr" and len(given) > 1 and isinstance(given[1], ast.Constant) and given[1].value in NAMES:
            self._add(NAMES[str(given[1].value)], node)
        self.generic_visit(node)

    def _judge_keeping(self, targets: list[ast.expr], value: ast.expr, node: ast.AST) -> None:
        """An attribute, an element or a module's own variable outlives the call; a local one does not."""
        for target in targets:
            lasting = isinstance(target, ast.Attribute | ast.Subscript)
            inside = isinstance(target, ast.Subscript) and _holds_identity(target.slice)
            if lasting and (inside or _holds_identity(value)):
                self._add("kept", node)

    def _is_touched(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Lambda):
            return _takes_identity(function.args)
        if isinstance(function, ast.Call):  # partial(function, ...)
            return any(map(self._is_touched, function.args))
        return _called(function) in self._touched


def _called(node: ast.expr) -> str:
    """The last name of what is called or decorates."""
    if isinstance(node, ast.Call):
        return _called(node.func)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _takes_identity(arguments: ast.arguments) -> bool:
    taken = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return any(it.arg in NAMES for it in taken)


def _of_attribute(node: ast.Attribute) -> str | None:
    """What a field is of. ``signals.device_id`` only says that there was one."""
    of = _called(node.value)
    if node.attr == "id" and of == "device":
        return "device"
    if of == "connection":
        return "connection"
    return None if of == "signals" and node.attr == "device_id" else NAMES.get(node.attr)


def _holds_identity(node: ast.AST) -> bool:
    """Whether an expression has identity in it, by name."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in NAMES:
            return True
        if isinstance(inner, ast.Attribute) and _of_attribute(inner):
            return True
        if isinstance(inner, ast.Subscript) and Reader(ast.Module([ast.Expr(inner.slice)], [])).found:
            return True
    return False


@cache
def traces(source: str) -> dict[str, list[int]]:
    """What a module names of identity, and on which lines."""
    found: dict[str, list[int]] = {}
    for what, line in Reader(ast.parse(source)).found:
        found.setdefault(what, []).append(line)
    return found


@cache
def unopened(source: str, what: str) -> list[int]:
    """The lines on which a module does more with something than to take it and to hand it on."""
    reader = Reader(ast.parse(source))
    return [node.lineno for node, of in reader.loads if of == what and not reader.is_handed_on(node)]


@cache
def imports(path: Path) -> frozenset[str]:
    """Modules, and what is taken from them, by their whole names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return frozenset(found)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_names_only_what_the_table_says(module: str) -> None:
    """Everything else is a new place for identity: give it a row with a reason, or let it do without."""
    allowed = dict.fromkeys(set(HEADERS.values()) | {"whole"}) if module.startswith(DOCUMENTS) else MAY.get(module, {})
    strange = {what: lines for what, lines in traces(MODULES[module].read_text()).items() if what not in allowed}
    assert not strange, f"{module} names what it may not, by line: {strange}"


@pytest.mark.parametrize(
    ("module", "what"),
    [(module, what) for module, rows in MAY.items() for what in rows if rows[what].how in EXCEPTIONS],
)
def test_an_exception_is_made_once(module: str, what: str) -> None:
    """What is kept, cached or told in one place with a reason is not so in another without."""
    assert len(set(traces(MODULES[module].read_text())[what])) == MAY[module][what].places


@pytest.mark.parametrize("module", MAY)
def test_no_row_outlives_its_reason(module: str) -> None:
    """A row for what a module no longer names would let it in again unseen."""
    assert set(MAY[module]) == set(traces(MODULES[module].read_text()))


@pytest.mark.parametrize(
    ("module", "what"), [(module, what) for module, rows in MAY.items() for what in rows if rows[what].how == "carries"]
)
def test_who_carries_does_not_open(module: str, what: str) -> None:
    """It is a parameter and an argument, or the value of ASGI's own member: not compared, cut, put together or kept."""
    assert unopened(MODULES[module].read_text(), what) == []


@pytest.mark.parametrize(
    ("module", "what"),
    [(module, what) for module, rows in MAY.items() for what in rows if rows[what].how == "declares"],
)
def test_who_declares_does_not_read(module: str, what: str) -> None:
    """No expression of the module evaluates it: it stands there as a field, a parameter or a word."""
    reader = Reader(ast.parse(MODULES[module].read_text()))
    assert [node.lineno for node, of in reader.loads if of == what] == []


def test_address_and_user_agent_are_read_where_identity_ends() -> None:
    """In ``client_ip`` and the intake, in the two adapters that look them up, and in what these alone import."""
    readers = {
        what: {module for module, rows in MAY.items() if what in rows and rows[what].how == "reads"}
        for what in ("address", "agent")
    }
    assert readers["address"] - {"service.web.endpoints.opt_out"} == {
        "service.web.visit.client_ip",
        "service.web.visit.addresses",
        "service.web.visit.connection",
        "service.web.visit.intake",
        "service.adapters.maxmind",
    }
    assert readers["agent"] == {
        "service.web.visit.connection",
        "service.web.visit.intake",
        "service.web.visit.size_limits",
        "service.adapters.user_agent.lookup",
        "service.core.device_hints",
    }


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith(DOCUMENTS)])
def test_who_writes_the_document_sees_no_request(module: str) -> None:
    """No function of theirs is given one, in whatever form."""
    given = {node.arg for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, ast.arg)}
    assert not given & {"scope", "headers", "fields", "request", "receive", "body", "connection", "environ"}


def test_the_way_out_reads_no_address() -> None:
    """Of ``Forwarded`` and ``X-Forwarded-Proto`` it asks for the scheme: the word that RFC 7239 has for a node is not there."""
    text = MODULES["service.web.endpoints.opt_out"].read_text()
    constants = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    assert b"forwarded" in constants
    assert not any(
        isinstance(it, bytes | str) and it in (b"for=", "for=", b"for", "for", b"x-forwarded-for") for it in constants
    )


@pytest.mark.parametrize("owned", IMPORTED_BY)
def test_what_holds_identity_is_imported_by_its_owners(owned: str) -> None:
    """Nobody else asks ``addresses`` what an address is, or makes a ``Connection``."""
    importers = {module for module, path in MODULES.items() if owned in imports(path)}
    assert importers == IMPORTED_BY[owned]


PLANTED = {
    "a field of a connection": ("def f(connection):\n    return connection.address", "connection"),
    "a field of a body": ("def f(body):\n    return body.signals.ip", "address"),
    "a field by its name": ("def f(body):\n    return getattr(body, 'user_agent')", "agent"),
    "a device's id": ("def f(signals):\n    return signals.device.id", "device"),
    "the peer": ("def f(scope):\n    return scope['client'][0]", "address"),
    "the peer, asked for": ("def f(transport):\n    return transport.get_extra_info('peername')", "address"),
    "Starlette's peer": ("def f(request):\n    return request.client.host", "address"),
    "Starlette's header": ("def f(request):\n    return request.headers['user-agent']", "agent"),
    "a header in other letters": ("def f(request):\n    return request.headers.get('User-Agent')", "agent"),
    "ASGI's header": ("def f(scope):\n    return header(scope, b'user-agent')", "agent"),
    "a forwarding header": ("def f(fields):\n    return fields.get(b'x-forwarded-for')", "address"),
    "an edge's header": ("def f(fields):\n    return fields[b'cf-connecting-ip']", "address"),
    "the cookies": ("def f(fields):\n    return fields[b'cookie']", "cookies"),
    "Starlette's cookies": ("def f(request):\n    return request.headers['cookie']", "cookies"),
    "a parameter": ("def f(client_ip):\n    return 1", "address"),
    "an argument": ("f(user_agent=1)", "agent"),
    "a pattern": ("def f(it):\n    match it:\n        case Body(ip=x):\n            return x", "address"),
    "all of a struct": ("import msgspec\ndef f(body):\n    return msgspec.structs.asdict(body)", "whole"),
    "all of it as builtins": ("from msgspec import to_builtins\ndef f(body):\n    return to_builtins(body)", "whole"),
    "kept on self": ("class A:\n    def f(self, connection):\n        self.last = connection", "kept"),
    "kept in parts": ("class A:\n    def f(self, connection):\n        self.last = str(connection.address)", "kept"),
    "kept as a key": ("class A:\n    def f(self, address):\n        self.seen[address] = 1", "kept"),
    "kept in a set": ("class A:\n    def f(self, device_id):\n        self.seen.add(device_id)", "kept"),
    "kept in a global": ("def f():\n    global user_agent\n    user_agent = 1", "kept"),
    "cached by decoration": ("@lru_cache(maxsize=9)\ndef f(address):\n    return 1", "cached"),
    "cached without bound": ("@functools.cache\ndef f(device_id):\n    return 1", "cached"),
    "cached by a call": ("def f(address):\n    return 1\ng = lru_cache(maxsize=9)(f)", "cached"),
    "cached by a partial": ("def f(a, jar):\n    return 1\ng = lru_cache(9)(partial(f, 1))", "cached"),
    "cached by a lambda": ("g = lru_cache(maxsize=9)(lambda user_agent: 1)", "cached"),
    "told to telemetry": (
        "def f(self, connection):\n    self._telemetry.log('x', fields={'host': connection.address})",
        "told",
    ),
    "told to a metric": (
        "def f(self, address):\n    self._telemetry.record_response(address, 'GET', 200, 0.0)",
        "told",
    ),
    "told to logging": ("def f(peer):\n    logger.warning('%s', peer)", "told"),
    "printed": ("def f(jar):\n    print(jar)", "told"),
    "in a formatted text": ("def f(address):\n    return f'{address} came'", "told"),
    "in an older one": ("def f(address):\n    return 'from %s' % address", "told"),
    "in an exception": ("def f(user_agent):\n    raise ValueError(user_agent)", "told"),
    "in an assertion": ("def f(peer):\n    assert peer, peer", "told"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(name: str) -> None:
    """The reader sees each of the ways in which identity could get out."""
    source, what = PLANTED[name]
    assert what in traces(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(site):\n    return site.id",
        "def f(visit):\n    return visit.signals.device_id",
        "SOURCES = ('cookie', 'ip', 'user_agent')",
        "def f(scope):\n    return scope['path'], header(scope, b'content-type')",
        '"""Addresses, X-Forwarded-For and User-Agent in prose."""',
        "self.count = len(rows)",
        "@lru_cache(maxsize=9)\ndef f(country):\n    return country",
    ],
)
def test_what_is_no_identity_is_let_be(source: str) -> None:
    """Closed words and other things' names."""
    assert traces(source) == {}


@pytest.mark.parametrize(
    "source",
    [
        "def f(peer):\n    return peer[0]",
        "def f(peer):\n    return peer == '::1'",
        "def f(self, peer):\n    self.peer = peer",
        "def f(peer):\n    return peer",
        "def f(peer):\n    return [peer]",
        "def f(self, peer):\n    return self.g(peer.lower())",
        "def f(fields):\n    return fields.get(b'x-forwarded-for')",
        "def f(it):\n    match it:\n        case Body(ip=x):\n            return x",
    ],
)
def test_to_open_is_not_to_carry(source: str) -> None:
    """Whoever only carries may not look."""
    assert unopened(source, "address")
    assert not unopened("def f(self, peer):\n    return self.intake.connect(peer, 1)", "address")
