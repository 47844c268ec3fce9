"""What the measuring programs wrote: NAME.REPETITION.json in one folder, and meta.json beside them."""

import json
import os
import re
import statistics

FILE = re.compile(r"^(?P<name>.+)\.(?P<repetition>\d+)\.json$")


class Missing(Exception):
    """A figure that was not measured."""


def number(value):
    """Programs that repeat write a median with its spread, others the number."""
    return float(value["median"] if isinstance(value, dict) else value)


class Results:
    def __init__(self, folder):
        self.folder = folder
        self.documents = {}
        for file in sorted(os.listdir(folder)):
            match = FILE.match(file)
            if not match:
                continue
            with open(os.path.join(folder, file), encoding="utf-8") as stream:
                document = json.load(stream)
            of_name = self.documents.setdefault(match["name"], {})
            of_name[int(match["repetition"])] = document
        meta = os.path.join(folder, "meta.json")
        self.meta = {}
        if os.path.exists(meta):
            with open(meta, encoding="utf-8") as stream:
                self.meta = json.load(stream)

    def names(self):
        return list(self.documents)

    def has(self, name):
        return name in self.documents

    def document(self, name):
        """One of the repetitions, for what is the same in all."""
        if name not in self.documents:
            raise Missing(name)
        return next(iter(self.documents[name].values()))

    def sample(self, name, figure, **where):
        """A figure of each repetition. `where` picks among the medians of one document."""
        if name not in self.documents:
            raise Missing(name)
        values = {}
        for repetition, document in self.documents[name].items():
            for entry in document["medians"]:
                if all(entry.get(key) == value for key, value in where.items()) and figure in entry:
                    values[repetition] = number(entry[figure])
                    break
        if not values:
            raise Missing(f"{figure} of {name} {where or ''}")
        return Sample(values)

    def micro(self, name, benchmark, figure="bytes_per_second"):
        """A figure of a program made with Google Benchmark."""
        if name not in self.documents:
            raise Missing(name)
        values = {}
        for repetition, document in self.documents[name].items():
            found = [entry[figure] for entry in document["benchmarks"]
                     if entry["name"] == benchmark and entry.get("run_type") != "aggregate"]
            if found:
                values[repetition] = statistics.median(found)
        if not values:
            raise Missing(f"{benchmark} of {name}")
        return Sample(values)


class Sample:
    """The values of one figure, by repetition."""

    def __init__(self, values):
        self.values = values

    @property
    def median(self):
        return statistics.median(self.values.values())

    def over(self, other):
        return Ratio(self, other)

    def scaled(self, factor):
        return Sample({key: value * factor for key, value in self.values.items()})


class Ratio:
    """The ratio of two medians, and how far the ratios within one repetition are apart."""

    def __init__(self, above, below):
        self.above = above.median
        self.below = below.median
        self.value = self.above / self.below
        both = above.values.keys() & below.values.keys()
        pairs = [above.values[key] / below.values[key] for key in both]
        self.least = min(pairs, default=self.value)
        self.most = max(pairs, default=self.value)
        self.repetitions = len(pairs)


def digits(value, significant=3):
    """With so many significant digits, and without an exponent."""
    if value == 0:
        return "0"
    before = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if before >= significant:
        return f"{value:,.0f}"
    if before > 0:
        return f"{value:.{significant - before}f}"
    text = f"{value:.{significant}g}"
    return f"{value:.12f}".rstrip("0") if "e" in text else text
