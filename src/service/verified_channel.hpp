#pragma once

#include <async/clock.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <service/ingest_channel.hpp>

namespace kusto::service
{

/// What the engine says about a table. Not a bool: copying a `result<bool>` that is not const would
/// turn the result itself into a bool.
enum class table_state
{
    exists,
    missing,
};

/// Asks about the destination. A value, or a failure of any kind.
using table_check = std::function<boost::asio::awaitable<result<table_state>>(deadline until)>;

/// A channel that asks, before its first upload, whether the table exists, since queued ingestion
/// would take the data and report a missing table only later.
///
/// `missing` becomes `errc::not_found`, and the next batch asks again: the table may have been created.
/// A check that fails otherwise (not allowed to ask, engine not reachable within 10 s) is no reason
/// to stop. Batches that arrive meanwhile share the check.
///
/// \param executor  of the client; the check runs on a strand of it
[[nodiscard]] std::shared_ptr<ingest_channel>
make_verified_channel(boost::asio::any_io_executor executor, async::clock& time,
                      std::shared_ptr<ingest_channel> inner, table_check check, std::string table);

} // namespace kusto::service
