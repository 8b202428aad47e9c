"""The epoch: the sites, the policy, the snapshots of groups and the release interval that visits are decided by.

An epoch is frozen and owns every cache of what was made from it. A reload, a release, a new interval and a policy that
ages each make the next epoch from the one before, and ``Current.swap`` puts it in its place. A site that did not change
shares its parts with the epoch before. A request reads ``current.epoch`` once and keeps it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.core.access import EVERYTHING, Grant
from service.core.experiments.assignment import AssignmentTable, assignment_table
from service.core.groups.snapshot import NOTHING_KNOWN, SiteSnapshot
from service.core.privacy import Policy
from service.core.sites import Key, SiteRules
from service.use_cases.personalize import Personalizer
from service.use_cases.transparency.disclosure import PolicyAge, disclose
from service.use_cases.transparency.inventory import DeploymentFacts
from service.web.answers import Answers
from service.web.cacheable import CacheableResponse, cacheable
from service.web.cors import Cors
from service.web.problems import Refusal
from service.web.wire.messages import Head, head_of

PARTS_MAX, PAGES_MAX = 4096, 4096
"""Of all sites together, which share them alike, or 64 each where that is more.

Of each kind of part of answers so many, of a third to half a kilobyte each; there are mostly some hundreds.
"""
OF_A_SITE_MIN = 64
PAGES_AT_ONCE = 512
SITES_AT_ONCE = 8
DISCLOSURE_MAX_AGE_S = 300
# Shared alike. For few sites as many as there are kinds of visitors that targeting tells apart, nearly always.
ASSIGNMENT_TABLES_MAX = 1024

Form = Literal["json", "headers"]


T_co = TypeVar("T_co", covariant=True)


class Cached(Protocol[T_co]):
    """A function whose results are cached."""

    def __call__(self, *arguments: Any) -> T_co: ...

    def cache_clear(self) -> None:
        """Empty the cache."""


class Inputs(Struct, frozen=True, eq=False):
    """What an epoch is made from. ``policy`` is as written: of an outdated one only ``ZZ`` is in force."""

    sites: Mapping[Key, SiteRules]
    snapshots: Mapping[Key, SiteSnapshot]
    policy: Policy
    policy_age: PolicyAge
    facts: DeploymentFacts
    interval_start_s: int
    default_site: Key
    personalizer: Personalizer


class MadeFrom(NamedTuple):
    """The inputs of each thing of a site in an epoch: one whose inputs are the same is shared with the next epoch."""

    tables: tuple[Any, ...] = ()
    pages: tuple[Any, ...] = ()
    answers: tuple[Any, ...] = ()
    disclosure: tuple[Any, ...] = ()


class ServedSite(Struct, frozen=True, eq=False):
    """A site in an epoch, with its caches.

    ``pages`` are those of cohorts by their path, ``disclosure`` says what is done with visits, and ``no_origin`` is the
    CORS head for a request without an origin.
    """

    id: Key
    rules: SiteRules
    snapshot: SiteSnapshot
    policy: Policy
    tables: Cached[AssignmentTable]
    answers: Answers
    pages: dict[bytes, CacheableResponse]
    pages_max: int
    disclosure: Cached[CacheableResponse]
    no_origin: Head
    made_from: MadeFrom


class Epoch(Struct, frozen=True, eq=False):
    """The sites as they are served, and the policy in force.

    ``by_query`` has each site by the query that names it, plainly written, and the default one by none. ``queries`` has
    further queries of ``GET /v1/recommendation`` as they come to be asked.
    """

    inputs: Inputs
    policy: Policy
    sites: Mapping[Key, ServedSite]
    default: ServedSite
    by_query: Mapping[bytes, ServedSite]
    cors: Cors
    queries: dict[bytes, tuple[ServedSite, Form]]

    def site(self, key: str | None, grant: Grant = EVERYTHING) -> ServedSite | Refusal:
        """The site with this id, the default one for None, for a caller who may ask for it."""
        if key is None:
            key = self.inputs.default_site
        if not grant.allows_site(key):
            return Refusal("forbidden")
        return self.sites.get(key) or Refusal("unknown-site")

    def released(self, site: Key, snapshot: SiteSnapshot) -> "Epoch":
        """The next epoch, with this snapshot of a site; this epoch where the site is gone."""
        if site not in self.sites:
            return self
        return epoch_of(replace(self.inputs, snapshots={**self.inputs.snapshots, site: snapshot}), self)

    def in_interval(self, start_s: int) -> "Epoch":
        """The next epoch, in the release interval that begins then: its tokens are other ones."""
        return epoch_of(replace(self.inputs, interval_start_s=start_s), self)

    def aged(self, policy_age: PolicyAge) -> "Epoch":
        """The next epoch, with its policy at this age."""
        return epoch_of(replace(self.inputs, policy_age=policy_age), self)

    def reloaded(
        self,
        sites: Mapping[Key, SiteRules],
        snapshots: Mapping[Key, SiteSnapshot],
        policy: Policy,
        policy_age: PolicyAge,
        facts: DeploymentFacts,
    ) -> "Epoch":
        """The next epoch, by another configuration. Sites that are not in ``snapshots`` keep the one that they have."""
        snapshots = {key: snapshots.get(key) or self.inputs.snapshots.get(key, NOTHING_KNOWN) for key in sites}
        changes = {"sites": sites, "snapshots": snapshots, "policy": policy, "policy_age": policy_age, "facts": facts}
        return epoch_of(replace(self.inputs, **changes), self)


class Current:
    """The epoch in force."""

    def __init__(self, epoch: Epoch) -> None:
        self.epoch = epoch

    def rules(self, key: str) -> SiteRules | Refusal:
        """The rules of the site with this id, as they are now."""
        site = self.epoch.site(key)
        return site if isinstance(site, Refusal) else site.rules

    def snapshot(self, site: Key) -> SiteSnapshot:
        """What is known of a site's groups, also once it is gone: a report that began before may still ask."""
        return self.epoch.inputs.snapshots.get(site, NOTHING_KNOWN)

    async def swap(self, epoch: Epoch) -> None:
        """Put this epoch in force.

        What only the one before had is freed in pieces of a millisecond, and requests are answered in between: a full
        cache of answers is tens of thousands of objects. Whoever still decides by that epoch finds its caches empty.
        """
        before, self.epoch = self.epoch, epoch
        for _ in _free(before, epoch):
            await asyncio.sleep(0)
        # The sites themselves have many objects each: this is the last who knows them, unless a visit still does.
        gone: list[ServedSite | SiteRules] = [*before.sites.values(), *before.inputs.sites.values()]
        del before
        while gone:
            del gone[-SITES_AT_ONCE:]
            await asyncio.sleep(0)


def epoch_of(inputs: Inputs, before: Epoch | None = None) -> Epoch:
    """The epoch of these inputs, sharing all parts of the one before that have the same inputs."""
    served: Mapping[Key, ServedSite] = {} if before is None else before.sites
    if before is not None and (inputs.policy, inputs.policy_age) == (before.inputs.policy, before.inputs.policy_age):
        policy = before.policy
    else:
        policy = inputs.policy.outdated() if inputs.policy_age == "outdated" else inputs.policy
    if before is not None and inputs.sites is before.inputs.sites:
        cors = before.cors
    else:
        cors = Cors({key: rules.site.cors_origins for key, rules in inputs.sites.items()})
    sites = {key: _served(key, rules, inputs, policy, cors, served.get(key)) for key, rules in inputs.sites.items()}
    default = sites[inputs.default_site]
    by_query = {b"": default} | {f"site={key}".encode(): site for key, site in sites.items()}
    return Epoch(inputs, policy, sites, default, by_query, cors, {})


def share_of(most: int, sites_n: int) -> int:
    """The share of a site in a bound on all ``sites_n`` sites together."""
    return max(OF_A_SITE_MIN, most // sites_n)


def _served(
    key: Key, rules: SiteRules, inputs: Inputs, policy: Policy, cors: Cors, before: ServedSite | None
) -> ServedSite:
    """A site by these inputs, sharing the parts of the epoch before that have the same inputs."""
    snapshot = inputs.snapshots.get(key, NOTHING_KNOWN)
    parts_max, pages_max, tables_max = (
        share_of(most, len(inputs.sites)) for most in (PARTS_MAX, PAGES_MAX, ASSIGNMENT_TABLES_MAX)
    )
    made_from = MadeFrom(
        tables=(rules, tables_max),
        pages=(rules, snapshot, policy, pages_max),
        answers=(rules, snapshot, policy, inputs.personalizer, inputs.interval_start_s, parts_max),
        disclosure=(rules, policy, inputs.policy_age, inputs.facts),
    )
    previous = MadeFrom() if before is None else before.made_from
    if before is not None and previous == made_from:
        return before
    if before is not None and previous.tables == made_from.tables:
        tables, no_origin = before.tables, before.no_origin
    else:
        tables = lru_cache(maxsize=tables_max)(partial(assignment_table, rules))
        no_origin = head_of(cors.headers(b"", key))
    if before is not None and previous.answers == made_from.answers:
        answers = before.answers
    else:
        answers = Answers(rules, snapshot, tables, inputs.personalizer, inputs.interval_start_s, parts_max)
    if before is not None and previous.disclosure == made_from.disclosure:
        disclosure = before.disclosure
    else:
        disclosure = lru_cache(maxsize=1)(partial(_disclose, *made_from.disclosure))
    pages = before.pages if before is not None and previous.pages == made_from.pages else {}
    return ServedSite(key, rules, snapshot, policy, tables, answers, pages, pages_max, disclosure, no_origin, made_from)


def _disclose(rules: SiteRules, policy: Policy, policy_age: PolicyAge, facts: DeploymentFacts) -> CacheableResponse:
    """The disclosure of a site: 150 us, so it is made when it is first asked for."""
    return cacheable(msgspec.json.encode(disclose(rules.site, policy, policy_age, facts)), DISCLOSURE_MAX_AGE_S)


def _free(before: Epoch, epoch: Epoch) -> Iterator[None]:
    """Empty the caches of ``before`` that ``epoch`` does not share, a piece at a time."""
    for key, site in before.sites.items():
        next_site = epoch.sites.get(key)
        rules_go = next_site is None or next_site.rules is not site.rules
        if next_site is None or next_site.answers is not site.answers:
            yield from site.answers.forget()
        for cache in (site.tables, *site.rules.matcher.caches) if rules_go else ():
            cache.cache_clear()
            yield
        while site.pages and (next_site is None or next_site.pages is not site.pages):
            for path in [*islice(site.pages, PAGES_AT_ONCE)]:
                del site.pages[path]
            yield
    if epoch.policy is not before.policy:
        before.policy.permit.cache_clear()
        before.policy.permissions.clear()
        yield
