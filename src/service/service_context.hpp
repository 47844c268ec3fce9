#pragma once

#include <algorithm>
#include <async/clock.hpp>
#include <async/transport.hpp>
#include <base/logger.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <kusto/deadline.hpp>
#include <kusto/options.hpp>
#include <memory>
#include <mutex>
#include <random>
#include <wire/client_identity.hpp>
#include <wire/http.hpp>

namespace kusto::service
{

/// Random numbers for jitter and shuffling. Thread-safe.
class jitter
{
public:
    explicit jitter(std::uint64_t seed) : engine_(seed) {}
    /// Seeded by the operating system.
    jitter() : jitter(std::random_device()()) {}

    /// Uniform in [0, 1).
    [[nodiscard]] double next()
    {
        std::lock_guard const lock(mutex_);
        return static_cast<double>(engine_() >> 11) * 0x1.0p-53;
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

/// What every part of the service layer needs of the outside. Immutable and shared.
class service_context
{
public:
    /// \param time_  outlives everything that uses this context
    service_context(boost::asio::any_io_executor executor_,
                    std::shared_ptr<async::transport> transport_, async::clock& time_,
                    connection_options const& options)
        : executor(std::move(executor_)),
          transport(std::move(transport_)),
          time(time_),
          random(std::make_shared<jitter>()),
          identity(options),
          request_timeout(options.request_timeout()),
          retry(options.retry()),
          log(options.least_log_level(), options.log_to())
    {
    }

    boost::asio::any_io_executor executor;
    std::shared_ptr<async::transport> transport;
    async::clock& time;
    std::shared_ptr<jitter> random;
    wire::client_identity identity;
    std::chrono::milliseconds request_timeout;
    retry_options retry; ///< of everything but uploads, posts and statuses
    base::logger log;

    /// Deadline of one request that sends `size` bytes: the request timeout, `least`, or what the
    /// slowest acceptable line (64 KiB/s) needs; never later than `until`.
    [[nodiscard]] deadline request_deadline(std::uint64_t size, deadline until,
                                            std::chrono::milliseconds least = {}) const
    {
        std::chrono::milliseconds const transfer = std::chrono::seconds(size >> 16);
        auto const limit = (std::max)({request_timeout, least, transfer});
        return until.sooner(deadline(time.now() + limit));
    }
};

/// A reply as wire/ reads it. Both must be kept alive.
[[nodiscard]] inline wire::reply view(async::http_response const& response, base::url const& target,
                                      std::string request_id, stage where)
{
    return wire::reply(response.status, response.headers, response.body, target.authority(),
                       std::move(request_id), where);
}

} // namespace kusto::service
