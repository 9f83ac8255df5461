"""The meaning of each code of a problem or a finding, and the advice.

``docs/errors.md`` and ``docs/histories.md`` have the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast, final

import attrs
import typer

from jobstatus._untrusted import excerpt
from jobstatus.errors import ProblemCode
from jobstatus.history import FindingCode

Code: TypeAlias = Literal[ProblemCode, FindingCode]
"""The code of a problem or of a finding."""


@final
@attrs.frozen
class Explanation:
    """The meaning of a code.

    Attributes:
        meaning: The rule that is broken.
        advice: What to do.
        example: A document or an expression with this problem; empty for a finding.
    """

    meaning: str
    advice: str
    example: str = ""


EXPLANATIONS: Final[Mapping[Code, Explanation]] = MappingProxyType(
    {
        "invalid_utf8": Explanation(
            "The bytes are not UTF-8. Examples are UTF-16, Latin-1, and surrogates that were "
            "encoded one by one.",
            "Change the producer to send UTF-8, as RFC 8259 requires between systems (section "
            "8.1).",
            'b\'{"id": "caf\\xe9", "status": "queued"}\'',
        ),
        "invalid_json": Explanation(
            "The text is not JSON (RFC 8259). Examples are a byte order mark, `NaN`, a trailing "
            "comma, and a truncated line.",
            "Look at the position in the message, where the text stops being JSON. If the text "
            "ends there, it was truncated.",
            '\'{"id": "a", "status": "queued",}\'',
        ),
        "too_deep": Explanation(
            "Arrays and objects nest deeper than `max_depth`, or deeper than Python's recursion "
            "limit allows.",
            "Check the document, because nothing in the interface nests: it may be the wrong "
            "one, or an attack. Otherwise, raise `max_depth` (`--max-depth`).",
            "'[' * 65",
        ),
        "wrong_type": Explanation(
            'The value has the wrong type. Nothing is converted: `"40"` is not a progress, `5` '
            "is not an id, and `true` is not a number.",
            "Change the producer to send the type of the interface. The JSON Schema finds the "
            "mistake before it is sent. If you cannot change the producer, read with the option "
            "for the value: `ids`, `numbers` or `dates` (`--ids number`, `--numbers text`, "
            "`--dates milliseconds`).",
            '\'{"id": 5, "status": "queued"}\'',
        ),
        "missing": Explanation(
            "A required key is missing. Failing a job without an error text has this code too.",
            "Send the key. Every payload needs `id` and `status`. If you know the id from "
            "elsewhere, such as the URL, pass it as `id=`.",
            '\'{"id": "a"}\'',
        ),
        "id_mismatch": Explanation(
            "The id in the payload differs from the one passed as `id=`, such as that of the URL.",
            "Find out which of the two jobs the producer means. The given id is used only if the "
            "payload has none.",
            'Codec().decode(b\'{"id": "43", "status": "queued"}\', id="42")',
        ),
        "null": Explanation(
            "An optional key is `null`. In the interface, an absent value has no key.",
            'Omit the key. If you cannot change the producer, read with `Codec(null="absent")` '
            "(`--null absent`).",
            '\'{"id": "a", "status": "queued", "error": null}\'',
        ),
        "unknown_key": Explanation(
            "The interface has no such key, and the codec rejects unknown keys. If the key "
            "prints as more than 80 characters, the problem has the pointer of its object.",
            "Look for a misspelling, such as `estimated_completion`. If the producer is newer "
            "than you, ignore unknown keys, as `Codec()` does (`--unknown-keys ignore`).",
            '\'{"id": "a", "status": "queued", "retries": 1}\'',
        ),
        "unknown_state": Explanation(
            "The status is not one of the five states. They are in lower case, and "
            "`cancelled` has two `l`.",
            "Look at the status that the peer sent, which is `problem.value`. If the peer has"
            ' other names for the states, read with `Codec(states={"paused": "processing"})` '
            "(`--state paused=processing`).",
            '\'{"id": "a", "status": "paused"}\'',
        ),
        "out_of_range": Explanation(
            "The progress is not from 0 to 100, or the date is not in the years 1 to 9999. NaN "
            'and infinities are out of range too. With `Codec(ids="number")`, so is an id that '
            "is not an integer from -(2^53-1) to 2^53-1.",
            "Correct the calculation. The library never clamps a value.",
            '\'{"id": "a", "status": "queued", "progress": 100.5}\'',
        ),
        "invalid_date": Explanation(
            "The string is not a date in the format that every engine reads alike, or its day "
            "or time does not exist.",
            "Send the string that `toISOString` returns. If the producer sends other forms of "
            'ISO 8601, read with `Codec(dates="any")` (`--dates any`).',
            '\'{"id": "a", "status": "queued", "estimatedCompletion": "2026-02-30T12:00Z"}\'',
        ),
        "no_offset": Explanation(
            "The date and time have no offset, so they mean another instant in every time zone. "
            "A naive `datetime` has this code too.",
            "End the string with `Z`, or with the offset of its time zone. In Python, give the "
            "datetime a `tzinfo`.",
            '\'{"id": "a", "status": "queued", "estimatedCompletion": "2026-11-23T14:40:00"}\'',
        ),
        "not_settable": Explanation(
            "You passed a field that the transition does not set. The table of effects shows "
            "which fields it sets.",
            "Leave the field out, or call `update` before the transition.",
            'job.transition_to("completed", progress=50)',
        ),
        "invalid_lifecycle": Explanation(
            "A lifecycle's table lacks the row of a state, contains a value that is not a state, "
            "or never reaches a terminal state.",
            "Give every state a row. The row of a terminal state is empty.",
            'Lifecycle({"queued": ["processing"]})',
        ),
        "invalid_option": Explanation(
            "An option has an invalid value.",
            "Use one of the values that the message lists.",
            'Codec(null="maybe")',
        ),
        "invalid_version": Explanation(
            "The text is not a version of a store. It may be an ETag from a client.",
            "Answer as for an ETag that does not match.",
            'Version.parse("7")',
        ),
        "mixed_jobs": Explanation(
            "The snapshots to merge are of different jobs.",
            "Group the snapshots by `id` first.",
            'merge(job, JobStatus.queued("b"))',
        ),
        "illegal_move": Explanation(
            "The lifecycle does not allow this move, and the job had not ended.",
            "Look for a message that came late, or for a producer that skips transitions.",
        ),
        "outcome_left": Explanation(
            "A job continues after it had ended.",
            "Look for a message that came late. If the queue retries under the same id, check"
            " with `RETRYING` (`--lifecycle retrying`).",
        ),
        "outcome_replaced": Explanation(
            "A job that had ended now has another outcome.",
            "Look for a worker that writes without reading the stored state. A store rejects "
            "such a change.",
        ),
        "changed_after_outcome": Explanation(
            "A field changed after the job had ended.",
            "Look for two producers of one job.",
        ),
        "progress_fell": Explanation(
            "The progress is less than before.",
            "Look for a message that came late. The data may also be correct, if the producer "
            "found that more work is left.",
        ),
        "failed_without_error": Explanation(
            "A failed job has no error text.",
            "Look for a producer that drops the text.",
        ),
        "error_without_failure": Explanation(
            "A queued, processing or completed job has an error text.",
            "Look for a text that an earlier attempt left behind.",
        ),
        "completed_below_100": Explanation(
            "The progress of a completed job is less than 100.",
            "Look for a producer that does not send the last update.",
        ),
    }
)


def complete_code(incomplete: str) -> list[str]:
    """Return the codes that begin with a text, for the completion in a shell."""
    return [code for code in EXPLANATIONS if code.startswith(incomplete)]


def parse_code(option: str, name: str) -> Code:
    """Return the code with a name, or raise a usage error."""
    if name not in EXPLANATIONS:
        near = get_close_matches(name, EXPLANATIONS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        message = f"expected the code of a problem or finding, got {excerpt(name)}{hint}"
        raise typer.BadParameter(message, param_hint=f"'{option}'")
    return cast("Code", name)


def parse_codes(option: str, texts: Iterable[str]) -> frozenset[Code]:
    """Return the codes in an option, separated by commas, or raise a usage error."""
    names = [name.strip() for text in texts for name in text.split(",")]
    return frozenset(parse_code(option, name) for name in names)
