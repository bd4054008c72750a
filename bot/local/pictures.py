"""The size of a picture, and a small picture to send as a sample."""

import struct
import zlib


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG or JPEG; None for anything else."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        # Start of frame, but not DHT, JPG and DAC, whose numbers lie among them.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def sample_picture(width: int = 320, height: int = 200) -> bytes:
    """A PNG of a hill under an evening sky."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(_colour(x / width, y / height))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, content)
        for kind, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(rows), 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _colour(x: float, y: float) -> tuple[int, int, int]:
    hill = 0.72 + 0.35 * (x - 0.35) ** 2
    if y > hill:
        shade = int(70 * (y - hill) / (1 - hill + 0.01))
        return 58 - shade // 2, 120 - shade, 96 - shade // 2
    if (x - 0.68) ** 2 * 2.56 + (y - 0.42) ** 2 < 0.012:
        return 255, 236, 179
    return int(120 + 130 * y), int(160 + 40 * y), int(215 - 60 * y)
