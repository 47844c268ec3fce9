#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/compression.hpp>
#include <optional>
#include <vector>

namespace kusto::core
{

/// What happened in a sink for a while. Times are sums over everything that waited, so that divided
/// by `length` they are the mean number of things that waited.
struct compression_window
{
    std::chrono::steady_clock::duration length{};
    /// Compressed blocks, until they were sent: the network is what everything waits for.
    std::chrono::steady_clock::duration blocks_waited{};
    /// Compression jobs for a thread, and raw bytes for their batch's job: the processor is.
    std::chrono::steady_clock::duration jobs_waited{};
    std::uint64_t raw_bytes = 0;                ///< that were compressed
    std::uint64_t current_raw_bytes = 0;        ///< of these, with the current codec
    std::uint64_t current_compressed_bytes = 0; ///< what became of them
    std::uint64_t sent_bytes = 0;               ///< of whatever codec
};

/// From fast to small: steps of which each takes clearly more time than the one before, for a clearly
/// smaller result, on text as services log it.
[[nodiscard]] std::vector<compression> compression_ladder(bool igzip);

/// Chooses between codecs after what is scarce.
///
/// While compressed blocks wait for the network it goes up the ladder, while raw bytes wait for the
/// compressor down; where neither waits the producer is what everything waits for, and nothing
/// changes. Each step is tried and judged by the windows that follow. One that did not help, and one
/// that takes back an earlier one, closes the way for a time that doubles, so that at the border
/// between two steps it comes to rest. The way is open earlier when throughput has dropped since:
/// then something else is scarce.
class compression_controller
{
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// \pre `ladder` is not empty, `start < ladder.size()`
    compression_controller(std::vector<compression> ladder, std::size_t start);

    /// For the batches that begin now.
    [[nodiscard]] compression how() const noexcept { return ladder_[at_]; }
    [[nodiscard]] std::uint64_t switches() const noexcept { return switches_; }

    /// A window ended at `now`.
    void decide(compression_window const& window, time_point now);

private:
    enum class scarcity
    {
        nothing,
        network,
        processor,
    };
    enum class direction
    {
        up,
        down,
    };
    enum class verdict
    {
        better,
        worse,
    };

    /// The way over one edge of the ladder in one direction.
    struct way
    {
        time_point closed_until = time_point::min();
        duration pause{};
        double throughput = 0; ///< when it was closed
    };
    /// Raw bytes a second.
    struct speed
    {
        double compressed; ///< by the compressor
        double lasting;    ///< if it went on: also the network carries no more
        double ratio;
    };
    struct trial
    {
        direction where;
        speed before;
    };

    [[nodiscard]] static scarcity scarce(compression_window const& window) noexcept;
    [[nodiscard]] static speed speed_of(compression_window const& window) noexcept;
    [[nodiscard]] verdict judge(scarcity what, speed now) const noexcept;
    [[nodiscard]] way& way_from(std::size_t step, direction where) noexcept;
    [[nodiscard]] bool open(way const& one, double throughput, time_point now) const noexcept;
    void consider(scarcity what, speed at, time_point now);
    void conclude(verdict what, time_point now);
    void close(way& one, double throughput, time_point now) noexcept;
    void go(direction where) noexcept;

    std::vector<compression> ladder_;
    std::size_t at_;
    std::vector<way> up_;   ///< from each step to the next one
    std::vector<way> down_; ///< and back
    std::vector<std::optional<direction>> crossed_; ///< how each edge was crossed last
    std::optional<trial> trial_;
    bool settling_ = false; ///< the first window after a step is mixed
    std::uint64_t switches_ = 0;
};

} // namespace kusto::core
