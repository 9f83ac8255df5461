"""Date strings from the grammar of ECMA-262 with one or two faults."""

from __future__ import annotations

from hypothesis import strategies as st


def _number(least: int, most: int, width: int, before: str = "") -> st.SearchStrategy[str]:
    return st.integers(least, most).map(lambda number: f"{before}{number:0{width}}")


_digits = st.text("0123456789", min_size=1, max_size=9)
# Each part with the separator before it, first with valid values and then with edge cases.
_GOOD = {
    "year": _number(1, 9999, 4) | _number(1, 9999, 6, "+"),
    "month": _number(1, 12, 2, "-"),
    "day": _number(1, 28, 2, "-"),
    "hour": _number(0, 23, 2, "T"),
    "minute": _number(0, 59, 2, ":"),
    "second": _number(0, 59, 2, ":"),
    "fraction": _digits.map(".{}".format),
    "offset": st.just("Z")
    | st.builds(
        str.__add__, _number(0, 23, 2, "+") | _number(0, 23, 2, "-"), _number(0, 59, 2, ":")
    ),
}
_EDGE = {
    "year": _number(0, 1, 4) | _number(9998, 10_001, 6, "+") | _number(0, 2, 6, "-"),
    "month": _number(0, 13, 2, "-"),
    "day": _number(28, 32, 2, "-"),
    "hour": _number(23, 25, 2, "T"),
    "minute": _number(59, 61, 2, ":"),
    "second": _number(59, 61, 2, ":"),
    "fraction": st.builds("{}{}".format, st.sampled_from([".", ",", ".000"]), _digits),
    "offset": st.sampled_from(["", "z", "+23:59", "+24:00", "-23:60", "+0530", "+05", "-00:00"]),
}
_DATES = (("year",), ("year", "month"), ("year", "month", "day"))
_TIMES: tuple[tuple[str, ...], ...] = (
    (),
    ("hour", "minute", "offset"),
    ("hour", "minute", "second", "offset"),
    ("hour", "minute", "second", "fraction", "offset"),
)
_FORMS = [date + time for date in _DATES for time in _TIMES]
_FAULTS = ["edge", "edge", "edge", "leave out", "double", "odd", "shorten"]
_ODD = [*"ZztTW +-:.,0/()", "\0", "\n", "\u0663", "\u2212", "GMT", "am", "60"]
_midnights = st.sampled_from(
    ["T24:00", "T24:00:00", "T24:00:00.000", "T24:00:00.0000", "T24:00:00.0001"]
)


@st.composite
def near_dates(draw: st.DrawFn) -> str:
    """Draw a form of the grammar with one or two parts at an edge, changed or missing."""
    names = draw(st.sampled_from(_FORMS))
    pieces = [draw(_GOOD[name]) for name in names]
    if draw(st.integers(0, 19)) == 19:
        return "".join(pieces[:3]) + draw(_midnights) + draw(_GOOD["offset"])
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(names) - 1))
        match draw(st.sampled_from(_FAULTS)):
            case "edge":
                pieces[at] = draw(_EDGE[names[at]])
            case "leave out":
                pieces[at] = ""
            case "double":
                pieces[at] *= 2
            case "odd":
                cut = draw(st.integers(0, 7))
                skip = draw(st.integers(0, 1))
                pieces[at] = (
                    pieces[at][:cut] + draw(st.sampled_from(_ODD)) + pieces[at][cut + skip :]
                )
            case _:
                pieces[at] = pieces[at][:-1]
    return "".join(pieces)
