"""English words that say nothing about the topic of a question.

Those that hold sentences together, those that conversations are full of ("thanks", "tell me"), and those that point to
what was said before.
"""

from typing import Final

_REFERENCES: Final = """
else former he he's her hers him his it it's its latter one ones she she's such that that's their theirs them these they
they're this those
"""

_GRAMMAR: Final = """
a about above after again all also am an and another any anyone anything are aren't as at be because been before being
below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't done down during each
either ever every everything for from further had has hasn't have haven't having here how however i i'd i'll i'm i've if
in instead into is isn't itself just less let let's lot lots many may maybe me might more most much must my myself
neither no nor not nothing now of off on once only or other others our ours out over own per quite rather same shall
should shouldn't so some something somewhere still than the then there there's thing things through to together too
under until up upon us very was wasn't we we're were weren't what what's when where where's whether which while who
who's whom whose why will with within without won't would wouldn't yet you your yours
"""

_TALK: Final = """
according actually btw curious describe explain feel get gets getting give go goes going got guess hello help hey hi hmm
kind know like maybe mean meant need no ok okay please question really regarding said saw say see seem seems sorry sort
speaking sure talk talking tell thank thanks think thought understand want wants way well wonder wondering wow yeah yes
"""

REFERENCES: Final = frozenset(_REFERENCES.split())
FUNCTION_WORDS: Final = REFERENCES | frozenset(_GRAMMAR.split()) | frozenset(_TALK.split())
