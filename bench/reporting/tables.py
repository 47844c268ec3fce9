"""Markdown between the markers of bench/README.md."""

from . import targets
from .results import Missing, digits

BEGIN = "<!-- results -->"
END = "<!-- /results -->"
SUMMARY_BEGIN = "<!-- performance -->"
SUMMARY_END = "<!-- /performance -->"

RUNS = [
    ("MB/s", "raw_mb_per_second", 1),
    ("records/s", "records_per_second", 1),
    ("ratio", "ratio", 1),
    ("client CPU s/GB", "client_cpu_seconds_per_gb", 1),
    ("server CPU s/GB", "server_cpu_seconds_per_gb", 1),
    ("write p50, µs", "write_p50_seconds", 1e6),
    ("p99, µs", "write_p99_seconds", 1e6),
    ("max, ms", "write_max_seconds", 1e3),
    ("delivered p50, ms", "delivered_p50_seconds", 1e3),
    ("p99, ms", "delivered_p99_seconds", 1e3),
    ("peak RSS, MiB", "peak_rss_bytes", 1 / (1 << 20)),
    ("allocations/record", "allocations_per_record", 1),
    ("s/checkpoint", "seconds_per_checkpoint", 1),
]

CODECS = {"zlib1": "zlib 1", "zlib6": "zlib 6", "igzip1": "igzip 1", "standard": "default"}


def table(head, lines):
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    out += ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(out) + "\n"


def value_of(results, name, figure, factor, **where):
    try:
        return digits(results.sample(name, figure, **where).scaled(factor).median)
    except Missing:
        return ""


def machine(results):
    """What the figures hold for."""
    meta = results.meta
    parts = [meta.get("date", ""), f"commit `{meta['commit']}`" if "commit" in meta else ""]
    for name in results.names():
        document = results.document(name)
        if document.get("kind") == "kusto bench":
            env = document["environment"]
            parts += [f"{env['processor']}, {env['processors']} processors",
                      f"g++ {env['compiler']}" + ("" if env["optimised"] else ", NOT OPTIMISED"),
                      f"{digits(document['options']['bytes_per_record'])} bytes a record"]
            break
    if "repetitions" in meta:
        parts.append(f"medians of {meta['repetitions']}, in parentheses the least and the greatest "
                     "ratio of one repetition" if meta["repetitions"] > 1 else "one repetition")
    if meta.get("quick"):
        parts.append("**a quick run: small amounts of data**")
    if "load" in meta:
        parts.append(f"load average before the run {meta['load']}")
    return "; ".join(part for part in parts if part) + ".\n"


def target_table(results):
    lines = [(str(i), row.what, row.target, row.measured, row.verdict)
             for i, row in enumerate(targets.rows(results), 1)]
    return table(("", "what", "target", "measured", ""), lines)


def run_name(name):
    codec, _, rest = name.removeprefix("bench.").partition(".")
    return f"{CODECS.get(codec, codec)} {rest}".strip()


def run_table(results):
    lines = []
    for name in results.names():
        if not name.startswith("bench."):
            continue
        values = [value_of(results, name, figure, factor) for _, figure, factor in RUNS]
        if values[-1] == "0":
            values[-1] = ""  # no checkpoints
        lines.append([run_name(name)] + values)
    return table(["run"] + [head for head, _, _ in RUNS], lines) if lines else ""


def bound_table(results):
    lines = []
    for name in results.names():
        if not name.startswith("bounds."):
            continue
        codec = CODECS.get(name.removeprefix("bounds."), name)
        for entry in results.document(name)["medians"]:
            where = {"what": entry["what"], "threads": entry.get("threads")}
            lines.append([codec, str(entry["what"]), str(entry.get("threads", ""))] + [
                value_of(results, name, figure, 1, **where)
                for figure in (targets.SPEED, targets.CPU, "ratio")])
    for name in results.names():
        if not name.startswith("node."):
            continue
        level = "level 6, its default" if name == "node.default" else "level 1, compressed by us"
        lines.append(["zlib of Node.js", f"Node SDK, {level}", ""] + [
            value_of(results, name, figure, 1)
            for figure in (targets.SPEED, targets.CPU, "ratio")])
    head = ("compressor", "bound", "threads", "MB/s", "CPU s/GB", "ratio")
    return table(head, lines) if lines else ""


def baseline_table(results):
    lines = []
    for name in results.names():
        if not name.startswith("baseline."):
            continue
        run = name.removeprefix("baseline.")
        other = "versus." + run if results.has("versus." + run) else "bench." + run
        for head, figure in (("MB/s", targets.SPEED), ("client CPU s/GB", targets.CPU)):
            try:
                ratio = results.sample(other, figure).over(results.sample(name, figure))
            except Missing:
                continue
            lines.append((run_name(run), head, digits(ratio.below), digits(ratio.above),
                          digits(ratio.value)))
    if not lines:
        return ""
    head = ("run", "", f"baseline `{results.meta.get('baseline', '')}`", "now", "now / baseline")
    note = results.meta.get("baseline_note", "")
    return (note + "\n\n" if note else "") + table(head, lines)


def markdown(results):
    parts = [machine(results), target_table(results)]
    for title, make in (("Runs", run_table), ("Bounds", bound_table), ("Baseline", baseline_table)):
        text = make(results)
        if text:
            parts.append(f"**{title}**\n\n{text}")
    return "\n".join(parts)


def summary(results):
    """The five figures that people ask for first."""
    speed, cpu = targets.SPEED, targets.CPU

    def figure(name, of, scale=1, **where):
        return digits(results.sample(name, of, **where).scaled(scale).median)

    def times(above, below):
        return digits(above.over(below).value)

    def straight(of):
        return results.sample("bounds.igzip1", of, what=targets.STRAIGHT, threads=2)

    ours = "bench.igzip1.p2"
    lines = (
        lambda: f"{figure(ours, speed)} MB/s of CSV lines over HTTPS with igzip 1, "
                f"{figure('bench.zlib6.p2', speed)} MB/s with zlib 6 (2 writers)",
        lambda: f"{figure('bench.igzip1.p1', cpu)} CPU s/GB with igzip 1, "
                f"{figure('bench.zlib6.p1', cpu)} with zlib 6; the compressors alone take "
                f"{figure('bounds.igzip1', cpu, what=targets.ALONE, threads=1)} and "
                f"{figure('bounds.zlib6', cpu, what=targets.ALONE, threads=1)}",
        lambda: f"{times(results.sample(ours, speed), straight(speed))} of the speed of a straight loop "
                "(fill a batch, compress it, PUT it; 2 threads, igzip 1), at "
                f"{times(results.sample(ours, cpu), straight(cpu))} of its processor time",
        lambda: f"{figure('bench.memory', 'peak_rss_bytes', scale=1 / (1 << 20))} MiB resident at most, "
                f"with a byte budget of 64 MiB",
        lambda: f"{times(results.sample('node.default', cpu), results.sample('bench.standard.p2', cpu))} "
                "times less processor time than the official Node SDK, each with its default compressor (igzip 1, zlib 6), "
                f"{times(results.sample('node.default', cpu), results.sample('bench.zlib6.p2', cpu))} times less with the same one",
    )
    out = []
    for line in lines:
        try:
            out.append(f"- {line()}\n")
        except Missing:
            continue
    return "".join(out) + "\n" + machine(results)


def replace(text, between, begin=BEGIN, end=END):
    """:raises ValueError: without the markers"""
    head, found_begin, rest = text.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"the markers {begin} and {end} are missing")
    return f"{head}{begin}\n{between}{end}{tail}"
