"""A guess at the word of ours that somebody meant who wrote another: a near one, or one that means the same.

It only helps people who read a mistake: a guess is never used as the value.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_CHARS_MAX = 40
"""Nobody meant one of our words with a longer one, and to compare costs time."""
_NEAR = 0.7
# What turns a word around, before it and after it; a guess without it would say the opposite of what was meant.
_NOT_BEFORE = (
    "un", "no", "not", "non", "dont", "donot", "dis", "never", "without", "isnt", "isnot", "cannot", "cant",
    "wont", "anti",
)  # fmt: skip
_NOT_AFTER = ("no", "not", "none", "never", "less", "free", "off", "false")
_NOT_SIGNS = ("!", "-", "~", "^", "¬")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")

# By our word, others that people use for it. A word may stand at several: where it is read, one of ours is allowed.
SYNONYMS: dict[str, str] = {
    # classes of devices
    "smartphone": "mobile mobiles phone phones iphone android handset handy cell cellphone mobile_phone phablet",
    "desktop": "pc computer laptop notebook workstation mac macbook windows desktops web",
    "tablet": "ipad tab pad tablets kindle",
    "tv": "television smart_tv connected_tv ctv ott set_top_box stb appletv firetv roku",
    "console": "game_console games_console gaming playstation xbox nintendo",
    "wearable": "watch smartwatch glasses headset wearables",
    "car": "vehicle automotive auto carplay cars",
    "speaker": "smart_speaker smart_display alexa echo homepod voice",
    "feature_phone": "featurephone dumbphone basic_phone kaios",
    "bot": "crawler spider robot robots bots",
    "unknown": "other none misc undefined",
    # purposes
    "language": "lang locale locales localization localisation i18n",
    "region": "location geo geolocation country place market",
    "device": "devices ua user_agent device_class device_type",
    "cohort": "cohorts segment segments group groups audience audiences clustering",
    "statistics": "analytics measurement measuring metrics stats counting audience_measurement performance",
    "experiments": "ab ab_test ab_tests ab_testing testing tests split_tests experimentation experiment flags",
    "interests": "interest personalization personalisation personalized_content profiling profile preferences",
    # levels
    "allow": "allowed true yes on permit permitted ok grant granted legal exempt",
    "notice": "notify notification inform information transparency opt_out",
    "consent": "opt_in ask prompt explicit explicit_consent consent_required required agree",
    "deny": "denied false no off never forbid forbidden block blocked none disallow disallowed "
    "not_allow not_allowed unallowed dont_allow do_not_allow prohibited",
    # experiments and slots
    "draft": "drafts planned plan new pending scheduled created",
    "running": "run active live started start enabled launched ongoing",
    "stopped": "stop ended finished done completed complete disabled paused pause archived inactive closed",
    "mean": "average avg greedy best exploit",
    "thompson": "thompson_sampling ts bandit sampling explore",
    "variants": "variations arms groups buckets treatments",
    "weights": "split splits traffic_split shares distribution",
    "coverage": "traffic rollout percentage exposure_rate share",
    "seed": "salt hash_seed bucketing_seed",
    "when": "targeting target conditions condition rules audience filter if",
    "options": "choices items variants contents",
    "languages": "locales langs language",
    "countries": "country country_codes regions places",
    "device_id_formats": "id_formats formats",
    "cors_origins": "origins cors allowed_origins",
    "markets": "market regions",
    "topics": "interests categories tags",
    "child_directed": "children kids coppa child",
    # policy
    "low": "unsure weak",
    "medium": "mid middle moderate",
    "high": "sure certain strong",
    "law": "laws source sources legal_basis",
    "places": "countries country territories regions",
    "inherits": "extends parent like based_on",
    "reviewed": "last_reviewed review_date checked",
    "counts": "counters statistics",
    "salt": "salts",
    # settings
    "on": "true yes 1 enabled enable",
    "off": "false no 0 disabled disable none",
    "cloudflare": "cf cloudflare_com",
    "cloudfront": "aws amazon",
    "akamai": "akamai_technologies edgesuite",
    "nginx": "ingress_nginx openresty",
    "generic": "haproxy envoy traefik caddy apache azure google gcp bunny other custom",
    "recommend": "recommendation recommendations read decide",
    "admin": "administrator",
    "events": "event write report reports",
    "host": "bind listen address listen_address bind_address ip hostname",
    "port": "listen_port http_port",
    "workers": "processes threads worker concurrency",
    "default_site": "site",
    "sites_dir": "sites site_dir sites_directory",
    "regimes_file": "policy policy_file regimes",
    "geo_database": "geoip geo_db geoip_database maxmind mmdb database",
    "trusted_proxies": "proxies proxy trust_proxy forwarded_allow_ips trusted_networks",
    "edge": "cdn edge_provider",
    "keys_file": "keys api_keys key_file",
    "open_scopes": "public_scopes scopes public",
    "secret": "secrets secret_key signing_key",
    "redis_url": "redis redis_host redis_uri redis_dsn",
    "k": "k_anon min_cohort_size",
    "epsilon": "eps privacy_budget",
    "release_minutes": "release_interval interval_minutes",
    "retention_hours": "retention ttl_hours",
    "": "none off no null false disabled",
    # forms of device ids
    "uuid4": "uuid uuid_v4 guid",
    "uuid7": "uuid_v7",
    "nanoid": "nano_id",
    "base64url128": "base64 base64url b64",
    "base58_128": "base58 b58",
}


def closest_word(word: object, allowed: Iterable[str]) -> str | None:
    """The allowed word that is nearest to a word, or means the same; None where none is near."""
    text = str(word).lower() if isinstance(word, bool) else str(word)
    if not text or len(text) > _CHARS_MAX:
        return None
    by_form = {_form(word_allowed): word_allowed for word_allowed in allowed}
    form = _form(text)
    if not form or text.strip().startswith(_NOT_SIGNS):
        return None
    if form in by_form:
        return by_form[form]
    for word_allowed in by_form.values():
        if form in map(_form, SYNONYMS.get(word_allowed, "").split()):
            return word_allowed
    near = get_close_matches(form, by_form, 1, _NEAR)
    return by_form[near[0]] if near and not _turns_around(form, near[0]) else None


def _turns_around(form: str, near: str) -> bool:
    """Whether a word is one of ours with a *not* before or after it: then it is near in its letters alone."""
    for part in _NOT_BEFORE:
        other_form = form.removeprefix(part)
        if other_form != form and (not near.startswith(part) or _likeness(other_form, near) > _likeness(form, near)):
            return True
    return any(form.endswith(part) and not near.endswith(part) for part in _NOT_AFTER)


def _likeness(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def _form(word: str) -> str:
    """A word without what people write differently: capitals, and signs and spaces between its parts."""
    return _BETWEEN_WORDS.sub("", word.lower())
