"""Telegram's HTML: the text, the entities, and where they stand in UTF-16 units."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local.entities import (
    Unparsable,
    found_in,
    parse_html,
    utf16_length,
    utf16_slice,
)

LETTERS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1
)
KINDS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
}


@given(st.lists(st.tuples(st.sampled_from([None, *KINDS]), LETTERS), min_size=1))
def test_each_entity_covers_the_very_letters_that_were_marked(pieces):
    source = "".join(
        html.escape(text)
        if kind is None
        else f"<{KINDS[kind]}>{html.escape(text)}</{KINDS[kind]}>"
        for kind, text in pieces
    )
    parsed = parse_html(source)
    assert parsed.text == "".join(text for _, text in pieces)
    covered = [
        (one["type"], utf16_slice(parsed.text, one["offset"], one["length"]))
        for one in parsed.entities
    ]
    assert covered == [(kind, text) for kind, text in pieces if kind is not None][:100]


NESTED = st.recursive(
    LETTERS.map(html.escape),
    lambda inner: st.tuples(st.sampled_from(sorted(KINDS.values())), inner).map(
        lambda made: f"x<{made[0]}>y{made[1]}</{made[0]}>"
    ),
    max_leaves=6,
)


@given(NESTED)
def test_nested_entities_lie_within_the_text_in_order(source):
    parsed = parse_html(source)
    places = [(one["offset"], -one["length"]) for one in parsed.entities]
    assert places == sorted(places)
    total = utf16_length(parsed.text)
    assert all(one["offset"] + one["length"] <= total for one in parsed.entities)


@given(st.text())
def test_any_text_is_either_parsed_or_refused(source):
    try:
        parsed = parse_html(source)
    except Unparsable:
        return
    assert parsed.text == parsed.text.strip()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_is_shown_letter_by_letter(text):
    assert parse_html(html.escape(text)).text == text.strip()


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<strong>a</strong>", "a", [("bold", 0, 1)]),
        ("<em>a</em><ins>b</ins>", "ab", [("italic", 0, 1), ("underline", 1, 1)]),
        (
            "<strike>a</strike><del>b</del>",
            "ab",
            [("strikethrough", 0, 1), ("strikethrough", 1, 1)],
        ),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote>a\nb</blockquote>", "a\nb", [("blockquote", 0, 3)]),
        (
            "<blockquote expandable>a</blockquote>",
            "a",
            [("expandable_blockquote", 0, 1)],
        ),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("  <b> a </b>  ", "a", [("bold", 0, 1)]),
        ("<b> </b>a", "a", []),
        ("&lt;&gt;&amp;&quot;&#128512;&#x1F600;", '<>&"😀😀', []),
        ("&nbsp;&copy;", "&nbsp;&copy;", []),
        ("a & b", "a & b", []),
        ("<B>a</B>", "a", [("bold", 0, 1)]),
        ("<a>no link</a>", "no link", []),
    ],
)
def test_the_subset(source, text, entities):
    parsed = parse_html(source)
    assert parsed.text == text
    assert [
        (one["type"], one["offset"], one["length"]) for one in parsed.entities
    ] == entities


def test_links_languages_and_emoji_carry_what_they_say():
    source = (
        '<a href="https://e.org/?a=1&amp;b">x</a>'
        '<pre><code class="language-python">y</code></pre>'
        '<tg-emoji emoji-id="5368">😀</tg-emoji>'
    )
    link, code, emoji = parse_html(source).entities
    assert link["url"] == "https://e.org/?a=1&b"
    assert (code["type"], code["language"]) == ("pre", "python")
    assert emoji["custom_emoji_id"] == "5368"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<p>a</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', 'Unclosed start tag "a" at byte offset 0'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ],
)
def test_wrong_markup_is_refused_with_its_place(source, words):
    with pytest.raises(Unparsable, match=f"^{words.replace('(', '[(]')}"):
        parse_html(source)


@pytest.mark.parametrize("source", ["<b><code>x</code></b>", "<code><b>x</b></code>"])
def test_code_holds_nothing_and_is_held_by_nothing(source):
    parsed = parse_html(source)
    assert [one["type"] for one in parsed.entities] == ["code"]
    assert parsed.slips


def test_telegram_finds_links_commands_and_mentions_by_itself():
    text = "😀 /start@some_bot, see https://e.org/a. Mail a@b.example #tag @someone"
    found = [
        (one["type"], utf16_slice(text, one["offset"], one["length"]))
        for one in found_in(text, [])
    ]
    assert found == [
        ("bot_command", "/start@some_bot"),
        ("url", "https://e.org/a"),
        ("email", "a@b.example"),
        ("hashtag", "#tag"),
        ("mention", "@someone"),
    ]
