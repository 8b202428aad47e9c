"""Counts in Redis: one server, a Cluster, one that sentinels name, or an embedded one.

store        what the service asks: it answers ``ports.StatsStore``
scripts      what Redis does of it in one step, in Lua
keys         the names of all that is kept, a closed grammar
url          where Redis is
routing      which server holds a key
connections  requests to one server, in time or not at all
failures     what a refusal or a silence means
tls          whether a server that fails us wants TLS, or wants none
rights       ``check --redis``: what its user may do
ttl_audit    ``privacy report``: how long keys really live
embedded     a redis-server of our own
"""
