"""What a process writes to its log: one JSON object a line, words and ids, no number and no exception's text."""

import json
import subprocess
import sys

NUMBER, NAME = "+8613000000007", "王芳"
PROGRAM = f"""
import structlog
from dialer.processes.serving import configure_log
configure_log("dialer")
log = structlog.get_logger()
log.info("attempt.placed", attempt_id="a1b2c3d4e5f60718293a4b5c6d7e8f90", took_ms=12)
try:
    raise ValueError("no such callee: {NUMBER} {NAME}")
except ValueError as bug:
    log.error("job.failed", job="dialing", exc_info=bug)
    log.exception("api.failed", operation="explain")
log.warning("careless", about="{NUMBER}", more=["13000000007"], deep={{"of": "8613000000007"}})
"""


def test_every_line_is_json_without_numbers_names_and_the_words_of_exceptions() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True
    )
    lines = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["attempt.placed", "job.failed", "api.failed", "careless"]
    assert all(line["process"] == "dialer" and line["timestamp"].endswith("Z") for line in lines)
    assert "13000000007" not in ran.stderr
    assert NAME not in ran.stderr
    assert json.dumps(NAME).strip('"') not in ran.stderr
    assert lines[0]["attempt_id"] == "a1b2c3d4e5f60718293a4b5c6d7e8f90"
    assert lines[0]["took_ms"] == 12
    for line in lines[1:3]:
        assert line["failure"] == "ValueError"
        assert line["places"] == ["<string>:8"]
    assert (lines[3]["about"], lines[3]["more"], lines[3]["deep"]) == (
        "[number]",
        ["[number]"],
        {"of": "[number]"},
    )
