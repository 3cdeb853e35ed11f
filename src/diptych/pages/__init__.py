"""What a browser sees: the console, the playgrounds, a page for each problem, and the files they need."""

from diptych.pages.assets import Assets, AssetsMissing
from diptych.pages.content import Console, Index, IndexLink, ProblemHelp, ResourceEntry
from diptych.pages.html import PAGE_HEADERS, console_page, graphiql_page, problem_page, problems_index_page, swagger_page

__all__ = [
    "PAGE_HEADERS",
    "Assets",
    "AssetsMissing",
    "Console",
    "Index",
    "IndexLink",
    "ProblemHelp",
    "ResourceEntry",
    "console_page",
    "graphiql_page",
    "problem_page",
    "problems_index_page",
    "swagger_page",
]
