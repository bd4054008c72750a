"""What people mention unasked: a flag where they plainly tell it of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.volunteered import volunteered
from exoplan import load_book

TOLD = {
    "RF01": [
        "i am 17",
        "im 16 years old",
        "I'm 17",
        "im 17 and i want this",
        "hi im 15, can i come?",
        "i'm only 16",
        "i am a 17 year old girl",
        "i turn 18 next month",
        "im under 18",
        "im 17 can i do it?",
        "im 16yo",
        "17 years old",
        "my age is 16",
        "i am seventeen",
        "im not 18 yet",
        "im underage",
    ],
    "RF02": [
        "im pregnant, can i do it?",
        "I am pregnant",
        "i'm 12 weeks pregnant is it ok",
        "im 17 weeks pregnant",
        "i am still breastfeeding",
        "im trying to get pregnant",
        "we are trying for a baby",
        "we're trying for a baby",
        "i just found out im pregnant",
        "im pregnent",
        "can i come, im pregnant",
        "i think i'm pregnant",
        "pregnant",
        "6 months pregnant, is prp ok?",
        "i breastfeed my son",
        "i have psoriasis and im pregnant",
        "is it a problem that im pregnant",
    ],
    "RF03": [
        "i have cancer",
        "i have breast cancer",
        "im on chemo",
        "i am having chemotherapy right now",
        "i was diagnosed with lymphoma last week",
        "im being treated for cancer",
        "have cancer",
        "on chemo",
        "ive got prostate cancer can i do knees",
    ],
    "RF08": [
        "i have lupus",
        "i have rheumatoid arthritis",
        "ive had psoriasis for 20 years",
        "i was diagnosed with lupus 3 years ago",
        "i have an autoimmune disease",
        "i suffer from crohns",
        "have lupus",
        "i have hashimoto's",
    ],
    "RF10": [
        "im on warfarin",
        "i take eliquis",
        "i take aspirin every day",
        "on warfarin",
        "take eliquis",
        "aspirin every day",
        "i'm taking blood thinners",
        "i take a baby aspirin daily",
        "i am on xarelto since my stroke 2 years ago",
        "should i stop my warfarin?",
        "i take 100 mg aspirin",
        "i take metformin and aspirin",
        "ive been on plavix for years",
        "i have to take blood thinners",
    ],
    "RF13": [
        "im on accutane",
        "i take isotretinoin",
        "i am taking roaccutane 20mg",
        "i just finished accutane",
    ],
    "RF16": [
        "i have a pacemaker",
        "have a pacemaker",
        "i've got an insulin pump",
        "does rf affect my pacemaker?",
        "i have a pace maker since 10 years ago",
        "i have an icd",
    ],
    "RF18": [
        "my knee was replaced",
        "my hip has been replaced 3 years ago",
        "i had a knee replacement in 2019",
        "i have an artificial hip",
        "my right knee was replaced last year",
        "i had my knee replaced",
    ],
    "RF35": [
        "im pregnant and i spend hours looking at my nose in the mirror",
        "i spend hours a day looking at my nose in the mirror",
        "ive had 6 surgeries already and still look awful",
        "i cant leave the house because of my skin",
        "i have been told i have body dysmorphia",
        "I can't stop thinking about my hairline",
        "every clinic refused me",
    ],
}
TELLING = [(flag, text) for flag, texts in TOLD.items() for text in texts]

#: Asked, supposed, denied, over, of somebody else, or simply something else.
NOT_TOLD = [
    "is it ok in pregnancy?",
    "my wife is pregnant",
    "i was on accutane 3 years ago",
    "if im pregnant can i do it",
    "what if i have cancer",
    "am i pregnant",
    "im not pregnant",
    "i am not pregnant",
    "i dont have cancer",
    "i have no cancer",
    "do i have lupus",
    "can i take aspirin",
    "should i take aspirin every day before",
    "can i have a pacemaker",
    "when im pregnant",
    "how long after i take accutane",
    "my mom has cancer",
    "my son is 16",
    "my daughter is 17 years old",
    "im 17 weeks in",
    "im 17 kg overweight",
    "i have cancer in my family",
    "i have a family history of cancer",
    "im a cancer",
    "i had cancer 10 years ago",
    "i had cancer",
    "i used to take warfarin",
    "i stopped warfarin",
    "im off accutane",
    "i am 40",
    "im 71",
    "im 170 cm",
    "im 16 days post treatment",
    "im expecting results",
    "im nursing a sore knee",
    "pregnant?",
    "is aspirin ok",
    "aspirin",
    "cancer",
    "can cancer patients do it",
    "do you treat people on warfarin",
    "my knee will be replaced",
    "my knee needs to be replaced",
    "i have a knee replacement planned",
    "i have lupus in my family",
    "i dont think im pregnant",
    "im not sure if im pregnant",
    "i hope im pregnant soon",
    "im scared i have cancer",
    "maybe i have lupus",
    "i take aspirin sometimes",
    "i dont take aspirin",
    "i never take aspirin",
    "no i take vitamins",
    "neither pregnant nor breastfeeding",
    "im not pregnant or breastfeeding",
    "does it cause cancer",
    "i read that im pregnant women cannot",
    "i wish i was 17 again",
    "i feel like im 17 again",
    "when i was 17",
    "i was 17 when it started",
    "my husband is on eliquis",
    "he takes warfarin",
    "she is on chemo",
    "my friend has a pacemaker",
    "pacemaker?",
    "people with a pacemaker",
    "is prp ok with lupus",
    "i want to get pregnant next year someday",
    "on warfarin?",
    "take aspirin before?",
    "have cancer treatments improved",
    "how many on chemo lose hair",
    "i am 18",
    "im 18 years old",
    "im 21",
    "i take accutane?",
    "can i do it while im breastfeeding",
    "should i stop if i take warfarin",
    "i no longer take warfarin",
    "i dont have lupus or psoriasis",
    "i dont smoke, dont drink",
    "pain level im 7",
    "im 12 sessions in",
    "i take vitamin c",
    "i have acne",
    "i have arthritis",
    "im not 18 anymore",
    "could i have cancer?",
    "will i have cancer",
    "i might be pregnant",
    "no pacemaker",
    "not on warfarin",
    "i hate my wrinkles",
    "laser 5 times",
]

#: Statements that hold nothing but the words themselves.
PLAIN = [
    "i am pregnant",
    "i have cancer",
    "i have a pacemaker",
    "i take warfarin",
    "i am on chemo",
    "i have lupus",
    "i take accutane",
    "i am 17",
]


@pytest.mark.parametrize(("flag", "text"), TELLING)
def test_what_people_tell_of_themselves_is_heard(flag, text):
    assert volunteered(text) == flag


@pytest.mark.parametrize("text", NOT_TOLD)
def test_what_is_asked_supposed_denied_or_over_is_not_told(text):
    assert volunteered(text) is None


@given(
    st.sampled_from(PLAIN),
    st.sampled_from(
        [
            "if {}",
            "what if {}",
            "is it ok when {}",
            "suppose {}",
            "in case {}",
            "i wonder whether {}",
            "i am scared that {}",
            "i dont think {}",
        ]
    ),
)
def test_a_statement_that_is_only_supposed_or_denied_is_not_told(said, around):
    assert volunteered(around.format(said)) is None


@given(st.sampled_from(PLAIN), st.sampled_from(["{}, can i do it?", "hi, {}. ok?"]))
def test_a_statement_beside_a_question_is_told(said, around):
    assert volunteered(around.format(said)) == volunteered(said) is not None


@given(st.sampled_from(TELLING), st.sampled_from([str.upper, str.title]))
def test_capitals_change_nothing(telling, cased):
    flag, text = telling
    assert volunteered(cased(text)) == flag


def test_distress_about_looks_comes_before_anything_else():
    assert volunteered("im pregnant and i cant stop thinking about my nose") == "RF35"


@given(st.text(max_size=200))
def test_any_text_tells_a_known_flag_or_nothing(text):
    flags = {flag.id for flag in load_book().screening.flags}
    assert volunteered(text) in flags | {None}
