"""That answers are right and various, before anyone asks how fast they come: speed of wrong ones means nothing."""

import json
from collections.abc import Callable
from typing import Any

import visits
from rounds import BATCH, FLAGS, VISIT, WrongAnswerError
from servers import Server
from servers import answers as ask

CHECKED_VISITS = 300
EXPERIMENTS_N, SLOTS_N = 5, 2
FLAGS_N = 7 + EXPERIMENTS_N + SLOTS_N
LANGUAGES_MIN = 100


def check(server: Server) -> None:
    """See that a server answers as it must. Raises WrongAnswerError."""
    _CHECKS.get(server.name, _answers)(server)


def _service(server: Server) -> None:
    """What a visit shows decides, and it decides the same alone and in a batch."""
    sample = visits.visits("zipf")[:CHECKED_VISITS]
    answers = ask(server, VISIT, [visits.headers(visit) for visit in sample])
    for visit, answer in zip(sample, answers, strict=True):
        if visit.chosen_language and answer["language"]["tag"] != visit.chosen_language:
            raise WrongAnswerError("a visitor's own choice of language was not taken")
        if visit.browser.mobile == "?1" and answer["device"]["class"] != "smartphone":
            raise WrongAnswerError("a smartphone was not taken for one")
    _various("countries", {answer["region"]["country"] for answer in answers}, 10)
    _various("languages", {answer["language"]["tag"] for answer in answers}, 6)
    _various("device classes", {answer["device"]["class"] for answer in answers}, 3)
    body = next(visits.batches(sample, CHECKED_VISITS))
    batch = json.loads(server.ask(BATCH, {"Content-Type": "application/json"}, body).body)["recommendations"]
    for single, of_many in zip(answers, batch, strict=True):
        if any(single[part] != of_many.get(part) for part in ("language", "region", "device")):
            raise WrongAnswerError("a visit in a batch is answered otherwise than alone")


def _experiments(server: Server) -> None:
    """Visits do enter the experiments, and for different reasons."""
    sample = visits.visits("zipf")[:CHECKED_VISITS]
    answers = ask(server, VISIT, [visits.headers(visit) for visit in sample])
    if any((len(one["experiments"]), len(one["slots"])) != (EXPERIMENTS_N, SLOTS_N) for one in answers):
        raise WrongAnswerError(f"the site has other than {EXPERIMENTS_N} experiments and {SLOTS_N} slots")
    given = [assignment for one in answers for assignment in one["experiments"].values()]
    if not {"split", "not_targeted", "out_of_coverage", "namespace"} <= {one["reason"] for one in given}:
        raise WrongAnswerError("visits are in or out of experiments for too few reasons")
    told = server.ask(FLAGS, {"Content-Type": "application/json"}, visits.context(sample[0]))
    if len(json.loads(told.body)["flags"]) != FLAGS_N:
        raise WrongAnswerError(f"the site has other than {FLAGS_N} flags")


def _languages(server: Server) -> None:
    """Of the many languages most are somebody's, and who asks for one alone gets it."""
    sample = [visit for visit in visits.visits("languages")[: 10 * CHECKED_VISITS] if not visit.chosen_language]
    answers = ask(server, VISIT, [visits.headers(visit) for visit in sample])
    _various("languages", {answer["language"]["tag"] for answer in answers}, LANGUAGES_MIN)
    for visit, answer in zip(sample, answers, strict=True):
        first = visit.languages.partition(",")[0].partition("-")[0]
        if visit.languages == first and answer["language"]["tag"].partition("-")[0] != first:
            raise WrongAnswerError("a visitor did not get the only language that was asked for")


def _answers(server: Server) -> None:
    """It answers at all."""
    ask(server, VISIT, [visits.headers(visit) for visit in visits.visits("zipf")[:CHECKED_VISITS]])


def _various(what: str, seen: set[Any], least: int) -> None:
    if len(seen) < least:
        raise WrongAnswerError(f"{len(seen)} {what} in the answers to {CHECKED_VISITS} visits are too few")


_CHECKS: dict[str, Callable[[Server], None]] = {
    "service": _service,
    "experiments": _experiments,
    "languages": _languages,
}
