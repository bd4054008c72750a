"""A worded sheet → the bytes of a picture or a document.

What is drawn was decided and worded before the turn was kept; here only ink is put to
it, and the same sheet always gives the same bytes. It takes a while (a picture some
50 ms), so it is done in a thread of its own, where it holds nobody up.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from bot.errors import CannotDraw
from bot.paper.calendar import calendar_from
from bot.paper.visits import visits_from

if TYPE_CHECKING:
    import typst

Form = Literal["png", "pdf"]

#: Dots an inch of a picture: 360 points become 1,000 dots, as wide as phones are.
PICTURE_PPI = 200

#: Inks of a picture: a handful, and the steps between them at the edges of letters.
PICTURE_INKS = 40

#: The layout of each sheet, and the form it comes in.
LAYOUTS: Mapping[str, Form] = {"picture": "png", "consultation": "pdf"}

#: Most sheets whose bytes are kept. Pictures alone: many people are shown the same, and
#: nothing in one tells whose it is. What holds answers is drawn each time.
MAX_KEPT = 64

_FOLDER = Path(str(files("templates"))) / "paper"


class Press:
    """Draws sheets, one at a time. The library is loaded with the first of them."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="press")
        self._compiler: typst.Compiler | None = None
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    async def draw(self, sheet: Mapping[str, Any]) -> bytes:
        """The bytes of a sheet, drawn in the press's own thread.

        Raises:
            CannotDraw: it never will be.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.drawn, sheet)

    def drawn(self, sheet: Mapping[str, Any]) -> bytes:
        """The bytes of a sheet, drawn here and now.

        Raises:
            CannotDraw: it never will be.
        """
        layout = str(sheet["layout"])
        if layout == "calendar":
            return calendar_from(sheet)
        if layout == "visits":
            return visits_from(sheet)
        given = orjson.dumps(sheet)
        key = blake2b(given, digest_size=16).digest()
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known
        content = self._compile(layout, given.decode())
        if LAYOUTS[layout] == "png":
            self._kept[key] = content
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return content

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _compile(self, layout: str, sheet: str) -> bytes:
        import typst  # 40 MB with its fonts: only where something is drawn

        if self._compiler is None:
            self._compiler = typst.Compiler(
                root=_FOLDER, font_paths=[_FOLDER / "fonts"], ignore_system_fonts=True
            )
        try:
            content = self._compiler.compile(
                input=_FOLDER / f"{layout}.typ",
                format=LAYOUTS[layout],
                ppi=PICTURE_PPI,
                sys_inputs={"sheet": sheet},
                timestamp=0,
            )
        except RuntimeError as fault:
            # Its message may quote the sheet.
            raise CannotDraw(layout) from fault
        if not isinstance(content, bytes):
            raise CannotDraw(layout)
        return _smaller(content) if LAYOUTS[layout] == "png" else content


def _smaller(png: bytes) -> bytes:
    """The same picture in few inks, which makes it a fourth as large."""
    from PIL import Image

    with Image.open(BytesIO(png)) as drawn:
        # The fourth channel says nothing: the card has its own ground.
        few = drawn.convert("RGB").quantize(
            PICTURE_INKS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    out = BytesIO()
    few.save(out, "PNG", compress_level=6)
    return out.getvalue()
