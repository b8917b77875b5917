"""Who may do what: model × role, the one place where it is declared.

``r`` read, ``w`` write, ``c`` create, ``d`` delete, ``-`` nothing. Rights are of the model; which
records a role sees is the business of record rules (``test_member_walls``, ``test_company_walls``).
"""

from .common import ROLES

TABLE = """
model                         finance warehouse rep manager operator integration admin member employee portal public
"""


def _parse(text):
    head, *rows = [line.split() for line in text.strip().splitlines()]
    assert head[1:] == list(ROLES), head
    return {
        row[0]: {
            role: "" if cell == "-" else cell for role, cell in zip(head[1:], row[1:], strict=True)
        }
        for row in rows
    }


MATRIX = _parse(TABLE)
