"""Privacy attacks on what the service tells, played as simulations on the code that counts and answers.

simulations             all of them in one list
membership_inference    was this visit or event there, by the released counts?
group_sizes             was this device there, by the sizes of its groups?
averaging               what does it tell to read the counts again?
pseudonym_reversal      which devices were counted, by the store and a monitor of it, when the salt is gone?
worker_memory           is the salt or a device id still in the worker?
fingerprinting          which device is this, by its answers over weeks?
population              the devices of those weeks, as shares to draw from
population_weeks        their visits, and the real answers to them
noise_tables            noise that is fast to draw, and whether the real one is like it
measures                what an attack found; advantages and their limits
"""
