#!/usr/bin/env python3
"""Verifies an exported journal with nothing but docs/journal-format.md and the standard library.

Reads frames, each after its length as four big-endian bytes, from a file or from standard input,
as `bej export journal --format frames` writes them. Checks every frame and the chain of frames,
recomputes leaf hashes and the root, and prints where the journal ends. The export must begin with
frame 1. Exit status: 0 verified, 1 not verified, 2 wrong usage.

    python3 docs/verify-journal.py FILE     (FILE may be - for standard input)

Compare the facts and the root that it prints with a checkpoint of the same size.
"""

import hashlib
import struct
import sys

HEADER = struct.Struct(">4sBQQQIq32s32sI")
TRAILER_BYTES = 32


class Bad(Exception):
    """What is wrong with the journal."""


def sha256(data):
    return hashlib.sha256(data).digest()


class Tree:
    """The roots of the perfect subtrees that the leaves fill, largest first."""

    def __init__(self):
        self.size = 0
        self.peaks = []

    def push(self, leaf):
        node, size = leaf, self.size
        while size & 1:
            node = sha256(b"\x01" + self.peaks.pop() + node)
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha256(b"")
        node = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            node = sha256(b"\x01" + left + node)
        return node


def read_leb(data, at):
    """A minimal LEB128 number below 2^64 and the position after it."""
    value, shift = 0, 0
    while True:
        if len(data) <= at:
            raise Bad("a fact's length ends too early")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if 1 << 64 <= value:
            raise Bad("a fact's length is out of range")
        if byte < 0x80:
            if byte == 0 and 0 < shift:
                raise Bad("a fact's length is not in its shortest form")
            return value, at
        shift += 7


def facts_of(body, count):
    """The bytes of each fact of a body."""
    at = 0
    for _ in range(count):
        length, at = read_leb(body, at)
        if len(body) < at + length:
            raise Bad("a fact ends too early")
        yield body[at : at + length]
        at += length
    if at != len(body):
        raise Bad("bytes are left over after the last fact")


def expect(what, found, expected):
    if found != expected:
        raise Bad(f"{what} is {found}, {expected} was expected")


class Journal:
    """Where the journal ends after the frames that were verified."""

    def __init__(self):
        self.frame, self.term, self.at = 0, 0, None
        self.hash = bytes(32)
        self.tree = Tree()

    def follow(self, data):
        """Checks that these bytes are the next frame, and takes its facts in."""
        if len(data) < HEADER.size + TRAILER_BYTES:
            raise Bad("it is too short")
        magic, version, number, term, first_seq, count, at, previous, root, length = (
            HEADER.unpack_from(data)
        )
        expect("the magic", magic, b"BEJF")
        expect("the version", version, 1)
        expect("the length", len(data), HEADER.size + length + TRAILER_BYTES)
        facts = facts_of(data[HEADER.size : -TRAILER_BYTES], count)
        leaves = [sha256(b"\x00" + fact) for fact in facts]
        digest = sha256(data[: HEADER.size] + b"".join(leaves))
        expect("the hash", data[-TRAILER_BYTES:].hex(), digest.hex())
        expect("the number", number, self.frame + 1)
        expect("the hash of the frame before", previous.hex(), self.hash.hex())
        expect("the first seq", first_seq, self.tree.size)
        if term < self.term:
            raise Bad(f"term {term} is after term {self.term}")
        if self.at is not None and at < self.at:
            raise Bad(f"instant {at} is after instant {self.at}")
        for leaf in leaves:
            self.tree.push(leaf)
        expect("the root", root.hex(), self.tree.root().hex())
        self.frame, self.term, self.at, self.hash = number, term, at, digest


def verify(source):
    """Verifies all frames of a stream."""
    journal = Journal()
    while prefix := source.read(4):
        try:
            if len(prefix) < 4:
                raise Bad("its length ends too early")
            (length,) = struct.unpack(">I", prefix)
            data = source.read(length)
            expect("the count of bytes", len(data), length)
            journal.follow(data)
        except Bad as bad:
            raise Bad(f"frame {journal.frame + 1}: {bad}") from None
    return journal


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("--"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        if arguments[0] == "-":
            journal = verify(sys.stdin.buffer)
        else:
            with open(arguments[0], "rb") as source:
                journal = verify(source)
    except (Bad, OSError) as error:
        print(f"NOT VERIFIED: {error}", file=sys.stderr)
        return 1
    print(f"frames {journal.frame}")
    print(f"facts {journal.tree.size}")
    print(f"root {journal.tree.root().hex()}")
    print(f"hash {journal.hash.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
