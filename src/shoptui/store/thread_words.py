"""The words of each conversation, every one once: a word that was said everywhere is found without reading each hit.

The messages' index has a hit for every message, for a common word hundreds of thousands; this one has a thread's row
for each piece of its words, and a piece holds only words that none before it has.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable

from shoptui.store.fulltext import indexed, phrases, quoted
from shoptui.store.migrations import Migration

# A piece's number, from the highest bit: its thread's row (24 bits) and a number among the thread's pieces (16).
_PIECE_BITS = 16
_PIECES_MAX = 64

#: The thread's row of a piece, as SQL over `rowid`.
THREAD_OF_PIECE = f"(rowid >> {_PIECE_BITS})"

_PIECES = "SELECT piece_no, words FROM thread_words WHERE piece_no BETWEEN ? AND ? ORDER BY piece_no"
_ADD = "INSERT INTO thread_words (piece_no, words) VALUES (?, ?)"
_INDEX = "INSERT INTO thread_text (rowid, words) VALUES (?, ?)"
_UNINDEX = "INSERT INTO thread_text (thread_text, rowid, words) VALUES ('delete', ?, ?)"


def _words_of_all(db: sqlite3.Connection) -> None:
    """Gather the words of the messages that were here before."""
    for (row_id,) in db.execute("SELECT row_id FROM thread").fetchall():
        _gather(db, row_id)


CACHE_WORDS = Migration(
    "0005 words of conversations",
    (
        # As written by blanks, and in the case they came in: the index alone knows which of them are the same.
        "CREATE TABLE thread_words (piece_no INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT",
        # Which words, not where: order and distance are asked of the messages.
        """
        CREATE VIRTUAL TABLE thread_text USING fts5(
            words, content = '', columnsize = 0, detail = none,
            tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
        )
        """,
    ),
    _words_of_all,
)


def word_expression(text: str, *, exact: bool) -> str:
    """The FTS5 expression for `text` where it is a single word, or a pair of a script without blanks; "" otherwise.

    That several words stand side by side, or in one message, only the messages' own index knows.
    """
    found = phrases(text, exact=exact)
    if len(found) != 1 or len(found[0].tokens) != 1 or not all(map(_is_of_old, found[0].tokens[0])):
        return ""
    return quoted(found[0])


def _is_of_old(char: str) -> bool:
    """Whether SQLite knows the character as Python does: what is younger than its tables would part the word there."""
    return unicodedata.ucd_3_2_0.category(char) == unicodedata.category(char)


def add_words(db: sqlite3.Connection, row_id: int, texts: Iterable[str]) -> None:
    """Note what was said in a thread, given as `fulltext.indexed` cuts it; part of the caller's transaction."""
    said = set(" ".join(texts).split())
    if not said:
        return
    pieces = _pieces(db, row_id)
    new = said.difference(*(words.split() for _, words in pieces))
    if not new:
        return
    if len(pieces) < _PIECES_MAX:
        _write(db, (pieces[-1][0] + 1) if pieces else row_id << _PIECE_BITS, new)
        return
    # Many short pieces would all have to be read for the next message.
    drop_words(db, row_id)
    _write(db, row_id << _PIECE_BITS, new.union(*(words.split() for _, words in pieces)))


def renew_words(db: sqlite3.Connection, row_id: int) -> None:
    """Find a thread's words anew, after some of what was said is gone; part of the caller's transaction."""
    drop_words(db, row_id)
    _gather(db, row_id)


def drop_words(db: sqlite3.Connection, row_id: int) -> None:
    """Forget a thread's words; part of the caller's transaction."""
    pieces = _pieces(db, row_id)
    db.executemany(_UNINDEX, pieces)
    db.executemany("DELETE FROM thread_words WHERE piece_no = ?", [(number,) for number, _ in pieces])


def _gather(db: sqlite3.Connection, row_id: int) -> None:
    texts = db.execute("SELECT text FROM message WHERE thread_row = ? AND search_no <> 0", (row_id,))
    said = set(" ".join(indexed(text) for (text,) in texts).split())
    if said:
        _write(db, row_id << _PIECE_BITS, said)


def _pieces(db: sqlite3.Connection, row_id: int) -> list[tuple[int, str]]:
    first = row_id << _PIECE_BITS
    return db.execute(_PIECES, (first, first + (1 << _PIECE_BITS) - 1)).fetchall()


def _write(db: sqlite3.Connection, number: int, words: set[str]) -> None:
    # Sorted, so that the same words are the same bytes.
    text = " ".join(sorted(words))
    db.execute(_ADD, (number, text))
    db.execute(_INDEX, (number, text))
