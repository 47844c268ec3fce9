#pragma once

#include <chrono>
#include <cstdint>
#include <emulator/server/http_message.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace kusto::emulator
{

/// A rate that several transfers share, as one line of limited width would.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class rate_limit
{
public:
    using clock = std::chrono::steady_clock;

    /// \param bytes_per_second  at least 1
    explicit rate_limit(std::uint64_t bytes_per_second) : rate_(bytes_per_second) {}

    /// Takes room for `bytes` behind everything that was reserved before.
    /// \returns when they have passed
    [[nodiscard]] clock::time_point reserve(std::uint64_t bytes, clock::time_point now);

private:
    std::uint64_t const rate_;
    std::mutex mutex_;
    clock::time_point free_{};
};

/// How the server ends one request.
enum class exchange_end : std::uint8_t
{
    answer,
    close_before_body,
    close_mid_body,
    close_after_body,
    drop_answer,
    answer_partly,
    never_answer,
    never_answer_after,
    close_idle,
    executed_twice,
    executed_late
};

/// What the server does with one request besides answering it. The default is nothing.
struct exchange
{
    std::chrono::milliseconds hold{0};
    exchange_end end = exchange_end::answer;
    std::optional<response> instead; ///< sent without executing
    std::vector<std::shared_ptr<rate_limit>> rates;
    std::uint64_t drip_bytes = 0; ///< of the answer's body per interval; 0: as fast as it goes
    std::chrono::milliseconds drip_interval{0};
    std::chrono::milliseconds late{0}; ///< of `executed_late`
};

/// Decides how the server treats connections and requests. Called from the server's threads,
/// concurrently; does not block.
class exchange_policy
{
public:
    virtual ~exchange_policy() = default;

    /// Whether a connection just accepted stays unread.
    virtual bool silent_connection() = 0;
    /// Whether `plan` needs the body of this request and not only its head.
    [[nodiscard]] virtual bool needs_body(request const& head) const = 0;
    /// Called once for each request, before it is executed.
    virtual exchange plan(request const& http) = 0;
};

} // namespace kusto::emulator
