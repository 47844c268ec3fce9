// Every fault at every stage. Compares what is observed with the tables in a file, or writes them.
#include "matrix.hpp"

#include "schedule.hpp"
#include "written_table.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <sstream>
#include <thread>

namespace
{

using namespace kusto::faults;

struct cell
{
    std::size_t row;
    trouble what;
    stage_of_delivery where;
    observed_cell once, forever;
};

std::string name_of(trouble const& what)
{
    return what.name.empty() ? action_name(what.rule) : what.name;
}

std::vector<cell> all_cells(std::vector<trouble> const& rows)
{
    std::vector<cell> cells;
    for (std::size_t row = 0; row < rows.size(); ++row)
    {
        std::vector<stage_of_delivery> stages = all_stages();
        if (rows[row].of_ingestion)
            stages.assign(1, ingestion_stage());
        for (auto const& stage : stages)
            cells.push_back(cell{row, rows[row], stage, {}, {}});
    }
    return cells;
}

/// Most cells wait for timeouts most of the time, so many are observed at once.
void observe_all(std::vector<cell>& cells, std::size_t jobs)
{
    std::atomic<std::size_t> next = 0;
    auto const work = [&]
    {
        for (auto i = next++; i < 2 * cells.size(); i = next++)
        {
            bool const forever = i % 2 != 0;
            auto& one = cells[i / 2];
            (forever ? one.forever : one.once) = observe(one.what, one.where, forever);
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < jobs; ++i)
        threads.emplace_back(work);
    for (auto& one : threads)
        one.join();
}

std::string text_of_cell(cell const& one)
{
    auto text = one.once.word;
    if (one.once.requests > 1)
        text += " (" + std::to_string(one.once.requests) + ")";
    if (one.forever.word != one.once.word)
        text += "; " + one.forever.word;
    return text;
}

std::string markdown(std::vector<trouble> const& rows, std::vector<cell> const& cells)
{
    std::ostringstream out;
    out << "| fault |";
    for (auto const& stage : all_stages())
        out << ' ' << stage.name << " |";
    out << "\n|---|";
    for (std::size_t i = 0; i < all_stages().size(); ++i)
        out << "---|";
    bool second = false;
    std::size_t last = rows.size();
    for (auto const& one : cells)
    {
        if (one.what.of_ingestion && !second)
        {
            out << "\n\n| fault of ingestion | with statuses |\n|---|---|";
            second = true;
        }
        if (one.row != last)
            out << "\n| " << name_of(one.what) << " |";
        last = one.row;
        out << ' ' << text_of_cell(one) << " |";
    }
    out << '\n';
    return out.str();
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("Observes every fault of the local cluster at every stage of a batch's way.");
    std::string path;
    bool write = false;
    std::size_t jobs = 8;
    std::string only;
    app.add_option("file", path, "markdown file with the tables")->required();
    app.add_flag("--write", write, "write the tables instead of comparing them");
    app.add_option("--jobs", jobs, "cells at a time")->capture_default_str();
    app.add_option("--only", only, "print the row of this fault, and compare nothing");
    CLI11_PARSE(app, argc, argv);
    try
    {
        auto rows = all_troubles();
        if (!only.empty())
            std::erase_if(rows, [&](trouble const& row) { return name_of(row) != only; });
        written_table file(path, "fault matrix");
        auto cells = all_cells(rows);
        observe_all(cells, jobs);
        auto const table = markdown(rows, cells);
        if (!only.empty() || write)
            std::cout << table;
        if (!only.empty())
            return 0;
        if (write)
            file.write(table);
        if (table.find("wrong") != std::string::npos)
        {
            std::cout << "a promise is broken:\n" << table;
            return 1;
        }
        return write || same_words(file.text(), table) ? 0 : 1;
    }
    catch (std::exception const& e)
    {
        std::cerr << e.what() << '\n';
        return 2;
    }
}
