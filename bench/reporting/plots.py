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
set grid ytics linetype 1 linewidth 1 linecolor rgb "#dddddd"
set key below
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


def margins(least, most, logarithmic):
    """Room at both ends, so that the outermost points and their labels are seen whole."""
    if logarithmic:
        return f"set xrange [{least * 0.8}:{most * 1.25}]\n"
    room = (most - least) * 0.04
    return f"set xrange [{least - room}:{most + room}]\n"


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
    text += margins(ticks[0], ticks[-1], "logscale" in settings)
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


def stage_figures(results, codec):
    """CPU s/GB of the client: compress, encode, the rest; and of the compressor alone."""
    name = f"bench.{codec}.p1"
    total = results.sample(name, CPU).median
    # Encoding is measured by itself: the parts may come out larger than the whole.
    compress = min(total, results.sample(name, "compress_cpu_seconds_per_gb").median)
    encode = min(total - compress, results.sample(name, "encode_cpu_seconds_per_gb").median)
    alone = results.sample(f"bounds.{codec}", CPU, what=ALONE, threads=1).median
    return compress, encode, total - compress - encode, alone


def stages(results, output):
    """For each compressor a panel: our stages piled up, and the compressor alone beside them."""
    panels = []
    for codec in ("zlib6", "zlib1", "igzip1"):
        try:
            panels.append((codec, stage_figures(results, codec)))
        except Missing:
            continue
    if not panels:
        return None
    text = head(output, "", "", "")
    text += "set style data histograms\nset style histogram rowstacked\nset boxwidth 0.7\n"
    text += "set style fill solid 0.9 noborder\nset bmargin 5\n"
    # One legend for all panels.
    text += "unset key\n"
    for codec, (compress, encode, rest, alone) in panels:
        text += block(codec, [f'"client" {compress} {encode} {rest} 0', f'"alone" 0 0 0 {alone}'])
    text += f'set multiplot layout 1,{len(panels)} title "CPU s/GB of the client by stage, beside the compressor alone"\n'
    columns = ((2, "compress", "#b5542b"), (3, "check, copy", "#1f5fa8"),
               (4, "everything else", "#2f8f4e"), (5, "compressor alone", "#9a9a9a"))
    for number, (_, title, colour) in enumerate(columns):
        text += (f'set label "\u25a0 {title}" at screen {0.13 + 0.2 * number},0.05 '
                 f'textcolor rgb "{colour}"\n')
    for codec, _ in panels:
        text += f'set title "{NAMES[codec]}"\nset ylabel "CPU s/GB before compression"\nplot ' + ", \\\n     ".join(
            f'${codec} using {i}{":xtic(1)" if i == 2 else ""} linecolor rgb "{colour}"'
            for i, title, colour in columns) + "\n"
        text += "unset label\n"
    return text + "unset multiplot\n"


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
    text += block("time", lines)
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
