#pragma once

#include <cli/bench_options.hpp>
#include <cli/bench_result.hpp>
#include <cli/bench_source.hpp>
#include <string>
#include <vector>

namespace kusto::cli
{

/// What was measured, as JSON: `environment`, `options`, `runs`, and for each parallelism the
/// median, least and most of each figure.
[[nodiscard]] std::string to_json(bench_options const& options, bench_source const& source,
                                  std::vector<bench_result> const& results);

/// Prints the medians as a table, least and most in parentheses where runs were repeated.
void print_table(bench_options const& options, bench_source const& source,
                 std::vector<bench_result> const& results);

} // namespace kusto::cli
