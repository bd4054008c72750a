"""The Bot API's limits, each with its name. Lengths of text are in UTF-16 units."""

MAX_TEXT = 4096  # of a message, after its markup is parsed
MAX_CAPTION = 1024  # after its markup is parsed
MAX_ENTITIES = 100  # the rest are dropped
MAX_CALLBACK_DATA_BYTES = 64
MAX_INLINE_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8
MAX_COPY_TEXT = 256
MAX_PLACEHOLDER = 64
MAX_CALLBACK_ANSWER = 200
MAX_COMMANDS = 100
MAX_COMMAND_NAME = 32
MAX_COMMAND_DESCRIPTION = 256
MAX_BOT_NAME = 64
MAX_BOT_DESCRIPTION = 512
MAX_BOT_SHORT_DESCRIPTION = 120
MAX_TOPIC_NAME = 128
MAX_DELETED_AT_ONCE = 100
MAX_START_PAYLOAD = 64
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 1024 * 1024
MAX_UPDATES_AT_ONCE = 100
MAX_POLL_SECONDS = 50
QUERY_LIVES_SECONDS = 150  # a press must be answered within this
DELETABLE_SECONDS = 48 * 3600  # a bot may delete messages no older than this
UPDATES_LIVE_SECONDS = 24 * 3600

# Ours, not Telegram's.
WAIT_SECONDS = 40.0  # for something to be seen; a busy machine starts a bot in fifteen
MAX_RECORDED_CALLS = 100_000
