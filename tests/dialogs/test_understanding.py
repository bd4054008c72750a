"""A typed answer works wherever a button does."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.words import Words
from dialogs.questions import BY_ID, HEALTH_LISTS, STOP_LIST
from dialogs.understanding import Choice, choice, synonyms, understand
from exoplan import load_book
from exoplan.model import Combination

WORDS = Words()
BOOK = load_book()
FOOT = ("back", "ask", "pause")


def labelled(option: str, area: str = "") -> str:
    kind, _, value = option.partition(":")
    if kind == "tick":
        return WORDS.label(f"flag:{value.partition(':')[0]}")
    if kind in ("change", "turn") and value:
        return WORDS.label(f"question:{value}")
    label = WORDS.label(f"{area}/{option}" if ":" in option and area else option)
    number, dot, rest = label.partition(" · ")
    return rest if dot and number.isdigit() else label


def screen(*options: str, area: str = "", numbered: int = 0) -> tuple[Choice, ...]:
    return tuple(
        choice(option, labelled(option, area), n if n <= numbered else None)
        for n, option in enumerate(options, start=1)
    )


def question(area: str, name: str) -> tuple[Choice, ...]:
    values = BY_ID[name].values or tuple(o.id for o in BOOK.area(area).options(name))
    options = tuple(f"{name}:{value}" for value in values)
    return screen(*options, *FOOT, area=area, numbered=len(options))


def ticks(area: str, name: str) -> tuple[Choice, ...]:
    flags = BOOK.screening.asked(name, area, Combination.RADIOFREQUENCY)
    lines = (f"tick:{flag.id}:yes" for flag in flags)
    return screen(*lines, "unsure", "none", *FOOT, numbered=len(flags))


SCREENS: dict[str, tuple[Choice, ...]] = {
    "welcome": screen("area:skin", "area:hair", "area:joint", "ask", "person"),
    "card": screen("fit", "beside", "ask", "person", "back"),
    "consent": screen(
        *("agree:team", "agree:plan", "agree:nothing", "refuse", "kept", "back"),
        numbered=3,
    ),
    "review": screen("show", "change", "back", "ask", "person"),
    "plan": screen("why", "what_if", "beside", "another", "ask", "person", "restart"),
    "resume": screen("go_on", "restart", "person"),
    "now": screen("yes", "no"),
    "erase": screen("erase_yes", "back"),
    "held": screen("contact", "ask", "change", "another"),
    "topics": screen(
        *(f"topic:{name}" for name in WORDS.topics), "person", "back", area=""
    ),
    **{
        f"{area}/{name}": question(area, name)
        for area in BOOK.areas
        for name in BOOK.area(area).questions
    },
    **{
        f"{area}/{name}": ticks(area, name)
        for area in BOOK.areas
        for name in (STOP_LIST, *HEALTH_LISTS)
        if BOOK.screening.asked(name, area, Combination.RADIOFREQUENCY)
    },
}
SAID = [
    (name, shown.option, words)
    for name, choices in SCREENS.items()
    for shown in choices
    for words in shown.words
]


@pytest.mark.parametrize(("name", "option", "words"), SAID)
def test_every_label_and_synonym_finds_its_option(name, option, words):
    assert understand(words, SCREENS[name]) == option


@given(
    st.sampled_from(SAID),
    st.sampled_from(
        ["{}", "{} please", "I think {}", "it's {}", "i think its {} thanks"]
    ),
    st.sampled_from([str, str.upper, str.title, str.swapcase]),
    st.sampled_from(["", ".", "!", "...", " ", ","]),
)
@example(("topics", "topic:me", "is it for me"), "{} please", str, "")
def test_case_courtesy_and_full_stops_change_nothing(said, around, cased, end):
    name, option, words = said
    typed = cased(around.format(words)) + end
    assert understand(typed, SCREENS[name]) == option


@given(st.sampled_from([n for n in SCREENS if "/" in n]), st.data())
def test_a_number_is_the_option_of_that_number(name, data):
    numbered = [c for c in SCREENS[name] if c.number and not name.endswith("/pain")]
    if not numbered:
        return
    shown = data.draw(st.sampled_from(numbered))
    told = data.draw(st.sampled_from(["{}", "{}.", "number {}", "option {}", "#{}"]))
    assert understand(told.format(shown.number), SCREENS[name]) == shown.option


@given(st.sampled_from(sorted(SCREENS)), st.data())
def test_two_options_in_one_text_are_none(name, data):
    named = [c for c in SCREENS[name] if c.option.partition(":")[2] not in ("", "none")]
    if len(named) < 2:
        return
    one, other = data.draw(
        st.lists(st.sampled_from(named), min_size=2, max_size=2, unique=True)
    )
    typed = f"{one.words[0]} and {other.words[0]}"
    assert understand(typed, SCREENS[name]) in (None, _named_in_whole(typed, name))


def _named_in_whole(typed: str, name: str) -> str | None:
    """The option of which the two together are a synonym ("hand and wrist")."""
    said = typed.lower().translate(str.maketrans("", "", string.punctuation))
    return next((o for n, o, words in SAID if n == name and words == said), None)


@pytest.mark.parametrize(
    ("name", "typed", "option"),
    [
        ("welcome", "hair", "area:hair"),
        ("welcome", "my knee", "area:joint"),
        ("welcome", "i want to know about my hair loss", "area:hair"),
        ("welcome", "i'd like to talk to a human", "person"),
        ("hair/site", "the top of my head", "site:crown"),
        ("hair/site", "at the temples", "site:temples"),
        ("hair/site", "at the templs", "site:temples"),
        ("hair/site", "2", "site:crown"),
        ("hair/site", "number two", "site:crown"),
        ("hair/site", "the second", "site:crown"),
        ("hair/site", "the 2nd one", "site:crown"),
        ("hair/site", "the last one", "site:all_over"),
        ("hair/site", "not my crown, the temples", "site:temples"),
        ("hair/site", "not crown, temples", "site:temples"),
        ("hair/site", "not the crown but the temples", "site:temples"),
        ("skin/site", "part of my face", "site:face_part"),
        ("joint/joint", "my left knee", "joint:knee"),
        ("joint/joint", "my back", "joint:other"),
        ("joint/joint", "back", "back"),
        ("joint/pain", "7/10", "pain:7"),
        ("joint/pain", "about a six", "pain:6"),
        ("joint/pain", "7 out of 10", "pain:7"),
        ("joint/pain", "10", "pain:10"),
        ("joint/pain", "0", "pain:0"),
        ("joint/pain", "no idea", "pain:not_sure"),
        ("joint/duration", "for about two years", "duration:3_months_or_more"),
        ("joint/duration", "6 weeks", "duration:under_3_months"),
        ("hair/severity", "idk", "severity:not_sure"),
        ("hair/severity", "dunno", "severity:not_sure"),
        ("hair/combination", "none", "combination:none"),
        ("hair/combination", "with rf", "combination:radiofrequency"),
        ("hair/earlier", "prp, it did nothing", None),
        ("hair/earlier", "prp did nothing", "earlier:prp_no_change"),
        ("hair/stop", "none of these", "none"),
        ("hair/stop", "no", "none"),
        ("hair/stop", "i'm pregnant", "tick:RF02:yes"),
        ("hair/health_1", "aspirin", "tick:RF10:yes"),
        ("hair/health_1", "i take aspirin every day", "tick:RF10:yes"),
        ("hair/health_1", "warfarin", "tick:RF10:yes"),
        ("consent", "yes, show it to the team", "agree:team"),
        ("consent", "please share it with the team", "agree:team"),
        ("consent", "for my plan only", "agree:plan"),
        ("consent", "ok keep it for me", "agree:plan"),
        ("consent", "keep nothing please", "agree:nothing"),
        ("consent", "don't keep anything", "agree:nothing"),
        ("consent", "no thanks", "refuse"),
        ("review", "yes", "show"),
        ("review", "yes that's right", "show"),
        ("review", "no", "change"),
        ("review", "no it's wrong", "change"),
        ("now", "yes", "yes"),
        ("now", "no!!", "no"),
        ("plan", "what if?", "what_if"),
        ("consent", "I think: what is kept?", "kept"),
        ("review", "ok", "show"),
    ],
)
def test_what_people_type_is_understood(name, typed, option):
    assert understand(typed, SCREENS[name]) == option


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("hair/site", "does it hurt at the temples?"),
        ("hair/site", "temples?"),
        ("hair/site", "can you treat the crown"),
        ("hair/site", "not my crown"),
        ("hair/site", "temples or crown"),
        ("hair/site", "9"),
        ("hair/site", ""),
        ("hair/site", "…"),
        ("hair/site", "💇"),
        ("joint/pain", "6 or 7"),
        ("joint/pain", "11"),
        ("hair/health_1", "i dont take aspirin"),
        ("hair/health_1", "no blood thinners"),
        ("hair/health_1", "no aspirin, or warfarin"),
        ("hair/health_1", "no aspirin, warfarin"),
        ("hair/stop", "no i have diabetes"),
        ("welcome", "how many sessions for hair"),
        ("welcome", "my hair is long and i like the beach when it is sunny outside"),
        ("now", "yes and no"),
        ("consent", "yes"),
        ("consent", "I agree"),
        ("consent", "ok"),
        ("consent", "1"),
        ("consent", "the first"),
        ("consent", "yes im 17"),
        ("consent", "i agree but dont show the team"),
        ("consent", "yes but not to the team"),
        ("consent", "im 17, show it to the team"),
        ("consent", "keep nothing and show it to the team"),
        ("consent", "yes and no"),
        ("review", "yes but change my age"),
        ("hair/stop", "2 and 3"),
        ("hair/stop", "2, 3"),
        ("hair/stop", "not pregnant"),
        ("hair/stop", "no cancer"),
        ("hair/health_1", "no aspirin"),
    ],
)
def test_what_is_asked_denied_or_doubtful_is_nothing(name, typed):
    assert understand(typed, SCREENS[name]) is None


@given(st.text(max_size=200), st.sampled_from(sorted(SCREENS)))
def test_any_text_names_an_option_on_screen_or_nothing(text, name):
    found = understand(text, SCREENS[name])
    assert found is None or found in {c.option for c in SCREENS[name]}


def test_typing_a_tick_twice_does_not_take_it_away():
    assert synonyms("tick:RF10:yes")
    assert synonyms("tick:RF10:no") == ()


def test_every_flag_that_is_asked_can_be_typed():
    asked = {c.option for choices in SCREENS.values() for c in choices}
    lines = {option for option in asked if option.startswith("tick:")}
    assert [option for option in lines if not synonyms(option)] == []


def test_a_button_that_looks_or_changes_knows_the_words_of_what_it_is_about():
    assert "crown" in synonyms("look:crown")
    assert set(synonyms("look:mild")) == set(synonyms("severity:mild"))
    assert synonyms("turn:severity") == synonyms("change:severity")
