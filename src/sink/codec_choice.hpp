#pragma once

#include <chrono>
#include <core/compression_controller.hpp>
#include <cstdint>
#include <kusto/compression.hpp>
#include <kusto/statistics.hpp>
#include <mutex>
#include <optional>
#include <vector>

namespace kusto::sink
{

/// One compression job, as the strand saw it.
struct compression_job
{
    std::chrono::steady_clock::duration waited{}; ///< for a thread, and what waited for it
    std::uint64_t raw_bytes = 0;
    std::uint64_t compressed_bytes = 0;
};

/// Blocks that an upload took.
struct sent_blocks
{
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    std::chrono::steady_clock::duration waited{}; ///< since they were there
};

/// Which codec a sink's next batch gets: the one of its options, or the controller's choice.
///
/// A window for the controller ends when it is long enough and enough has happened in it to be
/// judged, so that nothing is decided while the sink is idle. Thread-safe.
class codec_choice
{
public:
    using clock = std::chrono::steady_clock;

    explicit codec_choice(compression how);

    [[nodiscard]] compression how() const;
    void note_job(compression how, compression_job const& job, clock::time_point now);
    void note_sent(sent_blocks const& what);
    /// All blocks of a batch are there.
    void note_batch(compression how, std::uint64_t raw_bytes, std::uint64_t compressed_bytes);
    void add_to(sink_statistics& out) const;

private:
    void end_window_if_due(clock::time_point now);

    mutable std::mutex mutex_;
    compression const fixed_;
    std::optional<core::compression_controller> controller_;
    core::compression_window window_;
    std::optional<clock::time_point> begun_;
    std::uint64_t jobs_ = 0;
    std::uint64_t blocks_ = 0;
    std::vector<codec_statistics> used_;
};

} // namespace kusto::sink
