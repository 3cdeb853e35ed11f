"""Writes whole HTML pages. Nothing in them comes from another host, and everything that is put in is escaped."""

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Final

from diptych.pages.content import Console, Index, IndexLink, ProblemHelp, ResourceEntry

# The editor paints through style attributes and keeps small images in its style sheet; scripts are ours alone.
PAGE_HEADERS: Final = (
    (b"content-type", b"text/html; charset=utf-8"),
    (
        b"content-security-policy",
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)

WELCOME: Final = """\
# Write a query or a mutation here.
# Ctrl-Enter runs it, Ctrl-Space offers what fits.
# The book at the left opens the schema.

{
  __typename
}
"""

ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%23176b5c' d='M1 3l6-2v14l-6-2z'/%3E%3Cpath fill='%23c8642b' d='M15 3l-6-2v14l6-2z'/%3E%3C/svg%3E"
)
PLAIN_STYLE: Final = (Path(__file__).parent / "plain.css").read_text(encoding="utf-8")


def console_page(console: Console, assets: str, index: Index, *, root: str = "") -> bytes:
    """Write the console. Without its script, the index stands in its place. `assets` is the address of the built files."""
    body = f"""{settings(console.to_json())}
<div id="console"></div>
<noscript><main>{index_body(index, root)}</main></noscript>
<script type="module" src="{escape(assets)}/console.js"></script>"""
    head = f'<link rel="stylesheet" href="{escape(assets)}/console.css"><noscript><style>{PLAIN_STYLE}</style></noscript>'
    return page(console.title, body, head=head)


def graphiql_page(endpoint: str, assets: str, title: str, *, query: str = WELCOME, console: Console | None = None) -> bytes:
    """Write the GraphQL playground.

    `endpoint` is the address of the GraphQL endpoint and `assets` that of the built files, both with every prefix.
    `query` stands in the editor on the first visit. With `console` there are examples of its resources, and the way to it.
    """
    body = f"""{settings({"endpoint": endpoint, "query": query, **about(console)})}
<div id="graphiql"></div>
<noscript>The playground needs JavaScript. The endpoint itself, {escape(endpoint)}, does not.</noscript>
<script type="module" src="{escape(assets)}/graphiql.js"></script>"""
    return page(title, body, head=f'<link rel="stylesheet" href="{escape(assets)}/graphiql.css">')


def swagger_page(openapi_url: str, assets: str, title: str, *, console: Console | None = None) -> bytes:
    """Write the REST reference. `openapi_url` is the address of the OpenAPI document, with every prefix.

    With `console` the keys of rows that are there are filled in, so that every operation is ready to run.
    """
    body = f"""{ways(console)}{settings({"openapi": openapi_url, **about(console)})}
<div id="swagger"></div>
<noscript>This reference needs JavaScript. <a href="{escape(openapi_url)}">The OpenAPI document</a> does not.</noscript>
<script src="{escape(assets)}/swagger-ui-bundle.js"></script>
<script type="module" src="{escape(assets)}/swagger.js"></script>"""
    head = "".join(f'<link rel="stylesheet" href="{escape(assets)}/{name}.css">' for name in ("swagger-ui", "swagger"))
    return page(title, body, head=head)


def index_body(index: Index, root: str) -> str:
    """What shows where everything is. `root` is the prefix the application is mounted under."""
    rows = "".join(resource_row(resource, root) for resource in index.resources)
    places = "".join(place_item(place, root) for place in index.places)
    table = f"""<h2>Resources</h2>
<div class="wide"><table>
<thead><tr><th scope="col">Resource</th><th scope="col">REST</th><th scope="col">GraphQL</th></tr></thead>
<tbody>{rows}</tbody>
</table></div>"""
    return f"<h1>{escape(index.title)}</h1>{prose(index.about)}<ul class='places'>{places}</ul>{table if rows else ''}"


def problem_page(problem: ProblemHelp, *, root: str = "") -> bytes:
    """Write what one error code means and what to do about it."""
    graphql = "" if problem.graphql is None else f"<pre>{escape(problem.graphql)}</pre>"
    steps = "".join(f"<li>{prose_line(step)}</li>" for step in problem.next)
    body = f"""<p class="trail"><a href="{escape(root)}/problems">Problems</a></p>
<h1>{escape(problem.title)}</h1>
<p class="facts"><code>{escape(problem.code)}</code> <span>{status_line(problem.status)}</span></p>
<h2>What happened</h2>{prose(problem.happened)}
<h2>How it looks</h2>
<h3>REST</h3><pre>{escape(problem.rest)}</pre>
<h3>GraphQL</h3>{prose(problem.graphql_note)}{graphql}
<h2>What to do next</h2><ul>{steps}</ul>"""
    return plain_page(problem.title, body)


def problems_index_page(problems: Sequence[ProblemHelp], *, root: str = "") -> bytes:
    """Write the list of all error codes, in the order given."""
    rows = "".join(
        f'<tr><td><a href="{escape(root + problem.path)}"><code>{escape(problem.code)}</code></a></td>'
        f"<td>{escape(problem.title)}</td><td>{status_line(problem.status)}</td></tr>"
        for problem in problems
    )
    body = f"""<p class="trail"><a href="{escape(root)}/">Start</a></p>
<h1>Problems</h1>
<p>Every refusal carries one code, spelled the same in a REST body and in a GraphQL answer.</p>
<div class="wide"><table>
<thead><tr><th scope="col">Code</th><th scope="col">Title</th><th scope="col">REST status</th></tr></thead>
<tbody>{rows}</tbody>
</table></div>"""
    return plain_page("Problems", body)


def resource_row(resource: ResourceEntry, root: str) -> str:
    queries, mutations = (
        "".join(f"<code>{escape(field)}</code> " for field in fields) for fields in (resource.queries, resource.mutations)
    )
    return (
        f'<tr><th scope="row">{escape(resource.name)}{prose(resource.about)}</th>'
        f'<td><a href="{escape(root + resource.path)}"><code>{escape(resource.path)}</code></a></td>'
        f'<td><p><span class="kind">query</span> {queries}</p><p><span class="kind">mutation</span> {mutations}</p></td></tr>'
    )


def place_item(place: IndexLink, root: str) -> str:
    link = f'<a href="{escape(root + place.path)}"><b>{escape(place.label)}</b> <code>{escape(place.path)}</code></a>'
    return f"<li>{link}{prose(place.about)}</li>"


def status_line(status: int) -> str:
    return f"{status} {escape(HTTPStatus(status).phrase)}"


def prose(text: str) -> str:
    """Turn paragraphs of plain text into HTML."""
    return "".join(f"<p>{prose_line(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph)


def prose_line(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def about(console: Console | None) -> dict[str, object]:
    return {} if console is None else {"console": console.to_json()}


def ways(console: Console | None) -> str:
    """The way from a playground back to the console and over to the other one."""
    if console is None:
        return ""
    links = ((f"{console.prefix}/", "Console"), (console.graphql, "GraphQL playground"))
    listed = "".join(f'<a href="{escape(to)}">{label}</a>' for to, label in links)
    return f'<nav class="ways" aria-label="Pages">{listed}</nav>'


def settings(values: Mapping[str, object]) -> str:
    """Hand values to a page's script in an element that the browser never runs."""
    text = json.dumps(values).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<script id="page" type="application/json">{text}</script>'


def plain_page(title: str, body: str) -> bytes:
    return page(title, f"<main>{body}</main>", head=f"<style>{PLAIN_STYLE}</style>")


def page(title: str, body: str, *, head: str) -> bytes:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="{ICON}">
{head}
</head>
<body>
{body}
</body>
</html>
""".encode()
