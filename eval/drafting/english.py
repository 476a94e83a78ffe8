"""The English words that questions are built with: finite verbs by lemma, and the words that bound a phrase."""

from dataclasses import dataclass
from typing import Literal

Tense = Literal["present", "plural", "past"]


def words(listed: str) -> frozenset[str]:
    """Split a list that is written as text."""
    return frozenset(listed.split())


@dataclass(frozen=True, slots=True)
class VerbForm:
    """What a word is a form of; `plural` is the present of plural subjects, equal to the lemma."""

    lemma: str
    tense: Tense


AUXILIARIES = words("is are was were has have had will would can could may might must shall should")
BE = words("is are was were be been")

# Verbs whose forms follow the rules, as texts of offices, companies and rule books use them.
_REGULAR = words(
    "accept accrue acquire adopt affirm agree allege allocate amount announce appear apply appoint approve argue "
    "arrive ask assume award borrow call carry cause cease change charge claim climb close collect commence "
    "complete comprise conduct consist consume contain contribute convert cost cover create decide declare "
    "decline decrease deliver deny depart describe differ discover discuss dismiss divide donate double earn "
    "elect employ end enter equal establish estimate exceed expect expire extend file fill finance finish fund "
    "gain generate grant handle happen hire hold host house import improve include increase inspect install "
    "introduce invest involve issue join land last launch lie limit list live load lower maintain manage "
    "manufacture mark measure merge move name need number obtain occur offer open operate order oversee own park "
    "pass play power process produce promise propose provide publish purchase raise range reach receive recognise "
    "recognize record reduce refer register release remain remand remove rename renew rent repay replace report "
    "represent repurchase require resign resolve result retire return reveal sail save schedule select separate "
    "serve settle ship show sign sponsor start state stay stop store submit succeed supply support suspend "
    "terminate test total transfer travel treat turn use vary visit vote wait want warn weigh welcome work"
)
_IRREGULAR = {
    # lemma: third person, past
    "become": ("becomes", "became"),
    "begin": ("begins", "began"),
    "bring": ("brings", "brought"),
    "build": ("builds", "built"),
    "buy": ("buys", "bought"),
    "choose": ("chooses", "chose"),
    "come": ("comes", "came"),
    "cost": ("costs", "cost"),
    "do": ("does", "did"),
    "fall": ("falls", "fell"),
    "find": ("finds", "found"),
    "get": ("gets", "got"),
    "give": ("gives", "gave"),
    "go": ("goes", "went"),
    "grow": ("grows", "grew"),
    "have": ("has", "had"),
    "hold": ("holds", "held"),
    "keep": ("keeps", "kept"),
    "lead": ("leads", "led"),
    "leave": ("leaves", "left"),
    "lend": ("lends", "lent"),
    "let": ("lets", "let"),
    "lie": ("lies", "lay"),
    "lose": ("loses", "lost"),
    "make": ("makes", "made"),
    "meet": ("meets", "met"),
    "owe": ("owes", "owed"),
    "oversee": ("oversees", "oversaw"),
    "pay": ("pays", "paid"),
    "put": ("puts", "put"),
    "rise": ("rises", "rose"),
    "run": ("runs", "ran"),
    "see": ("sees", "saw"),
    "sell": ("sells", "sold"),
    "send": ("sends", "sent"),
    "set": ("sets", "set"),
    "spend": ("spends", "spent"),
    "stand": ("stands", "stood"),
    "take": ("takes", "took"),
    "teach": ("teaches", "taught"),
    "tell": ("tells", "told"),
    "win": ("wins", "won"),
    "write": ("writes", "wrote"),
}
_DOUBLING = words("ship stop plan drop permit submit transfer refer occur")


def _third_person(lemma: str) -> str:
    if lemma.endswith(("s", "x", "ch", "sh")):
        return lemma + "es"
    return lemma[:-1] + "ies" if lemma.endswith("y") and lemma[-2] not in "aeiou" else lemma + "s"


def _past(lemma: str) -> str:
    if lemma in _DOUBLING:
        return lemma + lemma[-1] + "ed"
    if lemma.endswith("e"):
        return lemma + "d"
    return lemma[:-1] + "ied" if lemma.endswith("y") and lemma[-2] not in "aeiou" else lemma + "ed"


def _forms() -> dict[str, VerbForm]:
    found = {}
    regular = {lemma: (_third_person(lemma), _past(lemma)) for lemma in _REGULAR}
    for lemma, (present, past) in (regular | _IRREGULAR).items():
        found[lemma] = VerbForm(lemma, "plural")
        # Later entries win: "cost", "let", "put" and "set" without an ending are read as the past.
        found[past] = VerbForm(lemma, "past")
        found[present] = VerbForm(lemma, "present")
    return found


VERB_FORMS = _forms()
"""Finite forms of known verbs, by how they are spelled."""

IRREGULAR_PARTICIPLES = words(
    "been become come run taken given shown written chosen seen fallen begun gone driven grown drawn worn known done "
    "cut read hung shut laid built rebuilt dealt meant bound fed forbidden hidden broken spoken stolen sworn thrown"
)
CHANGE = words("increase decrease rise fall grow decline drop change improve lower reduce raise exceed")

DETERMINERS = words("a an the each every all some any no another both either most many several few")
SUBORDINATING = words(
    "that which who whom whose when while where because although though since after before until as if unless than"
    " whether"
)
GIVING = words("cost pay give owe charge award lend save earn spend fine put")
REASONS = words(
    "primarily mainly largely partly principally driven reflecting due resulting because including thanks plus"
)
SPECIFIC = words(
    "the its their our his her your my this that these those each every another first last next past other"
)
PREPOSITIONS = words(
    "about above across after against along among around at before behind below beneath beside between beyond by "
    "despite down during except for from in inside into near of off on onto out outside over per since through "
    "throughout to toward towards under until till up upon via with within without"
)
CONJUNCTIONS = words(
    "and or but nor so yet than as if that which who whom whose when where while because although though unless how"
    " why whether"
)
DEICTIC = words("this these that those today yesterday tomorrow")
ANAPHORS = words("it they them he she him himself herself itself themselves")
"""Words that stand for something named elsewhere: a question with one cannot be understood alone."""

BAD_OPENERS = words(
    "it its they their them he his she her him this that these those such here there we our i my one another "
    "both other others either neither however therefore thus hence also additionally furthermore moreover then instead "
    "otherwise similarly likewise nevertheless nonetheless still yet so but and or nor because consequently "
    "accordingly finally meanwhile again indeed rather further first second third last most some many few several "
    "what when where who which how why if see note refer whether none nobody whoever anyone whatever everything "
    "somebody someone everyone whereas provided notwithstanding"
)
FIRST_PERSON = words("we our us ours I my me We Our My")
NEGATIONS = words("not never no none nor neither cannot nobody nothing without hardly")
APPROXIMATORS = (
    "a total of",
    "an aggregate of",
    "as many as",
    "as much as",
    "no more than",
    "not more than",
    "more than",
    "less than",
    "fewer than",
    "at least",
    "at most",
    "up to",
    "approximately",
    "about",
    "around",
    "nearly",
    "almost",
    "roughly",
    "over",
    "only",
    "just",
    "some",
    "exactly",
    "another",
)
IRREGULAR_PLURALS = words("people men women children persons pence sheep feet teeth mice geese crew staff kg km cm mm")
NO_PLURALS = words(
    "is was has as this its us thus less plus versus across does pass address business class perhaps always "
    "sometimes besides whereas various previous other's status basis process access gross cross loss express "
    "series news days' months' years' others his yes hers ours theirs times unless ones "
)
NOT_IN_UNITS = (
    PREPOSITIONS | CONJUNCTIONS | DETERMINERS | AUXILIARIES | words("not have been be being more less other per")
)
