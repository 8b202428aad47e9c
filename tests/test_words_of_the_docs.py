"""The words are true: no text of this project claims what cannot be promised, and what there is has its place in the docs.

Never *anonymous*, never compliant with a law, never *no personal data*, never secure beyond doubt: an address is personal
data in many places, and whoever runs the service answers for it. Read are the texts as a person meets them, in whatever
markup and however broken over lines: documents, pages, config, source with its docstrings and comments, what commands
print and what the service answers.
"""

import ast
import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import get_args

import click
import pytest
from starlette.testclient import TestClient

from service.app import Application, Container
from service.audit.channels import CHANNELS
from service.cli import main
from service.core.device import BOT_KINDS
from service.ports import StoreErrorKind
from service.telemetry import LogField
from service.use_cases.counting.flush import Loss
from service.web.pages.document_pages import DOCUMENT_NAMES
from tests.documents import EVERYTHING, README

ROOT = Path(__file__).resolve().parent.parent

# What must not be claimed, over texts in which each run of white space and markup is one space.
CLAIMS = {
    "anonymous": r"anonym|anónim|anonimi[zs]|anonimato|pseudonymis(?:ed|t) (?:data|daten)|匿名|مجهول الهوية|مجهولة الهوية|إخفاء الهوية",
    "compliant": r"(?:GDPR|RGPD|DSGVO|CCPA|CPRA|LGPD|PIPL|nDSG|COPPA|ePrivacy|privacy)[- ]{0,2}(?:compliant|compliance|conform\w*|konform\w*|ready|safe|proof|friendly|certified)"
    r"|(?:compl(?:y|ies|iant|iance)|conform(?:s|e|ant|ité)?|conformidad|in line|cumple) (?:with|to|au|à la|aux|al|con|con el|con la) (?:the |all |every )?(?:GDPR|RGPD|DSGVO|CCPA|LGPD|PIPL|laws?|regulations?|lois?|ley(?:es)?|loi)\b"
    r"|datenschutzkonform|rechtssicher|rechtskonform|gesetzeskonform|legally (?:safe|compliant)|符合\s*(?:GDPR|《|通用数据|个人信息保护法|法律)|متوافق(?:ة)? مع",
    "no personal data": r"(?:no|zero|without(?: any)?|free of|never (?:any )?|not) (?:personal|personally identifiable|identifiable|private) (?:data|information)|\bno PII\b|PII[- ]free"
    r"|(?:collects?|process(?:es)?|stores?|uses?|keeps?|handles?) no (?:personal )?data about (?:you|visitors|people)"
    r"|(?:keine(?:rlei)?|ohne(?: jegliche)?) (?:personenbezogene[nr]?|persönliche[nr]?) (?:Daten|Informationen)"
    r"|(?:aucune?|sans|pas de|ni) (?:donnée|information)s? (?:personnelle|à caractère personnel|identifiante)s?"
    r"|(?:ningún|ninguna|sin|no hay) (?:dato|información|datos) (?:personal|personales|de carácter personal)"
    r"|(?:没有|不含|无|不收集|不处理|不涉及)(?:任何)?个人(?:数据|信息)|(?:لا|بدون|دون)(?: \w+)? بيانات شخصية",
    "secure": r"(?:100|hundred|cent|cien|hundert) ?(?:%|percent|per cent|prozent|pour cent|por ciento)[- ](?:secure|safe|private|sicher|sûr|seguro|安全)"
    r"|(?:absolutely|completely|totally|perfectly|fully) (?:secure|safe|private|untraceable)|(?:absolut|vollkommen|völlig|hundertprozentig) sicher"
    r"|unhackable|untraceable|un-?identifiable|(?:military|bank)[- ]grade|privacy (?:is )?guaranteed|guarante(?:es?|ed) (?:your )?(?:privacy|anonymity)"
    r"|(?:impossible|cannot be possible|no way) to (?:track|trace|identify|re-?identify)|can(?:not|'t| not| never) be (?:tracked|traced|identified|re-?identified|hacked)"
    r"|(?:zero|no) (?:risk|tracking whatsoever)\b|绝对安全|百分之百安全|آمن(?:ة)? تمامًا",
}  # fmt: skip
FOUND = {claim: re.compile(pattern, re.IGNORECASE) for claim, pattern in CLAIMS.items()}

# Not claims of ours: words of other systems, by the file they stand in. Each must still be there.
OTHERS_WORDS = {
    ("service/web/visit/client_ip.py", "anonymising proxies"): "MaxMind's name for a kind of network",
    ("service/web/visit/client_ip.py", "_ANONYMISED"): "its codes",
    (
        "service/core/identity/vocabulary.py",
        "distinctid anonymousid",
    ): "names of fields that identify, which are refused",
    ("service/core/identity/vocabulary.py", "segmentanonymousid"): "the same",
    ("service/core/identity/device_ids.py", "anonymous distinct"): "beginnings of other systems' ids, the same",
    ("service/core/identity/vocabulary.py", "guest anonymous anon nobody"): "placeholders that people give for a name",
    (
        "service/adapters/user_agent/bot_patterns.py",
        "unknown|anonymous|n/a",
    ): "placeholders that programs give for a User-Agent",
    ("service/adapters/mmdb/database.py", "is_anonymous_proxy"): "MaxMind's name for a kind of network",
    ("service/adapters/growthbook_import/import_reasons.py", '"anonymousid"'): "GrowthBook's name for a device id",
    ("service/cli/experiments.py", "`anonymousId`"): "the same",
    ("config/regimes.toml", "an anonymiser"): "the kind of network",
}
# A sentence that says which words are not used may use them, in quotation marks.
DISCLAIMER = re.compile(
    r"\b(?:never|not|nowhere|no text)\b.{0,60}\b(?:say|says|said|call|calls|called|claim|claims|claimed|word|words)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r'"[^"]{1,60}"|“[^”]{1,60}”|„[^“]{1,60}“|\*[^*]{1,60}\*')


def plain(text: str) -> str:
    """A text without its markup, comment signs, line breaks and a source's joints between two strings."""
    text = re.sub(r'"\s*\n\s*[rbf]*"', "", text)
    text = re.sub(r"<[^>]{1,200}>|&nbsp;|\\[un]", " ", text)
    return re.sub(r"[\s_#|>~]+", " ", re.sub(r"[`*]+", "", text))


def claims(text: str) -> list[tuple[str, str]]:
    """Each claim in a text that no disclaimer makes a quotation: which one, and its words."""
    found = []
    for sentence in re.split(r"(?<=[.!?。！？؟])\s+(?=\S)", text):
        rest = QUOTED.sub(" ", sentence) if DISCLAIMER.search(sentence) else sentence
        rest = plain(rest)
        found += [(claim, match[0]) for claim, pattern in FOUND.items() for match in pattern.finditer(rest)]
    return found


@lru_cache(maxsize=1)
def texts() -> dict[str, str]:
    """Every text file of the project that is not somebody else's, by its path."""
    found = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml")]
    for folder in ("service", "config", "deploy", "docs"):
        found += [
            path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in SUFFIXES or path.name == "Dockerfile"
        ]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in found if path.name not in TABLES}


SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".html",
    ".css",
    ".conf",
    ".vcl",
    ".js",
    ".yaml",
    ".yml",
    ".tpl",
    ".txt",
    ".svg",
}
TABLES = {"languages.json", "regions.json", "LICENSE-Unicode.txt"}  # of Unicode's


def claims_in(name: str, text: str) -> list[tuple[str, str]]:
    """The claims in a file of ours, others' words left out."""
    for of, words in OTHERS_WORDS:
        if of == name:
            assert words in text, f"{words!r} is not in {name} any more"
            text = text.replace(words, "")
    return claims(text)


@pytest.mark.parametrize("name", texts())
def test_no_file_claims_what_cannot_be_promised(name: str) -> None:
    """Documents, config with its comments, pages, styles, and source with its docstrings, comments and strings."""
    assert claims_in(name, texts()[name]) == []


def test_the_files_are_there_to_be_read() -> None:
    """Should a folder move, the test above must not pass for want of files."""
    names = set(texts())
    assert {
        "README.md",
        "CHANGELOG.md",
        "config/regimes.toml",
        "config/sites/demo.toml",
        "deploy/edge/nginx/passerby.conf",
        "service/docs/privacy.md",
    } <= names
    assert {f"service/web/pages/words/{language}.json" for language in ("en", "de", "fr", "es", "zh", "ar")} <= names
    assert len(names) > 170


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "zh", "ar"])
def test_no_sentence_of_the_mirror_claims_it(language: str) -> None:
    """As the page says it, character references and placeholders resolved by JSON."""
    words = json.loads((ROOT / "service/web/pages/words" / f"{language}.json").read_text(encoding="utf-8"))
    said = list(_strings(words))
    assert len(said) > 100
    assert [found for text in said for found in claims(text)] == []


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def test_no_answer_claims_it(client: TestClient) -> None:
    """The OpenAPI document, what is told of privacy, the mirror, the pages on problems and the documents, as served."""
    paths = ["/openapi.json", "/v1/privacy", "/.well-known/gpc.json", "/", "/problems", "/problems/identifying-value"]
    paths += ["/docs/", *(f"/docs/{name}" for name in DOCUMENT_NAMES)]
    for path in paths:
        response = client.get(path, headers={"accept-language": "en"})
        assert response.status_code == 200, path
        assert claims(html.unescape(response.text)) == [], path


def test_no_command_claims_it() -> None:
    """The help of each command and group."""
    for words, command in commands():
        told = command.get_help(click.Context(command, info_name=" ".join(words))).replace("`anonymousId`", "")
        assert claims(told) == [], words


def commands() -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command of ``passerby``, by its words."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    waiting: list[tuple[tuple[str, ...], click.Command]] = [(("passerby",), main)]
    while waiting:
        words, command = waiting.pop()
        found.append((words, command))
        if isinstance(command, click.Group):
            waiting += [((*words, name), one) for name, one in command.commands.items()]
    return found


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("anonymous", "Visitors stay anonymous."),
        ("anonymous", "The data are anonymised before they are stored."),
        ("anonymous", "Alle Daten sind anonym."),
        ("anonymous", "Die Anonymität ist gewahrt."),
        ("anonymous", "Vos données sont anonymisées."),
        ("anonymous", "Los datos son anónimos."),
        ("anonymous", "所有数据都是匿名的。"),
        ("anonymous", "بياناتك مجهولة الهوية."),
        ("anonymous", "fully **anony**mous counts"),
        ("compliant", "Passerby is GDPR compliant."),
        ("compliant", "GDPR-\ncompliant out of the box"),
        ("compliant", "It complies with the GDPR."),
        ("compliant", "compliant with all laws"),
        ("compliant", "Der Dienst ist DSGVO-konform."),
        ("compliant", "eine rechtssichere Lösung"),
        ("compliant", "Ce service est conforme au RGPD."),
        ("compliant", "Cumple con la ley."),
        ("compliant", "本服务符合 GDPR。"),
        ("compliant", "هذه الخدمة متوافقة مع القانون."),
        ("no personal data", "We process no personal data."),
        ("no personal data", "It holds no\n    personal data at all."),
        ("no personal data", '"It holds no "\n    "personal data."'),
        ("no personal data", "# no\n# personal data"),
        ("no personal data", "An IP address is not personal data."),
        ("no personal data", "Es werden keine personenbezogenen Daten verarbeitet."),
        ("no personal data", "Aucune donnée personnelle n'est traitée."),
        ("no personal data", "Sin datos personales."),
        ("no personal data", "我们不收集任何个人信息。"),
        ("no personal data", "لا بيانات شخصية هنا."),
        ("secure", "100 % secure."),
        ("secure", "It is completely private."),
        ("secure", "Visitors cannot be identified."),
        ("secure", "Ihre Daten sind absolut sicher."),
        ("secure", "military-grade encryption"),
    ],
)
def test_a_planted_claim_is_found(claim: str, text: str) -> None:
    """In each language of the mirror, over line breaks, markup and comment signs."""
    assert claim in {found for found, _ in claims(text)}


@pytest.mark.parametrize(
    "text",
    [
        'We never say "anonymous", "GDPR compliant" or "no personal data".',
        "An IP address is personal data in many places.",
        "Eine IP-Adresse ist vielerorts ein personenbezogenes Datum.",
        "The set is sorted by name; `Secure` is added over TLS.",
        "GDPR 4(1), recital 30",
        "100% of the width",
        "It cannot recognise every identity.",
    ],
)
def test_what_is_true_may_be_said(text: str) -> None:
    """Above all that some words are not used, in quotation marks."""
    assert claims(text) == []


def test_a_disclaimer_covers_only_what_it_quotes() -> None:
    """Neither the rest of its sentence, nor the next one."""
    assert claims('We never say "anonymous", but visitors are anonymous.') != []
    assert claims('We never say "anonymous". Visitors are anonymous.') != []


# What there is stands in the documents. (Settings: tests/settings/test_settings.py. Commands' help: tests/cli/test_cli.py.)

TELEMETRY = (ROOT / "deploy/telemetry.md").read_text(encoding="utf-8")


def test_every_metric_is_documented_and_none_that_is_not_there(house: Container) -> None:
    """``deploy/telemetry.md`` has a row for each, with its kind and labels."""
    application = Application(house)
    telemetry = application._telemetry
    kinds = dict.fromkeys(telemetry.gauges, "gauge") | {
        name: f"counter by `{by}`" if by else "counter" for name, (_, by, _) in telemetry.counters.items()
    }
    kinds |= {name: f"gauge by `{label}`" for name, (_, label, _) in telemetry.facts.items()}
    kinds |= {
        "passerby_requests": "counter by `route`, `method`, `status`",
        "passerby_request_seconds": "histogram by `route`",
    }
    assert dict(re.findall(r"(?m)^\| `(passerby_[a-z_]+)` \| ([^|]+) \|", TELEMETRY)) == kinds


def test_a_counter_by_a_label_has_all_its_series_from_the_start(house: Container) -> None:
    """Growth is heard only of a series that was there before: each kind of failure, loss and bot begins at 0."""
    counters = Application(house)._telemetry.counters
    labelled = {name: read() for name, (_, by, read) in counters.items() if by}
    assert {name: {*series} for name, series in labelled.items()} == {
        "passerby_store_errors": {*get_args(StoreErrorKind)},
        "passerby_lost": {*get_args(Loss)},
        "passerby_bots": {*BOT_KINDS},
    }
    for name in ("passerby_store_errors", "passerby_bots"):
        [row] = [line for line in TELEMETRY.splitlines() if line.startswith(f"| `{name}` |")]
        assert {*labelled[name]} <= {*re.findall(r"`([a-z_]+)`", row)}


def test_every_log_event_is_documented_and_none_that_is_not_there() -> None:
    """By the names in the source: of ``log``, ``log_adapter_event`` and ``on_event``, and of adapters' closed lists of events."""
    told = set()
    for path in (ROOT / "service").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                if node.func.attr in ("log", "log_adapter_event", "_on_event"):
                    told |= {it.value for it in ast.walk(node.args[0]) if isinstance(it, ast.Constant)}
            elif isinstance(node, ast.Assign) and any(getattr(it, "id", "").endswith("Event") for it in node.targets):
                told |= {it.value for it in ast.walk(node.value) if isinstance(it, ast.Constant)}
    events = {name for name in told if isinstance(name, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", name)}
    rows = re.findall(r"(?m)^\| ((?:`[a-z_]+`(?:, )?)+) \|", TELEMETRY.partition("## Log")[2])
    assert events == {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}


def test_every_log_field_is_documented() -> None:
    """Of the closed list."""
    fields = set(re.findall(r"`([a-z_]+)`", TELEMETRY.partition("## Log")[2]))
    assert set(get_args(LogField)) <= fields


def test_every_route_stands_in_the_readme(house: Container) -> None:
    """By its path, or by the parts of it that stay: a newcomer finds every address in one place."""
    missing = []
    for path in Application(house).dispatcher.paths:
        words = [word.rstrip("/") for word in re.split(r"\{[a-z_]+\}", path) if word.strip("/")]
        if f"`{path}" not in README and f" {path}" not in README and not all(word in README for word in words if words):
            missing.append(path)
    assert missing == []


def test_every_command_stands_in_the_documents() -> None:
    """With the word ``passerby`` before it, wherever it is."""
    assert [words for words, _ in commands() if " ".join(words) not in EVERYTHING and len(words) == 2] == []


def test_the_channels_of_the_audit_are_told_as_many_as_there_are() -> None:
    """In the words about it, and in what it is shown to print."""
    told = re.findall(r"([0-9,]+) channels", EVERYTHING)
    assert told == [str(len(CHANNELS))] * 2
