#pragma once

#include <cli/bench_options.hpp>
#include <cli/bench_result.hpp>
#include <cli/bench_source.hpp>

namespace kusto::cli
{

/// Measures one run against a server of its own (or the given one).
///
/// The warm-up is written and flushed first, through the same sink. Then from the first write until
/// everything is in the service's hands (batching sink), or in the table (write-ahead sink).
/// \throws kusto::error, std::runtime_error when the run breaks down. What was delivered but
/// counted otherwise by the server is in `complaints`.
[[nodiscard]] bench_result run_bench(bench_options const& options, bench_source const& source,
                                     std::size_t parallelism, int repetition);

} // namespace kusto::cli
