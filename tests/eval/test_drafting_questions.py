import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.drafting.facts import facts_in
from eval.drafting.questions import question_for
from tests.hostile_text import canonical_texts

# Words as they stand inside of the sentences of a document.
VOCABULARY = {"chlorine": 1, "expense": 2, "Skelvay": 3, "lunch": 2, "invoices": 1, "Adobe": 4, "adobe": 1}


def questions(sentence: str) -> list[str]:
    """The questions that can be made, in the order of the facts."""
    made = (question_for(sentence, fact, VOCABULARY) for fact in facts_in(sentence))
    return [question for question in made if question]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        # The auxiliary goes before the subject.
        ("The ramp was built in 1978.", "When was the ramp built?"),
        ("Chlorine will be added until 22 October.", "Until when will chlorine be added?"),
        ("Invoices are payable within 20 days.", "Within how many days are invoices payable?"),
        ("The pool is kept at 31 degrees.", "At how many degrees is the pool kept?"),
        ("The net loss was $5.1 billion.", "How much was the net loss?"),
        ("The target for 2025 is 94 per cent.", "What percentage is the target for 2025?"),
        ("Flights are operated by Tern Air of Storhaven.", "By whom are flights operated?"),
        ("The office is open from 07:45 to 15:15.", "When is the office open?"),
        ("The ship had left Storhaven at 19:35.", "At what time had the ship left Storhaven?"),
        # Other verbs need "do".
        ("The tower has 142 steps and no lift.", "How many steps does the tower have?"),
        ("A guide costs 350 crowns for an hour.", "How much does a guide cost for an hour?"),
        ("Boxes hold 40 kilograms of crab.", "How many kilograms of crab do boxes hold?"),
        ("The company repurchased approximately 41 million shares.", "How many shares did the company repurchase?"),
        ("Sales increased 5% in Europe.", "By what percentage did sales increase in Europe?"),
        ("Operating costs rose by $3 million.", "By how much did operating costs rise?"),
        ("The association keeps 4 per cent of the price.", "What percentage of the price does the association keep?"),
        # Adjectives of size, and what goes with the figure.
        ("The large pool is 25 metres long, has five lanes.", "How long is the large pool?"),
        ("Cars must be in the lanes 25 minutes before departure.", "How many minutes before departure must cars be in"),
        # A second verb with the same subject.
        ("The tour takes 75 minutes and costs 40 crowns.", "How many minutes does the tour take?"),
        ("The museum opens in May and closes in October 2025.", "When does the museum close?"),
        # What stands in front goes to the end, or is what is asked for.
        ("In 2022, the company returned $1.2 billion.", "How much did the company return in 2022?"),
        ("On May 31, 2023, the company completed the sale.", "When did the company complete the sale?"),
        ("As of March 21, 2022, there were 62,488 holders of record.", "How many holders of record were there as of"),
        ("In addition, the fee is $25.", "How much is the fee?"),
        # What belongs to other figures or reasons ends the question.
        ("A lift costs 680 crowns for half an hour and 290 crowns for every quarter.", "How much does a lift cost for"),
        ("Expense decreased by $227 million primarily due to lower spending.", "By how much did expense decrease?"),
        # The fact is the subject, or another name of it.
        ("Three men owe their lives to the crew.", "How many men owe their lives to the crew?"),
        ("The harbour master, Tobias Renwick, showed photographs.", "Who is the harbour master?"),
        ("The pony, Bo Whippet, had seven.", "What is the name of the pony?"),
        ("There are two flights to Storhaven on Mondays.", "How many flights are there to Storhaven on Mondays?"),
        # Names keep their capital letter.
        ("Skelvay pays 300 crowns.", "How much does Skelvay pay?"),
        ("Lunch costs 28 crowns.", "How much does lunch cost?"),
        ("Adobe paid $5.", "How much did Adobe pay?"),
        ("Tern Air owns 2 aircraft.", None),
    ],
)
def test_questions(sentence: str, question: str | None) -> None:
    made = questions(sentence)
    assert made == [] if question is None else made and any(one.startswith(question) for one in made)


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs 300 crowns.",  # what costs?
        "They left the house in 1978.",
        "Nobody pays more than 5 crowns.",
        "The till is not open until 16:00.",  # negations ask the wrong way round
        "The council asked how 300,000 crowns could be overlooked.",
        "The museum, which was built in 1994, is closed.",  # islands
        "Whoever loses it pays 60 crowns.",
        "Loss for 2022 was high compared with $4.3 billion.",
        "Expenses were $5 million and $6 million at 31 May 2022.",  # two answers
        "Sales fell by $49 million and $163 million in 2022 and 2021, respectively.",
        "The $3 million loan is repaid.",  # the amount tells which loan
        "The votes are counted by seven votes to four.",
        "At December 31, 2022, cash was low.",  # the day of a balance is no answer
        "Revenue decreased in 2022.",
        "It is kept in a clean, closed jug for 24 hours.",
        "The librarian asked the council to move the start to 4 May.",
        "",
        ".",
    ],
)
def test_where_patterns_do_not_fit_there_is_no_question(sentence: str) -> None:
    assert questions(sentence) == []


WORDS = """
The the a ramp costs cost has have was were is built in on at by to of and or , ; : ( ) – that which there There
it 5 $5 5% 1978 May 20 metres long days 08:30 Tobias Renwick not when 25, increased, opens company's \ufffc
"""


@given(st.one_of(canonical_texts, st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)))
def test_any_text_gives_a_clean_question_or_none(sentence: str) -> None:
    for fact in facts_in(sentence):
        question = question_for(sentence, fact, VOCABULARY)
        if question is not None:
            assert question.endswith("?")
            assert question == " ".join(question.split())
            assert not question[0].islower()
            assert "\ue000" not in question
