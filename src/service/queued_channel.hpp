#pragma once

#include <kusto/options.hpp>
#include <memory>
#include <service/ingest_channel.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <service/status_patience.hpp>
#include <service/status_tracker.hpp>

namespace kusto::service
{

/// The way of batches into one table through the service's storage and queues.
///
/// Uploads and posts are repeated as `options.retry()` says, on another storage account where there
/// is one. A blob keeps its name in every repetition of the same batch and overwrites what an
/// earlier attempt left behind. A post that is cancelled is no exception but a failure of
/// `errc::cancelled`, whose outcome is failed if no message can have left.
///
/// \param options  validated; database, table, mapping, tags, retries, guarantee and statuses are
///        taken from it
/// \param tracker  needed if `options` asks for statuses
/// \param ask  for the batching time; may be empty
[[nodiscard]] std::shared_ptr<ingest_channel>
make_queued_channel(std::shared_ptr<service_context const> context,
                    std::shared_ptr<resource_manager> resources, write_options const& options,
                    std::shared_ptr<status_tracker> tracker = nullptr,
                    batching_question ask = nullptr);

} // namespace kusto::service
