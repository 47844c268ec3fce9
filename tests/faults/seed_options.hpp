#pragma once

#include "seed_workers.hpp"

#include <CLI/CLI.hpp>

namespace kusto::faults
{

/// The options of a program that runs seeds. \param trace  what `--trace` does
inline void add_options(CLI::App& app, seed_settings& with, std::string const& trace)
{
    app.add_option("--schedules", with.schedules, "at most so many")->capture_default_str();
    app.add_option("--seed", with.seed, "of the first schedule; the next ones count on")
        ->capture_default_str();
    app.add_option("--seconds", with.seconds, "no new schedule after that; 0: no limit");
    app.add_option("--jobs", with.jobs, "schedules at a time")->check(CLI::Range(1, 256));
    app.add_flag("--trace", with.trace, trace);
    app.add_flag("--print", with.print, "every schedule and what came of it");
}

} // namespace kusto::faults
