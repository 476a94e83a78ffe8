"""English words that say nothing about a topic, in the form in which the word index holds them (stemmed)."""

_WORDS = """
a about after all also am an and ani are as at be becaus been befor between both but by can could did do doe
done down dure each for from had has have he her here him his how i if in into is it itself just me more
most my no nor not of off on onc onli or other our out over own s same she should so some such t than that the their
them then there these they this those through to too under until up us veri was we were what when where which while
who whom whose whi will with would you your
"""

ENGLISH = frozenset(_WORDS.split())
