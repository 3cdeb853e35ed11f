"""How the search of the site takes words apart: `If-Match` and `diptych.client` are one word each, and their parts are words too."""

import re
from typing import Final

from sphinx.search.en import SearchEnglish

# Kept the same in both languages: one splits the pages when they are built, the other what a reader types.
NAME: Final = r"[\p{L}\p{N}_]+(?:[-.][\p{L}\p{N}_]+)*"
_WORD: Final = re.compile(NAME.replace(r"[\p{L}\p{N}_]", r"\w"))


class SearchNames(SearchEnglish):
    """English words, and names of header fields and modules as wholes."""

    js_splitter_code = f"var splitQuery = (query) => query.match(/{NAME}/gu) ?? [];"

    def split(self, input: str) -> list[str]:
        words = _WORD.findall(input)
        return [*words, *(part for word in words if not word.isalnum() for part in re.split(r"[-.]", word) if part != word)]
