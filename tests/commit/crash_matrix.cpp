// Every crash point, with both protocols. Compares what comes of it with the table in a file, or writes it.
#include "crash_run.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <faults/written_table.hpp>
#include <iostream>
#include <sstream>
#include <thread>

namespace
{

using namespace kusto::crash;
using kusto::faults::same_words;
using kusto::faults::written_table;

/// Deaths of one cell: all at the same point.
struct column
{
    std::string sink;
    std::string name;
    std::vector<std::uint64_t> visits; ///< of each life in turn
};

std::vector<column> const& all_columns()
{
    static std::vector<column> const columns{
        {"staged", "staged, first", {1}},
        {"staged", "second", {2}},
        {"staged", "again in recovery", {1, 1}},
        {"ingest_by", "ingest_by, first", {1}},
        {"ingest_by", "second", {2}},
        {"ingest_by", "again in recovery", {1, 1}},
    };
    return columns;
}

struct cell
{
    std::string point;
    column const* where;
    verdict end;
};

schedule schedule_of(std::string const& point, column const& where)
{
    schedule what;
    what.plan.sink = where.sink;
    what.plan.mode = "beside";
    what.plan.records = 160;
    what.plan.largest_group = 20;
    what.plan.groups = 4;
    what.plan.batch_size = 10;
    what.plan.producers = 2;
    what.plan.parallelism = 2;
    what.plan.uploads_in_flight = 16;
    for (auto const visit : where.visits)
    {
        kill one;
        one.point = point;
        one.visit = visit;
        what.kills.push_back(one);
    }
    return what;
}

std::string word_of(cell const& one)
{
    if (!one.end.violations.empty())
        return "wrong: " + one.end.violations.front();
    if (one.end.kills == 0)
        return "-";
    auto const deaths = " (" + std::to_string(one.end.kills) + "x)";
    return "once" + deaths;
}

std::vector<cell> observe_all(std::string const& child, std::size_t jobs, std::string const& only)
{
    std::vector<cell> cells;
    for (auto const& point : all_crash_points())
        for (auto const& where : all_columns())
            if (only.empty() || point == only)
                cells.push_back(cell{point, &where, {}});
    std::atomic<std::size_t> next = 0;
    auto const work = [&]
    {
        for (auto i = next++; i < cells.size(); i = next++)
        {
            auto& one = cells[i];
            one.end = run(schedule_of(one.point, *one.where), child, false);
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < jobs; ++i)
        threads.emplace_back(work);
    for (auto& one : threads)
        one.join();
    return cells;
}

std::string markdown(std::vector<cell> const& cells)
{
    std::ostringstream out;
    out << "| killed at |";
    for (auto const& where : all_columns())
        out << ' ' << where.name << " |";
    out << "\n|---|";
    for (std::size_t i = 0; i < all_columns().size(); ++i)
        out << "---|";
    std::string last;
    for (auto const& one : cells)
    {
        if (one.point != last)
            out << "\n| " << one.point << " |";
        last = one.point;
        out << ' ' << word_of(one) << " |";
    }
    out << '\n';
    return out.str();
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Kills a process with a write-ahead sink at every crash point.");
    std::string child, path, only;
    bool write = false;
    std::size_t jobs = 4;
    app.add_option("child", child, "the program kusto_wal_child")->required();
    app.add_option("file", path, "markdown file with the table")->required();
    app.add_flag("--write", write, "write the table instead of comparing it");
    app.add_option("--jobs", jobs, "cells at a time")->capture_default_str();
    app.add_option("--only", only, "print the row of this point, and compare nothing");
    CLI11_PARSE(app, argc, argv);
    try
    {
        written_table file(path, "crash matrix");
        auto const cells = observe_all(child, jobs, only);
        auto const table = markdown(cells);
        if (!only.empty() || write)
            std::cout << table;
        bool good = true;
        for (auto const& one : cells)
        {
            if (one.end.violations.empty())
                continue;
            good = false;
            std::cout << one.point << ", " << one.where->name << ":\n" << one.end.output;
        }
        if (write && only.empty())
            file.write(table);
        return good && (write || !only.empty() || same_words(file.text(), table)) ? 0 : 1;
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << '\n';
        return 2;
    }
}
