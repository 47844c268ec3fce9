#pragma once

#include <async/byte_budget.hpp>
#include <async/one_shot.hpp>
#include <base/guid.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <kusto/options.hpp>
#include <kusto/statistics.hpp>
#include <list>
#include <memory>
#include <optional>
#include <service/ingest_channel.hpp>
#include <sink/block_queue.hpp>
#include <sink/chunk.hpp>
#include <sink/compression.hpp>
#include <vector>

namespace kusto::sink
{

/// One batch from its first record until it is resolved.
///
/// The first group belongs to whoever holds the writer's gate, the second to the writer's strand.
/// A field of the first group that says "final when sealed" may be read on the strand after it has
/// seen `sealed` under the gate.
struct batch
{
    explicit batch(data_format kind) : format(kind), opened(std::chrono::steady_clock::now()) {}

    /// Strand: the compression of this batch looks for work again.
    void wake_compression() const noexcept
    {
        if (compression_waits != nullptr)
            compression_waits->set();
    }

    data_format const format;
    std::chrono::steady_clock::time_point const opened;

    // Gate.
    std::uint64_t number = 0;
    chunk current;
    std::vector<chunk> full;
    bool sealed = false;
    std::chrono::steady_clock::time_point sealed_at; ///< final when sealed
    delivery_counts counts;                          ///< final when sealed

    // Strand.
    std::list<std::shared_ptr<batch>>::iterator place; ///< in the writer's list
    base::guid source_id;
    block_queue blocks;
    std::shared_ptr<batch_compressor> compressor;
    async::one_shot* compression_waits = nullptr;
    boost::asio::cancellation_signal cancel;             ///< of the delivery
    boost::asio::cancellation_signal cancel_compression; ///< when the sink is given up
    std::optional<boost::asio::steady_timer> expiry;
    async::byte_budget::lease slot; ///< among the writer's uploads, later its queue messages
    bool has_post_slot = false;
    std::optional<service::uploaded_blob> uploaded;
    std::uint64_t compressed = 0; ///< bytes; final when uploaded or stored
    std::optional<failure> trouble; ///< why it waits, or waited last
    bool content_dropped = false;   ///< its blocks are gone: it cannot be uploaded again
    bool posting = false;           ///< a queue message is under way
    bool maybe_posted = false;      ///< the answer to a queue message was lost
    bool possibly_twice = false;    ///< and another one was taken
    bool timed_out = false;
    bool confirming = false; ///< it was queued: its time limit is over
    bool pursued = false;    ///< no more attempts are made
    bool resolved = false;
};

/// Memory that a write brings along for the case that the writer needs it: it is obtained outside
/// of the gate.
struct spare
{
    /// Capacity that the last attempt asked for.
    std::size_t wanted = 0;
    bool batch_wanted = false;
    chunk memory;
    std::shared_ptr<batch> next;
    /// The calling thread has moved on to another writer already.
    bool moved = false;
};

} // namespace kusto::sink
