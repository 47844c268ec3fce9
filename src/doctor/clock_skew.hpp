#pragma once

#include <base/time_text.hpp>
#include <chrono>
#include <doctor/verdict.hpp>
#include <span>
#include <string>

namespace kusto::doctor
{

/// How far a server's clock is ahead of ours, by one of its replies.
class clock_sample
{
public:
    /// \param date  of the reply's `Date` header, which has whole seconds
    /// \param sent  when the request was sent, by our clock
    /// \param received  when the reply was there
    clock_sample(std::string host, base::utc_time_point date, base::utc_time_point sent,
                 base::utc_time_point received);

    std::string host;
    std::chrono::milliseconds ahead;
    /// Half of what the exchange took, and of the header's second.
    std::chrono::milliseconds uncertainty;
};

/// What the samples say about this machine's clock: that it is wrong when all servers say so, by
/// the least that any of them says; a warning from 1 min, failed from 5 min, which is what
/// signatures and tokens forgive. A server that differs from the others is named.
[[nodiscard]] verdict judge_clock(std::span<clock_sample const> samples);

} // namespace kusto::doctor
