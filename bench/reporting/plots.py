"""SVG files, drawn by gnuplot from the medians."""

import csv
import os
import re
import shutil
import subprocess

from .results import Missing
from .targets import ALONE, CPU, SPEED

HEAD = """\
set terminal svg size 760,420 font "sans-serif,13" background rgb "white"
set output "{output}"
set encoding utf8
set grid ytics linecolor rgb "#d0d0d0"
set border 3
set tics nomirror
set title "{title}"
set xlabel "{x}"
set ylabel "{y}"
set yrange [0:*]
"""

COLOURS = {"igzip1": "#1f5fa8", "zlib1": "#2f8f4e", "zlib6": "#b5542b"}
NAMES = {"igzip1": "igzip 1", "zlib1": "zlib 1", "zlib6": "zlib 6"}


def block(name, lines):
    return f"${name} << END\n" + "".join(f"{line}\n" for line in lines) + "END\n"


def head(output, title, x, y):
    return HEAD.format(output=output, title=title, x=x, y=y)


def points(results, codec, kind):
    """(parameter, MB/s) of the runs bench.CODEC.KINDn, by n."""
    found = []
    for name in results.names():
        match = re.fullmatch(rf"bench\.{codec}\.{kind}(\d+)", name)
        if match:
            found.append((int(match[1]), results.sample(name, SPEED).median))
    return sorted(found)


def curves(results, kind, codecs, output, title, x, settings=""):
    series = {codec: points(results, codec, kind) for codec in codecs}
    series = {codec: found for codec, found in series.items() if len(found) > 1}
    if not series:
        return None
    text = head(output, title, x, "MB/s before compression") + settings
    drawn = []
    for codec, found in series.items():
        text += block(codec, [f"{n} {speed}" for n, speed in found])
        drawn.append(f'${codec} using 1:2 with linespoints pointtype 7 linewidth 2 '
                     f'linecolor rgb "{COLOURS[codec]}" title "{NAMES[codec]}"')
    ticks = sorted({n for found in series.values() for n, _ in found})
    text += "set xtics (" + ", ".join(f'"{n:,}" {n}' for n in ticks) + ")\n"
    text += "set key bottom right\n"
    return text + "plot " + ", \\\n     ".join(drawn) + "\n"


def parallelism(results, output):
    return curves(results, "p", ("igzip1", "zlib6"), output,
                  "Throughput by parallelism (writers, producers and threads)", "parallelism")


def batch_size(results, output):
    return curves(results, "batch", ("igzip1",), output, "Throughput by size of batches",
                  "records in a batch", "set logscale x\n")


def latency(results, output):
    return curves(results, "latency", ("igzip1",), output,
                  "Throughput by time added to every request", "ms added to every request")


def stages(results, output):
    """Columns for us, piled up by stage, and the compressor alone beside each."""
    lines = []
    for codec in ("zlib6", "zlib1", "igzip1"):
        try:
            name = f"bench.{codec}.p1"
            parts = [max(0.0, results.sample(name, f"{stage}_cpu_seconds_per_gb").median)
                     for stage in ("compress", "encode")]
            rest = max(0.0, results.sample(name, CPU).median - sum(parts))
            alone = results.sample(f"bounds.{codec}", CPU, what=ALONE, threads=1).median
        except Missing:
            continue
        lines.append(f'"{NAMES[codec]}" {parts[0]} {parts[1]} {rest} 0')
        lines.append(f'"{NAMES[codec]}\\nalone" 0 0 0 {alone}')
        lines.append('"" 0 0 0 0')
    if not lines:
        return None
    text = head(output, "Processor time of the client by stage, beside the compressor alone", "",
                "CPU s/GB before compression")
    text += "set style data histograms\nset style histogram rowstacked\nset boxwidth 0.8\n"
    text += "set style fill solid 0.9 noborder\nset key top right\n"
    text += block("stages", lines[:-1])
    columns = ((2, "compress", "#b5542b"), (3, "check and copy records", "#1f5fa8"),
               (4, "everything else", "#2f8f4e"), (5, "compressor alone", "#9a9a9a"))
    return text + "plot " + ", \\\n     ".join(
        f'$stages using {i}{":xtic(1)" if i == 2 else ""} linecolor rgb "{colour}" title "{title}"'
        for i, title, colour in columns) + "\n"


def outage(results, output):
    timeline = os.path.join(results.folder, "outage.csv")
    if not os.path.exists(timeline) or not results.has("bench.outage"):
        return None
    with open(timeline, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows:
        return None
    options = results.document("bench.outage")["options"]
    mib = 1 << 20
    lines = [f"{row['seconds']} {float(row['rss_bytes']) / mib} {float(row['budget_bytes']) / mib} "
             f"{float(row['delivered_bytes']) / 1e9}" for row in rows]
    text = head(output, f"Memory while uploads are refused for {options['outage_seconds']:g} s",
                "seconds", "MiB")
    text += 'set y2label "GB delivered"\nset y2tics\nset y2range [0:*]\nset border 11\n'
    text += "set key bottom right\n" + block("time", lines)
    limit = options["budget_bytes"] / mib
    return text + (
        'plot $time using 1:2 with lines linewidth 2 linecolor rgb "#1f5fa8" title "resident", \\\n'
        '     $time using 1:3 with lines linewidth 2 linecolor rgb "#2f8f4e" title "byte budget used", \\\n'
        f'     {limit} with lines dashtype 2 linecolor rgb "#606060" title "byte budget", \\\n'
        '     $time using 1:4 axes x1y2 with lines linewidth 2 linecolor rgb "#b5542b" title "delivered (right)"\n')


PLOTS = {"parallelism": parallelism, "batch_size": batch_size, "latency": latency,
         "stages": stages, "outage": outage}


def draw(results, folder):
    """:returns: the SVG files drawn; None without gnuplot. :raises CalledProcessError: by gnuplot"""
    program = shutil.which("gnuplot")
    if program is None:
        return None
    os.makedirs(folder, exist_ok=True)
    drawn = []
    for name, script_of in PLOTS.items():
        output = os.path.join(folder, name + ".svg")
        script = script_of(results, output.replace("\\", "/"))
        if script is None:
            continue
        subprocess.run([program, "-"], input=script, text=True, check=True)
        drawn.append(output)
    return drawn
