#pragma once

#include <async/clock.hpp>
#include <async/single_flight.hpp>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <kusto/deadline.hpp>
#include <kusto/error.hpp>

namespace kusto::service
{

/// Asks how long the service collects blobs for a table before it ingests them.
using batching_question =
    std::function<boost::asio::awaitable<result<std::chrono::milliseconds>>(deadline until)>;

/// How long to wait for the status of a batch: what the user said, or the table's batching time,
/// which is asked for once, and 5 min more.
///
/// \par Thread safety
/// Shared objects: safe.
class status_patience
{
public:
    /// \param fixed  zero: ask
    /// \param ask  may be empty: then the service's default counts, as when the question fails
    /// \param time  outlives this object
    status_patience(boost::asio::any_io_executor executor, async::clock& time,
                    std::chrono::milliseconds fixed, batching_question ask);
    status_patience(status_patience const&) = delete;
    status_patience& operator=(status_patience const&) = delete;
    /// Ends the question.
    ~status_patience() { flight_.stop_soon(); }

    /// Takes 10 s at most. Cancellation: terminal.
    [[nodiscard]] boost::asio::awaitable<std::chrono::milliseconds> get(deadline until);

private:
    boost::asio::any_io_executor strand_;
    async::clock& time_;
    batching_question ask_;
    async::single_flight<std::chrono::milliseconds> flight_;
    std::atomic<std::chrono::milliseconds::rep> known_; ///< zero: not yet
};

} // namespace kusto::service
