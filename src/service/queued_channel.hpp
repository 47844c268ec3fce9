#pragma once

#include <kusto/options.hpp>
#include <memory>
#include <service/ingest_channel.hpp>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>

namespace kusto::service
{

/// The way of batches into one table through the service's storage and queues.
///
/// Uploads and posts are repeated as `options.retry()` says, on another storage account where there
/// is one. A blob keeps its name in every repetition of the same batch and overwrites what an
/// earlier attempt left behind. A post is repeated only when the message certainly is not in a
/// queue; else the failure's outcome is `unknown`.
///
/// \param options  validated; database, table, mapping, tags and retries are taken from it
[[nodiscard]] std::shared_ptr<ingest_channel>
make_queued_channel(std::shared_ptr<service_context const> context,
                    std::shared_ptr<resource_manager> resources, write_options const& options);

} // namespace kusto::service
