"""The report of the benchmarks, made of a canned set: rows, verdicts, markers, plots.

    report_test.py SOURCE_FOLDER
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(sys.argv.pop(1))
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(ROOT, "bench"))

from reporting import plots, tables, targets  # noqa: E402
from reporting.results import Results, Sample, digits  # noqa: E402

MIB = 1 << 20
CPU = "client_cpu_seconds_per_gb"
SPEED = "raw_mb_per_second"

# What is in the canned documents, with these figures: every target is met.
BENCH = {
    "zlib6.p1": {CPU: 10.5, SPEED: 90}, "zlib6.p2": {CPU: 10.6, SPEED: 170},
    "zlib6.p4": {SPEED: 171}, "zlib1.p1": {CPU: 5}, "zlib1.p2": {CPU: 5},
    "igzip1.p1": {CPU: 1.5, SPEED: 500}, "igzip1.p4": {SPEED: 810},
    "igzip1.p2": {CPU: 1.5, SPEED: 800, "allocations_per_record": 0.002, "records": 8e6,
                  "batches": 80},
    "igzip1.batch10000": {SPEED: 700, "allocations_per_record": 0.02, "records": 8e6,
                          "batches": 800},
    "igzip1.batch100000": {SPEED: 800},
    "igzip1.latency0": {SPEED: 800}, "igzip1.latency50": {SPEED: 790},
    "memory": {"peak_rss_bytes": 100 * MIB, "budget_peak_bytes": 63 * MIB, "raw_bytes": 8e9},
    "outage": {}, "standard.p2": {CPU: 1.5},
}
# CPU alone on each number of threads, and of the straight loop with its speed.
BOUNDS = {"zlib6": (10, 11, 175), "zlib1": (4.8, 5, 350), "igzip1": (1.1, 1.4, 850)}
NODE = {"default": 14, "level1": 7}

# A change of figures, and the only row that is missed then.
MISSES = [
    (1, "bench.zlib6.p1", {CPU: 11.1}),
    (2, "bench.igzip1.p1", {CPU: 1.77}),
    (3, "micro.encode", {"struct_of_10_fields": 650e6}),
    (3, "micro.encode", {"struct_of_10_fields_bound_to_chars": 1.6e9}),
    (4, "bench.zlib6.p1", {SPEED: 110}),
    (5, "bench.igzip1.latency50", {SPEED: 719}),
    (6, "bench.igzip1.batch10000", {"allocations_per_record": 0.002}),
    (7, "bench.memory", {"peak_rss_bytes": 105 * MIB}),
    (8, "bounds.igzip1", {"straight": {SPEED: 900}}),
    (8, "bounds.zlib6", {"straight": {SPEED: 190}}),
    (8, "bounds.igzip1", {"straight": {CPU: 1.3}}),
    (9, "bench.standard.p2", {CPU: 1.8}),
    (10, "bench.zlib6.p2", {CPU: 12.2}),
]


def canned(name):
    with open(os.path.join(HERE, "canned", name), encoding="utf-8") as stream:
        return json.load(stream)


def bench_document(figures):
    document = canned("bench.json")
    for name, value in figures.items():
        document["medians"][0][name] = {"median": value, "least": value, "most": value}
    return document


def bounds_document(name):
    document = canned("bounds.json")
    alone, straight, speed = BOUNDS[name]
    for entry in document["medians"]:
        entry[CPU] = straight if entry["what"] == targets.STRAIGHT else alone
        entry[SPEED] = speed
    return document


def micro_document():
    document = canned("micro.json")
    set_micro(document, "struct_of_10_fields", 1e9)
    set_micro(document, "struct_of_10_fields_bound_to_chars", 1.2e9)
    return document


def set_micro(document, name, value):
    for entry in document["benchmarks"]:
        if entry["name"] == name:
            entry["bytes_per_second"] = value


def node_document(cpu):
    document = canned("node.json")
    document["medians"][0][CPU] = cpu
    return document


def whole_set():
    made = {f"bench.{name}": bench_document(figures) for name, figures in BENCH.items()}
    made.update({f"bounds.{name}": bounds_document(name) for name in BOUNDS})
    made.update({f"node.{name}": node_document(cpu) for name, cpu in NODE.items()})
    made["micro.encode"] = micro_document()
    return made


def change(document, name, changes):
    for figure, value in changes.items():
        if name == "micro.encode":
            set_micro(document, figure, value)
        elif figure == "straight":
            for entry in document["medians"]:
                if entry["what"] == targets.STRAIGHT and entry["threads"] == 2:
                    entry.update(value)
        else:
            document["medians"][0][figure]["median"] = value


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kusto-bench-report-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.set = whole_set()

    def results(self):
        for name, document in self.set.items():
            with open(os.path.join(self.folder, name + ".0.json"), "w", encoding="utf-8") as stream:
                json.dump(document, stream)
        shutil.copy(os.path.join(HERE, "canned", "outage.csv"), self.folder)
        return Results(self.folder)

    def verdicts(self):
        return [row.verdict for row in targets.rows(self.results())]

    def test_all_rows_are_met(self):
        rows = targets.rows(self.results())
        self.assertEqual([(row.what, row.measured, row.verdict) for row in rows if not row.met], [])
        self.assertEqual(len(rows), 10)
        text = tables.target_table(self.results())
        for row in rows:
            self.assertIn(f"| {row.what} | {row.target} | {row.measured} | met |", text)

    def test_each_row_can_be_missed(self):
        for number, name, changes in MISSES:
            with self.subTest(row=number, name=name, changes=changes):
                self.set = whole_set()
                change(self.set[name], name, changes)
                verdicts = self.verdicts()
                missed = [i for i, verdict in enumerate(verdicts, 1) if verdict != "met"]
                self.assertEqual(missed, [number])
                self.assertEqual(verdicts[number - 1], "**missed**")

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        del self.set["bench.memory"]
        del self.set["micro.encode"]
        verdicts = self.verdicts()
        self.assertEqual([i for i, verdict in enumerate(verdicts, 1) if verdict == "not measured"],
                         [3, 7])
        self.assertEqual(verdicts.count("met"), 8)

    def test_less_than_8_gb_is_said(self):
        change(self.set["bench.memory"], "bench.memory", {"raw_bytes": 1e9})
        self.assertIn("**only** 1.00 GB written", targets.rows(self.results())[6].measured)

    def test_both_figures_of_a_ratio_are_shown(self):
        self.assertIn("1.050: 10.5 / 10.0 CPU s/GB", targets.rows(self.results())[0].measured)

    def test_ratios_are_of_medians_and_spread_by_repetition(self):
        ratio = Sample({0: 10.0, 1: 30.0, 2: 22.0}).over(Sample({0: 10.0, 1: 20.0, 2: 20.0}))
        self.assertEqual((ratio.value, ratio.least, ratio.most), (1.1, 1.0, 1.5))

    def test_repetitions_are_read_together(self):
        slow = copy.deepcopy(self.set["bench.zlib6.p1"])
        change(slow, "bench.zlib6.p1", {CPU: 12})
        for repetition in (1, 2):
            path = os.path.join(self.folder, f"bench.zlib6.p1.{repetition}.json")
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(slow, stream)
        self.assertEqual(self.results().sample("bench.zlib6.p1", CPU).median, 12)
        self.assertEqual(self.verdicts()[0], "**missed**")

    def test_numbers(self):
        self.assertEqual([digits(x) for x in (0, 0.00012345, 0.5, 1.0, 12.345, 123.45, 12345.6)],
                         ["0", "0.000123", "0.5", "1.00", "12.3", "123", "12,346"])

    def test_baseline(self):
        self.set["baseline.igzip1.p2"] = bench_document({SPEED: 400, CPU: 3})
        text = tables.baseline_table(self.results())
        self.assertIn("| igzip 1 p2 | MB/s | 400 | 800 | 2.00 |", text)
        self.assertIn("| igzip 1 p2 | client CPU s/GB | 3.00 | 1.50 | 0.50 |".replace("0.50", "0.5"),
                      text)

    def run_report(self, *arguments):
        self.results()
        return subprocess.run([sys.executable, os.path.join(ROOT, "bench", "report.py"), self.folder,
                               *arguments], capture_output=True, text=True, check=False)

    def test_the_readme_changes_between_the_markers_only(self):
        readme = os.path.join(self.folder, "README.md")
        with open(readme, "w", encoding="utf-8") as stream:
            stream.write(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n")
        for _ in range(2):
            self.assertEqual(self.run_report("--readme", readme).returncode, 0)
            with open(readme, encoding="utf-8") as stream:
                text = stream.read()
            self.assertTrue(text.startswith(f"before\n{tables.BEGIN}\n"))
            self.assertTrue(text.endswith(f"{tables.END}\nafter\n"))
            self.assertNotIn("old", text)
            self.assertEqual(text.count("| 10 | The same at the same zlib level |"), 1)
            for part in ("**Runs**", "**Bounds**", "straight loop", "Node SDK"):
                self.assertIn(part, text)

    def test_the_summary_has_five_figures(self):
        readme = os.path.join(self.folder, "README.md")
        with open(readme, "w", encoding="utf-8") as stream:
            stream.write(f"before\n{tables.SUMMARY_BEGIN}\nold\n{tables.SUMMARY_END}\nafter\n")
        self.assertEqual(self.run_report("--summary", readme).returncode, 0)
        with open(readme, encoding="utf-8") as stream:
            text = stream.read()
        self.assertEqual([line[:8] for line in text.splitlines() if line.startswith("- ")],
                         ["- 800 MB", "- 1.50 C", "- 0.941 ", "- 100 Mi", "- 9.33 t"])
        self.assertNotIn("old", text)

    def test_a_readme_without_markers_stays(self):
        readme = os.path.join(self.folder, "README.md")
        with open(readme, "w", encoding="utf-8") as stream:
            stream.write("nothing\n")
        self.assertNotEqual(self.run_report("--readme", readme).returncode, 0)
        with open(readme, encoding="utf-8") as stream:
            self.assertEqual(stream.read(), "nothing\n")

    def test_the_readme_of_the_benchmarks_has_the_markers_and_the_plots(self):
        with open(os.path.join(ROOT, "bench", "README.md"), encoding="utf-8") as stream:
            text = stream.read()
        tables.replace(text, "")
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as stream:
            tables.replace(stream.read(), "", tables.SUMMARY_BEGIN, tables.SUMMARY_END)
        for name in plots.PLOTS:
            self.assertIn(f"](plots/{name}.svg)", text)

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_plots(self):
        folder = os.path.join(self.folder, "plots")
        self.assertEqual(self.run_report("--plots", folder).returncode, 0)
        for name in plots.PLOTS:
            with open(os.path.join(folder, name + ".svg"), encoding="utf-8") as stream:
                text = stream.read()
            self.assertIn("</svg>", text)
            self.assertIn("<path", text, name)
        with open(os.path.join(folder, "outage.svg"), encoding="utf-8") as stream:
            self.assertIn("byte budget used", stream.read())

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_there_is_no_plot_of_what_was_not_measured(self):
        self.set = {"bench.memory": self.set["bench.memory"]}
        self.assertEqual(plots.draw(self.results(), os.path.join(self.folder, "plots")), [])


if __name__ == "__main__":
    unittest.main()
