#pragma once

#include <chrono>

namespace kusto
{

/// How often and how patiently something is tried that can succeed when repeated.
class retry_options
{
public:
    retry_options() = default;

    /// Attempts in all, the first one included. 1 to 100. Default 3.
    retry_options& attempts(int value) { attempts_ = value; return *this; }
    /// Backoff before the second attempt; doubles with each further one. 0 to `cap`. Default 1 s.
    retry_options& base(std::chrono::milliseconds value) { base_ = value; return *this; }
    /// Upper limit of the backoff. Up to 10 min. Default 10 s.
    retry_options& cap(std::chrono::milliseconds value) { cap_ = value; return *this; }
    /// Age at which cached ingestion resources (containers, queues, signatures) are no longer used
    /// while newer ones can be had; they are renewed in the background at half of it, or earlier if
    /// a signature ends earlier. Of `connection_options::retry` only. 1 s to 24 h. Default 2 h.
    retry_options& cache_expiration(std::chrono::milliseconds value)
    {
        cache_expiration_ = value;
        return *this;
    }

    [[nodiscard]] int attempts() const noexcept { return attempts_; }
    [[nodiscard]] std::chrono::milliseconds base() const noexcept { return base_; }
    [[nodiscard]] std::chrono::milliseconds cap() const noexcept { return cap_; }
    [[nodiscard]] std::chrono::milliseconds cache_expiration() const noexcept
    {
        return cache_expiration_;
    }

private:
    int attempts_ = 3;
    std::chrono::milliseconds base_ = std::chrono::seconds(1);
    std::chrono::milliseconds cap_ = std::chrono::seconds(10);
    std::chrono::milliseconds cache_expiration_ = std::chrono::hours(2);
};

} // namespace kusto
