"""What a browser must be shown across origins, or no script there ever sees a version."""

from typing import Final

# For `CORSMiddleware(expose_headers=…, allow_headers=…, allow_methods=…)`. Source: Fetch standard, CORS protocol.
EXPOSED_HEADERS: Final = ("ETag", "Location", "Link", "Preference-Applied", "Retry-After", "Accept-Patch", "X-Request-ID")
ALLOWED_HEADERS: Final = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Prefer", "Diptych-Seen")
ALLOWED_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
