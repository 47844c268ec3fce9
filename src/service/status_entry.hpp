#pragma once

#include <base/guid.hpp>
#include <base/url.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>
#include <kusto/options.hpp>
#include <optional>
#include <service/resource_manager.hpp>
#include <service/service_context.hpp>
#include <wire/storage.hpp>

namespace kusto::service
{

/// The status table that has its turn for a batch: the first one is the same for each post, as long
/// as the service lists the same; the others follow. Nothing if the service lists none.
[[nodiscard]] std::optional<base::url>
status_table_for(resource_snapshot const& snapshot, base::guid const& source_id, std::size_t turn);

/// The address of `table` with the signature that `snapshot` has for it; nothing if it is not
/// listed any more.
[[nodiscard]] std::optional<base::url> signed_again(resource_snapshot const& snapshot,
                                                    base::url const& table);

/// Makes the entity of a batch `Pending`, before its message is posted, and says in which table,
/// with its signature. An entity that is there already is reset, whatever it says. Each attempt is
/// the turn of another table, so that an account that is down costs one attempt.
///
/// Errors: outcome failed, since no message was posted; stage post or that of the resources;
/// `errc::no_resources` when the service lists no status table, `retryable()` only if that is all
/// that could be learnt from an older list. `context` and
/// `resources` outlive the call. Cancellation: terminal.
[[nodiscard]] boost::asio::awaitable<result<base::url>>
announce_status(service_context const& context, resource_manager& resources,
                wire::status_entity entity, retry_options retry, deadline until);

} // namespace kusto::service
