"""Bots written for Telegram run here unchanged."""

import asyncio

from aiogram import Bot as AiogramBot
from aiogram import Dispatcher
from aiogram import types as aiogram_types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Bot as PtbBot
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram import Message as PtbMessage

from bot.local.pictures import sample_picture
from tests.local.bot_api_model import validate_call


async def test_an_echo_bot_on_aiogram(local):
    session = AiohttpSession(api=TelegramAPIServer.from_base(local.api_url))
    bot = AiogramBot(local.token, session=session)
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: aiogram_types.Message) -> None:
        await message.send_copy(message.chat.id)

    running = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    try:
        ana = local.person("Ana")
        said = await ana.send("hello <there> 😀")
        echoed = await ana.private_chat().wait_for_text("hello", after=said)
        assert echoed.text == "hello <there> 😀"
        photo = await ana.send_photo("look")
        echoed = await ana.private_chat().wait_for_text("look", after=photo)
        assert "photo" in echoed.content
    finally:
        await dispatcher.stop_polling()
        await running
    for call in local.record.calls:
        validate_call(call.method, call.params)
    assert local.record.slips == []


async def test_a_bot_on_python_telegram_bot(local):
    bot = PtbBot(
        local.token,
        base_url=f"{local.api_url}/bot",
        base_file_url=f"{local.api_url}/file/bot",
    )
    ana = local.person("Ana")
    chat = ana.private_chat()
    async with bot:
        await ana.start("from_poster")
        (update,) = await bot.get_updates(timeout=5)
        assert update.message is not None
        assert update.message.text == "/start from_poster"
        keys = InlineKeyboardMarkup(
            [[InlineKeyboardButton("Hair", callback_data="hair")]]
        )
        await bot.send_message(ana.id, "<b>?</b>", parse_mode="HTML", reply_markup=keys)
        press = await ana.press(chat.messages[-1], "Hair")
        (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=5)
        assert update.callback_query is not None
        await update.callback_query.answer("Noted")
        assert (await press.answered())["text"] == "Noted"
        edited = await update.callback_query.edit_message_text("Hair it is")
        assert isinstance(edited, PtbMessage)
        assert edited.text == "Hair it is"
        sent = await bot.send_photo(ana.id, sample_picture(20, 10), caption="plan")
        file = await bot.get_file(sent.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == sample_picture(20, 10)
        await bot.send_document(ana.id, b"BEGIN", filename="visit.ics")
        assert await bot.delete_message(ana.id, sent.message_id)
    for call in local.record.calls:
        validate_call(call.method, call.params)
    assert local.record.slips == []
