#pragma once

#include <kusto/statistics.hpp>
#include <vector>

namespace kusto::test
{

/// Statistics in which every number differs from every other, so that a mix-up shows, and in which
/// every bucket of every histogram holds something.
[[nodiscard]] sink_statistics sample_statistics();

/// Several sinks: odd names, nothing but zeros, two of the same table.
[[nodiscard]] std::vector<named_statistics> sample_sinks();

} // namespace kusto::test
