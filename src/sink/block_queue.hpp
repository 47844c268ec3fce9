#pragma once

#include <async/one_shot.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gzip/supplies.hpp>
#include <list>
#include <memory>
#include <optional>
#include <service/block_stream.hpp>
#include <sink/codec_choice.hpp>
#include <span>
#include <utility>
#include <vector>

namespace kusto::sink
{

/// The blocks of one batch. Everything happens on the writer's strand.
class block_queue final : public service::block_stream
{
public:
    [[nodiscard]] boost::asio::awaitable<result<bool>> wait_for(std::size_t index) override;
    [[nodiscard]] std::span<std::byte const> block(std::size_t index) const override;

    using shared_block = std::shared_ptr<gzip::block const>;
    /// The same block, for a job that may outlive the batch. \pre as `block`
    [[nodiscard]] shared_block share(std::size_t index) const;

    void publish(std::vector<gzip::block> blocks);
    /// No more blocks follow.
    void end();
    void fail(failure why);
    /// Drops the blocks. \pre nobody reads them any more
    void clear();
    /// Takes the blocks out; a job may still read those that it shares.
    [[nodiscard]] std::vector<shared_block> take();
    /// Completes when there are all blocks, or fails as `wait_for`.
    [[nodiscard]] boost::asio::awaitable<result<void>> wait_for_all();

    [[nodiscard]] bool ended() const noexcept { return ended_; }
    /// Bytes of all blocks so far.
    [[nodiscard]] std::uint64_t size() const noexcept;
    /// The blocks that were looked at for the first time since the last call.
    [[nodiscard]] sent_blocks take_sent() noexcept { return std::exchange(sent_, sent_blocks()); }

private:
    using clock = std::chrono::steady_clock;
    class waiter;

    void wake();
    void note_sent(std::size_t index) const noexcept;

    std::vector<shared_block> blocks_;
    std::vector<clock::time_point> since_; ///< when each block was there
    /// A batch is uploaded from its second block, or its end, on: its first block waits for that.
    std::optional<clock::time_point> startable_;
    mutable sent_blocks sent_;
    mutable std::size_t sent_up_to_ = 0;
    std::list<async::one_shot*> waiting_;
    std::optional<failure> failure_;
    bool ended_ = false;
};

} // namespace kusto::sink
