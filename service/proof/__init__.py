"""The room that proves what the rest promises: nothing that a visit shows comes out anywhere but in its own answer.

Two ways of looking. An *audit* sends unique markers through every channel that a client has into a running deployment,
and then looks for them, in every form in which a program could have kept them, wherever the deployment writes:

    audit           the order of it all, and the controls: leaks planted on purpose, which must be found
    sending         markers       what is sent: texts that nobody else sends, made by kind
                    channels      every way in, and with which outcomes a marker goes by each; channel says what one is
                    carriers      the requests on which headers, cookies and parameters go, of every route
                    telling       what an answer must say, for it to count that a channel was read
                    sending       which marker goes by which of them, and what became of it; amounts: how many it takes
                    messages      the requests, as octets
                    traffic       plain sockets, and every octet that comes back
                    deployment    what is audited: running already, or started for it
                    belonging     whether what is watched is of that deployment, and what is said nothing of
    looking         forms         the forms in which a marker could hide: what controls plant
                    needles       what the search looks for, eight octets at a time
                    readings      how it reads: as it stands, with escapes undone, out of hex and base64
                    search        markers by the thousand, found in one pass
                    sinks         metrics, answers, and what every sink can do; spool keeps what they saw
                    log_file      a log, also where it is written below its end
                    redis_sinks   all that Redis holds, and all that it is told; redis_wire speaks to it
                    leaking_server  a server that does leak: the control of the sinks that are read over HTTP
    record          what an audit found, for people and for machines

*Simulations* play attacks that no marker shows, on the code that counts and answers (``measures`` says what one found):

    simulations     all of them in one list
    membership      was this visit or event there?    from the released counts of a scene; group_sizes: this device?
    rereading       what does it tell to ask again?   from the released counts
    pseudonyms      which devices were counted?       from the store, a monitor of it, and worker_memory, when the
                                                      salt is gone
    uniqueness      which device is this?             from answers over simulated_weeks, on a reference_mix
    noise_tables    noise that is fast to draw, and whether the real one is like it; chances: what noise lets one guess

Beside the house because nothing that serves needs it, and because it may look at everything.
"""
