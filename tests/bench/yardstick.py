"""The yardstick: eight questions on ConversationHandler with PicklePersistence.

Built as python-telegram-bot's own examples build it, with its defaults throughout.
"""

from __future__ import annotations

import os
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    PicklePersistence,
)

QUESTIONS = (
    "Which area is it about?",
    "Where exactly?",
    "How much is it?",
    "Since when?",
    "What matters most to you?",
    "What would you combine it with?",
    "Did you have it before?",
    "Is any of this true for you?",
)
CHOICES = ("First", "Second", "Third", "Not sure")
Context = ContextTypes.DEFAULT_TYPE


def _user_data(context: Context) -> dict[Any, Any]:
    assert context.user_data is not None
    return context.user_data


def _keyboard(context: Context) -> InlineKeyboardMarkup:
    data = _user_data(context)
    data["serial"] = serial = data.get("serial", 0) + 1
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(choice, callback_data=f"{serial}|{number}")]
            for number, choice in enumerate(CHOICES)
        ]
    )


async def start(update: Update, context: Context) -> int:
    """The first question."""
    assert update.message is not None
    await update.message.reply_text(QUESTIONS[0], reply_markup=_keyboard(context))
    return 0


async def answer(update: Update, context: Context) -> int:
    """Keep the answer, and ask what comes next."""
    query, data = update.callback_query, _user_data(context)
    assert query is not None
    await query.answer()
    step: int = data.get("step", 0)
    data[QUESTIONS[step]] = query.data
    data["step"] = step = (step + 1) % len(QUESTIONS)
    text = QUESTIONS[step]
    if step == 0:
        said = "\n".join(f"{asked} {data[asked]}" for asked in QUESTIONS)
        text = f"Thank you.\n{said}\n\n{text}"
    await query.edit_message_text(text, reply_markup=_keyboard(context))
    return step


def main() -> None:
    """Poll until told to stop."""
    address = f"{os.environ['YARDSTICK_API_URL']}/bot"
    application = (
        Application.builder()
        .token(os.environ["YARDSTICK_TOKEN"])
        .base_url(address)
        .persistence(PicklePersistence(filepath=os.environ["YARDSTICK_FILE"]))
        .build()
    )
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                step: [CallbackQueryHandler(answer)] for step in range(len(QUESTIONS))
            },
            fallbacks=[CommandHandler("start", start)],
            name="intake",
            persistent=True,
            per_message=False,
        )
    )
    application.run_polling(allowed_updates=["message", "callback_query"])


if __name__ == "__main__":
    main()
