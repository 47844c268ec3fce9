#!/usr/bin/env python3
"""Tables and plots of what bench/run.sh measured.

Usage: report.py FOLDER [README]    reads FOLDER/*.json; writes FOLDER/table.md, *.dat and, where
gnuplot is, *.svg; replaces what is between the markers of README.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def load(folder):
    out = {}
    for path in sorted(folder.glob("*.json")):
        out[path.stem] = json.loads(path.read_text())
    return out


def bench(all_, name, figure, which="median"):
    """A figure of `kusto bench`; None if it was not measured."""
    try:
        return all_[name]["medians"][0][figure][which]
    except KeyError:
        return None


def bound(all_, name, what, threads, figure):
    for entry in all_.get(name, {}).get("bounds", []):
        if entry["name"] == what and entry["threads"] == threads:
            return entry[figure]["median"]
    return None


def micro(all_, name, figure):
    """A figure of Google Benchmark; of several repetitions the first."""
    for data in all_.values():
        for entry in data.get("benchmarks", []):
            if entry["name"] == name:
                return entry.get(figure)
    return None


def ratio(a, b):
    return None if a is None or b is None or b == 0 else a / b


def targets(all_):
    """(what, target text, measured value, unit, whether it is met); value None: not measured."""
    cpu, speed = "client_cpu_seconds_per_gb", "raw_mb_per_second"
    rows = []

    def row(what, limit, value, unit="x", most=True):
        met = None if value is None else (value <= limit if most else value >= limit)
        rows.append((what, ("at most " if most else "at least ") + f"{limit:g} {unit}".strip(), value, unit, met))

    row("client CPU, lines, zlib 6, over the compressor alone", 1.10,
        ratio(bench(all_, "zlib", cpu), bound(all_, "bounds_zlib", "compressor", 2, cpu)))
    fast = all_.get("fast", {}).get("options", {}).get("compression", "igzip 1")
    row(f"client CPU, lines, {fast}, HTTPS, over the compressor alone", 1.6,
        ratio(bench(all_, "fast", cpu), bound(all_, "bounds_fast", "compressor", 2, cpu)))
    row("struct of 10 fields as CSV", 700, ratio(micro(all_, "struct_of_10_fields", "bytes_per_second"), 1e6),
        "MB/s", most=False)
    row("its time over to_chars into a fixed buffer", 1.3,
        ratio(micro(all_, "struct_of_10_fields", "cpu_time"), micro(all_, "struct_of_10_fields_bound_to_chars", "cpu_time")))
    row("everything twice (writers, producers, threads) over once", 1.7,
        ratio(bench(all_, "parallelism_2", speed), bench(all_, "parallelism_1", speed)), most=False)
    row("throughput with 50 ms added to each request", 0.9,
        ratio(bench(all_, "latency_50", speed), bench(all_, "latency_0", speed)), most=False)
    allocations = bench(all_, "fast", "allocations_per_record")
    row("allocations per record, rounded to 0.01", 0,
        None if allocations is None else round(allocations, 2), "")
    rss = bench(all_, "memory", "peak_rss_bytes")
    amount = bench(all_, "memory", "raw_bytes") or 0
    row(f"peak RSS, {amount / 2**30:.0f} GiB written, budget 64 MiB", 104,
        None if rss is None else rss / 2**20, "MiB")
    row("throughput over the straight loop's", 0.9,
        ratio(bench(all_, "fast", speed), bound(all_, "bounds_fast", "straight_loop", 2, speed)), most=False)
    row("client CPU over the straight loop's", 1.15,
        ratio(bench(all_, "fast", cpu), bound(all_, "bounds_fast", "straight_loop", 2, cpu)))
    row("CPU of the Node SDK at its defaults over ours at " + fast, 8,
        ratio(all_.get("node", {}).get(cpu), bench(all_, "fast", cpu)), most=False)
    return rows


def number(value, digits=4):
    return "not measured" if value is None else f"{value:.{digits}g}"


def spread(all_, name, figure, scale=1):
    least, median, most = (bench(all_, name, figure, w) for w in ("least", "median", "most"))
    if median is None:
        return "not measured"
    text = number(median * scale)
    return text if least == most else f"{text} ({number(least * scale)} to {number(most * scale)})"


def tables(all_):
    lines = ["| target | wanted | measured | |", "|---|---|---|---|"]
    for what, wanted, value, unit, met in targets(all_):
        mark = "" if met is None else ("met" if met else "**missed**")
        lines.append(f"| {what} | {wanted} | {number(value)} {unit if value is not None else ''} | {mark} |")
    lines += ["", "| run | MB/s raw | client CPU s/GB | of it compression | server CPU s/GB | write p50, us | p99, us "
              "| delivered p99, s | peak RSS, MiB | ratio |", "|---|---|---|---|---|---|---|---|---|---|"]
    for name, data in all_.items():
        if data.get("kind") != "kusto bench":
            continue
        lines.append("| " + " | ".join([
            name, spread(all_, name, "raw_mb_per_second"), spread(all_, name, "client_cpu_seconds_per_gb"),
            number(bench(all_, name, "compress_cpu_seconds_per_gb")),
            number(bench(all_, name, "server_cpu_seconds_per_gb")),
            number(bench(all_, name, "write_p50_seconds") * 1e6),
            number(bench(all_, name, "write_p99_seconds") * 1e6),
            number(bench(all_, name, "delivered_p99_seconds")),
            number(bench(all_, name, "peak_rss_bytes") / 2**20), number(bench(all_, name, "ratio"))]) + " |")
    lines += ["", "| bound | threads | MB/s raw | MB/s wire | CPU s/GB raw |", "|---|---|---|---|---|"]
    for name, data in all_.items():
        for entry in data.get("bounds", []):
            lines.append(f"| {entry['name']}, {data['compression']} | {entry['threads']} | "
                         + " | ".join(number(entry[f]["median"]) for f in
                                      ("raw_mb_per_second", "wire_mb_per_second", "client_cpu_seconds_per_gb")) + " |")
    node = all_.get("node")
    if node:
        lines += ["", f"Node SDK {node['sdk']}, node {node['node']}, {node['at_a_time']} files at a time, zlib 6: "
                  f"{number(node['raw_mb_per_second'])} MB/s, {number(node['client_cpu_seconds_per_gb'])} CPU s/GB, "
                  f"peak RSS {number(node['peak_rss_bytes'] / 2**20)} MiB; its CPU over ours at the same level: "
                  + number(ratio(node["client_cpu_seconds_per_gb"], bench(all_, "zlib", "client_cpu_seconds_per_gb"))) + "."]
    for data in all_.values():
        if data.get("kind") == "kusto bench":
            e = data["environment"]
            lines += ["", f"{e['processor']}, {e['processors']} processors, g++ {e['compiler']}"
                      + ("" if e["optimised"] else " (**debug build: the figures mean nothing**)")
                      + f"; {data['options']['repetitions']} repetitions, medians (least to most)."]
            break
    return "\n".join(lines) + "\n"


def series(all_, folder, prefix):
    """One .dat file of all runs PREFIX_n: n, MB/s, least, most."""
    rows = []
    for name in all_:
        found = re.fullmatch(prefix + r"_(\d+)", name)
        if found:
            rows.append((int(found[1]), *(bench(all_, name, "raw_mb_per_second", w) for w in ("median", "least", "most"))))
    if rows:
        (folder / f"{prefix}.dat").write_text("".join(" ".join(map(str, r)) + "\n" for r in sorted(rows)))
    return bool(rows)


def stages(all_, folder):
    rows = []
    for name in ("zlib", "fast", "telemetry"):
        if bench(all_, name, "raw_mb_per_second") is not None:
            rows.append([name] + [max(0.0, bench(all_, name, f"{part}_cpu_seconds_per_gb"))
                                  for part in ("compress", "encode", "other")])
    if rows:
        (folder / "stages.dat").write_text("".join(" ".join(map(str, r)) + "\n" for r in rows))
    return bool(rows)


def plot(folder, name, commands):
    head = f"set terminal svg size 640,400 background 'white'\nset output '{folder / name}.svg'\nset grid\n"
    subprocess.run(["gnuplot"], input=head + commands, text=True, check=True)


def plots(all_, folder):
    if not shutil.which("gnuplot"):
        print("no gnuplot: no plots", file=sys.stderr)
        return
    for prefix, label, log in (("parallelism", "writers, producers, threads", False), ("batch", "records in a batch", True),
                               ("latency", "ms added to each request", False)):
        if series(all_, folder, prefix):
            plot(folder, prefix, ("set logscale x\n" if log else "") +
                 f"set xlabel '{label}'\nset ylabel 'MB/s, before compression'\nset yrange [0:*]\nunset key\n"
                 f"plot '{folder / prefix}.dat' using 1:2 with lines, '' using 1:2:3:4 with yerrorbars pt 7\n")
    if stages(all_, folder):
        plot(folder, "stages", "set style data histograms\nset style histogram rowstacked\nset style fill solid 0.7\n"
             "set boxwidth 0.6\nset ylabel 'client CPU s/GB'\nset yrange [0:*]\n"
             f"plot '{folder}/stages.dat' using 2:xtic(1) title 'compression', '' using 3 title 'encoding', "
             "'' using 4 title 'everything else'\n")
    for name in ("memory", "outage"):
        source = folder / f"{name}.csv"
        if source.exists():
            plot(folder, name, "set datafile separator ','\nset xlabel 's'\nset ylabel 'MiB'\nset yrange [0:*]\nset key bottom\n"
                 f"plot '{source}' using 1:($2/1048576) every ::1 with lines title 'resident', "
                 "'' using 1:($3/1048576) every ::1 with lines title 'byte budget in use'\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    all_ = load(folder)
    text = tables(all_)
    (folder / "table.md").write_text(text)
    plots(all_, folder)
    if len(sys.argv) > 2:
        readme = pathlib.Path(sys.argv[2])
        old = readme.read_text()
        if BEGIN not in old or END not in old:
            sys.exit(f"{readme} has no markers")
        head, tail = old.split(BEGIN)[0], old.split(END)[1]
        readme.write_text(head + BEGIN + "\n" + text + END + tail)
    print(text)


if __name__ == "__main__":
    main()
