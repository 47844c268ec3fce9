#pragma once

#include <bounds/data.hpp>
#include <bounds/measure.hpp>
#include <bounds/options.hpp>
#include <string>
#include <vector>

namespace kusto::bounds
{

/// What was measured, as JSON like that of `kusto bench`: `environment`, `options`, `runs`, and
/// for each thing and number of threads the median, least and most of each figure.
[[nodiscard]] std::string to_json(options const& use, data const& from,
                                  std::vector<sample> const& samples);

/// Prints the medians, least and most in parentheses where measurements were repeated.
void print_table(options const& use, data const& from, std::vector<sample> const& samples);

} // namespace kusto::bounds
