"""The chat page, in a real browser: what people see and what their taps do."""

import asyncio
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from bot.local import LocalTelegram
from bot.local.pictures import sample_picture
from tests.browser import PHONE, browser, open_page
from tests.local.api_client import keyboard

__all__ = ["browser", "open_page"]

pytestmark = pytest.mark.browser

AREAS = keyboard(["Skin", "Hair", "Joint"], ["Ask a question"])


def patient_pane(page: Page) -> Locator:
    return page.get_by_test_id("pane-patient")


def team_pane(page: Page) -> Locator:
    return page.get_by_test_id("pane-team")


def texts(pane: Locator) -> Locator:
    return pane.get_by_test_id("text")


@pytest.fixture
async def page(local, ana, open_page):
    """The page with one patient, who tapped START."""
    return await open_page(local.page_url)


async def test_before_the_first_message_there_is_a_start_button(local, api, open_page):
    await api.call("setMyDescription", description="I am a program.\nCall 112.")
    ana = local.person("Ana")
    ana.private_chat()
    page = await open_page(local.page_url)
    await expect(page.get_by_text("I am a program.")).to_be_visible()
    await page.get_by_role("button", name="START").click()
    await expect(texts(patient_pane(page))).to_have_text(["/start"])
    (update,) = await api.updates()
    assert update["message"]["text"] == "/start"
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_a_press_spins_until_answered_and_the_message_changes_in_place(
    page, api, ana, chat
):
    await api.call("sendMessage", chat_id=ana.id, text="Area?", reply_markup=AREAS)
    hair = page.get_by_role("button", name="Hair")
    await hair.focus()
    await page.keyboard.press("Enter")
    await expect(hair).to_have_attribute("aria-busy", "true")
    (update,) = await api.updates()
    query = update["callback_query"]
    await api.call("answerCallbackQuery", callback_query_id=query["id"], text="Noted")
    await expect(page.get_by_role("status").get_by_text("Noted")).to_be_visible()
    await expect(hair).not_to_have_attribute("aria-busy", "true")
    where = {"chat_id": ana.id, "message_id": query["message"]["message_id"]}
    await api.call("editMessageText", **where, text="Hair?", reply_markup=AREAS)
    message = page.locator(f'[data-message-id="{where["message_id"]}"]')
    await expect(message).to_contain_text("edited")
    # Whoever works by keyboard or by ear stays where they were.
    await expect(hair).to_be_focused()


async def test_buttons_are_as_wide_as_the_row_of_the_bubble(page, api, ana):
    text = "A question of some length, so that the bubble is wide"
    await api.call("sendMessage", chat_id=ana.id, text=text, reply_markup=AREAS)
    await expect(page.get_by_role("button", name="Hair")).to_be_visible()
    frame = await page.locator(".bubble").last.bounding_box()
    keys = await page.locator(".keys").last.bounding_box()
    assert frame
    assert keys
    assert abs(frame["width"] - keys["width"]) < 1
    assert abs(frame["x"] - keys["x"]) < 1


async def test_an_alert_is_a_dialog_that_escape_closes(page, api, ana):
    await api.call("sendMessage", chat_id=ana.id, text="Area?", reply_markup=AREAS)
    await page.get_by_role("button", name="Skin").click()
    await expect(page.locator('[aria-busy="true"]')).to_have_count(1)
    (update,) = await api.updates()
    await api.call(
        "answerCallbackQuery",
        callback_query_id=update["callback_query"]["id"],
        text="Please read",
        show_alert=True,
    )
    await expect(page.get_by_role("dialog").get_by_text("Please read")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_people_write_edit_and_reply(page, api, ana, chat):
    box = patient_pane(page).get_by_role("textbox", name="Message")
    await box.fill("helo")
    await box.press("Enter")
    await expect(texts(patient_pane(page)).last).to_have_text("helo")
    await box.press("ArrowUp")
    await expect(box).to_have_value("helo")
    await box.fill("hello")
    await box.press("Enter")
    await expect(texts(patient_pane(page)).last).to_have_text("hello")
    await api.call("sendMessage", chat_id=ana.id, text="What else?")
    asked = patient_pane(page).get_by_test_id("message").filter(has_text="What else?")
    await asked.click(button="right")
    await page.get_by_role("menuitem", name="Reply").click()
    await box.fill("nothing")
    await patient_pane(page).get_by_role("button", name="Send").click()
    await chat.wait_for(lambda one: one.text == "nothing")
    said, edited, replied = await api.updates()
    assert said["message"]["text"] == "helo"
    assert edited["edited_message"]["text"] == "hello"
    assert replied["message"]["reply_to_message"]["text"] == "What else?"


async def test_the_menu_of_a_message_works_by_keyboard_alone(page, api, ana, chat):
    await api.call("sendMessage", chat_id=ana.id, text="first")
    await api.call("sendMessage", chat_id=ana.id, text="second")
    last = patient_pane(page).get_by_test_id("message").filter(has_text="second")
    await last.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu", name="Message")).to_be_visible()
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    first = patient_pane(page).get_by_test_id("message").filter(has_text="first")
    await expect(first).to_be_focused()


async def test_formatting_folds_and_spoilers(page, api, ana):
    quote = "\n".join(f"Line {number}" for number in range(1, 9))
    text = (
        "<b>Bold</b> <tg-spoiler>secret</tg-spoiler> "
        '<a href="https://example.org/x">source</a>\n'
        f"<blockquote expandable>{quote}</blockquote>"
    )
    await api.call("sendMessage", chat_id=ana.id, text=text, parse_mode="HTML")
    last = texts(patient_pane(page)).last
    await expect(last.locator("strong")).to_have_text("Bold")
    link = last.get_by_role("link", name="source")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(last.get_by_text("secret")).to_be_hidden()
    await last.get_by_role("button", name="Hidden text, reveal").click()
    await expect(last.get_by_text("secret")).to_be_visible()
    folded = await last.locator("blockquote").bounding_box()
    await last.get_by_role("button", name="Show more").click()
    await expect(last.get_by_role("button", name="Show less")).to_be_focused()
    unfolded = await last.locator("blockquote").bounding_box()
    assert folded
    assert unfolded
    assert unfolded["height"] > folded["height"] + 40


async def test_words_are_never_markup(page, api, ana):
    evil = '<img src=x onerror="document.title=1"><script>1</script>'
    await ana.send(evil)
    await expect(texts(patient_pane(page)).last).to_have_text(evil)
    await expect(patient_pane(page).locator(".text img, .text script")).to_have_count(0)
    link = '<a href="tg://javascript:alert(1)">a</a>'
    await api.call("sendMessage", chat_id=ana.id, text=link, parse_mode="HTML")
    await expect(texts(patient_pane(page)).last).to_have_text("a")


async def test_right_to_left_words_run_right_to_left(page, ana):
    await ana.send("مرحبا، كم جلسة أحتاج؟")
    last = texts(patient_pane(page)).last
    await expect(last).to_have_text("مرحبا، كم جلسة أحتاج؟")
    assert await last.evaluate("one => one.matches(':dir(rtl)')")


async def test_commands_come_by_menu_and_by_slash(page, api, ana, chat):
    await api.call(
        "setMyCommands",
        commands=[
            {"command": "plan", "description": "Your plan"},
            {"command": "privacy", "description": "What is kept"},
        ],
    )
    pane = patient_pane(page)
    await pane.get_by_role("button", name="Menu").click()
    await page.get_by_role("menuitem", name="/plan").click()
    await chat.wait_for(lambda one: one.text == "/plan")
    box = pane.get_by_role("textbox", name="Message")
    await box.press_sequentially("/p")
    await expect(pane.get_by_role("option")).to_have_count(2)
    await box.press("ArrowDown")
    await box.press("Enter")
    await chat.wait_for(lambda one: one.text == "/privacy")


async def test_a_reply_keyboard_stands_over_the_input_until_removed(
    page, api, ana, chat
):
    markup = {"keyboard": [["Yes", "No"]], "input_field_placeholder": "Yes or no?"}
    await api.call("sendMessage", chat_id=ana.id, text="Sure?", reply_markup=markup)
    keys = patient_pane(page).get_by_role("group", name="Keyboard", exact=True)
    await expect(page.get_by_placeholder("Yes or no?")).to_be_visible()
    await keys.get_by_role("button", name="Yes").click()
    await chat.wait_for(lambda one: one.text == "Yes")
    gone = {"remove_keyboard": True}
    await api.call("sendMessage", chat_id=ana.id, text="Fine", reply_markup=gone)
    await expect(keys).to_be_hidden()


async def test_samples_of_everything_can_be_sent(page, api, ana, chat):
    pane = patient_pane(page)
    kinds = {
        "Photo": "photo",
        "Sticker": "sticker",
        "Voice message": "voice",
        "File": "document",
        "Forwarded message": "forward_origin",
    }
    for label, kind in kinds.items():
        await pane.get_by_role("button", name="Attach a sample").click()
        await page.get_by_role("menuitem", name=label).click()
        await chat.wait_for(lambda one, kind=kind: kind in one.content)
    await expect(pane.get_by_role("img", name="Sticker")).to_be_visible()
    await expect(pane.get_by_text("Forwarded from")).to_be_visible()
    found = [update["message"] for update in await api.updates()]
    assert [kind in one for kind, one in zip(kinds.values(), found, strict=True)]


async def test_pictures_and_files_of_the_bot_arrive(page, api, ana):
    await api.upload(
        "sendPhoto",
        chat_id=ana.id,
        caption="Your plan",
        files={"photo": ("plan.png", sample_picture(300, 200))},
    )
    await api.upload(
        "sendDocument", chat_id=ana.id, files={"document": ("visit.ics", b"BEGIN")}
    )
    picture = page.get_by_role("img", name="Photo: Your plan")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 300)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="visit.ics").click()
    download = await coming.value
    assert download.suggested_filename == "visit.ics"


async def test_the_bot_can_be_blocked_and_unblocked(page, api, ana, chat):
    await patient_pane(page).get_by_role("button", name="Chat options").click()
    await page.get_by_role("menuitem", name="Block bot").click()
    await page.get_by_role("button", name="UNBLOCK").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    statuses = [
        update["my_chat_member"]["new_chat_member"]["status"]
        for update in await api.updates()
    ]
    assert statuses == ["kicked", "member"]


async def test_typing_is_shown_until_the_message_comes(page, api, ana):
    await api.call("sendChatAction", chat_id=ana.id, action="typing")
    await expect(patient_pane(page).get_by_text("typing…")).to_be_visible()
    await api.call("sendMessage", chat_id=ana.id, text="Here")
    await expect(patient_pane(page).get_by_text("typing…")).to_be_hidden()


async def test_time_passes_by_the_buttons_and_never_backwards(page, local, ana):
    before = local.clock.now()
    await page.get_by_role("button", name="+1 week").click()
    await expect(page.get_by_test_id("clock")).not_to_be_empty()
    await ana.private_chat().wait_until(
        lambda: local.clock.now() - before >= timedelta(days=7)
    )
    await page.get_by_role("button", name="Go to…").click()
    field = page.get_by_label("Date and time")
    await field.evaluate("one => { one.min = ''; one.value = '2020-01-01T10:00'; }")
    await page.get_by_role("button", name="Go", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("Time only goes forward.")
    await field.fill("2040-05-06T10:30")
    await page.get_by_role("button", name="Go", exact=True).click()
    await expect(page.get_by_test_id("clock")).to_have_text("Sun 6 May 2040 10:30")


async def test_a_new_patient_comes_by_a_start_link(page, local, api):
    await page.get_by_test_id("patient-person").click()
    await page.get_by_role("menuitem", name="New patient…").click()
    await page.get_by_label("Name").fill("Zoë")
    await page.get_by_label("Language of the app").select_option("es")
    await page.get_by_label("Comes by t.me/").fill("poster_7")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("button", name="START").click()
    await expect(texts(patient_pane(page))).to_have_text(["/start poster_7"])
    (update,) = await api.updates()
    assert update["message"]["from"]["first_name"] == "Zoë"
    assert update["message"]["from"]["language_code"] == "es"


async def test_the_team_works_in_topics_beside_the_patient(local, api, ana, open_page):
    sam, lee = local.person("Sam"), local.person("Lee")
    group = local.group("Riverside team", [sam, lee], forum=True)
    page = await open_page(local.page_url)
    topic = await api.call("createForumTopic", chat_id=group.id, name="Ana · hair")
    thread = topic["message_thread_id"]
    await api.call(
        "sendMessage",
        chat_id=group.id,
        message_thread_id=thread,
        text="Ana asks",
        reply_markup=keyboard(["Claim"]),
    )
    row = team_pane(page).get_by_test_id("topic").filter(has_text="Ana · hair")
    await expect(row.get_by_label("1 new")).to_be_visible()
    await row.click()
    await expect(row.get_by_label("1 new")).to_be_hidden()
    await team_pane(page).get_by_role("button", name="Claim").click()
    await page.get_by_test_id("team-person").click()
    await page.get_by_role("menuitemradio", name="Lee").click()
    box = team_pane(page).get_by_role("textbox", name="Message")
    await box.fill("I am on it")
    await box.press("Enter")
    said = await group.wait_for(lambda one: one.text == "I am on it")
    assert (said.sender_id, said.thread_id) == (lee.id, thread)
    presses = [
        one["callback_query"] for one in await api.updates() if "callback_query" in one
    ]
    assert [one["from"]["id"] for one in presses] == [sam.id]


async def test_staff_have_a_private_chat_with_the_bot_too(local, api, ana, open_page):
    local.group("Riverside team", [local.person("Sam")])
    page = await open_page(local.page_url)
    await page.get_by_test_id("patient-person").click()
    await page.get_by_role("menuitemradio", name="Sam").click()
    await page.get_by_role("button", name="START").click()
    await expect(texts(patient_pane(page))).to_have_text(["/start"])


async def test_a_press_that_expired_stops_spinning(page, api, local, ana):
    await api.call("sendMessage", chat_id=ana.id, text="Area?", reply_markup=AREAS)
    await page.get_by_role("button", name="Skin").click()
    await expect(page.locator('[aria-busy="true"]')).to_have_count(1)
    await page.get_by_role("button", name="+1 hour").click()
    await expect(page.locator('[aria-busy="true"]')).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_shows_one_chat_at_a_time_and_nothing_sticks_out(
    local, api, ana, open_page, scheme
):
    sam = local.person("Sam")
    group = local.group("Riverside team", [sam], forum=True)
    topic = await api.call("createForumTopic", chat_id=group.id, name="Ana · hair")
    thread = topic["message_thread_id"]
    long = {"text": "Averyveryverylongwordwithoutanyspace" * 4, "reply_markup": AREAS}
    await api.call("sendMessage", chat_id=ana.id, **long)
    page = await open_page(local.page_url, size=PHONE, color_scheme=scheme)
    await expect(page.get_by_role("button", name="Hair")).to_be_visible()
    await expect(team_pane(page)).to_be_hidden()
    fits = "() => document.documentElement.scrollWidth <= innerWidth"
    assert await page.evaluate(fits)
    await api.call("sendMessage", chat_id=group.id, message_thread_id=thread, text="hi")
    await expect(page.get_by_role("tab", name="Team")).to_contain_text("1")
    await page.get_by_role("tab", name="Team").click()
    await expect(patient_pane(page)).to_be_hidden()
    await page.get_by_test_id("topic").filter(has_text="Ana").click()
    await expect(texts(team_pane(page)).last).to_have_text("hi")
    assert await page.evaluate(fits)
    await page.get_by_role("button", name="Back to topics").click()
    await expect(page.get_by_test_id("topic")).to_have_count(2)


async def test_what_could_not_be_sent_stays_typed_and_the_page_says_so(
    tmp_path, open_page
):
    local = LocalTelegram(journal=tmp_path / "telegram.db")
    await local.start()
    await local.person("Ana").send("before")
    page = await open_page(local.page_url, offline_noise=True)
    await expect(texts(patient_pane(page))).to_have_text(["before"])
    await local.stop()
    box = patient_pane(page).get_by_role("textbox", name="Message")
    await box.fill("my knee")
    await box.press("Enter")
    await expect(page.get_by_text("Nothing was sent")).to_be_visible()
    await expect(box).to_have_value("my knee")


async def test_the_page_comes_back_by_itself_and_catches_up(tmp_path, open_page):
    journal = tmp_path / "telegram.db"
    first = LocalTelegram(journal=journal)
    await first.start()
    port = first.port
    ana = first.person("Ana")
    await ana.send("before")
    page = await open_page(first.page_url, offline_noise=True)
    await expect(texts(patient_pane(page))).to_have_text(["before"])
    await first.stop()
    await expect(page.get_by_text("Reconnecting…")).to_be_visible()
    second = LocalTelegram(journal=journal)
    (ana,) = second.people
    await ana.send("meanwhile")
    await second.start(port)
    try:
        await expect(texts(patient_pane(page))).to_have_text(["before", "meanwhile"])
        await expect(page.get_by_text("Nothing leaves this computer")).to_be_visible()
    finally:
        await second.stop()


CONTRASTS = """() => {
  const style = getComputedStyle(document.documentElement);
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (name) => {
    probe.style.color = style.getPropertyValue(name);
    const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3);
    const [r, g, b] = parts.map((part) => {
      const one = part / 255;
      return one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = [
    ["--text", "--in"], ["--text", "--out"], ["--in-meta", "--in"],
    ["--out-meta", "--out"], ["--accent", "--in"], ["--out-accent", "--out"],
    ["--soft", "--surface"], ["--soft", "--page"], ["--accent", "--surface"],
    ["--on-accent", "--accent"], ["--on-key", "--key"], ["--on-key", "--key-hover"],
    ["--danger", "--raised"], ["--good", "--surface"], ["--code", "--in"],
    ...[0, 1, 2, 3, 4, 5, 6].map((number) => [`--name-${number}`, "--in"]),
  ];
  return pairs.map(([words, ground]) => {
    const [high, low] = [light(words), light(ground)].sort((a, b) => b - a);
    return [`${words} on ${ground}`, (high + 0.05) / (low + 0.05)];
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(local, ana, open_page, scheme):
    """WCAG AA asks for a contrast of 4.5."""
    page = await open_page(local.page_url, color_scheme=scheme)
    measured = await page.evaluate(CONTRASTS)
    assert {name: round(value, 2) for name, value in measured if value < 4.5} == {}


async def test_light_and_dark_can_be_chosen_and_last(page):
    before = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_role("button", name="Dark colours").click()
    await page.reload()
    await expect(page.get_by_role("button", name="Light colours")).to_be_visible()
    after = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before


async def test_the_log_is_read_aloud_as_it_grows(page, api, ana):
    log = patient_pane(page).get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await asyncio.gather(
        *(api.call("sendMessage", chat_id=ana.id, text=f"n{n}") for n in range(30))
    )
    last = patient_pane(page).get_by_test_id("message").last
    await expect(last).to_be_in_viewport()
