#!/usr/bin/env python3
"""Checks that a compiler does not make.

1. Folders of src/ include only folders above them (src/README.md shows the order).
2. Beast and OpenSSL stay in net/, the emulator and the program, OpenSSL also in crypto/; core/,
   wire/, text/, crypto/, base/ hold no Asio type; public headers include neither Beast, OpenSSL,
   zlib, SQLite nor anything of src/.
3. Coroutine rules for g++ 12, which compiles these into memory corruption without a warning:
   an expression with co_await contains no brace and no lambda, and never stands in the parentheses
   of if, while or switch, in ?:, in throw, or in braces.
4. No file is longer than a reader wants.

Usage: lint.py ROOT          check the project; exit status 1 when something is found
       lint.py --samples DIR  check that every sample is found guilty of exactly what it says
"""

import pathlib
import re
import sys

ORDER = ["base", "crypto", "options", "text", "gzip", "core", "wire", "telemetry", "ledger", "async",
         "host", "auth", "service", "sink", "commit", "net", "doctor"]
# net implements async/transport.hpp and may see what stands above async; it knows no service.
ALLOWED = {name: set(ORDER[: i + 1]) for i, name in enumerate(ORDER)}
ALLOWED["net"] = {"base", "crypto", "core", "async", "net"}
ALLOWED["emulator"] = {"base", "emulator"}
ALLOWED["cli"] = {"cli"}
PURE = {"base", "crypto", "options", "text", "gzip", "core", "wire", "telemetry"}
SOCKETS = {"net", "emulator", "cli"}
MAX_LINES = 500
LONG_TESTS = 800

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def strip(text):
    """Blanks out comments and the contents of literals; keeps offsets and line breaks."""
    out = []
    i, n = 0, len(text)
    while i < n:
        two = text[i : i + 2]
        if two == "//":
            j = text.find("\n", i)
            j = n if j < 0 else j
            out.append(" " * (j - i))
        elif two == "/*":
            j = text.find("*/", i)
            j = n if j < 0 else j + 2
            out.append("".join(c if c == "\n" else " " for c in text[i:j]))
        elif text[i] == "R" and text[i + 1 : i + 2] == '"' and not (i and text[i - 1].isalnum()):
            m = re.match(r'R"([^(]*)\(', text[i:])
            end = ")" + (m.group(1) if m else "") + '"'
            j = text.find(end, i)
            j = n if j < 0 else j + len(end)
            out.append("".join(c if c == "\n" else "_" for c in text[i:j]))
        elif text[i] == '"' or (text[i] == "'" and not (i and (text[i - 1].isalnum()))):
            j = i + 1
            while j < n and text[j] != text[i] and text[j] != "\n":
                j += 2 if text[j] == "\\" else 1
            j = min(j + 1, n)
            out.append('"' + "_" * (j - i - 2) + '"' if j - i >= 2 else text[i:j])
        else:
            out.append(text[i])
            i += 1
            continue
        i = j
    return "".join(out)


BLOCK_BEFORE = re.compile(
    r"(\)\s*(const|noexcept|mutable|override|final|->[^;{}]*|\s)*|\belse|\bdo|\btry|^|[;{}:])\s*$", re.S
)


def head_of(text, brace):
    """The text that leads to an opening brace."""
    start = max(text.rfind(c, 0, brace) for c in ";{}")
    return text[start + 1 : brace]


def is_block(text, brace):
    head = head_of(text, brace)
    return head.strip() == "" or bool(BLOCK_BEFORE.search(head))


def expression_faults(text, at):
    """What is wrong with the full expression around the co_await at offset `at`."""
    faults = set()
    depth = 0
    start = 0
    i = at - 1
    while i >= 0:
        c = text[i]
        if c in ")]":
            depth += 1
        elif c in "([":
            if depth:
                depth -= 1
            else:
                word = re.search(r"(\w+)\s*(constexpr\s*)?$", text[max(0, i - 40) : i])
                name = word.group(1) if word else ""
                if c == "(" and name in ("if", "while", "switch"):
                    faults.add("condition")
                    start = i + 1
                    break
                if c == "(" and name == "for":
                    start = i + 1
                    break
        elif c == "}":
            if depth == 0:
                start = i + 1
                break
        elif c == "{":
            if is_block(text, i):
                if depth == 0:
                    start = i + 1
                    break
            else:
                faults.add("braces")
        elif c == ";" and depth == 0:
            start = i + 1
            break
        i -= 1
    depth = 0
    end = len(text)
    for j in range(start, len(text)):
        c = text[j]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth < 0:
                end = j
                break
        elif c == ";" and depth == 0:
            end = j
            break
    expression = text[start:end]
    if "{" in expression:
        faults.add("braces")
    if re.search(r"(?<!\w)throw\b", expression):
        faults.add("throw")
    if "?" in expression:
        faults.add("conditional")
    return faults


def coroutine_faults(text):
    clean = strip(text)
    for match in re.finditer(r"\bco_await\b", clean):
        if re.search(r"\boperator\s*$", clean[max(0, match.start() - 12) : match.start()]):
            continue
        for fault in sorted(expression_faults(clean, match.start())):
            yield clean.count("\n", 0, match.start()) + 1, "co_await-" + fault


def include_faults(folder, text, public):
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        name = match.group(1)
        top = name.split("/")[0]
        sockets = re.match(r"(boost/beast|openssl|boost/asio/ssl)", name)
        own_openssl = folder == "crypto" and top == "openssl"
        if sockets and folder not in SOCKETS and not own_openssl:
            yield line, "include-sockets"
        if name == "zlib.h" and (public or folder not in ("gzip", "ledger", "emulator")):
            yield line, "include-zlib"
        if name == "sqlite3.h" and (public or folder not in ("ledger", "emulator")):
            yield line, "include-sqlite"
        if name.startswith("boost/asio") and folder in PURE:
            # Interfaces that mention asio::awaitable come in through kusto/credential.hpp only.
            yield line, "include-asio"
        if public and top in ALLOWED:
            yield line, "include-private"
        if folder in ALLOWED and top in ALLOWED and top not in ALLOWED[folder]:
            yield line, "include-direction"


def check_file(root, path):
    relative = path.relative_to(root)
    text = path.read_text(encoding="utf-8")
    parts = relative.parts
    public = parts[0] == "include"
    folder = parts[1] if parts[0] == "src" and len(parts) > 2 else ""
    if public and "emulator" in parts:
        folder = "emulator-public"
    if public or folder:
        yield from include_faults(folder, text, public)
    yield from coroutine_faults(text)
    limit = LONG_TESTS if parts[0] in ("tests", "bench") else MAX_LINES
    lines = text.count("\n")
    if lines > limit:
        yield lines, f"longer-than-{limit}-lines"


def sources(root):
    for top in ("include", "src", "tests", "bench", "examples"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".hpp", ".cpp", ".h") and "samples" not in path.parts:
                yield path


def check_project(root):
    found = 0
    count = 0
    for path in sources(root):
        count += 1
        for line, fault in check_file(root, path):
            print(f"{path.relative_to(root)}:{line}: {fault}")
            found += 1
    print(f"lint: {count} files, {found} findings")
    return 1 if found or count == 0 else 0


def check_samples(folder):
    """Each sample's lines say after `// expect:` what they are guilty of, or `nothing`."""
    wrong = 0
    lines_checked = 0
    for path in sorted(folder.glob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        found = {}
        for line, fault in coroutine_faults(text):
            found.setdefault(line, set()).add(fault)
        for number, line in enumerate(text.split("\n"), 1):
            match = re.search(r"// expect: (.*)$", line)
            wanted = set(match.group(1).split()) - {"nothing"} if match else set()
            lines_checked += bool(match)
            if found.get(number, set()) != wanted:
                print(f"{path.name}:{number}: found {found.get(number, set())}, expected {wanted}")
                wrong += 1
    print(f"lint samples: {lines_checked} expectations, {wrong} wrong")
    return 1 if wrong or lines_checked == 0 else 0


if __name__ == "__main__":
    if sys.argv[1] == "--samples":
        sys.exit(check_samples(pathlib.Path(sys.argv[2])))
    sys.exit(check_project(pathlib.Path(sys.argv[1])))
