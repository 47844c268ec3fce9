#pragma once

#include <async/clock.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <service/ingest_channel.hpp>
#include <string>
#include <utility>

namespace kusto::service
{

/// What the engine says about a table.
class table_answer
{
public:
    [[nodiscard]] static table_answer exists() { return table_answer(std::nullopt); }
    [[nodiscard]] static table_answer missing(failure said)
    {
        return table_answer(std::move(said));
    }

    /// The engine's words, if the table is missing.
    std::optional<failure> said;

private:
    explicit table_answer(std::optional<failure> said_) : said(std::move(said_)) {}
};

/// Asks about the destination. An answer, or why none was to be had.
using table_check = std::function<boost::asio::awaitable<result<table_answer>>(deadline until)>;

/// A channel that asks, before its first upload, whether the table exists, since queued ingestion
/// would take the data and report a missing table only later.
///
/// A missing table becomes `errc::not_found`, and the next batch asks again: the table may have been
/// created. A check that fails otherwise (not allowed to ask, engine not reachable within 10 s or a
/// quarter of the batch's time) is no reason to stop. Batches that arrive meanwhile share the check;
/// it ends with the channel.
///
/// \param executor  of the client; the check runs on a strand of it
[[nodiscard]] std::shared_ptr<ingest_channel>
make_verified_channel(boost::asio::any_io_executor executor, async::clock& time,
                      std::shared_ptr<ingest_channel> inner, table_check check, std::string table);

} // namespace kusto::service
