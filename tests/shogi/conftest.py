"""How examples are drawn: the first of a process compiles or loads kernels, which no deadline allows for."""

from hypothesis import settings

settings.register_profile("keisei", deadline=None)
settings.load_profile("keisei")
