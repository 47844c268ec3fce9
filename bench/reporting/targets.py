"""The targets, one row each: what was measured, of which figures it is made, and the verdict."""

from dataclasses import dataclass
from typing import Optional

from .results import Missing, digits

MIB = 1 << 20

CPU = "client_cpu_seconds_per_gb"
SPEED = "raw_mb_per_second"
ALONE = "compressor alone"
STRAIGHT = "straight loop"


@dataclass
class Row:
    what: str
    target: str
    measured: str = "not measured"
    met: Optional[bool] = None

    @property
    def verdict(self):
        return {None: "not measured", True: "met", False: "**missed**"}[self.met]


def times(value):
    """A ratio, with so many digits that a missed target is seen to be missed."""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def shown(ratio, unit):
    spread = ""
    if ratio.repetitions > 1:
        spread = f" ({times(ratio.least)} to {times(ratio.most)})"
    return f"{times(ratio.value)}{spread}: {digits(ratio.above)} / {digits(ratio.below)} {unit}"


def optional(make):
    """Text about further figures, or nothing where they were not measured."""
    try:
        return "; " + make()
    except Missing:
        return ""


def against_compressor(results, codec, limit):
    def ratio(size):
        ours = results.sample(f"bench.{codec}.p{size}", CPU)
        return ours.over(results.sample(f"bounds.{codec}", CPU, what=ALONE, threads=size))

    one = ratio(1)
    text = shown(one, "CPU s/GB")
    text += optional(lambda: "with 2 of everything " + shown(ratio(2), "CPU s/GB"))
    return text, one.value <= limit


def zlib_cpu(results):
    return against_compressor(results, "zlib6", 1.10)


def igzip_cpu(results):
    return against_compressor(results, "igzip1", 1.6)


def encoding(results):
    ours = results.micro("micro.encode", "struct_of_10_fields").scaled(1e-6)
    bound = results.micro("micro.encode", "struct_of_10_fields_bound_to_chars").scaled(1e-6)
    slower = bound.over(ours)
    text = f"{digits(ours.median)} MB/s; time over that of `to_chars` alone {shown(slower, 'MB/s')}"
    return text, ours.median >= 700 and slower.value <= 1.3


def scaling(results):
    def ratio(codec):
        return results.sample(f"bench.{codec}.p2", SPEED).over(
            results.sample(f"bench.{codec}.p1", SPEED))

    by_compressor = ratio("zlib6")
    text = "zlib 6: " + shown(by_compressor, "MB/s")
    text += optional(lambda: "igzip 1: " + shown(ratio("igzip1"), "MB/s"))
    return text, by_compressor.value >= 1.7


def latency(results):
    ratio = results.sample("bench.igzip1.latency50", SPEED).over(
        results.sample("bench.igzip1.latency0", SPEED))
    return shown(ratio, "MB/s, igzip 1"), ratio.value >= 0.9


def allocations(results):
    """allocations = of_record * records + of_batch * batches, from two sizes of batches."""
    def of(name, figure):
        return results.sample(name, figure).median

    large, small = "bench.igzip1.p2", "bench.igzip1.batch10000"
    total = [of(name, "allocations_per_record") * of(name, "records") for name in (large, small)]
    batches = [of(name, "batches") for name in (large, small)]
    records = [of(name, "records") for name in (large, small)]
    determinant = records[0] * batches[1] - records[1] * batches[0]
    if determinant == 0:
        raise Missing("two sizes of batches")
    of_record = (total[0] * batches[1] - total[1] * batches[0]) / determinant
    of_batch = (records[0] * total[1] - records[1] * total[0]) / determinant
    per_batch = records[0] / batches[0]
    waits = of(large, "writes_that_waited") / records[0]
    text = (f"{of_record:.5f} a record and {digits(of_batch)} a batch; together "
            f"{digits(total[0] / records[0])} a record in batches of {per_batch:,.0f}, "
            f"{digits(total[1] / records[1])} in batches of {records[1] / batches[1]:,.0f}; "
            f"{digits(waits)} of the writes waited for the byte budget")
    return text, of_record < 0.001


def memory(results):
    peak = results.sample("bench.memory", "peak_rss_bytes").median / MIB
    budget = results.sample("bench.memory", "budget_peak_bytes").median / MIB
    written = results.sample("bench.memory", "raw_bytes").median / 1e9
    # The last batch ends with a whole record.
    short = "" if written > 7.99 else "**only** "
    text = (f"{digits(peak)} MiB, of the budget {digits(budget)} MiB at most; {short}"
            f"{digits(written)} GB written")
    return text, peak <= 64 + 40


def groups(results, bound):
    """The same for producers that give 100 lines to a write."""
    def ratio(figure, unit):
        return shown(results.sample("bench.igzip1.groups", figure).over(bound(figure)), unit)

    text = optional(lambda: f"{ratio(SPEED, 'MB/s')} and {ratio(CPU, 'CPU s/GB')}")
    return "with 100 lines in each write, and a budget of 64 MiB as the loop has, " + (text[2:] or "not measured")


def straight_loop(results):
    texts = []
    good = True
    for codec, name in (("igzip1", "igzip 1"), ("zlib6", "zlib 6")):
        def bound(figure):
            return results.sample(f"bounds.{codec}", figure, what=STRAIGHT, threads=2)

        speed = results.sample(f"bench.{codec}.p2", SPEED).over(bound(SPEED))
        cpu = results.sample(f"bench.{codec}.p2", CPU).over(bound(CPU))
        texts.append(f"{name}: {shown(speed, 'MB/s')} and {shown(cpu, 'CPU s/GB')}")
        if codec == "igzip1":
            texts.append(groups(results, bound))
        good = good and speed.value >= 0.9 and cpu.value <= 1.15
    return "; ".join(texts), good


def node_defaults(results):
    # Theirs over ours: how many times less we need.
    ratio = results.sample("node.default", CPU).over(results.sample("bench.standard.p2", CPU))
    codec = results.document("bench.standard.p2")["options"]["compression"]
    return shown(ratio, f"CPU s/GB, ours with {codec}"), ratio.value >= 8


def node_same_level(results):
    ratio = results.sample("node.default", CPU).over(results.sample("bench.zlib6.p2", CPU))
    text = "level 6, its default: " + shown(ratio, "CPU s/GB")

    def level_1():
        return "level 1: " + shown(results.sample("node.level1", CPU).over(
            results.sample("bench.zlib1.p2", CPU)), "CPU s/GB")

    text += optional(level_1)
    return text, ratio.value >= 1.15


TARGETS = [
    ("Client CPU per GB, pre-encoded lines, zlib 6, HTTPS, over the compressor alone",
     "at most 1.10", zlib_cpu),
    ("The same with igzip 1", "at most 1.6", igzip_cpu),
    ("Struct of 10 fields to CSV, one core",
     "at least 700 MB/s; at most 1.3 times as slow as `to_chars` alone", encoding),
    ("Parallelism 2 over 1, server on the same processors", "at least 1.7", scaling),
    ("50 ms added to every request, over none", "at least 0.9", latency),
    ("Allocations in a steady state", "0 a record", allocations),
    ("Peak RSS, 8 GB with a budget of 64 MiB", "at most 104 MiB", memory),
    ("Against a straight loop with 2 threads",
     "at least 0.9 of its MB/s, at most 1.15 of its CPU", straight_loop),
    ("CPU per GB of the Node SDK over ours, both at their defaults", "at least 8", node_defaults),
    ("The same at the same zlib level", "at least 1.15", node_same_level),
]


def rows(results):
    made = []
    for what, target, measure in TARGETS:
        row = Row(what, target)
        try:
            row.measured, row.met = measure(results)
        except Missing as missing:
            row.measured = f"no {missing}"
        made.append(row)
    return made
