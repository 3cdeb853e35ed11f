"""What nobody planned is told to the log, and to the caller only by number."""

from uuid import UUID

import pytest

from diptych.http.unforeseen import unforeseen


def test_the_log_has_the_error_and_the_caller_its_number(caplog: pytest.LogCaptureFixture) -> None:
    error = RuntimeError("the password is swordfish")
    told = unforeseen(error, door="rest")
    request_id = told.facts["requestId"]
    assert str(UUID(request_id)) == request_id
    assert told.code == "internal"
    assert "swordfish" not in told.detail
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("ERROR", "diptych")
    assert request_id in record.getMessage()
    assert "rest" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[1] is error
