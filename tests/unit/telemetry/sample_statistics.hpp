#pragma once

#include <kusto/statistics.hpp>
#include <kusto/write_ahead_statistics.hpp>
#include <vector>

namespace kusto::test
{

/// Statistics in which every number differs from every other, so that a mix-up shows, and in which
/// every bucket of every histogram holds something.
[[nodiscard]] sink_statistics sample_statistics();

/// The same of a write-ahead sink; `local` is `sample_statistics()`.
[[nodiscard]] write_ahead_statistics sample_write_ahead_statistics();

/// Several sinks: odd names, nothing but zeros, two of the same table.
[[nodiscard]] std::vector<named_statistics> sample_sinks();

/// Several write-ahead sinks: one of a table that has a batching sink above, too, and one of
/// nothing but zeros.
[[nodiscard]] std::vector<named_write_ahead_statistics> sample_write_ahead_sinks();

} // namespace kusto::test
