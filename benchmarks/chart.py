"""Write the chart, the table and the summary of benchmarks/results into the documentation.

Run: python -m benchmarks.chart
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.compare import BASE, Results, load
from benchmarks.peers import PEERS

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = ROOT / "benchmarks" / "results" / "cpython-3.11.json"
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "docs/performance.md": ("summary", "table"),
}
"""The generated parts of each page, between ``<!-- name -->`` and ``<!-- end -->``."""

OURS: Final = "#c2410c"
OTHERS: Final = "#94a3b8"
INK: Final = "#1e293b"
TITLES: Final = {"decode: typical": "read", "encode: typical": "write"}
_MPL: Final[Any] = mpl  # half of its types are unknown
_STYLE: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "jobstatus",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def summary(results: Results) -> str:
    """Return a paragraph with the ratios of a typical message."""
    read, write = (results["figures"][name] for name in TITLES)
    ours, with_msgspec = (read[name][1] for name in ("jobstatus", "jobstatus, msgspec"))
    text = (
        f"On {results['python']}, reading a typical message takes {ours:.2f} times as long as with "
        f"a strict pydantic model, or {with_msgspec:.2f} times with the extra `msgspec`. Writing "
        f"one takes {write['jobstatus'][1]:.2f} times as long."
    )
    return textwrap.fill(text, width=110)


def table(results: Results) -> str:
    """Return the Markdown table: ratios, and the microseconds (or bytes) of the base."""
    names = [peer.name for peer in PEERS]
    rows = [["", *names], [":--", *("--:" for _ in names)]]
    for label, row in results["figures"].items():
        cells = [f"{row[name][name != BASE]:.2f}" if name in row else "" for name in names]
        rows.append([label, *cells])
    needs = [f"- **{peer.name}**: {peer.needs}" for peer in PEERS]
    grid = [f"| {' | '.join(cells)} |" for cells in rows]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    header = f"{results['python']}, {results['machine']}; {versions}."
    return "\n".join([header, "", *grid, "", "Added to each library:", "", *needs])


def insert(page: str, name: str, part: str) -> str:
    """Return a page with one of its generated parts replaced."""
    pattern = rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- end -->)"
    return re.sub(pattern, lambda _: part, page, flags=re.DOTALL)


def updated(path: str, results: Results) -> str:
    """Return a page of the documentation with all its generated parts updated."""
    page = (ROOT / path).read_text(encoding="utf-8")
    made = {"summary": summary(results), "table": table(results)}
    for name in PARTS[path]:
        page = insert(page, name, made[name])
    return page


def draw(results: Results, path: Path) -> None:
    """Write the chart as SVG: the same bytes for the same results."""
    with _MPL.rc_context(_STYLE):
        # White on a dark page too: an image does not know the theme. One panel below the other, so
        # that a phone has room for the names.
        figure: Any = Figure(figsize=(6, 5), facecolor="white", layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        for axes, (row, title) in zip(figure.subplots(2, 1), TITLES.items(), strict=True):
            times = {name: time for name, (time, _) in results["figures"][row].items()}
            are_ours = [name.startswith("jobstatus") for name in times]
            colours = [OURS if is_ours else OTHERS for is_ours in are_ours]
            bars = axes.barh([*times], [*times.values()], color=colours, height=0.7)
            labels = axes.bar_label(bars, [f"{time:.2f}" for time in times.values()], padding=3)
            for label, is_ours in zip(labels, are_ours, strict=True):
                label.set_fontweight("bold" if is_ours else "normal")
            axes.set_title(title, loc="left", fontweight="bold")
            axes.margins(x=0.2)
            axes.set_xticks([])
            axes.tick_params(left=False)
            axes.spines[["top", "right", "bottom"]].set_visible(False)
            axes.invert_yaxis()  # the first row is at the top
        title = f"Microseconds for a typical message, {results['python']}; shorter is better"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        figure.savefig(path, format="svg", metadata={"Date": None})


def main() -> None:
    """Update the chart and the pages."""
    results = load(RESULTS)
    draw(results, ROOT / "docs" / "performance.svg")
    for path in PARTS:
        (ROOT / path).write_text(updated(path, results), encoding="utf-8")


if __name__ == "__main__":
    main()
