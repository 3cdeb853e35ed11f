"""What each operation does, in a few sentences for those who read the document or a generated client."""

from typing import Final

_STATE: Final = "`If-Match` names the state of the row that the change was made on; where it is in another one, nothing is written."

LIST: Final = (
    "Rows stand in the order of their keys unless `order` says otherwise. "
    "Cursors are those of `pageInfo`, and the `Link` header has the pages on either side."
)
FETCH: Final = "The `ETag` names this state of the row; send it back as `If-Match` to change the row, or as `If-None-Match` to read again."
CREATE: Final = "What is left out gets its default. The answer has the row with its version, and where it is found from now on."
REPLACE: Final = f"What is left out goes back to its default. {_STATE}"
PATCH: Final = (
    f"In a merge patch (RFC 7396) what is left out stays, and null clears; a JSON Patch (RFC 6902) is applied all or not at all. {_STATE}"
)
DELETE: Final = f"Sent again, it finds nothing. {_STATE}"
OPTIONS: Final = "The answer's fields name the methods and media types that are taken here."
