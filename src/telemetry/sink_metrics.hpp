#pragma once

#include <kusto/statistics.hpp>
#include <kusto/write_ahead_statistics.hpp>
#include <telemetry/metric_page.hpp>

namespace kusto::telemetry
{

/// Appends the metrics of the way of records: into the service, or of write-ahead sinks to the
/// local disk. \pre `sinks` is not empty
void add_sink_metrics(metric_page& page, labelled_list<sink_statistics> const& sinks);

/// Appends the metrics of checkpoints. \pre `sinks` is not empty
void add_checkpoint_metrics(metric_page& page, labelled_list<write_ahead_statistics> const& sinks);

} // namespace kusto::telemetry
