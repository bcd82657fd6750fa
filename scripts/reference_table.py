"""A table of Markdown."""

import re


def table(titles, rows):
    """Titles and cells as they are; a bar in a cell is escaped."""
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(sentence):
    """A sentence of the program, its addresses as code: they are examples and no links."""
    return re.sub(r"\b[a-z]+://[^\s,;)\"']*[^\s,;)\"'.]|\b[a-z]+://", r"`\g<0>`", sentence)
