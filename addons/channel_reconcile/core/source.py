"""Files as they come: packed or not, in whatever charset, read line by line within limits.

Nothing is held but a block, so memory does not grow with a file.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from .bill import Reason, Refused

MAX_BYTES = 2 * 1024**3  # unpacked: two to five million rows
MAX_LINE = 64 * 1024
MAX_COLUMNS = 200
MAX_PARTS = 50
BLOCK = 128 * 1024
HEAD = 16 * 1024
_BOM = b"\xef\xbb\xbf"
_DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or one of the files in an archive. ``open`` begins it anew; one is open at a time."""

    name: str
    open: Callable[[], BinaryIO]


def parts(file: BinaryIO, name: str = "") -> list[Part]:
    """What is in a file that can be sought: an archive's files, or itself.

    :raises Refused: for a damaged or encrypted archive, or one with too many files
    """
    magic = _again(file).read(4)
    if magic[:2] == b"\x1f\x8b":
        return [Part(name, lambda: gzip.GzipFile(fileobj=_again(file)))]
    if magic == b"PK\x03\x04":
        try:
            archive = zipfile.ZipFile(file)
        except _DAMAGED as error:
            raise Refused(Reason.UNREADABLE) from error
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if any(entry.filename == "[Content_Types].xml" for entry in entries):
            return [Part(name, lambda: _again(file))]  # a workbook
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused(Reason.ENCRYPTED)
        if len(entries) > MAX_PARTS:
            raise Refused(Reason.TOO_LARGE)
        return [Part(_entry_name(entry), _opener(archive, entry)) for entry in entries]
    return [Part(name, lambda: _again(file))]


def _again(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _opener(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: archive.open(entry)


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as it was written: Chinese archives hold GBK and do not say so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


@contextmanager
def within(part: Part) -> Iterator[None]:
    """Names the part in what is refused while it is read."""
    try:
        yield
    except Refused as error:
        error.part = error.part or part.name
        raise


def head(part: Part) -> bytes:
    """The beginning of a part; :raises Refused: when it cannot be unpacked"""
    try:
        return part.open().read(HEAD)
    except _DAMAGED as error:
        raise Refused(Reason.UNREADABLE, part=part.name) from error


def charset(line: bytes) -> str:
    """Of a line with a letter beyond ASCII: UTF-8 when it can be that, else GB18030 (with GBK)."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


class Content:
    """A part from its beginning to its end, once: counted, hashed, in blocks or lines."""

    def __init__(self, part: Part, encoding: str = "") -> None:
        """:param encoding: without it, what the first line with a letter beyond ASCII is in"""
        self.part = part
        self.encoding = encoding
        self.line = 0  # lines given out in whole blocks before the present one
        self._size = 0
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of the unpacked bytes read so far."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """The bytes as they are.

        :raises Refused: when there are more than ``MAX_BYTES``, or they cannot be unpacked
        """
        file = self.part.open()
        while True:
            try:
                block = file.read(BLOCK)
            except _DAMAGED as error:
                raise Refused(Reason.UNREADABLE, self.line, part=self.part.name) from error
            if not block:
                return
            self._size += len(block)
            if self._size > MAX_BYTES:
                raise Refused(Reason.TOO_LARGE, self.line, part=self.part.name)
            self._hash.update(block)
            yield block

    def byte_lines(self) -> Iterator[list[bytes]]:
        """Lines without their ends, many at a time; an empty one at the end is none."""
        for block in self._whole_lines():
            yield [line.removesuffix(b"\r") for line in block.split(b"\n")]
            self.line += block.count(b"\n") + 1

    def lines(self) -> Iterator[str]:
        """Lines of text without their ends.

        :raises Refused: for a charset that is neither UTF-8 nor GB18030, or a line too long
        """
        for block in self._whole_lines():
            lines = self._text(block).replace("\r\n", "\n").removesuffix("\r").split("\n")
            if max(map(len, lines)) > MAX_LINE:
                at = next(n for n, line in enumerate(lines, 1) if len(line) > MAX_LINE)
                raise Refused(Reason.LINE_TOO_LONG, self.line + at, part=self.part.name)
            yield from lines
            self.line += len(lines)

    def _whole_lines(self) -> Iterator[bytes]:
        """Blocks of whole lines, without the last line's end."""
        rest = b""
        for block in self.blocks():
            if self._size == len(block) and block.startswith(_BOM):
                self.encoding, block = "utf-8", block[len(_BOM) :]
            end = block.rfind(b"\n")
            if end < 0:
                rest += block
            else:
                yield rest + block[:end]
                rest = block[end + 1 :]
            if len(rest) > 4 * MAX_LINE:
                raise Refused(Reason.LINE_TOO_LONG, self.line + 1, part=self.part.name)
        if rest:
            yield rest

    def _text(self, block: bytes) -> str:
        if b"\0" in block:
            raise self._charset(block, block.index(b"\0"))
        if not self.encoding:
            if block.isascii():
                return block.decode()
            begin = re.search(rb"[^\x00-\x7f]", block).start()
            line = block[block.rfind(b"\n", 0, begin) + 1 :].partition(b"\n")[0]
            self.encoding = charset(line)
        try:
            return block.decode(self.encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise self._charset(block, getattr(error, "start", 0)) from error

    def _charset(self, block: bytes, at: int) -> Refused:
        line = self.line + block.count(b"\n", 0, at) + 1
        return Refused(Reason.CHARSET, line, value=self.encoding, part=self.part.name)
