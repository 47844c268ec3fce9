#pragma once

#include <atomic>
#include <cstdint>
#include <kusto/log.hpp>
#include <kusto/sink.hpp>
#include <string_view>

namespace kusto::faults
{

/// Tells a batch that waits for trouble to pass from one that is merely slow: all its attempts were
/// used up again and again, and the fault was met each time.
///
/// \par Thread safety
/// `hear` may be called from any thread, the rest from one.
class waiting_proof
{
public:
    /// \param attempts  of one try of the batch
    /// \param lasts  the fault is felt after it was met, so it need not be met again
    waiting_proof(int attempts, bool lasts)
        : more_meetings_(lasts ? 0 : static_cast<std::uint64_t>(attempts))
    {
    }

    /// Hears every event of the log.
    void hear(log_event const& event)
    {
        if (event.message == std::string_view("a batch waits for trouble to pass"))
            ++waits_;
    }

    /// \param met  how often the cluster has met the fault by now
    [[nodiscard]] bool given(sink_statistics const& now, std::uint64_t met)
    {
        auto const waits = waits_.load();
        if (waits == 0)
            met_at_first_ = met;
        return waits >= enough_waits && now.waiting_batches != 0 &&
               met >= met_at_first_ + more_meetings_;
    }

private:
    static constexpr std::uint64_t enough_waits = 3;

    std::uint64_t const more_meetings_;
    std::atomic<std::uint64_t> waits_ = 0;
    std::uint64_t met_at_first_ = 0;
};

} // namespace kusto::faults
