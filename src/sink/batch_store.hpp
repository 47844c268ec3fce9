#pragma once

#include <boost/asio/awaitable.hpp>
#include <core/delivery_ledger.hpp>
#include <kusto/data_format.hpp>
#include <kusto/error.hpp>
#include <kusto/statistics.hpp>
#include <sink/block_queue.hpp>

namespace kusto::sink
{

/// Where a sink's sealed batches go when they do not go to the service at once: implemented by the
/// write-ahead sink.
class batch_store
{
public:
    batch_store() = default;
    batch_store(batch_store const&) = delete;
    batch_store& operator=(batch_store const&) = delete;
    virtual ~batch_store() = default;

    /// Makes the blocks of one batch durable, while more appear. To be called again, with the same
    /// blocks from the first on, after a failure that is `retryable()`.
    /// Runs on the strand of the batch's writer. Cancellation: terminal.
    [[nodiscard]] virtual boost::asio::awaitable<result<void>>
    keep(core::batch_key batch, data_format format, block_queue& blocks) = 0;

    /// The batch that was kept is complete, and holds this.
    virtual void kept(core::batch_key batch, delivery_counts counts) = 0;
};

} // namespace kusto::sink
