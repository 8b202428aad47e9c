"""Passerby: treat every passer-by well without knowing who they are. Read this first.

Identity ends at the intake. Decisions are arithmetic. The world is reached through a few named ports. No answer waits
for a store.

    app/          ASSEMBLES: settings -> adapters -> use cases -> routes -> ASGI application, and runs its loops
    cli/          the `passerby` command
    settings/     one frozen Settings from config/ and the environment, validated at start
    ports.py      what the world is asked: GeoLookup, DeviceLookup, StatsStore, Noise, Clock
    telemetry.py  metrics, and JSON log lines with an allow-list of fields
    core/         DECIDES (nouns, pure), by what it is about:
                    a visit       signals location device device_hints region privacy sites recommendation access
      identity/     who must stay unknown: whether a name or a value identifies somebody; + ignored_context
      languages/    accept_language available_locales distance matching preference prior tags
      groups/       cohort cohort_token interval counts release suppression clipping snapshot ranking aggregates
                    weak_parameters
      experiments/  bucketing assignment; results comparison sample_ratio interval_selection result_warnings
                    what happened  event interest
                    how results are remembered  cache
    use_cases/    ORCHESTRATES (verbs): personalize evaluate_flags
      counting/      buffer distinct flush release_loop circuit_breaker; record_events report_cap; report
      transparency/  disclosure of the service, explanation of a visit, opt_out_diff, sentences; inventory
    adapters/     TOUCHES THE WORLD (proper names): maxmind mmdb/ user_agent/ cldr/ ip_location_db redis_store/
                  memory_store retention (how long both stores keep what) opendp_noise keys_file growthbook_import/
                  site_file atomic_file
    web/          SPEAKS HTTP: routes (every address) auth decisions epoch answers (of a site, joined of parts) problems
                    query
      visit/        where identity exists for the last time: connection (what a visit shows, raw) intake (what may be
                    known of it, step by step) outcomes (and names of fields) client_ip cookies networks size_limits
      bodies/       schema, and what is wrong with a body: guidance body_errors scrutiny
      wire/         octets to requests and back: messages (Request, Response), dispatch (the one way to a response), and
                    its two callers: connection (HTTP/1.1, on parsing answering lifetime) and asgi
      openapi/      the document at /openapi.json: its rows, and examples as data
      ofrep/        feature flags for every OpenFeature SDK: flags context refusals
      endpoints/    recommendations cohorts events counts mirror opt_out privacy documents health
      pages/        HTML, CSS and words of the pages people look at; documents that docs/ has as Markdown
    docs/         Markdown by subject, read on GitHub and served at /docs/; its commands and links are tests
    audit/        PROVES that nothing leaks: unique markers through a running deployment, looked for all over
    attacks/      PROVES what the answers and counts tell: membership inference, pseudonym reversal, fingerprinting

A visit goes through one frozen type per stage of knowledge, and its counts go the other way round:

    Request -> Connection -> Permissions -> Signals -> (Language, Region, Device) -> Cohort -> Decision -> Response
    Increment -> Batch -> Released -> SiteSnapshot -> the next Decision

How the world changes: four events replace the ``web.epoch.Epoch`` in force, a reload, a release, a new interval and an
ageing policy. Each makes the next one, and ``Current.swap`` puts it in its place. An epoch is frozen and owns all
caches of what follows from it. A request reads ``current.epoch`` once.

Who may import whom (``tests/test_architecture.py`` checks it):

    core      <- the standard library without IO, msgspec, and core itself (no cycles)
    ports     <- core            settings <- core            telemetry <- nothing of ours
    use_cases <- core, ports, telemetry
    adapters  <- core, ports, telemetry
    web       <- core, ports, use_cases, telemetry           (never adapters)
    audit     <- core, ports, use_cases, adapters, web, telemetry
    attacks   <- the same, and audit, of which an attacker has the monitor of Redis
    app       <- everything but audit, attacks and cli
    cli       <- everything. It and app alone import settings; they, audit and attacks alone import adapters

Where a change goes:

    a new signal                    a field in core/signals.py, a step in web/visit/intake.py, a row in the regimes,
                                    a row in use_cases/transparency/inventory.json
    a new trait or recommendation   one rule in the list that makes it, its part in web/answers.py
    something new to count          a kind in core/groups/counts.py, its rungs in core/groups/release.py
    a new legal regime              a row in config/regimes.toml, no code
    a new geo provider              one file in adapters/, one line in app/assembly.py
    another store of counts         one file in adapters/ that passes tests/adapters/test_stats_contract.py
    a new endpoint                  a file in web/endpoints/, a row in web/routes.py, a struct in web/bodies/schema.py
    a new field of a body           its struct in web/bodies/schema.py or beside it, a row in web/bodies/guidance.py
    a header that is read           a line of from_request in web/visit/connection.py, then as for a new signal
    a limit                         of a visit's texts: web/bodies/schema.py; of requests: settings/ and config/
    a new edge                      a preset in web/visit/client_ip.py, its name in settings/, files in deploy/edge/
    a metric                        _measure in app/application.py or measure in app/counting.py; deploy/telemetry.md
    a field of the log              LogField in telemetry.py; deploy/telemetry.md
    a command                       a file in cli/, its row in cli/__init__.py
    a kind of bot                   core/device.py, adapters/user_agent/bot_kinds.py, a word in web/pages/words/
    a colour, a word of the mirror  web/pages/passerby.css (on both grounds), web/pages/words/
    how long something is kept      adapters/retention.py for Redis; settings/ for what a site chooses
    a new market, slot, site        config, no code; it is taken up while serving
    a new reason for a variant      one rule in core/experiments/assignment.py, its sentence in use_cases/transparency/
                                    and web/pages/words/
    something new that is kept      a row in use_cases/transparency/inventory.json, its hours in app/privacy_facts.py,
                                    a kind in adapters/redis_store/keys.py if Redis keeps it
    something new to ask of Redis   a row in adapters/redis_store/scripts.py, and in deploy/redis/redis.conf
    a way in for a client           a channel in audit/channels.py
    a document for readers          a file in docs/, its name in web/pages/document_pages.py, a link in README.md
    a statistic of an experiment    core/experiments/comparison.py, and what it is of in core/experiments/results.py
"""

__version__ = "0.1.0"
"""The one version: of the package, of ``passerby --version``, ``/openapi.json``, ``/readyz`` and the metrics."""
