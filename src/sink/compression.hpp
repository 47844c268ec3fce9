#pragma once

#include <async/byte_budget.hpp>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gzip/compressor.hpp>
#include <memory>
#include <optional>
#include <sink/chunk.hpp>
#include <span>
#include <vector>

namespace kusto::sink
{

/// Tells jobs that nobody wants their result any more.
using stop_flag = std::shared_ptr<std::atomic<bool> const>;

/// The threads that compress.
///
/// Jobs own what they work on and never the sink, so that the sink's last owner, whose destructor
/// joins these threads, cannot be one of them. A job looks at the stop flag between slices: joining
/// takes milliseconds.
class compression_pool
{
public:
    /// \param idle_bytes, idle_codecs  of memory that is kept for the next batches, at most
    compression_pool(std::size_t threads, std::size_t idle_bytes, std::size_t idle_codecs);
    compression_pool(compression_pool const&) = delete;
    compression_pool& operator=(compression_pool const&) = delete;
    ~compression_pool();

    [[nodiscard]] boost::asio::any_io_executor executor() { return pool_.get_executor(); }
    [[nodiscard]] stop_flag stopping() const noexcept { return stopping_; }
    [[nodiscard]] std::shared_ptr<gzip::supplies> const& supplies() const noexcept
    {
        return supplies_;
    }

private:
    std::shared_ptr<gzip::supplies> supplies_;
    std::shared_ptr<std::atomic<bool>> stopping_;
    boost::asio::thread_pool pool_;
};

/// One batch on its way through the compressor. Used by one job at a time.
///
/// Raw memory is freed piece by piece, and its share of the budget turned into one of the memory of
/// the compressed blocks; while the batch is incomplete, also of what the codec may still hold back.
/// The share never grows for memory that is not filled, so that compressing does not need budget.
class batch_compressor
{
public:
    batch_compressor(kusto::compression how, std::size_t block_size,
                     std::shared_ptr<gzip::supplies> from, stop_flag stopping);

    /// Compresses and frees `pieces`. \returns the blocks that are complete
    [[nodiscard]] std::vector<gzip::block> run(std::vector<chunk> pieces, bool last);

    /// Bytes of all blocks so far.
    [[nodiscard]] std::uint64_t produced() const noexcept { return produced_; }
    /// Bytes that came out so far, those of the incomplete block included.
    [[nodiscard]] std::uint64_t made() const noexcept
    {
        return produced_ + (compressor_ ? compressor_->buffered() : 0);
    }
    [[nodiscard]] kusto::compression how() const noexcept { return how_; }
    /// When the latest `run` began.
    [[nodiscard]] std::chrono::steady_clock::time_point began() const noexcept { return began_; }
    /// Time spent in `run`.
    [[nodiscard]] std::chrono::steady_clock::duration busy() const noexcept { return busy_; }

private:
    class stopwatch;

    void add(chunk piece, std::vector<gzip::block>& out);
    void count(std::span<gzip::block const> fresh) noexcept;
    void fit_share() noexcept;

    // Gives its share back after everything else is gone.
    async::byte_budget::lease share_;
    kusto::compression how_;
    std::size_t block_size_;
    std::shared_ptr<gzip::supplies> from_;
    stop_flag stopping_;
    std::optional<gzip::compressor> compressor_;
    std::uint64_t produced_ = 0;
    std::uint64_t memory_ = 0; ///< of the blocks
    std::chrono::steady_clock::duration busy_{};
    std::chrono::steady_clock::time_point began_;
};

} // namespace kusto::sink
