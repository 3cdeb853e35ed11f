"""A small file that is read again when it has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from diptych.identity.challenge import LOG

# Bytes; ten thousand keys fit.
MOST_BYTES: Final = 4 << 20

Content = TypeVar("Content")


class WatchedFile(Generic[Content]):
    """What a file says, as `read` understands its bytes; `read` raises ValueError for what it does not.

    The first reading happens at once and raises ValueError. Later, what cannot be read leaves what was there before, and the log says so.
    """

    def __init__(self, path: Path, read: Callable[[bytes], Content]) -> None:
        # Another folder may be the current one later.
        self.path = path.absolute()
        self._read = read
        if not self.path.is_file():
            raise ValueError(f"There is no file {path}.")
        self._state = self._look()
        self._content = self._load()

    def content(self) -> Content:
        state = self._look()
        # Looked at for each request, which takes two microseconds: who is taken out of the file is out.
        if state != self._state:
            self._state = state
            try:
                self._content = self._load()
            except ValueError as error:
                LOG.error("What the file %s said before still holds: %s", self.path.name, error)
        return self._content

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _load(self) -> Content:
        try:
            with self.path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise ValueError(f"The file {self.path.name} cannot be read: {error.strerror}.") from None
        if len(content) > MOST_BYTES:
            raise ValueError(f"The file {self.path.name} is larger than {MOST_BYTES} bytes.")
        try:
            return self._read(content)
        except ValueError as error:
            raise ValueError(f"The file {self.path.name} cannot be used: {error}") from None
