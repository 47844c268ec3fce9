#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <kusto/error.hpp>
#include <span>

namespace kusto::service
{

/// The compressed bytes of one batch as blocks that appear one after the other while compression
/// still runs. Blocks are immutable and stay until the batch is resolved, so that every attempt can
/// send all bytes again from block 0.
class block_stream
{
public:
    block_stream() = default;
    block_stream(block_stream const&) = delete;
    block_stream& operator=(block_stream const&) = delete;
    virtual ~block_stream() = default;

    /// Completes with true when block `index` exists, with false when the stream ended before it.
    /// Fails when producing the blocks failed. Blocks but the last are of equal size, at least
    /// 64 KiB; none is empty. Called on the batch's strand; several waits may be pending.
    /// Cancellation: terminal.
    [[nodiscard]] virtual boost::asio::awaitable<result<bool>> wait_for(std::size_t index) = 0;

    /// \pre `wait_for(index)` said true
    [[nodiscard]] virtual std::span<std::byte const> block(std::size_t index) const = 0;
};

} // namespace kusto::service
