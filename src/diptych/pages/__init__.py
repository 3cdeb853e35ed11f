"""What a browser sees: the playgrounds, the index, a page for each problem, and the files they need."""

from diptych.pages.assets import Assets, AssetsMissing
from diptych.pages.content import Index, IndexLink, ProblemHelp, ResourceEntry
from diptych.pages.html import PAGE_HEADERS, graphiql_page, index_page, problem_page, problems_index_page, swagger_page

__all__ = [
    "PAGE_HEADERS",
    "Assets",
    "AssetsMissing",
    "Index",
    "IndexLink",
    "ProblemHelp",
    "ResourceEntry",
    "graphiql_page",
    "index_page",
    "problem_page",
    "problems_index_page",
    "swagger_page",
]
