#pragma once

#include <async/clock.hpp>
#include <async/transport.hpp>
#include <doctor/clock_skew.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace kusto::doctor
{

/// The clock samples of many replies. Shared objects: safe.
class clock_samples
{
public:
    void add(clock_sample sample)
    {
        std::lock_guard const lock(mutex_);
        samples_.push_back(std::move(sample));
    }
    [[nodiscard]] std::vector<clock_sample> all() const
    {
        std::lock_guard const lock(mutex_);
        return samples_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<clock_sample> samples_;
};

/// Passes requests on and notes the time that the replies' `Date` headers tell.
/// \param time  outlives the transport
[[nodiscard]] std::shared_ptr<async::transport>
make_dated_transport(std::shared_ptr<async::transport> inner,
                     std::shared_ptr<clock_samples> samples, async::clock& time);

} // namespace kusto::doctor
