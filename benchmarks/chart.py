"""Draw what the typical message takes.

Run: python -m benchmarks.chart RESULTS.json OUT.svg
"""

from __future__ import annotations

import sys
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.report import Results, load

OURS: Final = "#c2410c"
OTHERS: Final = "#94a3b8"
INK: Final = "#1e293b"
TITLES: Final = {"decode": "read (decode)", "encode": "write (encode)"}
NOTE: Final = (
    "our dates: written by this library's function\nadapter: these, by the methods of a TypeAdapter"
)
_MPL: Final[Any] = mpl  # of whose types half are unknown
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


def _panel(axes: Any, results: Results, operation: str) -> None:
    names = [row["name"] for row in results["rows"]]
    times = [results["figures"][operation]["typical"][name] for name in names]
    colours = [OURS if name.startswith("jobstatus") else OTHERS for name in names]
    # One that takes many times as long would make the others alike.
    most = 1.25 * sorted(times)[-2]
    texts = [f"{time:.2f}{' (cut)' if time > most else ''}" for time in times]
    bars = axes.barh(names, [min(time, most) for time in times], color=colours, height=0.7)
    labels = axes.bar_label(bars, texts, padding=3)
    for label, name in zip(labels, names, strict=True):
        label.set_fontweight("bold" if name.startswith("jobstatus") else "normal")
    axes.set_title(TITLES[operation], loc="left", fontweight="bold")
    axes.margins(x=0.2)
    axes.set_xticks([])
    axes.tick_params(left=False)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def draw(results: Results, path: str) -> None:
    """Write the chart as SVG, the same bytes for the same results."""
    with _MPL.rc_context(_STYLE):
        # White too where the page is dark: an image does not know which theme was chosen.
        # One below the other, so that a phone has room for the names.
        figure: Any = Figure(figsize=(6, 8), facecolor="white", layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
        for axes, operation in zip(figure.subplots(2, 1), TITLES, strict=True):
            _panel(axes, results, operation)
            axes.invert_yaxis()  # the first row is at the top
        title = f"Microseconds for a typical message, {results['python']}; shorter is better"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        figure.supxlabel(NOTE, x=0.01, ha="left", fontsize=9)
        figure.savefig(path, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    draw(load(sys.argv[1]), sys.argv[2])
