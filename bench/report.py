#!/usr/bin/env python3
"""Makes the table and the plots from what bench/run.sh measured.

    bench/report.py FOLDER [--readme FILE] [--summary FILE] [--plots FOLDER] [--table FILE]

Prints the table of targets. Ends with 0 also when a target is missed: a benchmark that fails on a
busy machine would only be switched off.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from reporting import plots, tables  # noqa: E402
from reporting.results import Results  # noqa: E402


def rewrite(file, between, begin, end):
    with open(file, encoding="utf-8") as stream:
        after = tables.replace(stream.read(), between, begin, end)
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(after)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where the JSON files are")
    parser.add_argument("--readme", help="file with the markers, rewritten between them")
    parser.add_argument("--summary", help="file with the markers of the five figures")
    parser.add_argument("--plots", help="folder for SVG files")
    parser.add_argument("--table", help="file for the same text without the markers")
    use = parser.parse_args()
    results = Results(use.folder)
    text = tables.markdown(results)
    print(tables.target_table(results))
    if use.table:
        with open(use.table, "w", encoding="utf-8") as stream:
            stream.write(text)
    if use.readme:
        rewrite(use.readme, text, tables.BEGIN, tables.END)
    if use.summary:
        rewrite(use.summary, tables.summary(results), tables.SUMMARY_BEGIN, tables.SUMMARY_END)
    if use.plots and plots.draw(results, use.plots) is None:
        print("gnuplot is not there: no plots", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
