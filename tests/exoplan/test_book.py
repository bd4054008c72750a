"""A slip in a text is one clear line, and a new area is one file."""

from pathlib import Path

import pytest

from exoplan import (
    ClinicStatement,
    Intake,
    ProtocolError,
    Range,
    Standing,
    TickList,
    Topic,
    Unit,
    UnknownArea,
    UnknownStatement,
    load_book,
    make_plan,
)
from exoplan.screening import read_screening
from tests.exoplan.intakes import BOOK
from tests.exoplan.trial import TRIAL


def write(folder: Path, text: str, name: str = "trial.toml") -> Path:
    """A protocol text in a folder of its own."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_new_area_is_one_file(tmp_path):
    """It is asked, screened, planned and laid out like the packaged ones."""
    for extra in (write(tmp_path, TRIAL), tmp_path):
        book = load_book(extra)
        assert book.areas == (*BOOK.areas, "trial")
        plan = make_plan(Intake("trial", "belly").but(severity="advanced"), book)
        assert [layout.count for layout in plan.layouts] == [2, 3]
        assert [v.latest for v in plan.layouts[1].visits] == [0, 6, 12]
        assert [factor.id for factor in plan.factors] == [
            "general.factor.severity.advanced",
            "general.factor.size_and_site",
            "general.factor.response",
            "trial.age",
        ]


def test_a_new_area_is_closed_by_the_flags_it_names_and_by_those_for_everybody(
    tmp_path,
):
    book = load_book(write(tmp_path, TRIAL))
    asked = {f.id for one in TickList for f in book.screening.asked(one, "trial", None)}
    assert {"RF12", "RF31", "RF10"} <= asked
    assert "RF13" not in asked
    for flags in ({"RF12"}, {"RF10"}, {"RF06"}):
        plan = make_plan(Intake("trial").but(yes=flags), book)
        assert plan.standing is Standing.HELD
    assert "trial" in make_plan(Intake("hair").but(yes={"RF10"}), book).closes
    implied = make_plan(Intake("trial", "one_line"), book)
    assert implied.standing is Standing.HELD


SITE = '[[options.site]]\nid = "belly"\nsize = "large"\n'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "area"', 'kind = "zone"', "[protocol] kind: 'zone' is none of area"),
        ('kind = "area"', 'kind = "area"\nhue = 1', "[protocol]: unknown key hue"),
        ('kind = "area"', "", "[protocol] kind: is missing"),
        ('id = "trial"', 'id = "hair"', "must begin with hair."),
        ("order = 99", "order = -1", "order: must be a whole number, zero or more"),
        ('"site", "severity"', '"site", "mood"', "'mood' is none of site"),
        ('"site", "severity"', '"site", "site"', "site: is there twice"),
        ('"site", "severity"', '"site", "joint"', "asks for a site and a joint"),
        ('["RF12"]', '["RF77"]', "trial: unknown flag RF77"),
        ('["RF12"]', '["RF28"]', "trial: RF28 closes no area"),
        ('["RF12"]', '["RF16"]', "trial: RF16 closes no area"),
        ('["RF12"]', '"RF12"', "health: must be a list of texts"),
        ('implies = "RF31"', 'implies = "RF88"', "trial: unknown flag RF88"),
        (SITE, f"[options]\nhat = 1\n{SITE}", "[options]: unknown key hat"),
        ('size = "large"', 'size = "huge"', "belly size: 'huge' is none of small"),
        ('size = "large"', "pain_high_from = 7", "comes with pain_middle_from"),
        (
            'size = "large"',
            "pain_high_from = 7\npain_middle_from = 8",
            "belly pain_middle_from: is above pain_high_from",
        ),
        (
            'size = "large"',
            "pain_high_from = 11\npain_middle_from = 8",
            "belly pain_high_from: is above 10",
        ),
        ('id = "one_line"', 'id = "belly"', "belly: is there twice"),
        ('"trial.spacing"', '"trial.sessions"', "trial.sessions: is there twice"),
        ('"trial.spacing"', '"trial.hair"\nhue = 1', "trial.hair: unknown key hue"),
        ('"trial.spacing"', '"hair.upkeep"', "id: must begin with trial."),
        ('topic = "spacing"', 'topic = "gap"', "topic: 'gap' is none of sessions"),
        ("low = 2", "low = 4", "trial.sessions value low: 4 is above high, 3"),
        ("low = 2", "low = -2", "low: must be a whole number"),
        ("low = 2", 'low = "two"', "low: must be a whole number"),
        ("low = 2", "low = true", "low: must be a whole number"),
        (
            "low = 2, high = 3",
            'low = "not stated", high = "not stated"',
            "both ends not stated",
        ),
        ("low = 2, ", "", "trial.sessions value low: is missing"),
        ("low = 2", "mid = 2, low = 2", "trial.sessions value: unknown key mid"),
        ('unit = "session"', 'unit = "visit"', "unit: 'visit' is none of session"),
        (
            '{ low = 2, high = 3, unit = "session" }',
            '"2 to 3"',
            "trial.sessions value: must be a table",
        ),
        ('hedge = "may"', 'hedge = "surely"', "hedge: 'surely' is none of may"),
        ('hedge = "may"', 'hedge = "may"\nabout = 1', "about: must be true or false"),
        ('source.title = "A review of trials"\n', "", "source title: is missing"),
        (
            'source.title = "A review of trials"\nsource.passage = "Table: Visits"\n',
            "",
            "trial.sessions source: is missing",
        ),
        ('"Table: Visits"', '" "', "source passage: must be text"),
        ('"Table: Visits"', '"T"\nsource.page = 3', "source: unknown key page"),
        ('"no_timeline"', '"in_3_weeks"', "small letters, without figures"),
        ('"no_timeline"', '"so", low = 1', "value: unknown key low"),
        ('"after_a_while"', '"After a while"', "small letters, without figures"),
        ('{ severity = ["mild"] }', '{ goal = ["subtle"] }', "is not given here"),
        ('{ severity = ["mild"] }', '{ severity = ["not_sure"] }', "not given here"),
        ('{ severity = ["mild"] }', "{ severity = [] }", "is not given here"),
        ('{ severity = ["mild"] }', '{ site = ["arm"] }', "is not given here"),
        ('topic = "full_effect"', 'topic = "evidence"', "something on full_effect"),
        ('of = ["trial.upkeep"]', "of = []", "derives from one published"),
        ('of = ["trial.upkeep"]', 'of = ["trial.hat"]', "derives from one published"),
        ('of = ["trial.upkeep"]', 'of = ["trial.upkeep"], by = 1', "unknown key by"),
        ("low = 6, high = 12", "low = 6, high = 11", "does not follow from trial.up"),
        ("low = 1, high = 2", "low = 1, high = 5", "does not follow from trial.up"),
        ("low = 1, high = 2", "low = 0, high = 2", "does not follow from trial.up"),
        ('"year_shared_by_visits"', '"gaps_add_up"', "does not follow from"),
        (
            '"year_shared_by_visits", of = ["trial.upkeep"]',
            '"counted_from_last_visit", of = ["trial.first_change"]',
            "does not follow from trial.first_change",
        ),
        ('direction = "more"', 'direction = "up"', "direction: 'up' is none of more"),
        ('direction = "more"', 'direction = "more"\nhue = 1', "trial.age: unknown key"),
        ('fields = ["severity"]', "fields = []", "fields: names no answer"),
        ('fields = ["severity"]', 'fields = ["hat"]', "no question fills hat"),
        ('values = ["advanced"]', 'values = ["vast"]', "does not have"),
        ('values = ["advanced"]', 'values = ["advanced"], x = 1', "unknown key x"),
        ('of = "sessions"', 'of = "sessions"\ninstead_of = "x"', "general factor x"),
        (
            "low = 8, high = 12",
            "low = 6, high = 7",
            "does not fit in its window",
        ),
        (
            'low = 8, high = 12, unit = "week"',
            'low = 2, high = 3, unit = "month"',
            "trial.sessions: its spacing and its window differ in unit",
        ),
        ('topic = "window"', 'topic = "spacing"', "second spacing for the same"),
        (
            '{ low = 8, high = 12, unit = "week" }',
            '{ words = "some_time" }',
            "trial.window: must be a range, or left out",
        ),
        ("[protocol]", "[protocol", "trial.toml: text: "),
        ("[protocol]", "hue = 1\n[protocol]", "trial.toml: top: unknown key hue"),
    ],
)
def test_a_slip_is_one_line_that_names_file_table_and_key(tmp_path, old, new, says):
    assert old in TRIAL
    path = write(tmp_path, TRIAL.replace(old, new, 1))
    with pytest.raises(ProtocolError) as refused:
        load_book(path)
    message = str(refused.value)
    assert says in message
    assert "trial.toml" in message
    assert "\n" not in message
    assert refused.value.file == "trial.toml"


@pytest.mark.parametrize("id", ["prp", "general", "all"])
def test_an_area_does_not_take_the_name_of_something_else(tmp_path, id):
    text = TRIAL.replace('"trial', f'"{id}')
    with pytest.raises(ProtocolError, match=r"trial\.toml: \[protocol\] id: is taken"):
        load_book(write(tmp_path, text))


def test_no_two_texts_say_the_same_thing(tmp_path):
    write(tmp_path, TRIAL)
    write(tmp_path, TRIAL, "trial_again.toml")
    with pytest.raises(ProtocolError, match=r"trial_again\.toml: .* is in trial\.toml"):
        load_book(tmp_path)


def test_there_is_one_text_on_prp(tmp_path):
    text = '[protocol]\nkind = "prp"\nid = "plasma"\n'
    with pytest.raises(ProtocolError, match="there is a prp already"):
        load_book(write(tmp_path, text))


def test_a_text_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ProtocolError, match=r"nowhere\.toml: text: "):
        load_book(tmp_path / "nowhere.toml")


def test_a_window_alone_or_with_an_open_end_is_taken_as_it_is(tmp_path):
    """Texts say less than we could use; that is no slip."""
    no_spacing = TRIAL.replace('topic = "spacing"', 'topic = "evidence"')
    assert load_book(write(tmp_path, no_spacing)).area("trial")
    open_window = TRIAL.replace("low = 8, high = 12", 'low = 8, high = "not stated"')
    assert load_book(write(tmp_path, open_window)).area("trial")
    no_places = TRIAL.replace('"site", "severity", "earlier"', '"severity"')
    no_places = no_places.replace(SITE, "", 1)
    start = no_places.index("[[options.site]]")
    end = no_places.index("[[statement]]")
    no_places = no_places[:start] + no_places[end:]
    book = load_book(write(tmp_path, no_places))
    assert book.area("trial").places == ()
    assert make_plan(Intake("trial").but(severity="mild"), book).lines


def test_an_area_without_a_place_question_takes_no_options(tmp_path):
    text = TRIAL.replace('"site", "severity", "earlier"', '"severity"')
    with pytest.raises(ProtocolError, match=r"options: .*no site or joint"):
        load_book(write(tmp_path, text))


def test_a_place_question_offers_something(tmp_path):
    start, end = TRIAL.index("[[options.site]]"), TRIAL.index("[[statement]]")
    for options, says in (("", "offers no answer"), ("site = 1", "list of tables")):
        text = f"{TRIAL[:start]}[options]\n{options}\n{TRIAL[end:]}"
        with pytest.raises(ProtocolError, match=rf"\[options\] site: .*{says}"):
            load_book(write(tmp_path, text))


def test_the_clinic_speaks_about_areas_there_are():
    with pytest.raises(UnknownArea, match="teeth"):
        load_book(closed_areas=["teeth"])
    with pytest.raises(UnknownArea, match="nails"):
        load_book(clinic_statements=[ClinicStatement("nails", Topic.UPKEEP, "2", "Us")])


def test_a_statement_is_found_by_its_id():
    assert BOOK.statement("hair.upkeep").value == Range(12, 18, Unit.MONTH)
    assert BOOK.statement("general.factor.response").topic is Topic.FACTOR
    with pytest.raises(UnknownStatement, match=r"hair\.price"):
        BOOK.statement("hair.price")


FLAG = """
[[flag]]
id = "RF01"
key = "under_18"
response = "NO_PLAN"
scope = ["all"]
implied_by = { field = "outcome", value = "bad_reaction" }
why = "Ours."
source = "policy"
strength = "M"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"NO_PLAN"', '"ASK_NOW"', "never a flag's own"),
        ('"NO_PLAN"', '"MAYBE"', "RF01 response: 'MAYBE' is none of URGENT_NOW"),
        ('["all"]', "[]", "RF01 scope: names nobody"),
        ('"outcome"', '"hat"', "no intake answers hat with bad_reaction"),
        ('"bad_reaction"', '"so_so"', "no intake answers outcome with so_so"),
        ('"bad_reaction"', '"bad_reaction", x = 1', "unknown key x"),
        ('"M"', '"M"\nhue = 1', "RF01: unknown key hue"),
        ('"M"\n', f'"M"\n{FLAG}', "RF01: is there twice"),
        ("[[flag]]", "hue = 1\n[[flag]]", "top: unknown key hue"),
    ],
)
def test_a_slip_in_the_flags_is_named_too(tmp_path, old, new, says):
    path = write(tmp_path, FLAG, "flags.toml")
    assert [flag.id for flag in read_screening(path).flags] == ["RF01"]
    path = write(tmp_path, FLAG.replace(old, new, 1), "flags.toml")
    with pytest.raises(ProtocolError) as refused:
        read_screening(path)
    assert says in str(refused.value)
